package org.swr;

import java.nio.file.Path;

/** Functions that need neither a writer nor a reader. */
public final class Swr {
  /**
   * The library's version.
   *
   * @return "major.minor.patch"
   */
  public static String getVersion() { return Utf8.string(SwrNative.swr_version()); }

  /**
   * Rolls back a write that died while it changed a file in place, if there is one: the file is
   * then as it was before that write. Journals of running writers are left alone. Opening a file
   * for reading or writing also does this.
   *
   * @param path the file
   * @return the number of writes that were rolled back
   * @throws SwrException if it failed; its message says why
   */
  public static int recover(String path) {
    try (SwrReader reader = new SwrReader()) {  // swr_recover() would only tell the status
      return reader.recover(path);
    }
  }

  /**
   * Rolls back a write that died, as {@link #recover(String)} does.
   *
   * @param path of the default file system
   * @return the number of writes that were rolled back
   */
  public static int recover(Path path) { return recover(Utf8.path(path)); }

  private Swr() {}
}
