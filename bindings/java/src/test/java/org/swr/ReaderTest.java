package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaderTest {
  @TempDir Path folder;

  @Test void reading_aBox_givesItsPixels() {
    Path file = Volumes.written(folder.resolve("v.nii.gz"));
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals("NIfTI", reader.getFormat().substring(0, 5));
      assertEquals(Volumes.IMAGE, reader.getImageRegion());
      assertEquals(new PixelType(ComponentType.INT16), reader.getPixelType());
      assertEquals(new ValueScale(1, 0), reader.getValueScale());
      assertFalse(reader.isBigEndian());
      assertEquals(file.toString(), reader.getDataFile());
      short[] box = new short[(int) Volumes.BOX.getPixels()];
      reader.read(Volumes.BOX, box);
      assertEquals(Volumes.ramp(5, 6, 7), box[0]);
      assertEquals(Volumes.ramp(12, 9, 9), box[box.length - 1]);
      ByteBuffer memory =
          ByteBuffer.allocateDirect(2 * box.length + 6).order(ByteOrder.nativeOrder()).position(6);
      reader.read(Volumes.BOX, memory);
      assertEquals(box[1], memory.getShort(8));
      assertThrows(
          IllegalArgumentException.class, () -> reader.read(Volumes.BOX, memory.position(8)));
      assertThrows(IllegalArgumentException.class,
          () -> reader.read(Volumes.BOX, new short[box.length - 1]));
      assertThrows(SwrException.Region.class,
          () -> reader.read(new PixelRegion(new long[] {30, 0, 0}, new long[] {8, 4, 3}), box));
    }
  }

  @Test void chunks_tellTheirShape() {
    Path file = folder.resolve("v.tif");
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setOption("chunk.shape", "16,16");
      writer.write(Volumes::fillRamp);
    }
    try (SwrReader reader = new SwrReader(file)) {
      assertArrayEquals(new long[] {16, 16, 1}, reader.getChunkShape());
    }
    try (SwrReader reader = new SwrReader(Volumes.written(folder.resolve("v.nii.gz")))) {
      assertArrayEquals(new long[0], reader.getChunkShape());
    }
  }

  @Test void largeRegions_areReadWhole() {
    Path file = folder.resolve("v.mha");
    int[] pixels = new int[3 * 1024 * 1024 + 3072];
    for (int i = 0; i < pixels.length; ++i) pixels[i] = i;
    PixelRegion image = PixelRegion.of(1024, 3, 1025);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(image);
      writer.setPixelType(new PixelType(ComponentType.INT32));
      writer.write(pixels);
    }
    int[] back = new int[pixels.length];
    try (SwrReader reader = new SwrReader(file)) {
      reader.read(image, back);
    }
    assertArrayEquals(pixels, back);
  }

  @Test void aReader_asASource_copiesAndCompresses() {
    Path file = Volumes.written(folder.resolve("v.mha"));
    Path copy = folder.resolve("copy.nii.gz");
    try (SwrReader reader = new SwrReader(file); SwrWriter writer = Volumes.writer(copy)) {
      writer.write(reader);
      reader.verify();
    }
    Volumes.expectRamp(copy, null, 0);
  }

  @Test void aSource_mayReadAndWriteOtherFiles() {
    Path file = Volumes.written(folder.resolve("v.nii.gz"));
    Path copy = folder.resolve("copy.nrrd");
    try (SwrReader reader = new SwrReader(file); SwrWriter writer = Volumes.writer(copy)) {
      writer.setDivisions(4);
      writer.write(piece -> {
        Volumes.written(folder.resolve("other" + piece.getNumber() + ".mha"));
        reader.read(piece.getRegion(), piece.getBuffer());
      });
    }
    Volumes.expectRamp(copy, null, 0);
    Volumes.expectRamp(folder.resolve("other3.mha"), null, 0);
  }

  @Test void verifying_aDamagedStream_throwsCorrupt() throws Exception {
    Path file = Volumes.written(folder.resolve("v.nii.gz"));
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x55;
    Files.write(file, bytes);
    assertThrows(SwrException.Corrupt.class, () -> {
      try (SwrReader reader = new SwrReader(file)) {
        reader.verify();
      }
    });
  }

  @Test void readers_openOneFileAfterTheOther() {
    Path file = Volumes.written(folder.resolve("v.mha"));
    try (SwrReader reader = new SwrReader()) {
      reader.setMemoryLimit(1 << 20);
      reader.setThreads(1);
      reader.setOption("detached.outside", "refuse");
      assertThrows(SwrException.State.class, reader::getImageRegion);
      reader.open(file.toString());
      reader.closeFile();
      reader.open(file.toString());
      assertEquals(Volumes.IMAGE, reader.getImageRegion());
    }
  }

  /** The bits of a number of another type are no value of this one. */
  @Test void reading_intoNumbersOfAnotherType_isRefused() {
    try (SwrReader reader = new SwrReader(Volumes.written(folder.resolve("v.mha")))) {
      int count = (int) Volumes.BOX.getPixels();
      assertThrows(
          IllegalArgumentException.class, () -> reader.read(Volumes.BOX, new double[count]));
      assertThrows(
          IllegalArgumentException.class, () -> reader.read(Volumes.BOX, new float[count]));
      assertThrows(IllegalArgumentException.class, () -> reader.read(Volumes.BOX, new int[count]));
      assertThrows(
          IllegalArgumentException.class, () -> reader.read(Volumes.BOX, new byte[2 * count]));
      ByteBuffer bytes = ByteBuffer.allocateDirect(2 * count).order(ByteOrder.nativeOrder());
      reader.read(Volumes.BOX, bytes);
      assertEquals(Volumes.ramp(5, 6, 7), bytes.getShort(0));
    }
  }

  @Test void aReader_asASourceOfSeveralThreads_copiesEveryPixel() {
    Path copy = folder.resolve("copy.nrrd");
    for (String name : new String[] {"v.nii.gz", "v.mha"}) {
      try (SwrReader reader = new SwrReader(Volumes.written(folder.resolve(name)));
           SwrWriter writer = Volumes.writer(copy)) {
        writer.setDivisions(20);
        writer.setPullThreads(4);
        for (int i = 0; i < 20; ++i) writer.write(reader);
      }
      Volumes.expectRamp(copy, null, 0);
    }
  }

  @Test void recovering_whatCannotBe_saysWhy() throws Exception {
    String file = Volumes.written(folder.resolve("v.mha")).toString();
    Path journal = folder.resolve(".v.mha.swr-undo");
    Files.write(journal, Volumes.journalOfALaterVersion());
    assertTrue(assertThrows(SwrException.Unsupported.class, () -> Swr.recover(file))
                   .getMessage()
                   .contains(".v.mha.swr-undo"));
    try (SwrReader reader = new SwrReader()) {
      assertTrue(assertThrows(SwrException.Unsupported.class, () -> reader.recover(file))
                     .getMessage()
                     .contains("version 9"));
      Files.delete(journal);
      assertEquals(0, reader.recover(file));
    }
  }

  @Test void whatIsFoundBesideAFile_isTold() throws Exception {
    String file = Volumes.written(folder.resolve("v.mha")).toString();
    Files.writeString(folder.resolve(".v.mha.swr-undo"), "no journal");
    try (SwrReader reader = new SwrReader(file)) {
      assertTrue(reader.getMessage().contains(".v.mha.swr-undo"), reader.getMessage());
      assertEquals(0, reader.recover(file));
      assertTrue(reader.getMessage().contains("left alone"), reader.getMessage());
      reader.verify();
      assertEquals("", reader.getMessage());
    }
    assertEquals("no journal", Files.readString(folder.resolve(".v.mha.swr-undo")));
  }

  @Test void recovering_whatIsWhole_changesNothing() {
    assertEquals(0, Swr.recover(Volumes.written(folder.resolve("v.mha")).toString()));
  }

  @Test void aFormat_tellsWhatItCanDo() {
    FileFormat nrrd = FileFormat.of("NRRD");
    assertTrue(nrrd.suffixes().contains(".nrrd"));
    assertTrue(nrrd.capabilities().contains(Capability.STREAM));
    assertTrue(nrrd.mostDimensions() > 3);
    assertTrue(Swr.getVersion().matches("\\d+\\.\\d+\\.\\d+"));
    assertEquals(ComponentType.UINT16, ComponentType.fromName("uint16"));
    assertEquals("float32", ComponentType.FLOAT32.getName());
    assertEquals("rgb", Kind.RGB.getName());
    assertEquals("ERROR_IO", Status.ERROR_IO.getName());
  }
}
