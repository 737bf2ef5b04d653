import java.nio.ShortBuffer;
import org.swr.ComponentType;
import org.swr.Piece;
import org.swr.PixelType;
import org.swr.PixelRegion;
import org.swr.SwrWriter;

/** Streams a volume of 1 GiB into a compressed file, piece by piece, then pastes a bright box into it. */
public class StreamAndPaste {
  /** The source: asked for one piece after the other, it computes the pixels of that piece alone. */
  static void ramp(Piece piece, int bright) {
    long[] first = piece.getRegion().getIndex();
    long[] size = piece.getRegion().getSize();
    ShortBuffer pixels = piece.asShorts();
    int i = 0;
    for (long z = first[2]; z < first[2] + size[2]; z++)
      for (long y = first[1]; y < first[1] + size[1]; y++)
        for (long x = first[0]; x < first[0] + size[0]; x++)
          pixels.put(i++, (short) (bright != 0 ? bright : x + y + z));
  }

  public static void main(String[] args) {
    String path = args.length > 0 ? args[0] : "volume.nii.gz";
    long slices = args.length > 1 ? 16 : 512; // any second word makes it a small volume
    try (SwrWriter writer = new SwrWriter(path)) {
      writer.setImageRegion(PixelRegion.of(1024, 1024, slices));
      writer.setPixelType(new PixelType(ComponentType.UINT16));
      writer.setSpacing(0.5, 0.5, 2.0);
      writer.setMemoryLimit(16 << 20);
      writer.write(
          piece -> ramp(piece, 0)); // streams: pieces are pulled until the file is complete
      writer.setPasteRegion(new PixelRegion(new long[] {100, 200, 4}, new long[] {64, 64, 8}));
      writer.write(piece -> ramp(piece, 65535)); // pastes: the box changes, and nothing else
    } // a write that fails throws, and the file is as it was before it
  }
}
