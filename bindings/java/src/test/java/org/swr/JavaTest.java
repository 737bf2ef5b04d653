package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What Java alone has: interrupts, buffers of numbers, parts of arrays, Paths. */
class JavaTest {
  @TempDir Path folder;

  /** On the heap and direct, in both byte orders, from the middle of each. */
  @Test void buffersOfNumbers_areTheRegionFromTheirPosition() {
    Path file = Volumes.written(folder.resolve("v.mha"));
    short[] whole = Volumes.pixels(file, Volumes.IMAGE);
    for (boolean direct : new boolean[] {false, true}) {
      for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
        int bytes = 2 * (whole.length + 5);
        ByteBuffer memory = direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        ShortBuffer all = memory.order(order).asShortBuffer();
        Buffer part = all.duplicate().position(3).limit(3 + whole.length);
        try (SwrReader reader = new SwrReader(file)) {
          reader.read(Volumes.IMAGE, part);
        }
        assertEquals(3, part.position());
        assertEquals(whole[0], all.get(3));
        assertEquals(whole[whole.length - 1], all.get(2 + whole.length));
        assertEquals(0, all.get(2) + all.get(3 + whole.length));
        try (SwrWriter writer = Volumes.writer(folder.resolve("o.mha"))) {
          writer.write(part);
          Volumes.expectRamp(folder.resolve("o.mha"), null, 0);
          writer.begin();
          writer.put(Volumes.IMAGE, part);
          writer.finish();
          Volumes.expectRamp(folder.resolve("o.mha"), null, 0);
          writer.append(part);
          writer.finish();
          Volumes.expectRamp(folder.resolve("o.mha"), null, 0);
        }
      }
    }
  }

  @Test void aPartOfAnArray_isPut() {
    Path file = Volumes.written(folder.resolve("v.mha"));
    int n = (int) Volumes.BOX.getPixels();
    short[] pixels = new short[n + 9];
    Arrays.fill(pixels, 4, 4 + n, (short) -7);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setExisting(Existing.UPDATE);
      writer.begin();
      assertThrows(IndexOutOfBoundsException.class, () -> writer.put(Volumes.BOX, pixels, 10, n));
      assertThrows(
          IllegalArgumentException.class, () -> writer.put(Volumes.BOX, pixels, 4, n - 1));
      assertThrows(
          IllegalArgumentException.class, () -> writer.put(Volumes.BOX, new float[n], 0, n));
      writer.put(Volumes.BOX, pixels, 4, n);
      writer.finish();
    }
    Volumes.expectRamp(file, Volumes.BOX, -7);
  }

  @Test void partsOfArrays_ofEveryType_comeBack() {
    Path file = folder.resolve("p.mha");
    PixelRegion box = PixelRegion.of(2, 2);
    int[] typed = {1, 2, 3, 4, 5, 6};
    ComponentType[] types = {ComponentType.UINT8, ComponentType.UINT16, ComponentType.INT32,
        ComponentType.INT64, ComponentType.FLOAT32, ComponentType.FLOAT64};
    for (ComponentType type : types) {
      try (SwrWriter writer = new SwrWriter(file)) {
        writer.setImageRegion(box);
        writer.setPixelType(new PixelType(type));
        writer.begin();
        switch (type) {
          case UINT8: writer.put(box, new byte[] {0, 1, 2, 3, 4, 5}, 1, 4); break;
          case UINT16: writer.put(box, new short[] {0, 1, 2, 3, 4, 5}, 1, 4); break;
          case INT32: writer.put(box, typed, 0, 4); break;
          case INT64: writer.put(box, new long[] {0, 1, 2, 3, 4, 5}, 1, 4); break;
          case FLOAT32: writer.put(box, new float[] {0, 1, 2, 3, 4, 5}, 1, 4); break;
          default: writer.put(box, new double[] {0, 1, 2, 3, 4, 5}, 1, 4);
        }
        writer.finish();
      }
      Buffer[] into = {ByteBuffer.allocate(4), CharBuffer.allocate(4), IntBuffer.allocate(4),
          LongBuffer.allocate(4), FloatBuffer.allocate(4), DoubleBuffer.allocate(4)};
      Buffer back = into[Arrays.asList(types).indexOf(type)];
      try (SwrReader reader = new SwrReader(file)) {
        reader.read(box, back);
        for (Buffer other : into) {
          if (other != back)
            assertThrows(IllegalArgumentException.class, () -> reader.read(box, other));
        }
      }
      String[] texts = {Arrays.toString((byte[]) into[0].array()),
          Arrays.toString(new String((char[]) into[1].array()).chars().toArray()),
          Arrays.toString((int[]) into[2].array()), Arrays.toString((long[]) into[3].array()),
          Arrays.toString((float[]) into[4].array()), Arrays.toString((double[]) into[5].array())};
      assertEquals("[1, 2, 3, 4]",
          texts[Arrays.asList(types).indexOf(type)].replace(".0", ""));
    }
  }

  @Test void paths_areTakenAsTheyAre() throws Exception {
    Path file = folder.resolve("nö.mha");
    try (SwrWriter writer = new SwrWriter(); SwrReader reader = new SwrReader()) {
      writer.setPath(file);
      writer.setImageRegion(PixelRegion.of(1));
      writer.setPixelType(new PixelType(ComponentType.INT16));
      writer.write(new short[] {7});
      reader.open(file);
      assertEquals(PixelRegion.of(1), reader.getImageRegion());
      assertEquals(0, reader.recover(file) + Swr.recover(file));
      Path jdk = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("modules");
      assertThrows(IllegalArgumentException.class, () -> writer.setPath(jdk));
      assertThrows(IllegalArgumentException.class, () -> reader.open(jdk));
    }
  }

  @Test void interrupting_theThreadOfAWrite_cancelsIt() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    byte[] before = Files.readAllBytes(file);
    for (int threads : new int[] {1, 2}) {
      try (SwrWriter writer = Volumes.writer(file)) {
        writer.setDivisions(20);
        writer.setPullThreads(threads);
        Thread caller = Thread.currentThread();
        List<Long> pulled = Collections.synchronizedList(new ArrayList<>());
        SwrException e = assertThrows(SwrException.Cancelled.class, () -> writer.write(piece -> {
          pulled.add(piece.getNumber());
          Volumes.fillRamp(piece);
          caller.interrupt();
        }));
        assertTrue(e.getMessage().startsWith("the thread was interrupted"), e.getMessage());
        assertTrue(pulled.size() <= threads, pulled.toString());
        assertTrue(Thread.interrupted(), "the thread stays interrupted");
      }
      assertArrayEquals(before, Files.readAllBytes(file));
      assertEquals(1, Volumes.filesIn(folder));
    }
  }

  @Test void anInterruptedThread_beginsNothing_andCanGoOn() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    Path other = folder.resolve("other.mha");
    try (SwrWriter writer = Volumes.writer(other); SwrReader reader = new SwrReader(file)) {
      short[] pixels = new short[32 * 16 * 20];
      writer.begin();
      Thread.currentThread().interrupt();
      for (Executable call : List.<Executable>of(() -> writer.put(Volumes.IMAGE, pixels),
               writer::begin, writer::finish, writer::allocate, () -> writer.write(pixels),
               writer::flush, () -> writer.append(pixels), () -> reader.read(Volumes.IMAGE, pixels),
               reader::verify)) {
        assertThrows(SwrException.Cancelled.class, call);
        assertTrue(Thread.currentThread().isInterrupted());
      }
      assertTrue(Thread.interrupted());
      reader.read(Volumes.IMAGE, pixels);
      writer.put(Volumes.IMAGE, pixels);
      writer.finish();
      Volumes.expectRamp(other, null, 0);
    } finally {
      Thread.interrupted();
    }
  }

  @Test void memoryForArrays_isKeptForTheNextCall_andSharedByNone() {
    Scratch scratch = new Scratch(100);
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < 2; ++i) {
      scratch.with(50, outer -> {
        assertEquals(50, outer.remaining());
        seen.add(SwrNative.swr_java_address(outer));
        scratch.with(20, inner -> seen.add(SwrNative.swr_java_address(inner)));
      });
    }
    assertEquals(seen.get(0), seen.get(2));
    assertFalse(seen.get(0).equals(seen.get(1)) || seen.get(2).equals(seen.get(3)));
    scratch.with(101, large -> assertEquals(101, large.capacity()));
    scratch.with(50, outer -> assertEquals(50, outer.capacity(), "larger memory is not kept"));
  }
}
