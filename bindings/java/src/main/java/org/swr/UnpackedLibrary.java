package org.swr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;

/** The library of the jar as a file, in a folder of its own among temporary files. */
final class UnpackedLibrary {
  private static final String PREFIX = "swr-native-";
  /** Within it, a process that has just unpacked a library loads it. */
  private static final Duration FRESH = Duration.ofMinutes(10);
  private final Path file;

  private UnpackedLibrary(Path file) { this.file = file; }

  static UnpackedLibrary of(InputStream library, String name) throws IOException {
    // 0700: no other user can put another file there
    Path file = Files.createTempDirectory(PREFIX).resolve(name);
    UnpackedLibrary unpacked = new UnpackedLibrary(file);
    try {
      Files.copy(library, file);
    } catch (IOException e) {
      unpacked.remove();
      throw e;
    }
    return unpacked;
  }

  Path file() { return file; }

  /**
   * Removes file and folder. What is mapped outlives its name; but on Windows a library that is
   * loaded cannot be removed: removeOld does it later.
   */
  void remove() { remove(file); }

  /**
   * Removes what processes that have ended left in the folder of temporary files. For Windows,
   * where that folder belongs to the user alone: elsewhere others may have put links there.
   */
  static void removeOld(Path temporary, String name, Instant now) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path folder : folders) {
        if (isOld(folder, now)) remove(folder.resolve(name));
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      // they stay
    }
  }

  private static boolean isOld(Path folder, Instant now) throws IOException {
    BasicFileAttributes facts =
        Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return facts.isDirectory() && facts.lastModifiedTime().toInstant().isBefore(now.minus(FRESH));
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
      Files.delete(file.getParent());
    } catch (IOException inUse) {
      // it stays
    }
  }
}
