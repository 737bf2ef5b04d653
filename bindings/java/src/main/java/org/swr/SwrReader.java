package org.swr;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongToIntFunction;

/**
 * Reads regions of image files of any size.
 *
 * <pre>{@code
 * try (SwrReader reader = new SwrReader("volume.nii.gz")) {
 *   PixelRegion box = new PixelRegion(new long[] {100, 200, 4}, new long[] {64, 64, 8});
 *   short[] pixels = new short[(int) box.getPixels()];
 *   reader.read(box, pixels);
 * }
 * }</pre>
 *
 * <p>Files are not trusted: a header with wrong sizes, with paths outside its folder or with a
 * missing end gives an exception. Opening a file first rolls back a write that died, if its undo
 * journal is there. Use a reader from one thread at a time; different readers are independent.
 */
public final class SwrReader implements AutoCloseable {
  private final NativeHandle handle;

  /** Creates a reader without a file. */
  public SwrReader() {
    handle = new NativeHandle(
        this, "reader", SwrNative.swr_reader_create(), SwrNative::swr_reader_destroy);
  }

  /**
   * Opens a file.
   *
   * @param path as for open
   */
  public SwrReader(String path) {
    this();
    try {
      open(path);
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  /**
   * Opens a file.
   *
   * @param path as for open
   */
  public SwrReader(Path path) { this(Utf8.path(path)); }

  /** Closes the file and frees the reader. May be called from any thread, and more than once. */
  @Override public void close() { handle.close(); }

  NativeHandle handle() { return handle; }

  /**
   * Opens a file and reads its header. The content determines the format, or else the suffix. A
   * file that was open before is closed.
   *
   * @param path the file
   */
  public void open(String path) {
    byte[] text = Utf8.zero(Objects.requireNonNull(path, "path"));
    call(r -> SwrNative.swr_reader_open(r, text));
  }

  /**
   * Opens a file, as {@link #open(String)} does.
   *
   * @param path of the default file system
   */
  public void open(Path path) { open(Utf8.path(path)); }

  /**
   * Follows a file that grows: the image region is the one that the file has now, and frames that
   * were appended can be read. Costs little if nothing has changed.
   *
   * @throws SwrException.Mismatch if the name belongs to another image now
   */
  public void refresh() { call(SwrNative::swr_reader_refresh); }

  /** Closes the file. The reader can open another. */
  public void closeFile() { call(SwrNative::swr_reader_close); }

  /**
   * The most memory for decompression and conversion; 256 MiB unless set.
   *
   * @param bytes at least 1 MiB
   */
  public void setMemoryLimit(long bytes) {
    call(r -> SwrNative.swr_reader_set_memory_limit(r, bytes));
  }

  /**
   * The number of threads that decompress.
   *
   * @param threads 0, unless set, for all cores
   */
  public void setThreads(int threads) { call(r -> SwrNative.swr_reader_set_threads(r, threads)); }

  /**
   * Sets an option by name, before open:
   *
   * <ul>
   *   <li>"detached.outside" = "allow" | "refuse": whether a header's data file may be outside the
   *       header's folder (allowed for reading unless set).
   *   <li>"recover.other_machine" = "allow" | "refuse" (unless set): whether recover rolls back a
   *       journal of a writer on another machine.
   *   <li>"hdf5.dataset" = the path of the dataset that is the image, in HDF5 files, such as
   *       "/entry/data". Unless set: /ITKImage/0/VoxelData, else the only dataset of two axes or
   *       more, else the only one; SwrException.Unsupported lists them if there are several.
   *   <li>"pyramid.level" = 0 (unless set) to 30: the smaller version of the image that is read
   *       instead of it; 1 is the largest one. Its start index is 0. open returns
   *       SwrException.NotFound if the file has not so many that swr has made.
   * </ul>
   *
   * @param key its name
   * @param value its value
   * @throws SwrException.Argument for an unknown name or value
   */
  public void setOption(String key, String value) {
    call(r -> SwrNative.swr_reader_set_option(r, Utf8.zero(key), Utf8.zero(value)));
  }

  /**
   * The image region.
   *
   * @return its start index and size
   */
  public PixelRegion getImageRegion() {
    long[] region = PixelRegion.room();
    call(r -> SwrNative.swr_reader_get_image_region(r, region));
    return PixelRegion.unpacked(region, 0);
  }

  /**
   * How pixels are stored.
   *
   * @return the component type, the number of components, and their meaning
   */
  public PixelType getPixelType() {
    int[] component = new int[1];
    int[] components = new int[1];
    int[] kind = new int[1];
    call(r -> SwrNative.swr_reader_get_pixel_type(r, component, components, kind));
    return new PixelType(ComponentType.of(component[0]), components[0], Kind.of(kind[0]));
  }

  /**
   * The distance between pixels in mm along each axis.
   *
   * @return one for each dimension
   */
  public double[] getSpacing() {
    double[] values = new double[dimensions()];
    call(r -> SwrNative.swr_reader_get_spacing(r, values));
    return values;
  }

  /**
   * The position of the pixel with index zero, in mm, LPS.
   *
   * @return one for each dimension
   */
  public double[] getOrigin() {
    double[] values = new double[dimensions()];
    call(r -> SwrNative.swr_reader_get_origin(r, values));
    return values;
  }

  /**
   * The directions of the axes.
   *
   * @return row-major n x n; the columns are the directions
   */
  public double[] getDirection() {
    double[] values = new double[dimensions() * dimensions()];
    call(r -> SwrNative.swr_reader_get_direction(r, values));
    return values;
  }

  /**
   * The unit in which the file states the spacing and origin of an axis. The values of the reader
   * are always in mm or s.
   *
   * @param axis from 0
   * @return NONE if the file states none
   */
  public AxisUnit getAxisUnit(int axis) {
    int[] unit = new int[1];
    call(r -> SwrNative.swr_reader_get_axis_unit(r, axis, unit));
    return AxisUnit.of(unit[0]);
  }

  /**
   * The file's own rule from stored to real values. Pixels are read as they are stored.
   *
   * @return 1 and 0 if the file has none
   */
  public ValueScale getValueScale() {
    double[] slope = new double[1];
    double[] intercept = new double[1];
    call(r -> SwrNative.swr_reader_get_value_scale(r, slope, intercept));
    return new ValueScale(slope[0], intercept[0]);
  }

  /**
   * The metadata, in the file's order.
   *
   * @return key and value of each entry
   */
  public Map<String, String> getMetadata() {
    int[] count = new int[1];
    call(r -> SwrNative.swr_reader_get_metadata_count(r, count));
    Map<String, String> entries = new LinkedHashMap<>();
    for (int i = 0; i < count[0]; ++i) {
      int number = i;
      byte[][] key = new byte[1][];
      byte[][] value = new byte[1][];
      call(r -> SwrNative.swr_reader_get_metadata_at(r, number, key, value));
      entries.put(Utf8.string(key[0]), Utf8.string(value[0]));
    }
    return Collections.unmodifiableMap(entries);
  }

  /**
   * A metadata entry.
   *
   * @param key its key
   * @return its value; null if the file has no such entry
   */
  public String getMetadata(String key) {
    byte[] name = Utf8.zero(Objects.requireNonNull(key, "key"));
    byte[][] value = new byte[1][];
    call(r -> SwrNative.swr_reader_get_metadata(r, name, value));
    return Utf8.string(value[0]);
  }

  /**
   * The name of the file's format.
   *
   * @return such as "NRRD"
   */
  public String getFormat() {
    byte[][] text = new byte[1][];
    call(r -> SwrNative.swr_reader_get_format(r, text));
    return Utf8.string(text[0]);
  }

  /**
   * How the pixels are encoded.
   *
   * @return the encoding's name, and whether it can be changed in place
   */
  public PixelEncoding getEncoding() {
    byte[][] name = new byte[1][];
    int[] slotted = new int[1];
    call(r -> SwrNative.swr_reader_get_encoding(r, name, slotted));
    return new PixelEncoding(Utf8.string(name[0]), slotted[0] != 0);
  }

  /**
   * The sizes of a chunk along each axis, in pixels: what is decoded as a whole. Reads and pastes
   * of whole chunks, counted from the start index of the image, cost least. The last chunks can be
   * cut off by the end of the image.
   *
   * @return one for each dimension; empty if the image is not in chunks
   */
  public long[] getChunkShape() {
    long[] sizes = new long[dimensions()];
    call(r -> SwrNative.swr_reader_get_chunk_shape(r, sizes));
    return sizes[0] == 0 ? new long[0] : sizes;
  }

  /**
   * How numbers are stored.
   *
   * @return whether the most significant byte comes first
   */
  public boolean isBigEndian() {
    int[] big = new int[1];
    call(r -> SwrNative.swr_reader_get_big_endian(r, big));
    return big[0] != 0;
  }

  /**
   * The file that holds the pixels: a detached data file, or the file itself. The first one, if
   * there are several.
   *
   * @return its path
   */
  public String getDataFile() {
    byte[][] text = new byte[1][];
    call(r -> SwrNative.swr_reader_get_data_file(r, text));
    return Utf8.string(text[0]);
  }

  /**
   * Reads a region into the rest of a direct buffer, from its position on, packed, in the machine's
   * byte order, as stored. The position stays.
   *
   * @param region inside the image region
   * @param pixels with room for the whole region; one that is not direct: of bytes, exactly
   */
  public void read(PixelRegion region, ByteBuffer pixels) {
    if (!pixels.isDirect()) {
      read(region, Memory.of(pixels));
      return;
    }
    long bytes = Math.multiplyExact(region.getPixels(), getPixelType().bytes());
    ByteBuffer memory = Memory.direct(pixels, bytes);
    read(region, memory, bytes);
  }

  /**
   * Reads a region into a typed buffer, such as a ShortBuffer of INT16 or UINT16; into a part of an
   * array with ShortBuffer.wrap(array, offset, length). The position stays.
   *
   * @param region inside the image region
   * @param pixels from position to limit it has exactly as many elements as the region has
   *     components, of the stored type, in any byte order; signed and unsigned are the same bits
   */
  public void read(PixelRegion region, Buffer pixels) {
    if (pixels instanceof ByteBuffer) read(region, (ByteBuffer) pixels);
    else read(region, Memory.of(pixels));
  }

  private void read(PixelRegion region, Buffer memory, long bytes) {
    SwrWriter.requireNoInterrupt();
    call(r -> SwrNative.swr_reader_read(r, PixelRegion.packed(region), memory, bytes));
    Reference.reachabilityFence(memory);
  }

  /**
   * Reads a region into an array.
   *
   * @param region inside the image region
   * @param pixels exactly as many elements as the region has components, of the stored type; signed
   *     and unsigned are the same bits
   */
  public void read(PixelRegion region, byte[] pixels) { read(region, Memory.of(pixels)); }

  /**
   * Reads a region into an array.
   *
   * @param region inside the image region
   * @param pixels exactly as many elements as the region has components, of the stored type; signed
   *     and unsigned are the same bits
   */
  public void read(PixelRegion region, short[] pixels) { read(region, Memory.of(pixels)); }

  /**
   * Reads a region into an array.
   *
   * @param region inside the image region
   * @param pixels exactly as many elements as the region has components, of the stored type; signed
   *     and unsigned are the same bits
   */
  public void read(PixelRegion region, int[] pixels) { read(region, Memory.of(pixels)); }

  /**
   * Reads a region into an array.
   *
   * @param region inside the image region
   * @param pixels exactly as many elements as the region has components, of the stored type; signed
   *     and unsigned are the same bits
   */
  public void read(PixelRegion region, long[] pixels) { read(region, Memory.of(pixels)); }

  /**
   * Reads a region into an array.
   *
   * @param region inside the image region
   * @param pixels exactly as many elements as the region has components, of the stored type
   */
  public void read(PixelRegion region, float[] pixels) { read(region, Memory.of(pixels)); }

  /**
   * Reads a region into an array.
   *
   * @param region inside the image region
   * @param pixels exactly as many elements as the region has components, of the stored type
   */
  public void read(PixelRegion region, double[] pixels) { read(region, Memory.of(pixels)); }

  private void read(PixelRegion region, Memory.Elements pixels) {
    PixelType type = getPixelType();
    Memory.require(pixels, region, type.component(), type.components());
    if (pixels.memory() != null) {
      read(region, pixels.memory(), (long) pixels.length() * pixels.bytesEach());
      return;
    }
    ByteBuffer memory = Memory.allocate(Math.min(Memory.PART, region.getPixels() * type.bytes()));
    Memory.inParts(region, type.bytes(), memory.capacity(), (part, pixel) -> {
      int elements = Math.toIntExact(part.getPixels() * type.components());
      read(part, memory, (long) elements * pixels.bytesEach());
      pixels.fromBuffer(memory.clear(), pixel * type.components(), elements);
    });
  }

  /**
   * Checks the whole file: header, sizes, and the slots, directory and checksums that it has;
   * compressed data is inflated once.
   *
   * @throws SwrException.Corrupt with the first defect
   */
  public void verify() {
    SwrWriter.requireNoInterrupt();
    call(SwrNative::swr_reader_verify);
  }

  /**
   * Rolls back a write that died while it changed a file in place, if there is one: the file is
   * then as it was before that write. Journals of running writers are left alone. Opening a file
   * for reading or writing also does this. The reader needs no open file; if it has one, it keeps
   * it. Files outside the header's folder are changed only if the option "detached.outside" was set
   * to "allow".
   *
   * @param path the file
   * @return the number of writes that were rolled back
   * @throws SwrException if it failed; its message says why
   */
  public int recover(String path) {
    byte[] text = Utf8.zero(Objects.requireNonNull(path, "path"));
    int[] recovered = new int[1];
    call(r -> SwrNative.swr_reader_recover(r, text, recovered));
    return recovered[0];
  }

  /**
   * Rolls back a write that died, as {@link #recover(String)} does.
   *
   * @param path of the default file system
   * @return the number of writes that were rolled back
   */
  public int recover(Path path) { return recover(Utf8.path(path)); }

  /**
   * What open or recover found next to the file and left alone, such as an undo journal of another
   * file. Valid until the next call of this reader.
   *
   * @return one sentence per line; usually empty
   */
  public String getMessage() {
    long r = handle.acquire();
    try {
      return Words.of(Utf8.string(SwrNative.swr_reader_message(r)));
    } finally {
      handle.release();
    }
  }

  private int dimensions() { return getImageRegion().getDimensions(); }

  private void call(LongToIntFunction function) {
    long r = handle.acquire();
    try {
      int status = function.applyAsInt(r);
      if (status != 0) throw SwrException.of(status, Utf8.string(SwrNative.swr_reader_message(r)));
    } finally {
      handle.release();
      Reference.reachabilityFence(this);
    }
  }
}
