package org.swr;

/**
 * Whether the pieces of a write are better lent to the library or copied into its memory. Lent ones
 * are stored while the source waits, without a copy; that is faster where storing is about as fast
 * as copying, and the source is faster still. Copied ones are stored, or compressed, while the
 * source makes the next. The first pieces are lent, and tell.
 */
final class Pace {
  private static final int SAMPLES = 8;

  private int samples;
  private boolean lend = true;
  private long entered;
  private long left;
  private long inSource;
  private long inStore;
  private long bytes;

  /** The source is called. */
  void begin() {
    entered = System.nanoTime();
    if (samples == 0 || samples > SAMPLES) return;
    inStore += entered - left;
    if (samples == SAMPLES) lend = inStore <= bytes && inSource <= inStore / 2;  // 1 GB/s or more
  }

  /** The source has made a piece. Whether it is to be lent. */
  boolean end(long pieceBytes) {
    if (samples < SAMPLES) {
      left = System.nanoTime();
      inSource += left - entered;
      bytes += pieceBytes;
    }
    if (samples <= SAMPLES) ++samples;
    return lend;
  }
}
