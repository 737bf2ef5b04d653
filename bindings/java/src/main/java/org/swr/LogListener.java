package org.swr;

/** Told what a writer does. */
@FunctionalInterface public interface LogListener {
  /**
   * Called on the thread that called the writer.
   *
   * @param level how grave it is
   * @param message a sentence
   */
  void onLog(SwrLogLevel level, String message);
}
