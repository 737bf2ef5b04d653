// Codecs [FROM TO CODEC] ...: copies images. "-" is the codec that the format has unless set.
import org.swr.SwrReader;
import org.swr.SwrWriter;

public class Codecs {
  public static void main(String[] args) {
    for (int i = 0; i < args.length; i += 3) {
      try (SwrReader reader = new SwrReader(args[i]);
          SwrWriter writer = new SwrWriter(args[i + 1])) {
        writer.setHeaderFrom(reader);
        writer.setImageRegion(reader.getImageRegion());
        writer.setPixelType(reader.getPixelType());
        if (!args[i + 2].equals("-")) writer.setCompression(args[i + 2], 6);
        writer.write(reader);
      }
    }
  }
}
