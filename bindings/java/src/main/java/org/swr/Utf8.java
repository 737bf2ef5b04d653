package org.swr;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Strings as the library has them: UTF-8 with a zero behind it. */
final class Utf8 {
  /** Null stays null. A zero inside is refused, since the library would take what is before it. */
  static byte[] zero(String text) {
    if (text == null) return null;
    if (text.indexOf('\0') >= 0) throw new IllegalArgumentException("a text has a zero character");
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  static String string(byte[] bytes) { return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8); }

  private Utf8() {}
}
