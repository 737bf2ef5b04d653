package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ExceptionTest {
  @TempDir Path folder;
  private final Set<Status> seen = EnumSet.of(Status.OK);

  private void expect(Status status, Class<? extends SwrException> kind, Executable call) {
    SwrException e = assertThrows(kind, call);
    assertEquals(status, e.getStatus());
    assertFalse(e.getMessage().isEmpty());
    seen.add(status);
  }

  @Test void everyStatus_hasItsException() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    try (SwrWriter w = Volumes.writer(file)) {
      expect(Status.CANCELLED, SwrException.Cancelled.class,
          () -> w.write(Volumes::fillRamp, p -> false));
      expect(Status.ERROR_ARGUMENT, SwrException.Argument.class, () -> w.setThreads(-1));
      expect(Status.ERROR_STATE, SwrException.State.class, w::finish);
      expect(Status.ERROR_FORMAT, SwrException.Format.class, () -> w.setFormat("no such"));
      expect(Status.ERROR_REGION, SwrException.Region.class,
          () -> w.setImageRegion(PixelRegion.of(0, 1)));
      expect(Status.ERROR_SOURCE, SwrException.Source.class, () -> w.write(piece -> {}));
      expect(Status.ERROR_SOURCE_REGION, SwrException.SourceRegion.class,
          ()
              -> w.write(
                  piece -> piece.lend(ByteBuffer.allocateDirect(2), PixelRegion.of(1, 1, 1))));
      w.setExisting(Existing.FAIL);
      expect(Status.ERROR_EXISTS, SwrException.Exists.class, w::check);
      w.setExisting(Existing.UPDATE);
      w.setPixelType(new PixelType(ComponentType.FLOAT32));
      expect(Status.ERROR_MISMATCH, SwrException.Mismatch.class, w::check);
    }
    try (SwrWriter w = Volumes.writer(folder.resolve("new.mha"))) {
      w.begin();
      expect(Status.ERROR_INCOMPLETE, SwrException.Incomplete.class, w::finish);
    }
    try (SwrWriter w = new SwrWriter(folder.resolve("new.mha"))) {
      w.setImageRegion(PixelRegion.of(4096, 1024));
      w.setPixelType(new PixelType(ComponentType.FLOAT32));
      w.setMemoryLimit(1 << 20);
      w.setDivisions(1);
      expect(Status.ERROR_MEMORY_LIMIT, SwrException.MemoryLimit.class, w::check);
    }
    try (SwrWriter w = new SwrWriter(folder.resolve("new.mha"))) {
      w.setImageRegion(PixelRegion.of(2, 1));
      w.setPixelType(new PixelType(ComponentType.UINT8));
      w.setSourceType(ComponentType.INT32);
      w.setConversion(Conversion.EXACT);
      expect(Status.ERROR_CONVERSION, SwrException.Conversion.class,
          () -> w.write(new int[] {1, 300}));
    }
    try (SwrWriter w = new SwrWriter(folder.resolve("new.nii"))) {
      w.setImageRegion(PixelRegion.of(1, 1, 1, 1, 1, 1, 1, 1, 2));
      w.setPixelType(new PixelType(ComponentType.UINT8));
      expect(Status.ERROR_UNSUPPORTED, SwrException.Unsupported.class, w::check);
    }
    try (SwrWriter w = Volumes.writer(folder.resolve("a-name-too-long-".repeat(20) + ".mha"))) {
      expect(Status.ERROR_IO, SwrException.Io.class, () -> w.write(Volumes::fillRamp));
    }
    expect(Status.ERROR_NOT_FOUND, SwrException.NotFound.class,
        () -> new SwrReader(folder.resolve("no.mha")));
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 1000));
    expect(Status.ERROR_CORRUPT, SwrException.Corrupt.class, () -> new SwrReader(file));
    // These cannot be had on purpose, or not by one process.
    expect(Status.ERROR_MEMORY, SwrException.Memory.class, () -> { throw SwrException.of(4, ""); });
    expect(Status.ERROR_INTERNAL, SwrException.Internal.class,
        () -> { throw SwrException.of(18, "x"); });
    expect(Status.ERROR_BUSY, SwrException.Busy.class, () -> { throw SwrException.of(19, "x"); });
    assertEquals(EnumSet.allOf(Status.class), seen);
    assertEquals(Status.ERROR_INTERNAL, SwrException.of(1234, "of a newer library").getStatus());
  }

  private static int down(int depth) { return down(depth + 1) + 1; }

  @Test void messages_nameTheFile() {
    SwrException e =
        assertThrows(SwrException.class, () -> new SwrReader(folder.resolve("nö.mha")));
    assertTrue(e.getMessage().contains("nö.mha"), e.getMessage());
  }

  @Test void exceptions_ofTheSource_comeOutAsTheyAre() throws Exception {
    Path file = Volumes.written(folder.resolve("v.mha"));
    byte[] before = Files.readAllBytes(file);
    IOException mine = new IOException("the tape is torn");
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setDivisions(3);
      try {
        writer.write(piece -> {
          if (piece.getNumber() == 1) throw mine;
          Volumes.fillRamp(piece);
        });
      } catch (IOException caught) {
        assertSame(mine, caught);
      }
      CancellationException cancelled = new CancellationException();
      assertSame(cancelled, assertThrows(CancellationException.class, () -> writer.write(piece -> {
        throw cancelled;
      })));
      Error error = new OutOfMemoryError("not really");
      assertSame(error, assertThrows(Error.class, () -> writer.write(piece -> { throw error; })));
      assertThrows(StackOverflowError.class, () -> writer.write(piece -> down(1)));
      RuntimeException listeners = new RuntimeException();
      assertSame(listeners,
          assertThrows(RuntimeException.class,
              () -> writer.write(Volumes::fillRamp, p -> { throw listeners; })));
      assertSame(listeners, assertThrows(RuntimeException.class, () -> {
        writer.setLog((level, message) -> { throw listeners; });
        writer.write(Volumes::fillRamp, p -> { throw listeners; });
      }));
    }
    assertTrue(java.util.Arrays.equals(before, Files.readAllBytes(file)));
    assertEquals(1, Volumes.filesIn(folder));
  }
}
