package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of formats, and a file of each kind. */
class FormatTest {
  @TempDir Path folder;

  /** The format's name with each suffix, of every format that can be written. */
  static Stream<Arguments> writable() {
    return FileFormat.all().stream()
        .filter(format -> format.capabilities().contains(Capability.STREAM))
        .flatMap(format -> format.suffixes().stream()
            .map(suffix -> Arguments.of(format.name(), suffix)));
  }

  /** The names in README's table. */
  private static List<String> expectedNames() throws IOException {
    String readme = Files.readString(Path.of(System.getProperty("swr.root"), "README.md"));
    String table = readme.substring(readme.indexOf("<!-- formats -->"));
    table = table.substring(0, table.indexOf("\n\n"));
    return table.lines().filter(line -> line.contains(" ."))
        .map(line -> line.substring(0, line.indexOf(' '))).toList();
  }

  @Test void formats_ofThePackage_areThoseOfTheTable() throws IOException {
    assertEquals(expectedNames(), FileFormat.all().stream().map(FileFormat::name).toList());
    for (FileFormat format : FileFormat.all()) {
      assertEquals(format, FileFormat.of(format.name()));
      assertTrue(format.capabilities().contains(Capability.READ), format.name());
      assertTrue(format.leastDimensions() <= 3 && format.mostDimensions() >= 3, format.name());
    }
    assertThrows(SwrException.Format.class, () -> FileFormat.of("no such"));
  }

  @ParameterizedTest
  @MethodSource("writable")
  void file_ofEachKind_isWrittenAndRead(String format, String suffix) {
    Path file = Volumes.written(folder.resolve("v" + suffix));
    Volumes.expectRamp(file, null, 0);
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals(format, reader.getFormat());
      assertEquals(Volumes.IMAGE, reader.getImageRegion());
      assertEquals(new PixelType(ComponentType.INT16), reader.getPixelType());
      reader.verify();
    }
  }

  @ParameterizedTest
  @MethodSource("writable")
  void paste_intoEachKind_changesItsBoxAlone(String format, String suffix) {
    if (!FileFormat.of(format).capabilities().contains(Capability.PASTE)) return;
    Path file = Volumes.written(folder.resolve("v" + suffix));
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setPasteRegion(Volumes.BOX);
      writer.write(piece -> {
        for (int i = 0; i < piece.getRegion().getPixels(); ++i) piece.asShorts().put(i, (short) -7);
      });
    }
    Volumes.expectRamp(file, Volumes.BOX, -7);
  }
}
