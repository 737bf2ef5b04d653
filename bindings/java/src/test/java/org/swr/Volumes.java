package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** Small volumes whose pixels tell where they belong. */
final class Volumes {
  static final PixelRegion IMAGE = PixelRegion.of(32, 16, 20);
  static final PixelRegion BOX = new PixelRegion(new long[] {5, 6, 7}, new long[] {8, 4, 3});

  static short ramp(long x, long y, long z) { return (short) (x + 100 * y + 1000 * z); }

  static void fillRamp(Piece piece) {
    PixelRegion r = piece.getRegion();
    ShortBuffer pixels = piece.asShorts();
    for (long z = r.getIndex(2); z < r.getIndex(2) + r.getSize(2); ++z) {
      for (long y = r.getIndex(1); y < r.getIndex(1) + r.getSize(1); ++y) {
        for (long x = r.getIndex(0); x < r.getIndex(0) + r.getSize(0); ++x)
          pixels.put(ramp(x, y, z));
      }
    }
  }

  static SwrWriter writer(Path path) {
    SwrWriter writer = new SwrWriter(path);
    writer.setImageRegion(IMAGE);
    writer.setPixelType(new PixelType(ComponentType.INT16));
    return writer;
  }

  static Path written(Path path) {
    try (SwrWriter writer = writer(path)) {
      writer.write(Volumes::fillRamp);
    }
    return path;
  }

  static short[] pixels(Path path, PixelRegion region) {
    try (SwrReader reader = new SwrReader(path)) {
      short[] pixels = new short[(int) region.getPixels()];
      reader.read(region, pixels);
      return pixels;
    }
  }

  /** Every pixel is the ramp, but for those of `box`, which are `value`. */
  static void expectRamp(Path path, PixelRegion box, int value) {
    short[] pixels = pixels(path, IMAGE);
    int i = 0;
    for (long z = 0; z < IMAGE.getSize(2); ++z) {
      for (long y = 0; y < IMAGE.getSize(1); ++y) {
        for (long x = 0; x < IMAGE.getSize(0); ++x, ++i) {
          short expected = box != null && inside(box, x, y, z) ? (short) value : ramp(x, y, z);
          if (pixels[i] != expected)
            assertEquals(expected, pixels[i], "pixel " + x + " " + y + " " + z);
        }
      }
    }
  }

  static byte[] journalOfALaterVersion() {
    return Arrays.copyOf("SWRUNDO9".getBytes(StandardCharsets.US_ASCII), 24);
  }

  private static boolean inside(PixelRegion box, long... at) {
    for (int a = 0; a < at.length; ++a) {
      if (at[a] < box.getIndex(a) || at[a] >= box.getIndex(a) + box.getSize(a)) return false;
    }
    return true;
  }

  static long filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  private Volumes() {}
}
