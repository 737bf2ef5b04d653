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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriterTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"v.mha", "v.nrrd", "v.nii", "v.nii.gz", "v.mhd"})
  void streaming_everyFormat_deliversEveryPixel(String name) {
    Path file = folder.resolve(name);
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(5);
      List<PixelRegion> regions = new ArrayList<>();
      writer.write(piece -> {
        assertEquals(regions.size(), piece.getNumber());
        assertEquals(5, piece.getCount());
        assertEquals(ComponentType.INT16, piece.getComponent());
        assertEquals(1, piece.getComponents());
        assertEquals(piece.getBytes(), piece.getBuffer().remaining());
        regions.add(piece.getRegion());
        Volumes.fillRamp(piece);
      });
      assertEquals(5, regions.size());
      assertEquals(new PixelRegion(new long[] {0, 0, 4}, new long[] {32, 16, 4}), regions.get(1));
      assertEquals(5, writer.getStatistics(Statistic.PULLS));
      assertEquals(2 * 32 * 16 * 20, writer.getStatistics(Statistic.BYTES_IN));
    }
    Volumes.expectRamp(file, null, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.mha", "v.nrrd", "v.nii", "v.nii.gz"})
  void pasting_aBox_changesNothingElse(String name) {
    Path file = Volumes.written(folder.resolve(name));
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setPasteRegion(Volumes.BOX);
      assertEquals(WriteMethod.IN_PLACE, writer.getMethod().method());
      writer.write(piece -> {
        ByteBuffer pixels = piece.getBuffer();
        while (pixels.hasRemaining()) pixels.putShort((short) -7);
      });
    }
    Volumes.expectRamp(file, Volumes.BOX, -7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.mha", "v.nrrd", "v.nii", "v.nii.gz"})
  void extending_aFile_keepsWhatItHad(String name) {
    Path file = Volumes.written(folder.resolve(name));
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(PixelRegion.of(32, 16, 30));
      writer.setPixelType(new PixelType(ComponentType.INT16));
      writer.setExisting(Existing.EXTEND);
      writer.setPasteRegion(new PixelRegion(new long[] {0, 0, 20}, new long[] {32, 16, 10}));
      writer.write(Volumes::fillRamp);
    }
    short[] pixels = Volumes.pixels(file, PixelRegion.of(32, 16, 30));
    assertEquals(Volumes.ramp(1, 2, 3), pixels[1 + 32 * (2 + 16 * 3)]);
    assertEquals(Volumes.ramp(31, 15, 29), pixels[pixels.length - 1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.mha", "v.nii.gz"})
  void aSlowSource_deliversEveryPixel(String name) throws Exception {
    Path file = folder.resolve(name);
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(20);
      writer.<InterruptedException>write(piece -> {
        Volumes.fillRamp(piece);
        Thread.sleep(1);
      });
      assertEquals(20, writer.getStatistics(Statistic.PULLS));
    }
    Volumes.expectRamp(file, null, 0);
  }

  @Test @SuppressWarnings("deprecation") void ioRegion_isThePasteRegion() {
    Path file = Volumes.written(folder.resolve("v.mha"));
    short[] box = new short[(int) Volumes.BOX.getPixels()];
    Arrays.fill(box, (short) 8);
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setIoRegion(Volumes.BOX);
      assertEquals(Volumes.BOX, writer.getSplitRegion(0, 1));
      writer.write(box);
      writer.setPasteRegion(null);
      assertEquals(Volumes.IMAGE, writer.getSplitRegion(0, 1));
      writer.setPasteRegion(Volumes.BOX);
      writer.setIoRegion(null);
      assertEquals(Volumes.IMAGE, writer.getSplitRegion(0, 1));
      assertThrows(SwrException.Region.class, () -> writer.setIoRegion(PixelRegion.of(0, 1, 1)));
    }
    Volumes.expectRamp(file, Volumes.BOX, 8);
  }

  @Test void buffers_ofTheApplication_areFilled() throws Exception {
    Path file = folder.resolve("v.mha");
    ByteBuffer memory =
        ByteBuffer.allocateDirect(3 + 2 * 4096).position(3).order(ByteOrder.nativeOrder());
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(5);
      writer.setBuffers(memory.duplicate().limit(3 + 4096), memory.slice(3 + 4096, 4096));
      writer.write(Volumes::fillRamp);
      List<Short> ends = List.of(memory.getShort(3 + 4096 - 2), memory.getShort(3 + 2 * 4096 - 2));
      // the last piece is in either, as it comes
      assertTrue(ends.contains(Volumes.ramp(31, 15, 19)), ends.toString());
      writer.setDivisions(4);
      assertThrows(SwrException.MemoryLimit.class, () -> writer.write(Volumes::fillRamp));
      writer.setBuffers();
      writer.write(Volumes::fillRamp);
      assertThrows(
          IllegalArgumentException.class, () -> writer.setBuffers(ByteBuffer.allocate(4096)));
    }
    Volumes.expectRamp(file, null, 0);
  }

  @Test void converting_clamped_saturates() {
    Path file = folder.resolve("v.mha");
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(PixelRegion.of(3, 1));
      writer.setPixelType(new PixelType(ComponentType.UINT8));
      writer.setSourceType(ComponentType.FLOAT32);
      writer.setConversion(Conversion.CLAMP);
      writer.write(new float[] {-5, 2.5f, 300});
    }
    byte[] pixels = new byte[3];
    try (SwrReader reader = new SwrReader(file)) {
      reader.read(PixelRegion.of(3, 1), pixels);
    }
    assertArrayEquals(new byte[] {0, 2, (byte) 255}, pixels);
  }

  @Test void arrays_ofEveryType_comeBack() {
    PixelRegion image = new PixelRegion(new long[] {-2, 3}, new long[] {4, 3});
    byte[] bytes = new byte[12];
    short[] shorts = new short[12];
    int[] ints = new int[12];
    long[] longs = new long[12];
    float[] floats = new float[12];
    double[] doubles = new double[12];
    for (int i = 0; i < 12; ++i) {
      bytes[i] = (byte) (-i);
      shorts[i] = (short) (-300 * i);
      ints[i] = -70000 * i;
      longs[i] = -5000000000L * i;
      floats[i] = -0.5f * i;
      doubles[i] = 0.1 * i;
    }
    byte[] bytesBack = new byte[12];
    short[] shortsBack = new short[12];
    int[] intsBack = new int[12];
    long[] longsBack = new long[12];
    float[] floatsBack = new float[12];
    double[] doublesBack = new double[12];
    roundTrip(image, ComponentType.INT8, w -> w.write(bytes), r -> r.read(image, bytesBack));
    roundTrip(image, ComponentType.UINT16, w -> w.write(shorts), r -> r.read(image, shortsBack));
    roundTrip(image, ComponentType.INT32, w -> w.write(ints), r -> r.read(image, intsBack));
    roundTrip(image, ComponentType.INT64, w -> w.write(longs), r -> r.read(image, longsBack));
    roundTrip(image, ComponentType.FLOAT32, w -> w.write(floats), r -> r.read(image, floatsBack));
    roundTrip(image, ComponentType.FLOAT64, w -> w.write(doubles), r -> r.read(image, doublesBack));
    assertArrayEquals(bytes, bytesBack);
    assertArrayEquals(shorts, shortsBack);
    assertArrayEquals(ints, intsBack);
    assertArrayEquals(longs, longsBack);
    assertArrayEquals(floats, floatsBack);
    assertArrayEquals(doubles, doublesBack);
  }

  private void roundTrip(PixelRegion image, ComponentType component,
      java.util.function.Consumer<SwrWriter> write, java.util.function.Consumer<SwrReader> read) {
    Path file = folder.resolve(component + ".nrrd");
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(image);
      writer.setPixelType(new PixelType(component));
      writer.setDivisions(2);
      write.accept(writer);
    }
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals(image, reader.getImageRegion());
      read.accept(reader);
    }
  }

  @Test void arrays_ofTheWrongSizeOrType_areRefused() {
    Path file = folder.resolve("v.mha");
    try (SwrWriter writer = Volumes.writer(file)) {
      assertThrows(IllegalArgumentException.class, () -> writer.write(new short[5]));
      assertThrows(IllegalArgumentException.class, () -> writer.write(new float[32 * 16 * 20]));
      assertFalse(Files.exists(file));
      writer.write(new short[32 * 16 * 20]);
    }
  }

  @Test void anArray_ofABoxInAPaste_isThatBox() {
    Path file = Volumes.written(folder.resolve("v.nii.gz"));
    short[] box = new short[(int) Volumes.BOX.getPixels()];
    Arrays.fill(box, (short) 9);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setPasteRegion(Volumes.BOX);
      writer.setDivisions(3);
      writer.write(box);
    }
    Volumes.expectRamp(file, Volumes.BOX, 9);
  }

  @Test void lending_moreThanAsked_isPulledOnce() {
    Path file = folder.resolve("v.mha");
    ByteBuffer all = ByteBuffer.allocateDirect(2 * 32 * 16 * 20).order(ByteOrder.nativeOrder());
    for (int i = 0; i < 32 * 16 * 20; ++i)
      all.putShort(2 * i, Volumes.ramp(i % 32, i / 32 % 16, i / 512));
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(4);
      int[] pulls = new int[1];
      writer.write(piece -> {
        ++pulls[0];
        piece.lend(all, Volumes.IMAGE);
      });
      assertEquals(1, pulls[0]);
      assertEquals(3, writer.getStatistics(Statistic.LENT_AGAIN));
      writer.write(all);
      assertThrows(IllegalArgumentException.class,
          () -> writer.write(piece -> piece.lend(ByteBuffer.allocate(5), Volumes.IMAGE)));
    }
    Volumes.expectRamp(file, null, 0);
  }

  @Test void anInterruptedWrite_goesOnWithoutPullingAgain() {
    Path file = folder.resolve("v.mha");
    int[] pulls = new int[1];
    for (boolean fails : new boolean[] {true, false}) {
      try (SwrWriter writer = Volumes.writer(file)) {
        writer.setDivisions(4);
        writer.setResume("job 7");
        PixelSource<RuntimeException> source = piece -> {
          if (fails && piece.getNumber() == 3) throw new IllegalStateException("no more beam");
          ++pulls[0];
          Volumes.fillRamp(piece);
        };
        if (fails) {
          assertThrows(IllegalStateException.class, () -> writer.write(source));
        } else {
          writer.write(source);
          assertEquals(3, writer.getStatistics(Statistic.RESUMED));
        }
      }
    }
    assertEquals(4, pulls[0]);
    Volumes.expectRamp(file, null, 0);
  }

  @Test void putting_inAnyOrder_completesTheFile() {
    Path file = folder.resolve("v.nii.gz");
    try (SwrWriter writer = Volumes.writer(file)) {
      List<Progress> told = new ArrayList<>();
      writer.setProgress(told::add);
      writer.begin();
      for (int z = 19; z >= 0; --z) {
        short[] slice = new short[32 * 16];
        for (int i = 0; i < slice.length; ++i) slice[i] = Volumes.ramp(i % 32, i / 32, z);
        writer.put(new PixelRegion(new long[] {0, 0, z}, new long[] {32, 16, 1}), slice);
      }
      ByteBuffer pixel =
          ByteBuffer.allocateDirect(2).order(ByteOrder.nativeOrder()).putShort(0, (short) 55);
      writer.put(new PixelRegion(new long[] {3, 4, 5}, new long[] {1, 1, 1}), pixel);
      ByteBuffer two = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
      two.putShort(0, (short) 77).putShort(2, (short) 99);
      ByteBuffer mask = ByteBuffer.allocateDirect(2).put(0, (byte) 1); // the second is left out
      writer.putMasked(new PixelRegion(new long[] {3, 4, 5}, new long[] {2, 1, 1}), two, mask);
      assertThrows(SwrException.State.class, () -> writer.setDivisions(3));
      writer.finish();
      assertFalse(told.isEmpty());
    }
    Volumes.expectRamp(file, new PixelRegion(new long[] {3, 4, 5}, new long[] {1, 1, 1}), 77);
  }

  @Test void abandoning_leavesTheOldFile() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    byte[] before = Files.readAllBytes(file);
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.begin();
      writer.put(new PixelRegion(new long[] {0, 0, 0}, new long[] {32, 16, 1}), new short[512]);
      writer.abandon();
      writer.begin();
      writer.put(new PixelRegion(new long[] {0, 0, 0}, new long[] {32, 16, 1}), new short[512]);
    }
    assertArrayEquals(before, Files.readAllBytes(file));
    assertEquals(1, Volumes.filesIn(folder));
  }

  @Test void allocating_thenPastingSideBySide_fillsTheFile() throws Exception {
    Path file = folder.resolve("v.mha");
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setFillValue(5);
      writer.allocate();
    }
    assertEquals(5, Volumes.pixels(file, Volumes.IMAGE)[100]);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread[] threads = new Thread[4];
    for (int t = 0; t < 4; ++t) {
      PixelRegion part = new PixelRegion(new long[] {0, 0, 5 * t}, new long[] {32, 16, 5});
      threads[t] = new Thread(() -> {
        try (SwrWriter writer = new SwrWriter(file)) {
          writer.setPasteRegion(part);
          writer.write(Volumes::fillRamp);
        } catch (Throwable failure) {
          failures.add(failure);
        }
      });
      threads[t].start();
    }
    for (Thread thread : threads) thread.join();
    assertEquals(List.of(), failures);
    Volumes.expectRamp(file, null, 0);
  }

  @Test void settings_areWhatTheFileHas() {
    Path file = folder.resolve("v.nrrd");
    try (SwrWriter writer = new SwrWriter()) {
      writer.setPath(file.toString());
      writer.setFormat("NRRD");
      writer.setImageRegion(new PixelRegion(new long[] {10, -20, 30}, new long[] {4, 4, 4}));
      writer.setPixelType(new PixelType(ComponentType.UINT8, 3, Kind.RGB));
      writer.setSourceComponents(1);
      writer.setSpacing(0.5, 0.75, 2);
      writer.setOrigin(1, 2, 3);
      writer.setDirection(0, 1, 0, 1, 0, 0, 0, 0, 1);
      writer.setMetadata("patient", "Jürgen 😀");
      writer.setMetadata("gone", "x");
      writer.setMetadata("gone", null);
      writer.setMemoryLimit(8 << 20);
      writer.setThreads(2);
      writer.setCompression("deflate", 9);
      writer.setOption("deflate.slot", "8192");
      writer.setRollback(false);
      writer.setSync(true);
      writer.write(new byte[64]);
    }
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals("NRRD", reader.getFormat());
      assertEquals(
          new PixelRegion(new long[] {10, -20, 30}, new long[] {4, 4, 4}), reader.getImageRegion());
      assertEquals(new PixelType(ComponentType.UINT8, 3, Kind.RGB), reader.getPixelType());
      assertArrayEquals(new double[] {0.5, 0.75, 2}, reader.getSpacing(), 1e-12);
      assertArrayEquals(new double[] {1, 2, 3}, reader.getOrigin(), 1e-9);
      assertArrayEquals(new double[] {0, 1, 0, 1, 0, 0, 0, 0, 1}, reader.getDirection(), 1e-12);
      assertEquals("Jürgen 😀", reader.getMetadata("patient"));
      assertEquals("Jürgen 😀", reader.getMetadata().get("patient"));
      assertEquals(null, reader.getMetadata("gone"));
      assertEquals("deflate", reader.getEncoding().name());
      assertTrue(reader.getEncoding().slotted());
    }
  }

  @Test void questions_beforeWriting_touchNothing() throws Exception {
    try (SwrWriter writer = Volumes.writer(folder.resolve("v.mha"))) {
      writer.check();
      assertEquals(WriteMethod.CREATE, writer.getMethod().method());
      assertEquals(7, writer.getActualDivisions(8));
      assertEquals(new PixelRegion(new long[] {0, 0, 18}, new long[] {32, 16, 2}),
          writer.getSplitRegion(6, 8));
      writer.setDivisions(8);
      assertEquals(7, writer.getPieceCount());
      assertEquals(2 * 32 * 16 * 3, writer.getPieceBytes());
      assertTrue(writer.getMemoryNeed() >= writer.getPieceBytes());
    }
    assertEquals(0, Volumes.filesIn(folder));
  }

  @Test void progress_ofAStream_isToldAndCancels() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    byte[] before = Files.readAllBytes(file);
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(4);
      List<Progress> told = new ArrayList<>();
      writer.write(Volumes::fillRamp, told::add);
      assertEquals(new Progress(4, 4, 20480, 20480), told.get(told.size() - 1));
      SwrException cancelled = assertThrows(SwrException.Cancelled.class,
          () -> writer.write(piece -> piece.asShorts().put(0, (short) 1), p -> p.piecesDone() < 2));
      assertEquals(Status.CANCELLED, cancelled.getStatus());
    }
    assertArrayEquals(before, Files.readAllBytes(file));
    assertEquals(1, Volumes.filesIn(folder));
  }

  @Test void log_isTold() {
    List<String> told = new ArrayList<>();
    try (SwrWriter writer = Volumes.writer(folder.resolve("v.nii.gz"))) {
      writer.setLog((level, message) -> told.add(level + " " + message));
      writer.write(Volumes::fillRamp);
      writer.setLog(null);
    }
    for (String each : told) assertTrue(each.matches("(DEBUG|INFO|WARNING) .+"), each);
  }

  @Test void pullThreads_askFromSeveral_forEveryPieceOnce() {
    Path file = folder.resolve("v.mha");
    Set<Long> numbers = Collections.synchronizedSet(new TreeSet<>());
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(20);
      writer.setPullThreads(3);
      writer.write(piece -> {
        assertTrue(numbers.add(piece.getNumber()));
        Volumes.fillRamp(piece);
      });
      assertThrows(java.io.IOException.class, () -> writer.<java.io.IOException>write(piece -> {
        throw new java.io.IOException("no");
      }));
    }
    assertEquals(20, numbers.size());
    Volumes.expectRamp(file, null, 0);
  }

  @Test void independentWriters_inParallel_doNotDisturbEachOther() throws Exception {
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread[] threads = new Thread[6];
    for (int t = 0; t < threads.length; ++t) {
      Path file = folder.resolve("v" + t + (t % 2 == 0 ? ".mha" : ".nii.gz"));
      threads[t] = new Thread(() -> {
        try {
          for (int i = 0; i < 10; ++i) Volumes.written(file);
          Volumes.expectRamp(file, null, 0);
        } catch (Throwable failure) {
          failures.add(failure);
        }
      });
      threads[t].start();
    }
    for (Thread thread : threads) thread.join();
    assertEquals(List.of(), failures);
  }

  @Test void paths_beyondTheBasicPlane_areFound() {
    Path file = Volumes.written(folder.resolve("Kopf ä 😀.nrrd"));
    assertTrue(Files.exists(file));
    Volumes.expectRamp(file, null, 0);
  }

  @Test void sizes_beyond32Bits_areWhole() {
    try (SwrWriter writer = new SwrWriter(folder.resolve("v.mha"))) {
      writer.setImageRegion(
          new PixelRegion(new long[] {-1L << 40, 0, 0}, new long[] {1 << 20, 1 << 10, 1 << 10}));
      writer.setPixelType(new PixelType(ComponentType.UINT16));
      writer.setDivisions(1);
      assertEquals(1L << 41, writer.getPieceBytes());
      assertEquals(-1L << 40, writer.getSplitRegion(0, 1).getIndex(0));
    }
  }

  @Test void offsets_beyond32Bits_areWhole() throws Exception {
    Path file = folder.resolve("v.mha");
    PixelRegion box = new PixelRegion(new long[] {65000, 65000, 0}, new long[] {8, 4, 2});
    byte[] pixels = new byte[64];
    Arrays.fill(pixels, (byte) 7);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(PixelRegion.of(1 << 16, 1 << 16, 2));
      writer.setPixelType(new PixelType(ComponentType.UINT8));
      writer.allocate();  // a hole of 8 GiB
      writer.setPasteRegion(box);
      writer.write(pixels);
      assertEquals(64, writer.getStatistics(Statistic.BYTES_IN));
    }
    assertTrue(Files.size(file) > 1L << 33);
    byte[] back = new byte[64];
    try (SwrReader reader = new SwrReader(file)) {
      reader.read(box, back);
      assertArrayEquals(pixels, back);
      reader.read(new PixelRegion(new long[] {65000, 64999, 1}, new long[] {64, 1, 1}), back);
      assertArrayEquals(new byte[64], back);
    }
  }

  /**
   * The bits of a number of another type are no value of this one; signed and unsigned are the same
   * to Java.
   */
  @Test void numbersOfAnotherType_areRefused() {
    Path file = folder.resolve("v.mha");
    PixelRegion image = PixelRegion.of(4, 3);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(image);
      writer.setPixelType(new PixelType(ComponentType.INT32));
      assertThrows(IllegalArgumentException.class, () -> writer.write(new float[12]));
      assertThrows(IllegalArgumentException.class, () -> writer.write(new short[24]));
      assertThrows(IllegalArgumentException.class,
          () -> writer.write(piece -> piece.asFloats().put(0, 1.5f)));
      assertThrows(IllegalArgumentException.class,
          () -> writer.write(piece -> piece.asShorts().put(0, (short) 1)));
      writer.begin();
      assertThrows(IllegalArgumentException.class, () -> writer.put(image, new float[12]));
      assertThrows(IllegalArgumentException.class, () -> writer.put(image, new long[6]));
      assertThrows(IllegalArgumentException.class, () -> writer.put(image, new int[11]));
      writer.put(image, new int[12]);
      writer.abandon();
      writer.setSourceType(ComponentType.FLOAT32);  // what counts is what the source delivers
      writer.setConversion(Conversion.CLAMP);
      assertThrows(IllegalArgumentException.class, () -> writer.write(new int[12]));
      writer.write(piece -> piece.asFloats().put(0, -1.6f).put(11, 7.2f));
      writer.begin();
      assertThrows(IllegalArgumentException.class, () -> writer.put(image, new int[12]));
      writer.put(image, new float[12]);
      writer.abandon();
    }
    int[] back = new int[12];
    try (SwrReader reader = new SwrReader(file)) {
      reader.read(image, back);
    }
    assertEquals(-2, back[0]);
    assertEquals(7, back[11]);
    try (SwrWriter paste = new SwrWriter(file)) {  // the type is the file's
      paste.setPasteRegion(image);
      assertThrows(IllegalArgumentException.class, () -> paste.write(new float[12]));
      paste.begin();
      assertThrows(IllegalArgumentException.class, () -> paste.put(image, new float[12]));
      paste.put(image, new int[12]);
      paste.finish();
    }
  }

  @Test void pieces_beyondTwoGiB_areDealtWith() throws Exception {
    Path file = folder.resolve("v.mha");
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(PixelRegion.of(1 << 16, 1 << 8, 1 << 8));
      writer.setPixelType(new PixelType(ComponentType.UINT8));
      writer.setDivisions(1);
      IllegalStateException mine = new IllegalStateException();
      assertEquals(mine, assertThrows(IllegalStateException.class, () -> writer.write(piece -> {
        assertTrue(piece.getBytes() <= 64 << 20, piece.getBytes() + " bytes");
        throw mine;
      })));
      assertEquals(1, writer.getPieceCount());  // the setting itself stays
      // what does not fit is divided into what does
      for (long limit : new long[] {1 << 20, 40 << 20}) {
        writer.setMemoryLimit(limit);
        assertEquals(mine, assertThrows(IllegalStateException.class, () -> writer.write(piece -> {
          assertTrue(piece.getBytes() <= limit / 2, piece.getBytes() + " bytes");
          throw mine;
        })));
      }
      // pieces that a buffer holds are refused as ever, where the limit is too low for them
      writer.setDivisions(3);
      assertThrows(SwrException.MemoryLimit.class, () -> writer.write(piece -> {}));
      writer.setMemoryLimit(0);
      writer.setDivisions(1);
      writer.setPullThreads(8);
      assertEquals(mine, assertThrows(IllegalStateException.class, () -> writer.write(piece -> {
        assertTrue(9 * piece.getBytes() <= 256 << 20, piece.getBytes() + " bytes");
        throw mine;
      })));
    }
    assertEquals(0, Volumes.filesIn(folder));
    long most = SwrWriter.mostPieceBytes;
    SwrWriter.mostPieceBytes = 3000;
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(2);
      writer.write(piece -> {
        assertTrue(piece.getBytes() <= 3000);
        Volumes.fillRamp(piece);
      });
    } finally {
      SwrWriter.mostPieceBytes = most;
    }
    Volumes.expectRamp(file, null, 0);
  }
}
