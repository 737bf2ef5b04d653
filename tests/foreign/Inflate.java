import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Inflates gzip and zlib files with Java's own streams; prints "name length crc32" for each. */
public final class Inflate {
  public static void main(String[] names) throws Exception {
    for (String name : names) {
      try (InputStream file = new BufferedInputStream(new FileInputStream(name));
          InputStream in =
              name.endsWith(".gzip") ? new GZIPInputStream(file) : new InflaterInputStream(file)) {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[65536];
        long length = 0;
        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
          crc.update(buffer, 0, got);
          length += got;
        }
        System.out.printf("%s %d %08x%n", name, length, crc.getValue());
      }
    }
  }
}
