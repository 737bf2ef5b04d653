import ij.IJ;
import ij.ImagePlus;
import ij.measure.Calibration;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * Prints what ImageJ reads of each file: bits, size, CRC-32 of the little-endian pixels, lengths of
 * a pixel and their unit.
 */
public class ReadTiff {
  static byte[] bytesOf(Object pixels) {
    if (pixels instanceof byte[] bytes) return bytes;
    int count = java.lang.reflect.Array.getLength(pixels);
    ByteBuffer out = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    if (pixels instanceof short[] numbers) for (short number : numbers) out.putShort(number);
    if (pixels instanceof float[] numbers) for (float number : numbers) out.putFloat(number);
    if (pixels instanceof int[] colours) // 0xRRGGBB
      for (int colour : colours)
        out.put((byte) (colour >> 16)).put((byte) (colour >> 8)).put((byte) colour);
    return Arrays.copyOf(out.array(), out.position());
  }

  public static void main(String[] paths) {
    for (String path : paths) {
      ImagePlus image = IJ.openImage(path);
      if (image == null) {
        System.out.println("refused");
        continue;
      }
      CRC32 crc = new CRC32();
      for (int slice = 1; slice <= image.getStackSize(); slice++)
        crc.update(bytesOf(image.getStack().getPixels(slice)));
      Calibration c = image.getCalibration();
      Object[] facts = {
        image.getBitDepth(), image.getWidth(), image.getHeight(), image.getNSlices(),
        image.getNFrames(), image.getNChannels(), crc.getValue(), c.pixelWidth, c.pixelHeight,
        c.pixelDepth, c.getUnit()
      };
      System.out.println(
          Arrays.stream(facts).map(String::valueOf).collect(Collectors.joining(" ")));
    }
  }
}
