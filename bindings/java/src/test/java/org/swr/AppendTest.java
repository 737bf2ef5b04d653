package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames that are appended, and a reader that follows them. */
class AppendTest {
  @TempDir Path folder;

  private static short[] frames(int first, int count) {
    short[] pixels = new short[32 * 16 * count];
    for (int i = 0; i < pixels.length; ++i)
      pixels[i] = Volumes.ramp(i % 32, i / 32 % 16, first + i / 512);
    return pixels;
  }

  @Test void appending_isSeenAtEachFlush_andGoesOnLater() {
    Path file = folder.resolve("v.nii.gz");
    try (SwrWriter writer = Volumes.writer(file); SwrReader reader = new SwrReader()) {
      writer.setOption("append.every_seconds", "86400");
      writer.append(frames(0, 1));
      writer.flush();
      reader.open(file.toString());
      ByteBuffer two = ByteBuffer.allocateDirect(2048).order(ByteOrder.nativeOrder());
      two.asShortBuffer().put(frames(1, 2));
      writer.append(two);
      assertThrows(SwrException.State.class, () -> writer.setDivisions(3));
      writer.flush();
      assertEquals(1, reader.getImageRegion().getSize(2));
      reader.refresh();
      assertEquals(3, reader.getImageRegion().getSize(2));
      writer.append(frames(3, 9));
      writer.finish();
    }
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setExisting(Existing.EXTEND);
      assertThrows(IllegalArgumentException.class, () -> writer.append(new float[512]));
      assertThrows(SwrException.Argument.class, () -> writer.append(new short[511]));
      for (int z = 12; z < 20; ++z) writer.append(frames(z, 1));
      writer.finish();
    }
    Volumes.expectRamp(file, null, 0);
  }

  @Test void abandoning_keepsTheLastCheckpoint() throws Exception {
    Path file = folder.resolve("v.mha");
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setOption("append.every_seconds", "86400");
      writer.append(frames(0, 4));
      writer.flush();
      byte[] before = Files.readAllBytes(file);
      writer.append(frames(4, 4));
      writer.abandon();
      assertArrayEquals(before, Files.readAllBytes(file));
      assertThrows(SwrException.State.class, writer::flush);
    }
  }
}
