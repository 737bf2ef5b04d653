package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which library of the jar is loaded, and what becomes of its file. */
class PlatformTest {
  @ParameterizedTest
  @CsvSource({"Linux, amd64, false, linux-x64", "Linux, x86_64, true, linux-musl-x64",
      "Linux, aarch64, false, linux-arm64", "Linux, aarch64, true, linux-musl-arm64",
      "Windows 11, amd64, false, win-x64", "Windows Server 2022, x86, false, win-x86",
      "Mac OS X, aarch64, false, osx-arm64", "Linux, riscv64, false, linux-riscv64",
      "FreeBSD, amd64, false, freebsd-x64"})
  void platform_hasTheNameThatDotNetGivesIt(
      String system, String processor, boolean musl, String expected) {
    assertEquals(expected, Platform.of(system, processor, musl));
  }

  @ParameterizedTest
  @CsvSource({"/lib/ld-musl-x86_64.so.1, true", "/usr/lib/libc.musl-aarch64.so.1, true",
      "/lib/x86_64-linux-gnu/libc.so.6, false", "/home/ld-musl-x.txt.d/libc.so.6, false"})
  void musl_isWhatTheProcessHasMapped(String mapped, boolean musl, @TempDir Path folder)
      throws IOException {
    // a system of glibc where musl is installed too
    Files.createFile(folder.resolve("ld-musl-x86_64.so.1"));
    Path maps = folder.resolve("maps");
    String line = "7f1234500000-7f1234600000 r-xp 00000000 08:01 1234    ";
    Files.writeString(maps, line + "[heap]\n" + line + mapped + "\n");
    assertEquals(musl, Platform.usesMusl(maps, folder));
  }

  @Test
  void musl_whereMapsCannotBeRead_isFoundByItsLoader(@TempDir Path folder) throws IOException {
    Path none = folder.resolve("none");
    assertFalse(Platform.usesMusl(none, folder));
    assertFalse(Platform.usesMusl(none, none));
    Files.createFile(folder.resolve("ld-musl-x86_64.so.1"));
    assertTrue(Platform.usesMusl(none, folder));
  }

  @Test
  void unpackedLibrary_isRemovedWithItsFolder() throws IOException {
    UnpackedLibrary library = UnpackedLibrary.of(new ByteArrayInputStream(new byte[5]), "name.so");
    assertEquals(5, Files.size(library.file()));
    library.remove();
    assertFalse(Files.exists(library.file().getParent()));
    library.remove();  // again: nothing
  }

  @Test
  void oldLibraries_areRemoved_newOnesAndFilesOfOthersAreNot(@TempDir Path temporary)
      throws IOException {
    Instant now = Instant.now();
    Path old = library(temporary, "swr-native-1", now.minus(Duration.ofHours(1)));
    Path fresh = library(temporary, "swr-native-2", now.minus(Duration.ofMinutes(1)));
    Path other = library(temporary, "other-3", now.minus(Duration.ofHours(1)));
    Path target = library(temporary, "target", now.minus(Duration.ofHours(1)));
    Files.createSymbolicLink(temporary.resolve("swr-native-4"), target.getParent());
    UnpackedLibrary.removeOld(temporary, "name.dll", now);
    assertFalse(Files.exists(old.getParent()));
    assertTrue(Files.exists(fresh));
    assertTrue(Files.exists(other));
    assertTrue(Files.exists(target), "a link was followed");
  }

  private static Path library(Path temporary, String folder, Instant changed) throws IOException {
    Path file = Files.createDirectory(temporary.resolve(folder)).resolve("name.dll");
    Files.createFile(file);
    Files.setLastModifiedTime(file.getParent(), FileTime.from(changed));
    return file;
  }
}
