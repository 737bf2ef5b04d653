package org.swr;

/** Told after each piece how far a write is. */
@FunctionalInterface public interface ProgressListener {
  /**
   * Called on the thread that called the writer.
   *
   * @param progress what is done, and what there is to do
   * @return whether to go on; false cancels the write
   */
  boolean onProgress(Progress progress);
}
