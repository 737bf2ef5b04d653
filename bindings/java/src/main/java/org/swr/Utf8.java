package org.swr;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** Strings as the library has them: UTF-8 with a terminating zero. */
final class Utf8 {
  /**
   * Null stays null. A zero inside is refused, since the library would take what is before it; half
   * a character, since UTF-8 has none.
   */
  static byte[] zero(String text) {
    if (text == null) return null;
    if (text.indexOf('\0') >= 0) throw new IllegalArgumentException("a text has a zero character");
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] zeroed = new byte[bytes.remaining() + 1];
      bytes.get(zeroed, 0, zeroed.length - 1);
      return zeroed;
    } catch (CharacterCodingException half) {
      throw new IllegalArgumentException(
          "a text has half a character: a surrogate without the other", half);
    }
  }

  /** The name of a file of the system; a path inside an archive has none. */
  static String path(Path path) {
    if (path.getFileSystem() != FileSystems.getDefault())
      throw new IllegalArgumentException(path.toUri() + " is not in the default file system");
    return path.toString();
  }

  static String string(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  private Utf8() {}
}
