import java.io.File;
import java.util.Arrays;
import java.util.Locale;
import org.swr.ComponentType;
import org.swr.PixelRegion;
import org.swr.PixelType;
import org.swr.SwrWriter;

/**
 * Stream FILE GIBIBYTES [MEBIBYTES [put]]: what stream.c does, in Java; a piece is filled by one
 * bulk copy of an array, and an array is put. Prints the time.
 */
public class Stream {
  static double stream(String path, long slices, int slab, short[] pixels, boolean puts) {
    long from = System.nanoTime();
    try (SwrWriter writer = new SwrWriter(path)) {
      writer.setImageRegion(PixelRegion.of(1024, 512, slices));
      writer.setPixelType(new PixelType(ComponentType.INT16));
      writer.setDivisions(slices / slab);
      if (puts) {
        writer.begin();
        long[] size = {1024, 512, slab};
        for (long first = 0; first < slices; first += slab)
          writer.put(new PixelRegion(new long[] {0, 0, first}, size), pixels);
        writer.finish();
      } else {
        writer.write(piece -> piece.asShorts().put(pixels));
      }
    }
    double seconds = (System.nanoTime() - from) * 1e-9;
    new File(path).delete();
    return seconds;
  }

  public static void main(String[] args) {
    long slices = 1024 * Long.parseLong(args[1]); // of 1 MiB
    int slab = args.length > 2 ? Integer.parseInt(args[2]) : 1;
    short[] pixels = new short[slab << 19];
    Arrays.fill(pixels, (short) 0x0707);
    stream(args[0], 256, slab, pixels, args.length > 3);
    System.out.printf(Locale.ROOT, "RESULT seconds=%.3f bytes=%d%n",
        stream(args[0], slices, slab, pixels, args.length > 3), slices << 20);
  }
}
