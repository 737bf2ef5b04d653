package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application should not do ends in an exception, with the old file as it was. */
class MistreatmentTest {
  @TempDir Path folder;
  private Path file;
  private byte[] before;

  @BeforeEach void write() throws Exception {
    file = Volumes.written(folder.resolve("v.mha"));
    before = Files.readAllBytes(file);
  }

  @AfterEach void theOldFileIsUntouched() throws Exception {
    assertArrayEquals(before, Files.readAllBytes(file));
    assertEquals(1, Volumes.filesIn(folder));
  }

  @Test void closing_insideTheSource_failsTheWrite() {
    Writer writer = Volumes.writer(file);
    assertThrows(IllegalStateException.class, () -> writer.write(piece -> {
      writer.close();
      Volumes.fillRamp(piece);
    }));
    assertThrows(IllegalStateException.class, writer::check);
    writer.close();
  }

  @Test void closing_insideTheListener_failsTheWrite() {
    Writer writer = Volumes.writer(file);
    assertThrows(IllegalStateException.class, () -> writer.write(Volumes::fillRamp, p -> {
      writer.close();
      return true;
    }));
  }

  @Test void closing_duringAPut_failsIt() {
    Writer writer = Volumes.writer(file);
    writer.setProgress(p -> {
      writer.close();
      return true;
    });
    writer.begin();
    assertThrows(IllegalStateException.class, () -> writer.put(Volumes.IMAGE, new short[32 * 16 * 20]));
    assertThrows(IllegalStateException.class, writer::finish);
  }

  @Test void closing_fromAnotherThread_failsTheWrite() throws Exception {
    for (int i = 0; i < 50; ++i) {
      Writer writer = Volumes.writer(file);
      writer.setDivisions(20);
      Thread[] closer = new Thread[1];
      assertThrows(IllegalStateException.class, () -> writer.write(piece -> {
        if (piece.getNumber() == 3) {
          closer[0] = new Thread(writer::close);
          closer[0].start();
        }
        if (piece.getNumber() == 19) closer[0].join();
        Volumes.fillRamp(piece);
      }));
      closer[0].join();
    }
  }

  @Test void reentering_getsAStateException() {
    try (Writer writer = Volumes.writer(file)) {
      assertThrows(SwrException.State.class, () -> writer.write(piece -> writer.write(Volumes::fillRamp)));
      assertThrows(SwrException.State.class, () -> writer.write(piece -> writer.setDivisions(3)));
      assertThrows(SwrException.State.class, () -> writer.write(Volumes::fillRamp, p -> {
        writer.setMetadata("a", "b");
        return true;
      }));
    }
  }

  @Test void aSecondThread_getsAStateException() {
    try (Writer writer = Volumes.writer(file)) {
      List<Throwable> caught = new ArrayList<>();
      assertThrows(ArithmeticException.class, () -> writer.write(piece -> {
        Thread other = new Thread(() -> {
          try {
            writer.check();
          } catch (Throwable t) {
            caught.add(t);
          }
        });
        other.start();
        other.join();
        throw new ArithmeticException();
      }));
      assertEquals(SwrException.State.class, caught.get(0).getClass());
    }
  }

  @Test void aKeptPieceAndBuffer_neverCrash() {
    List<Piece> pieces = new ArrayList<>();
    List<ByteBuffer> buffers = new ArrayList<>();
    try (Writer writer = Volumes.writer(file)) {
      writer.setDivisions(10);
      assertThrows(ArithmeticException.class, () -> writer.write(piece -> {
        pieces.add(piece);
        buffers.add(piece.getBuffer());
        if (piece.getNumber() == 5) throw new ArithmeticException();
      }));
    }
    System.gc();
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining()) buffer.put((byte) 1);
    }
    assertThrows(IllegalStateException.class, pieces.get(0)::getBuffer);
    assertThrows(IllegalStateException.class, () -> pieces.get(0).lend(buffers.get(0), Volumes.BOX));
    assertEquals(5, pieces.get(5).getNumber());
  }

  @Test void collecting_insideTheSource_movesNothing() throws Exception {
    Path other = Files.createTempFile("swr", ".mha");
    try (Writer writer = Volumes.writer(other)) {
      writer.setDivisions(5);
      writer.write(piece -> {
        System.gc();
        Volumes.fillRamp(piece);
        System.gc();
      });
      Volumes.expectRamp(other, null, 0);
    } finally {
      Files.delete(other);
    }
  }

  @Test void texts_withAZeroOrHalfACharacter_areRefused() {
    try (Writer writer = new Writer()) {
      assertThrows(IllegalArgumentException.class, () -> writer.setPath("half \ud83d.nii"));
      assertThrows(IllegalArgumentException.class, () -> writer.setMetadata("key", "\ude00"));
      assertThrows(IllegalArgumentException.class, () -> writer.setPath(file + "\0.nii"));
      assertThrows(NullPointerException.class, () -> writer.setPath(null));
      assertThrows(NullPointerException.class, () -> writer.write((PixelSource<RuntimeException>) null));
      assertThrows(NullPointerException.class, () -> writer.setSpacing((double[]) null));
    }
  }

  @Test void forgottenReadersAndWriters_areFreed() throws Exception {
    long open = openFiles();
    List<WeakReference<Writer>> writers = new ArrayList<>();
    for (int i = 0; i < 200; ++i) {
      new Reader(file);
      Writer writer = Volumes.writer(folder.resolve("new" + i + ".mha"));
      writer.setLog((level, message) -> writer.hashCode());  // a listener that refers to its writer
      writer.setProgress(p -> writer.hashCode() >= 0);
      writer.begin();
      writers.add(new WeakReference<>(writer));
    }
    assertTrue(openFiles() >= open + 200);
    for (int i = 0; i < 100 && openFiles() > open; ++i) {
      System.gc();
      Thread.sleep(20);
    }
    assertTrue(openFiles() <= open, openFiles() + " files are open; " + open + " were");
    for (WeakReference<Writer> writer : writers) assertEquals(null, writer.get());
  }

  @Test void aHundredThousandWrites_takeNoMoreMemoryThanTheFirst() throws Exception {
    Path memory = Path.of("/dev/shm");
    Path small = Files.createTempFile(Files.isWritable(memory) ? memory : folder, "swr", ".mha");
    try {
      short[] pixels = new short[64];
      long early = 0;
      for (int i = 0; i < 100_000; ++i) {
        try (Writer writer = new Writer(small)) {
          writer.setImageRegion(Region.of(8, 8));
          writer.setPixelType(new PixelType(Component.INT16));
          if (i % 2 == 0) writer.write(pixels);
          else writer.write(piece -> piece.asShorts().put(pixels));
        }
        if (i == 20_000) early = residentBytes();
      }
      long late = residentBytes();
      assertTrue(late < early + (24 << 20), "from " + (early >> 20) + " to " + (late >> 20) + " MiB");
    } finally {
      Files.delete(small);
    }
  }

  private static long openFiles() throws Exception { return Volumes.filesIn(Path.of("/proc/self/fd")); }

  private static long residentBytes() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D+", "")) << 10;
    }
    throw new AssertionError("no VmRSS");
  }
}
