package org.swr;

import java.nio.ByteBuffer;

/** A source with the pixels of the whole written region in one array. */
final class ArraySource implements PixelSource<RuntimeException> {
  private final Memory.Elements array;
  private final PixelRegion whole;

  ArraySource(Memory.Elements array, PixelRegion whole) {
    this.array = array;
    this.whole = whole;
  }

  @Override public void read(Piece piece) {
    Memory.require(array, whole, piece.getComponent(), piece.getComponents());
    PixelRegion region = piece.getRegion();
    int axis = 0;  // the first axis that the piece does not span: the axes up to it are one run
    long run = piece.getComponents();
    while (axis < region.getDimensions()) {
      run *= region.getSize(axis);
      if (region.getSize(axis) != whole.getSize(axis)) break;
      ++axis;
    }
    copy(region, region.getDimensions() - 1, axis, 0, Math.toIntExact(run), piece.getComponents(),
        piece.getBuffer());
  }

  /**
   * Slowest axis first; `offset`, in pixels of the whole region, is the position along the axes
   * handled so far.
   */
  private void copy(PixelRegion region, int axis, int runAxis, long offset, int run, int components,
      ByteBuffer to) {
    long first = region.getIndex(Math.max(axis, 0)) - whole.getIndex(Math.max(axis, 0));
    if (axis < 0 || axis <= runAxis) {
      long start = offset;
      for (int a = axis; a >= 0; --a)
        start = start * whole.getSize(a) + region.getIndex(a) - whole.getIndex(a);
      array.toBuffer(Math.toIntExact(start * components), to.slice().order(to.order()), run);
      to.position(to.position() + run * array.bytesEach());
      return;
    }
    for (long i = 0; i < region.getSize(axis); ++i) {
      copy(
          region, axis - 1, runAxis, offset * whole.getSize(axis) + first + i, run, components, to);
    }
  }
}
