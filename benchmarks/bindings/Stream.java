import java.io.File;
import java.util.Arrays;
import org.swr.ComponentType;
import org.swr.PixelType;
import org.swr.PixelRegion;
import org.swr.SwrWriter;

/**
 * Stream FILE GIBIBYTES: streams int16 pixels into FILE, each piece one bulk copy, and prints the
 * time.
 */
public class Stream {
  static final short[] PIXELS = new short[1 << 19];

  static double stream(String path, long slices) {
    long from = System.nanoTime();
    try (SwrWriter writer = new SwrWriter(path)) {
      writer.setImageRegion(PixelRegion.of(1024, 512, slices));
      writer.setPixelType(new PixelType(ComponentType.INT16));
      writer.setDivisions(slices);
      writer.write(piece -> piece.asShorts().put(PIXELS));
    }
    double seconds = (System.nanoTime() - from) * 1e-9;
    new File(path).delete();
    return seconds;
  }

  public static void main(String[] args) {
    long slices = 1024 * Long.parseLong(args[1]); // of 1 MiB
    Arrays.fill(PIXELS, (short) 0x0707);
    stream(args[0], 256);
    System.out.printf(java.util.Locale.ROOT, "RESULT seconds=%.3f bytes=%d%n",
        stream(args[0], slices), slices << 20);
  }
}
