package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process holds of memory and files when readers and writers are gone. ctest runs these in a
 * process without the other tests.
 */
@Tag("own-process")
class HeldTest {
  private static final long MEBIBYTE = 1 << 20;
  @TempDir Path folder;

  static {
    System.load(System.getProperty("swr.test.native"));
  }

  /** Allocated bytes of the C library; 0 where it cannot tell. */
  private static native long nativeBytes();

  /** What resident memory is no measure of. */
  private record Held(long nativeBytes, long heapBytes, long files) {
    static Held now() throws Exception {
      System.gc();
      Runtime machine = Runtime.getRuntime();
      return new Held(
          HeldTest.nativeBytes(), machine.totalMemory() - machine.freeMemory(), openFiles());
    }

    /**
     * For what the machine does meanwhile. Leaks that count are larger: of 13 bytes a write, of a
     * tenth of the forgotten files.
     */
    Held withRoom() { return new Held(nativeBytes + MEBIBYTE, heapBytes + MEBIBYTE, files + 20); }

    boolean isWithin(Held most) {
      return nativeBytes <= most.nativeBytes && heapBytes <= most.heapBytes && files <= most.files;
    }
  }

  @Test void aHundredThousandWrites_holdNoMoreThanTheFirst() throws Exception {
    Path memory = Path.of("/dev/shm");
    Path small = Files.createTempFile(Files.isWritable(memory) ? memory : folder, "swr", ".mha");
    try {
      write(small, 20_000);
      Held early = Held.now();
      write(small, 80_000);
      expect(early.withRoom());
    } finally {
      Files.delete(small);
    }
  }

  private static void write(Path path, int times) {
    short[] pixels = new short[64];
    for (int i = 0; i < times; ++i) {
      try (SwrWriter writer = new SwrWriter(path)) {
        writer.setImageRegion(PixelRegion.of(8, 8));
        writer.setPixelType(new PixelType(ComponentType.INT16));
        if (i % 2 == 0) writer.write(pixels);
        else writer.write(piece -> piece.asShorts().put(pixels));
      }
    }
  }

  @Test void forgottenReadersAndWriters_areFreed() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    Held before = Held.now();
    List<WeakReference<SwrWriter>> writers = new ArrayList<>();
    for (int i = 0; i < 200; ++i) {
      new SwrReader(file);
      SwrWriter writer = Volumes.writer(folder.resolve("new" + i + ".mha"));
      writer.setLog((level, message) -> writer.hashCode());  // a listener that refers to its writer
      writer.setProgress(p -> writer.hashCode() >= 0);
      writer.begin();
      writers.add(new WeakReference<>(writer));
    }
    assertTrue(openFiles() >= before.files + 200);
    expect(before.withRoom());
    for (WeakReference<SwrWriter> writer : writers) assertNull(writer.get());
    assertEquals(1, Volumes.filesIn(folder));
  }

  /**
   * The machine compiles and cleans on threads of its own, which have to wait where others are
   * busy.
   */
  private static void expect(Held most) throws Exception {
    Held now = Held.now();
    for (int i = 0; i < 600 && !now.isWithin(most); ++i) {
      Thread.sleep(50);
      now = Held.now();
    }
    assertTrue(now.isWithin(most), now + ", and at most " + most);
  }

  private static long openFiles() throws Exception {
    return Volumes.filesIn(Path.of("/proc/self/fd"));
  }
}
