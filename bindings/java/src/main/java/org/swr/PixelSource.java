package org.swr;

/**
 * The source of pixels: called once for each piece of the image, fills its buffer or lends memory
 * of its own.
 *
 * <pre>{@code
 * writer.write(piece -> piece.asShorts().put(slab(piece.getRegion())));
 * }</pre>
 *
 * <p>Called on the thread that called the writer, one piece at a time, in file order; only {@link
 * SwrWriter#setPullThreads} changes that.
 *
 * @param <E> a checked exception that it may throw; RuntimeException if it throws none
 */
@FunctionalInterface public interface PixelSource<E extends Exception> {
  /**
   * Delivers a piece.
   *
   * @param piece what to deliver, and the memory for it; valid until the method returns
   * @throws E to stop the write, which then throws this very object. The file is as it was.
   */
  void read(Piece piece) throws E;
}
