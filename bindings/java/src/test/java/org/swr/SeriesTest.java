package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes of a series, and what the values and axes of an image mean. */
class SeriesTest {
  private static final PixelRegion SERIES = PixelRegion.of(32, 16, 20, 2);
  @TempDir Path folder;

  /** Two volumes of zeros, 2.5 s apart; the first is at 1 s. */
  private Path series(String name) {
    Path file = folder.resolve(name);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(SERIES);
      writer.setPixelType(new PixelType(ComponentType.INT16));
      writer.setSpacing(1, 1, 2, 2.5);
      writer.setOrigin(0, 0, 5, 1);
      writer.allocate();
    }
    return file;
  }

  private static PixelRegion at(long time) {
    return new PixelRegion(new long[] {0, 0, 0, time}, new long[] {32, 16, 20, 1});
  }

  @ParameterizedTest
  @ValueSource(strings = {"s.mha", "s.nrrd", "s.nii", "s.nii.gz"})
  void pasting_aVolume_isOneTimeOfTheSeries(String name) {
    Path file = series(name);
    Path volume = Volumes.written(folder.resolve("v.mha"));
    try (SwrWriter writer = new SwrWriter(file); SwrReader source = new SwrReader(volume)) {
      writer.setPasteRegion(at(1));
      writer.setDivisions(3);
      writer.write(source);
    }
    assertArrayEquals(Volumes.pixels(volume, Volumes.IMAGE), Volumes.pixels(file, at(1)));
    assertArrayEquals(new short[32 * 16 * 20], Volumes.pixels(file, at(0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s.mha", "s.nrrd", "s.nii", "s.nii.gz"})
  void extending_aSeries_appendsATimePoint(String name) {
    Path file = series(name);
    Path volume = Volumes.written(folder.resolve("v.mha"));
    try (SwrWriter writer = new SwrWriter(file); SwrReader source = new SwrReader(volume)) {
      writer.setImageRegion(PixelRegion.of(32, 16, 20, 3));
      writer.setExisting(Existing.EXTEND);
      writer.setPasteRegion(at(2));
      writer.write(source);
    }
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals(PixelRegion.of(32, 16, 20, 3), reader.getImageRegion());
      assertEquals(2.5, reader.getSpacing()[3], 1e-6);
    }
    assertArrayEquals(Volumes.pixels(volume, Volumes.IMAGE), Volumes.pixels(file, at(2)));
    assertArrayEquals(new short[32 * 16 * 20], Volumes.pixels(file, at(1)));
  }

  @Test void aPlaneOfAVolume_keepsItsPlace() {
    Path file = folder.resolve("plane.nrrd");
    Path volume = folder.resolve("volume.nrrd");
    try (SwrWriter writer = Volumes.writer(volume)) {
      writer.setDirection(0, 0, 1, 1, 0, 0, 0, 1, 0);
      writer.setOrigin(10, 20, 30);
      writer.write(Volumes::fillRamp);
    }
    PixelRegion plane = new PixelRegion(new long[] {0, 0, 7}, new long[] {32, 16, 1});
    try (SwrWriter writer = new SwrWriter(file); SwrReader source = new SwrReader(volume)) {
      writer.setHeaderFrom(source);
      writer.setImageRegion(PixelRegion.of(32, 16));
      writer.setHeaderRegion(new PixelRegion(new long[] {0, 0, 7}, new long[] {32, 16, 2}));
      short[] pixels = Volumes.pixels(volume, plane);
      assertThrows(SwrException.Region.class, () -> writer.write(pixels));
      writer.setHeaderRegion(plane);
      writer.write(pixels);
    }
    // As a stack of one plane, it is where the volume has it.
    Path stack = folder.resolve("stack.nrrd");
    try (SwrWriter writer = new SwrWriter(stack); SwrReader source = new SwrReader(file)) {
      writer.setHeaderFrom(source);
      writer.setImageRegion(PixelRegion.of(32, 16, 1));
      writer.write(new short[32 * 16]);
    }
    try (SwrReader reader = new SwrReader(stack)) {
      assertArrayEquals(new double[] {17, 20, 30}, reader.getOrigin(), 1e-9);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.mha", "v.nrrd", "v.nii"})
  void valueScaleAndUnits_areWhatWasSet(String name) {
    Path file = folder.resolve(name);
    try (SwrWriter writer = Volumes.writer(file)) {
      assertThrows(SwrException.Argument.class, () -> writer.setValueScale(0, 1));
      writer.setValueScale(0.5, -1024);
      for (int axis = 0; axis < 3; ++axis) writer.setAxisUnit(axis, AxisUnit.MICROMETRE);
      writer.setSpacing(0.0005, 0.0005, 0.002);
      writer.write(Volumes::fillRamp);
    }
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals(new ValueScale(0.5, -1024), reader.getValueScale());
      for (int axis = 0; axis < 3; ++axis)
        assertEquals(AxisUnit.MICROMETRE, reader.getAxisUnit(axis));
      assertArrayEquals(new double[] {0.0005, 0.0005, 0.002}, reader.getSpacing(), 1e-9);
    }
  }

  @Test void pasting_valuesOfAnotherScale_needsAConversion() {
    Path file = folder.resolve("v.nrrd");
    try (SwrWriter writer = Volumes.writer(file)) {
      writer.setValueScale(2, -100);
      writer.write(Volumes::fillRamp);
    }
    short[] box = new short[(int) Volumes.BOX.getPixels()];
    Arrays.fill(box, (short) 300);
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setPasteRegion(Volumes.BOX);
      writer.setSourceScale(1, 0);
      assertThrows(SwrException.Mismatch.class, () -> writer.write(box));
      writer.setConversion(Conversion.EXACT);
      writer.write(box);
    }
    Volumes.expectRamp(file, Volumes.BOX, 200);
  }
}
