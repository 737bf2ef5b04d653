package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
    SwrWriter writer = Volumes.writer(file);
    assertThrows(IllegalStateException.class, () -> writer.write(piece -> {
      writer.close();
      Volumes.fillRamp(piece);
    }));
    assertThrows(IllegalStateException.class, writer::check);
    writer.close();
  }

  @Test void closing_insideTheListener_failsTheWrite() {
    SwrWriter writer = Volumes.writer(file);
    assertThrows(IllegalStateException.class, () -> writer.write(Volumes::fillRamp, p -> {
      writer.close();
      return true;
    }));
  }

  @Test void closing_duringAPut_failsIt() {
    SwrWriter writer = Volumes.writer(file);
    writer.setProgress(p -> {
      writer.close();
      return true;
    });
    writer.begin();
    assertThrows(
        IllegalStateException.class, () -> writer.put(Volumes.IMAGE, new short[32 * 16 * 20]));
    assertThrows(IllegalStateException.class, writer::finish);
  }

  @Test void closing_fromAnotherThread_failsTheWrite() throws Exception {
    for (int i = 0; i < 50; ++i) {
      SwrWriter writer = Volumes.writer(file);
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
    try (SwrWriter writer = Volumes.writer(file)) {
      assertThrows(
          SwrException.State.class, () -> writer.write(piece -> writer.write(Volumes::fillRamp)));
      assertThrows(SwrException.State.class, () -> writer.write(piece -> writer.setDivisions(3)));
      assertThrows(SwrException.State.class, () -> writer.write(Volumes::fillRamp, p -> {
        writer.setMetadata("a", "b");
        return true;
      }));
    }
  }

  @Test void aSecondThread_getsAStateException() {
    try (SwrWriter writer = Volumes.writer(file)) {
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
    try (SwrWriter writer = Volumes.writer(file)) {
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
    assertThrows(
        IllegalStateException.class, () -> pieces.get(0).lend(buffers.get(0), Volumes.BOX));
    assertEquals(5, pieces.get(5).getNumber());
  }

  @Test void collecting_insideTheSource_movesNothing() throws Exception {
    Path other = Files.createTempFile("swr", ".mha");
    try (SwrWriter writer = Volumes.writer(other)) {
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
    try (SwrWriter writer = new SwrWriter()) {
      assertThrows(IllegalArgumentException.class, () -> writer.setPath("half \ud83d.nii"));
      assertThrows(IllegalArgumentException.class, () -> writer.setMetadata("key", "\ude00"));
      assertThrows(IllegalArgumentException.class, () -> writer.setPath(file + "\0.nii"));
      assertThrows(NullPointerException.class, () -> writer.setPath((String) null));
      assertThrows(
          NullPointerException.class, () -> writer.write((PixelSource<RuntimeException>) null));
      assertThrows(NullPointerException.class, () -> writer.setSpacing((double[]) null));
    }
  }
}
