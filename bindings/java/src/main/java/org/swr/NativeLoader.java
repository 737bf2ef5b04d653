package org.swr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Finds the native library: the file of -Dswr.library.path, then java.library.path, then the copy
 * inside the jar.
 */
final class NativeLoader {
  private static final String NAME = "swrjni";
  private static boolean loaded;

  static synchronized void load() {
    if (loaded) return;
    String given = System.getProperty("swr.library.path");
    if (given != null) {
      System.load(Path.of(given).toAbsolutePath().toString());
    } else {
      try {
        System.loadLibrary(NAME);
      } catch (UnsatisfiedLinkError notOnPath) {
        loadFromJar(notOnPath);
      }
    }
    loaded = true;
  }

  private static void loadFromJar(UnsatisfiedLinkError notOnPath) {
    String resource = "/META-INF/native/" + platform() + "/" + System.mapLibraryName(NAME);
    try (InputStream in = NativeLoader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw failure("no " + NAME + " in java.library.path and no " + resource
                + " in the jar; set -Dswr.library.path",
            notOnPath);
      }
      // 0700: nobody else can put another file there
      Path folder = Files.createTempDirectory("swr-native-");
      Path file = folder.resolve(System.mapLibraryName(NAME));
      try {
        Files.copy(in, file);
        System.load(file.toString());
      } finally {  // the mapping outlives the name
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException unpacking) {
      throw failure("cannot unpack " + resource + ": " + unpacking, unpacking);
    }
  }

  private static UnsatisfiedLinkError failure(String message, Throwable cause) {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
    error.initCause(cause);
    return error;
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (system.startsWith("mac")) system = "darwin";
    if (processor.equals("amd64") || processor.equals("x86_64")) processor = "x64";
    if (processor.equals("aarch64")) processor = "arm64";
    return system + "-" + processor;
  }

  private NativeLoader() {}
}
