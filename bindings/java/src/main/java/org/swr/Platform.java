package org.swr;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Names the platform that the VM runs on: the folder of its native library in the jar. */
final class Platform {
  private static final Path MAPPED = Path.of("/proc/self/maps");
  private static final Path LOADERS = Path.of("/lib");

  /** @return such as "linux-x64", "linux-musl-x64" or "win-x64" */
  static String current() {
    String system = System.getProperty("os.name");
    return of(system, System.getProperty("os.arch"),
        isLinux(system) && usesMusl(MAPPED, LOADERS));
  }

  /**
   * The name for the values of the system properties os.name and os.arch.
   *
   * @param musl whether the C library is musl; glibc's and musl's programs cannot share libraries
   */
  static String of(String system, String processor, boolean musl) {
    return system(system) + (musl ? "-musl-" : "-") + processor(processor);
  }

  static boolean isWindows() { return system(System.getProperty("os.name")).equals("win"); }

  private static String system(String name) {
    String system = name.toLowerCase(Locale.ROOT);
    if (system.startsWith("windows")) return "win";
    return system.startsWith("mac") ? "osx" : system;
  }

  private static boolean isLinux(String system) { return system.equalsIgnoreCase("linux"); }

  private static String processor(String name) {
    String processor = name.toLowerCase(Locale.ROOT);
    return switch (processor) {
      case "amd64", "x86_64" -> "x64";
      case "aarch64" -> "arm64";
      case "i386", "i686", "x86" -> "x86";
      default -> processor;
    };
  }

  /**
   * Whether the C library is musl. What the process has mapped decides, because a system of glibc
   * may have musl installed too; where that cannot be read, musl's loader in the folder does.
   */
  static boolean usesMusl(Path mapped, Path loaders) {
    try (Stream<String> lines = Files.lines(mapped)) {
      return lines.anyMatch(line -> line.matches(".*/(ld-musl-|libc\\.musl-)[^/]*"));
    } catch (IOException | RuntimeException unreadable) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(loaders, "ld-musl-*.so.1")) {
        return found.iterator().hasNext();
      } catch (IOException noFolder) {
        return false;
      }
    }
  }

  private Platform() {}
}
