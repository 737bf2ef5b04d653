package org.swr;

import java.util.Arrays;

/**
 * A box of pixels: the index of its first pixel and its size, in pixels, along each axis.
 * Immutable.
 */
public final class PixelRegion {
  /** The most dimensions a region can have. */
  public static final int MAX_DIMENSIONS = 16;

  private final long[] index;
  private final long[] size;

  /**
   * Creates a box.
   *
   * @param index the first pixel, along each axis
   * @param size the number of pixels along each axis; at least 1 in a region that is passed in
   */
  public PixelRegion(long[] index, long[] size) {
    if (index.length != size.length)
      throw new IllegalArgumentException(
          "an index of " + index.length + " axes and a size of " + size.length);
    if (size.length < 1 || size.length > MAX_DIMENSIONS)
      throw new IllegalArgumentException(
          size.length + " axes; 1 to " + MAX_DIMENSIONS + " are possible");
    this.index = index.clone();
    this.size = size.clone();
  }

  /**
   * A box that begins at index zero.
   *
   * @param size the number of pixels along each axis
   * @return the box
   */
  public static PixelRegion of(long... size) {
    return new PixelRegion(new long[size.length], size);
  }

  /**
   * The number of axes.
   *
   * @return 1 to 16
   */
  public int getDimensions() { return size.length; }

  /**
   * The first pixel along an axis.
   *
   * @param axis from 0, the fastest
   * @return its index
   */
  public long getIndex(int axis) { return index[axis]; }

  /**
   * The size along an axis.
   *
   * @param axis from 0, the fastest
   * @return the number of pixels
   */
  public long getSize(int axis) { return size[axis]; }

  /**
   * The first pixel.
   *
   * @return a copy
   */
  public long[] getIndex() { return index.clone(); }

  /**
   * The size along each axis.
   *
   * @return a copy
   */
  public long[] getSize() { return size.clone(); }

  /**
   * The number of pixels.
   *
   * @return the product of its sizes
   * @throws ArithmeticException if the product overflows
   */
  public long getPixels() {
    long pixels = 1;
    for (long n : size) pixels = Math.multiplyExact(pixels, n);
    return pixels;
  }

  /**
   * Splits the region in two along the slowest axis that can be halved: both parts are consecutive
   * in packed memory. Null for a single pixel.
   */
  PixelRegion[] halves() {
    int axis = size.length - 1;
    while (axis >= 0 && size[axis] < 2) --axis;
    if (axis < 0) return null;
    PixelRegion first = new PixelRegion(index, size);
    PixelRegion rest = new PixelRegion(index, size);
    first.size[axis] = size[axis] / 2;
    rest.index[axis] += first.size[axis];
    rest.size[axis] -= first.size[axis];
    return new PixelRegion[] {first, rest};
  }

  /** The region in the library's form, or null. */
  static long[] packed(PixelRegion region) {
    if (region == null) return null;
    int n = region.size.length;
    long[] packed = new long[1 + 2 * n];
    packed[0] = n;
    System.arraycopy(region.index, 0, packed, 1, n);
    System.arraycopy(region.size, 0, packed, 1 + n, n);
    return packed;
  }

  /** Memory in which the library can return any region. */
  static long[] room() { return new long[1 + 2 * MAX_DIMENSIONS]; }

  /** Reads the number of dimensions at `at`, then the index and the size. */
  static PixelRegion unpacked(long[] packed, int at) {
    int n = (int) packed[at];
    return new PixelRegion(Arrays.copyOfRange(packed, at + 1, at + 1 + n),
        Arrays.copyOfRange(packed, at + 1 + n, at + 1 + 2 * n));
  }

  @Override public boolean equals(Object other) {
    return other instanceof PixelRegion && Arrays.equals(index, ((PixelRegion) other).index)
        && Arrays.equals(size, ((PixelRegion) other).size);
  }

  @Override public int hashCode() { return 31 * Arrays.hashCode(index) + Arrays.hashCode(size); }

  @Override
  public String toString() {
    return "index " + Arrays.toString(index) + " size " + Arrays.toString(size);
  }
}
