package org.swr;

/** What belongs to no writer and no reader. */
public final class Swr {
  /**
   * The library's version.
   *
   * @return "major.minor.patch"
   */
  public static String getVersion() { return Utf8.string(SwrNative.swr_version()); }

  /**
   * Rolls back the write that died in the middle of changing a file in place, if there is one: the file is then as it was before that write.
   * Writers that are alive are left alone. Opening a file for reading or writing does the same by itself.
   *
   * @param path the file
   * @return how many writes were rolled back
   * @throws SwrException if it failed; its message says why
   */
  public static int recover(String path) {
    try (Reader reader = new Reader()) {  // swr_recover() would only tell the status
      return reader.recover(path);
    }
  }

  private Swr() {}
}
