package org.swr;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.LongToIntFunction;

/**
 * Writes images piece by piece: a new image, a region of an existing one, or one that grows.
 *
 * <pre>{@code
 * try (SwrWriter writer = new SwrWriter("volume.nii.gz")) {
 *   writer.setImageRegion(PixelRegion.of(512, 512, 100));
 *   writer.setPixelType(new PixelType(ComponentType.INT16));
 *   writer.write(piece -> piece.asShorts().put(slab(piece.getRegion())));
 * }
 * }</pre>
 *
 * <p>A write succeeds as a whole, or the old file stays byte for byte. A writer can be used again,
 * also with other settings.
 *
 * <p>Use a writer from one thread at a time; different writers are independent. Calls from inside a
 * writer's own callbacks, and from another thread during a call, get an {@link SwrException.State},
 * except {@link #close}, which makes the write fail. Closing abandons an unfinished write.
 *
 * <p>{@link Thread#interrupt} cancels: a write stops before its next piece, and a call that waits
 * for another write (option "lock"), for room ({@link #append}) or for a checkpoint ends; it throws
 * {@link SwrException.Cancelled}. A thread that is interrupted already does not begin a write, a
 * put, an append, a flush, a finish or an allocate; what was begun stays, and can be abandoned, and
 * appending can go on. The thread stays interrupted.
 */
public final class SwrWriter implements AutoCloseable {
  /** The most bytes of a piece: a ByteBuffer cannot hold more. A test may set less. */
  static long mostPieceBytes = Integer.MAX_VALUE - 8;
  private static final long PART = 64 << 20;
  private static final long USUAL_LIMIT = 256 << 20;  // of the library, unless one is set
  private static final ByteBuffer[] NONE = {};

  /** The application's buffers. Native code has their addresses, so they must stay alive. */
  private static final class Given {
    ByteBuffer[] buffers = NONE;
  }

  private final NativeHandle handle;
  private final Bridge bridge = new Bridge();
  private final Given given = new Given();
  private final Scratch scratch = new Scratch(PART);  // until the write ends
  private final long callbacks;  // native, for the bridge
  private long divisions = -1;
  private long memoryLimit;
  private int pullThreads = 1;
  private ByteBuffer[] staging = NONE;
  private boolean lends;    // staging, to the library
  private boolean divided;  // further than was asked for

  /** Creates a writer with default settings. */
  public SwrWriter() {
    callbacks = SwrNative.swr_java_callbacks(bridge);
    long own = callbacks;
    Given kept = given;  // not this
    handle = new NativeHandle(this, "writer", SwrNative.swr_writer_create(), writer -> {
      SwrNative.swr_java_destroy(writer, own);
      Reference.reachabilityFence(kept);
    });
    bridge.attach(handle);
    call(w -> SwrNative.swr_java_set_progress(w, callbacks));
    call(w -> SwrNative.swr_java_set_cancel(w, callbacks));
  }

  /**
   * A writer of a file.
   *
   * @param path as for setPath
   */
  public SwrWriter(String path) {
    this();
    setPath(path);
  }

  /**
   * A writer of a file.
   *
   * @param path as for setPath
   */
  public SwrWriter(Path path) { this(Utf8.path(path)); }

  /**
   * Frees the writer and abandons an unfinished write. May be called from any thread; a write that
   * is running then fails.
   */
  @Override public void close() { handle.close(); }

  /**
   * The file to write. A relative path is relative to the working directory at the time of the
   * write.
   *
   * @param path any characters except zero
   */
  public void setPath(String path) {
    byte[] text = Utf8.zero(Objects.requireNonNull(path, "path"));
    call(w -> SwrNative.swr_set_path(w, text));
  }

  /**
   * The file to write, as {@link #setPath(String)} says.
   *
   * @param path of the default file system
   */
  public void setPath(Path path) { setPath(Utf8.path(path)); }

  /**
   * A format by name.
   *
   * @param name such as "NRRD"; null: that of an existing file that is updated, else by the path's
   *     suffix
   * @throws SwrException.Format if the name is unknown
   */
  public void setFormat(String name) { call(w -> SwrNative.swr_set_format(w, Utf8.zero(name))); }

  /**
   * The start index and size of the image. All other regions use the same index space. Also sets
   * the number of dimensions.
   *
   * @param region null: that of the existing file that is updated
   * @throws SwrException.Region if a size is below 1 or the number of pixels overflows
   */
  public void setImageRegion(PixelRegion region) {
    call(w -> SwrNative.swr_set_image_region(w, PixelRegion.packed(region)));
  }

  /**
   * How pixels are stored in the file.
   *
   * @param type the component type, the number of components, and their meaning
   */
  public void setPixelType(PixelType type) {
    call(w
        -> SwrNative.swr_set_pixel_type(
            w, type.component().value(), type.components(), type.kind().value()));
  }

  /**
   * The component type that the source delivers, if it differs from the stored type. Needs a
   * conversion policy.
   *
   * @param component UNKNOWN resets it to the stored type
   */
  public void setSourceType(ComponentType component) {
    call(w -> SwrNative.swr_set_source_type(w, component.value()));
  }

  /**
   * The number of components that the source delivers, if it differs from the stored number: 1 for
   * 3 or 4 (grey to RGB or RGBA), 3 for 4 and 4 for 3.
   *
   * @param components 0 resets it to the stored number
   */
  public void setSourceComponents(int components) {
    call(w -> SwrNative.swr_set_source_components(w, components));
  }

  /**
   * The distance between pixels in mm, above 0, along each axis; 1 unless set.
   *
   * @param values one for each dimension
   */
  public void setSpacing(double... values) {
    double[] list = values.clone();
    call(w -> SwrNative.swr_set_spacing(w, list));
  }

  /**
   * The position of the pixel with index zero, in mm, LPS; 0 unless set.
   *
   * @param values one for each dimension
   */
  public void setOrigin(double... values) {
    double[] list = values.clone();
    call(w -> SwrNative.swr_set_origin(w, list));
  }

  /**
   * The directions of the axes; the identity unless set.
   *
   * @param values row-major n x n, not singular; the columns are the directions
   */
  public void setDirection(double... values) {
    double[] list = values.clone();
    call(w -> SwrNative.swr_set_direction(w, list));
  }

  /**
   * The unit in which the file states an axis, if its format has units; the values that are set
   * stay in mm or s.
   *
   * @param axis from 0
   * @param unit NONE unless set
   */
  public void setAxisUnit(int axis, AxisUnit unit) {
    call(w -> SwrNative.swr_set_axis_unit(w, axis, unit.value()));
  }

  /**
   * The file's rule from stored to real values, real = slope * stored + intercept.
   *
   * @param slope not 0; 1 unless set
   * @param intercept 0 unless set
   */
  public void setValueScale(double slope, double intercept) {
    call(w -> SwrNative.swr_set_value_scale(w, slope, intercept));
  }

  /**
   * The same rule for the values that the source delivers. Unless set: that of the reader that is
   * written from or that setHeaderFrom names, else the file's. If the two rules differ, values are
   * converted so that the real values stay. That needs setConversion.
   *
   * @param slope not 0
   * @param intercept any finite number
   */
  public void setSourceScale(double slope, double intercept) {
    call(w -> SwrNative.swr_set_source_scale(w, slope, intercept));
  }

  /**
   * The file that a new file is modelled on. All that is not set comes from that file. Within one
   * format, every field of its header that is still true is kept word for word.
   *
   * @param reader with an open file; it may be closed afterwards. Null: none, unless the write is
   *     from a reader, whose file is then used
   */
  public void setHeaderFrom(SwrReader reader) {
    if (reader == null) {
      call(w -> SwrNative.swr_set_header_from(w, 0));
      return;
    }
    NativeHandle from = reader.handle();
    long r = from.acquire();
    try {
      call(w -> SwrNative.swr_set_header_from(w, r));
    } finally {
      from.release();
      Reference.reachabilityFence(reader);
    }
  }

  /**
   * The box of that file's image that the new image covers, in that file's index space. An image of
   * fewer axes needs it to keep its position in space and time: the box has size 1 along the axes
   * that the image lacks.
   *
   * @param region null for the whole image
   */
  public void setHeaderRegion(PixelRegion region) {
    call(w -> SwrNative.swr_set_header_region(w, PixelRegion.packed(region)));
  }

  /**
   * Whether a new file is modelled on the file of the reader that is written from.
   *
   * @param on true unless set
   */
  public void setKeepHeader(boolean on) { call(w -> SwrNative.swr_set_keep_header(w, on ? 1 : 0)); }

  /**
   * A metadata entry. Entries keep the order in which their keys were first set. An entry that the
   * file's format cannot hold is refused when the file is written.
   *
   * @param key not empty
   * @param value null removes the entry, even if it comes from the header that a new file starts
   *     from
   */
  public void setMetadata(String key, String value) {
    call(w -> SwrNative.swr_set_metadata(w, Utf8.zero(key), Utf8.zero(value)));
  }

  /**
   * The number of pieces to ask for; 0 and 1 mean one piece. The region is split along the slowest
   * axis whose size is above 1: ceil(size / n) for each piece, the rest for the last, so there may
   * be fewer pieces. Pieces that are too large for a ByteBuffer (2 GiB) are divided further, within
   * the memory limit.
   *
   * @param divisions a negative number resets it to the default: pieces of about 2 MiB within the
   *     memory limit
   */
  public void setDivisions(long divisions) {
    call(w -> SwrNative.swr_set_divisions(w, divisions));
    this.divisions = divisions;
  }

  /**
   * The region to write, inside the image region. Divisions split this region. The rest of an
   * existing file does not change; the rest of a new file gets the fill value.
   *
   * @param region null for the whole image
   */
  public void setPasteRegion(PixelRegion region) {
    call(w -> SwrNative.swr_set_paste_region(w, PixelRegion.packed(region)));
  }

  /**
   * The region to write, under its name in ITK.
   *
   * @param region null for the whole image
   * @deprecated the same as {@link #setPasteRegion}
   */
  @Deprecated
  public void setIoRegion(PixelRegion region) {
    call(w -> SwrNative.swr_set_io_region(w, PixelRegion.packed(region)));
  }

  /**
   * The memory limit for buffers; 256 MiB unless set. Divisions that need more than a limit set
   * here are refused; the message says which number fits.
   *
   * @param bytes at least 1 MiB, 2 MiB for compressed pixels; 0 resets it to the default
   */
  public void setMemoryLimit(long bytes) {
    call(w -> SwrNative.swr_set_memory_limit(w, bytes));
    memoryLimit = bytes;
  }

  /**
   * The number of threads that convert, compress and store. The bytes of the file do not depend on
   * it. A compressed stream of another program is inflated by one thread.
   *
   * @param threads 0, unless set, for all cores
   */
  public void setThreads(int threads) { call(w -> SwrNative.swr_set_threads(w, threads)); }

  /**
   * How pixels are compressed.
   *
   * @param name "none", "deflate", or, in formats that compress chunks, "zstd", "lz4" or "blosc";
   *     null resets it to the default: by the suffix (.nii.gz is compressed), or as the existing
   *     file is
   * @param level 1 (fast) to 9 (small)
   */
  public void setCompression(String name, int level) {
    call(w -> SwrNative.swr_set_compression(w, Utf8.zero(name), level));
  }

  /**
   * What happens to a file that exists already.
   *
   * @param policy DEFAULT unless set
   */
  public void setExisting(Existing policy) {
    call(w -> SwrNative.swr_set_existing(w, policy.value()));
  }

  /**
   * What happens when the source's component type differs from the file's.
   *
   * @param policy NONE unless set
   */
  public void setConversion(Conversion policy) {
    call(w -> SwrNative.swr_set_conversion(w, policy.value()));
  }

  /**
   * The value of pixels that are not delivered, in each component; 0 unless set. Setting it also
   * lets finish accept a new image with holes.
   *
   * @param value one that the stored type can hold
   */
  public void setFillValue(double value) { call(w -> SwrNative.swr_set_fill_value(w, value)); }

  /**
   * Whether changes in place keep an undo journal. Without it, a write that fails half-way leaves
   * the file half changed.
   *
   * @param on true unless set
   */
  public void setRollback(boolean on) { call(w -> SwrNative.swr_set_rollback(w, on ? 1 : 0)); }

  /**
   * Lets write() of a new image go on where an earlier one was interrupted: by an exception, by a
   * cancel, or by the end of its process. The pieces that the source delivers are also kept in a
   * file beside the image, {@code .<name>.swr-resumefile}, and the next write() with the same token
   * and the same settings takes them from there. With another token or another setting it begins
   * anew. When the write is complete the file disappears. Only the write of a new image can be
   * resumed, and put() cannot.
   *
   * @param token 1 to 1000 bytes that say which pixels the source delivers, such as the number of
   *     a job; null, which is the default: nothing is kept
   */
  public void setResume(String token) { call(w -> SwrNative.swr_set_resume(w, Utf8.zero(token))); }

  /**
   * Whether files and their folder are flushed to the disk before and after the files get their
   * names. If so, a finished write survives a power failure, and so does the old file of an
   * unfinished write.
   *
   * @param on false unless set
   */
  public void setSync(boolean on) { call(w -> SwrNative.swr_set_sync(w, on ? 1 : 0)); }

  /**
   * An option by name:
   *
   * <ul>
   *   <li>"detached.outside" = "allow" | "refuse" (unless set): whether a data file outside the
   *       header's folder may be changed.
   *   <li>"deflate.slot" = raw bytes of a slot, 4096 to 4194304 (262144 unless set). Smaller slots
   *       make pastes and reads of small boxes cheaper and the file longer: slots of 65536 bytes by
   *       2 to 4 percent.
   *   <li>"deflate.slack" = spare room of each slot for later changes, 0 to 100 percent (3 unless
   *       set) of its compressed size, or half of that percentage of its pixels' size, whichever is
   *       larger.
   *   <li>"deflate.engine" = "auto" (unless set) | "zlib" | "libdeflate" | "isal": the encoder;
   *       SwrException.Unsupported if it was not built in.
   *   <li>"chunk.shape" = the sizes of a chunk in pixels, axis 0 first, such as "64,64,32"; it is 1
   *       along further axes. For formats that store chunks, and for new files alone: an existing
   *       file keeps its shape. SwrException.Unsupported for a shape that the format has not.
   *       Unless set, the format chooses it. Where the slices that complete a row of chunks take
   *       more than an eighth of the memory limit, their pixels wait in a file without a name
   *       beside the image. Other formats ignore it.
   *   <li>"chunk.filter" = "auto" (unless set) | "none" | "shuffle" | "predictor": what is done to
   *       the pixels of a chunk before they are compressed. "shuffle": bytes of one significance
   *       together. "predictor": differences of neighbours, as TIFF has them. "auto": as the
   *       existing file, or as the format usually does. SwrException.Unsupported for one that the
   *       format has not. Formats without chunks ignore it.
   *   <li>"pyramid.levels" = "none" (unless set) | "auto" | 1 to 30: how many smaller versions of
   *       the image a new file has, each with half as many pixels, rounded up, along x and y in
   *       TIFF, along all axes of space in Zarr. "auto": until these have 256 pixels at most. They
   *       are made while the pixels go by. An existing image keeps its own, which change and grow
   *       with it. SwrException.Unsupported if the format cannot hold them.
   *   <li>"pyramid.method" = "mean" (unless set) | "nearest": how the pixels of the smaller
   *       versions are made. "mean": of integers it is exact, and halves are rounded to the even
   *       number. "nearest": one of the pixels, for labels.
   *   <li>"hdf5.dataset" = the path of the image's dataset in an HDF5 file, such as "/entry/data".
   *       Unless set, a new file has ITK's layout, and in a file that exists it is the dataset that
   *       SwrReader.setOption describes.
   *   <li>"zarr.version" = "2" | "3": of Zarr, for new images. Version 2 has the metadata of
   *       OME-NGFF 0.4, version 3 those of 0.5. Unless set, it is 2, or 3 if "zarr.shard" asks for
   *       shards. Other formats ignore it.
   *   <li>"zarr.shard" = the sizes of a shard in pixels, axis 0 first, such as "256,256,128", or
   *       "auto" for at most 32 MiB of pixels, or "none" (unless set): of Zarr, for new images,
   *       which are of version 3. A file then holds the chunks of a shard, so that there are fewer
   *       files. The sizes are multiples of those of a chunk, or SwrException.Unsupported; along
   *       further axes a shard is as long as a chunk. Other formats ignore it.
   *   <li>"split.align" = "chunks" | "none" (unless set): with "chunks", the pieces of
   *       getSplitRegion and setDivisions begin and end where chunks do, or shards of Zarr, so that
   *       processes that write one piece each need no file of another one; there can be fewer
   *       pieces than were asked for. Formats without chunks ignore it.
   *   <li>"strict" = "on" | "off" (unless set): the write fails with SwrException.Unsupported where
   *       it would otherwise leave something out of the new header with a warning.
   *   <li>"append.every_frames" = 1 to 1000000000: a checkpoint of append begins when so many
   *       frames wait; unless set, as many as fit into a quarter of the memory limit, or, if they
   *       are compressed, a sixteenth.
   *   <li>"append.every_seconds" = 0.001 to 86400 (1 unless set): the longest time that a frame of
   *       append waits for its checkpoint to begin.
   *   <li>"metadata" = "keep" (unless set) | "drop": with "drop", a new file that is modelled on
   *       another (setHeaderFrom) takes only its pixel type, geometry, units and value scale, and
   *       nothing else of its header.
   *   <li>"geometry" = "exact" (unless set) | "drop": what is done with spacing, origin, direction,
   *       start index and units that the format does not hold (the HOLDS_ flags of
   *       FileFormat.capabilities). "exact": SwrException.Unsupported; the message names them.
   *       "drop": the image is written without them, with a warning that names them. An update of
   *       such a file leaves them out of the comparison with it, and takes the start index from the
   *       writer. In both cases units that come from another file, and not from setAxisUnit, are
   *       left out with a warning.
   *   <li>"erase" = "on" | "off" (unless set): stale bytes of a change in place, including those of
   *       the undo journal, are overwritten, and old pixels stay in no other file. What cannot be
   *       erased is refused with SwrException.Unsupported: a compressed file with further hard
   *       links, which may have to be replaced, and a file next to which there is an undo journal
   *       or a new file that swr may not remove (the message names it).
   *   <li>"paste.sole" = "on" | "off" (unless set): no other write of the file may run at the same
   *       time. The writer may then rewrite whole spans, which is faster.
   *   <li>"lock" = "fail" (unless set) | "wait": what a write does if another write holds the lock
   *       of the files. A write holds it from its first pull or begin to its end. Pastes into
   *       uncompressed pixels share the lock; every other change of an existing file holds it
   *       exclusively. "fail": SwrException.Busy at once, and nothing is changed. "wait": the call
   *       waits for the other write. A thread that has begun a write must not wait for it with
   *       another writer. Readers never wait. Thread.interrupt ends a wait. With UPDATE or EXTEND,
   *       if the file was absent and another write has made it by the end of this one: "fail":
   *       SwrException.Exists, and it is unchanged. "wait": the pixels that this write has got go
   *       into that file, as if it had been there from the beginning; the source is not asked
   *       again. With "wait" the frames of append go after those that others have added by its
   *       checkpoint.
   * </ul>
   *
   * @param key its name
   * @param value null resets it to the default
   * @throws SwrException.Argument for an unknown name or value
   */
  public void setOption(String key, String value) {
    call(w -> SwrNative.swr_set_option(w, Utf8.zero(key), Utf8.zero(value)));
  }

  /**
   * The number of threads that call the source at the same time, for different pieces, in any
   * order. The source must be thread-safe.
   *
   * @param threads 1 unless set
   */
  public void setPullThreads(int threads) {
    call(w -> SwrNative.swr_set_pull_threads(w, threads));
    pullThreads = threads;
  }

  /**
   * The listener for the progress of a write.
   *
   * @param listener null for none
   */
  public void setProgress(ProgressListener listener) {
    call(w -> {
      // refused while a write is under way
      int status = SwrNative.swr_java_set_progress(w, callbacks);
      if (status == 0) bridge.setProgress(listener);
      return status;
    });
  }

  /**
   * The listener for log messages.
   *
   * @param listener null for none
   */
  public void setLog(LogListener listener) {
    call(w -> {
      int status = SwrNative.swr_java_set_log(w, listener == null ? 0 : callbacks);
      if (status == 0) bridge.setLog(listener);
      return status;
    });
  }

  /**
   * Memory of the application for pieces, instead of the library's. The buffer of a piece is then
   * always one of these. With two or more, the source can fill a piece while another is stored.
   *
   * @param buffers direct; each must have room for the largest piece from its position on; none
   *     resets this to the library's memory
   */
  public void setBuffers(ByteBuffer... buffers) {
    ByteBuffer[] own = new ByteBuffer[buffers.length];
    int each = own.length == 0 ? 0 : Integer.MAX_VALUE;
    for (int i = 0; i < own.length; ++i) {
      own[i] = Memory.direct(buffers[i], 0);
      each = Math.min(each, own[i].capacity());
    }
    long bytesEach = each;
    call(w -> {
      int status = SwrNative.swr_set_buffers(w, own, bytesEach);
      if (status == 0) given.buffers = own;
      return status;
    });
  }

  /**
   * Throws what a write would throw before it asks for its first piece. Nothing is pulled, and no
   * file changes.
   */
  public void check() { call(w -> SwrNative.swr_check(w)); }

  /**
   * How the write would reach the disk. Nothing is pulled, and no file changes. For a compressed
   * file the method is an intention: only the write finds out whether the new pixels fit.
   *
   * @return the method, and about how many bytes it reads and writes
   */
  public WriteForecast getMethod() {
    int[] method = new int[1];
    long[] read = new long[1];
    long[] written = new long[1];
    call(w -> SwrNative.swr_get_method(w, method, read, written));
    return new WriteForecast(WriteMethod.of(method[0]), read[0], written[0]);
  }

  /**
   * The number of pieces in which the region would be written.
   *
   * @param requested the requested divisions
   * @return 1 or more
   */
  public long getActualDivisions(long requested) {
    long[] value = new long[1];
    call(w -> SwrNative.swr_get_actual_divisions(w, requested, value));
    return value[0];
  }

  /**
   * A piece of the region.
   *
   * @param number the number of the piece, from 0
   * @param divisions the requested divisions
   * @return its region
   * @throws SwrException.Argument if there is no such piece
   */
  public PixelRegion getSplitRegion(long number, long divisions) {
    long[] region = PixelRegion.room();
    call(w -> SwrNative.swr_get_split_region(w, number, divisions, region));
    return PixelRegion.unpacked(region, 0);
  }

  /**
   * The number of pieces of the write with the current settings.
   *
   * @return 1 or more
   */
  public long getPieceCount() {
    long[] value = new long[1];
    call(w -> SwrNative.swr_get_piece_count(w, value));
    return value[0];
  }

  /**
   * The memory for buffers that the write would take with the current settings.
   *
   * @return bytes
   */
  public long getMemoryNeed() {
    long[] value = new long[1];
    call(w -> SwrNative.swr_get_memory_need(w, value));
    return value[0];
  }

  /**
   * The largest piece, in the source's type.
   *
   * @return bytes
   */
  public long getPieceBytes() {
    long[] value = new long[1];
    call(w -> SwrNative.swr_get_piece_bytes(w, value));
    return value[0];
  }

  /**
   * Writes: asks for every piece of the paste region, or of the image, and completes the file.
   *
   * @param <E> a checked exception that the source may throw
   * @param source gives the pixels
   * @throws E the object that the source threw. The old file stays byte for byte.
   * @throws SwrException if the write failed. The old file stays byte for byte.
   */
  public <E extends Exception> void write(PixelSource<E> source) throws E { write(source, null); }

  /**
   * Writes, and reports the progress.
   *
   * @param <E> a checked exception that the source may throw
   * @param source gives the pixels
   * @param progress called after each piece, instead of the listener that was set; null for that
   *     one
   * @throws E the object that the source threw. The old file stays byte for byte.
   * @throws SwrException.Cancelled if the listener returned false
   * @throws SwrException if the write failed. The old file stays byte for byte.
   */
  public <E extends Exception> void write(PixelSource<E> source, ProgressListener progress)
      throws E {
    Objects.requireNonNull(source, "source");
    run(progress, w -> {
      int status = stage(w);
      if (status == 0) {
        start(source, 2 * pullThreads);
        status = SwrNative.swr_java_write(w, callbacks);
      }
      return status;
    });
  }

  /**
   * Writes from memory that holds all of the region.
   *
   * @param pixels from position to limit it has the region's pixels, packed: a direct buffer
   *     in the source's type and the machine's byte order; or one that is not direct, of bytes
   */
  public void write(ByteBuffer pixels) {
    if (!pixels.isDirect()) {
      write(Memory.of(pixels));
      return;
    }
    run(null, w -> {
      long[] whole = PixelRegion.room();
      int status = SwrNative.swr_get_split_region(w, 0, 0, whole);
      if (status != 0) return status;
      PixelRegion region = PixelRegion.unpacked(whole, 0);
      bridge.start(piece -> piece.lend(pixels, region), NONE, 2 * pullThreads);
      return SwrNative.swr_java_write(w, callbacks);
    });
  }

  /**
   * Writes a copy of an open file, converted, compressed or cropped as this writer is set. The
   * writer's source type must be the file's component type.
   *
   * @param reader with an open file; in use until the write ends
   */
  public void write(SwrReader reader) {
    NativeHandle from = reader.handle();
    long r = from.acquire();
    try {
      run(null, w -> SwrNative.swr_write_from_reader(w, r));
    } finally {
      from.release();
      Reference.reachabilityFence(reader);
    }
  }

  /**
   * Writes from an array that holds all of the region.
   *
   * @param pixels the region's pixels, packed, in the source's type; signed and unsigned are the
   *     same bits
   */
  public void write(byte[] pixels) { write(Memory.of(pixels)); }

  /**
   * Writes from an array that holds all of the region.
   *
   * @param pixels the region's pixels, packed, in the source's type; signed and unsigned are the
   *     same bits
   */
  public void write(short[] pixels) { write(Memory.of(pixels)); }

  /**
   * Writes from an array that holds all of the region.
   *
   * @param pixels the region's pixels, packed, in the source's type; signed and unsigned are the
   *     same bits
   */
  public void write(int[] pixels) { write(Memory.of(pixels)); }

  /**
   * Writes from an array that holds all of the region.
   *
   * @param pixels the region's pixels, packed, in the source's type; signed and unsigned are the
   *     same bits
   */
  public void write(long[] pixels) { write(Memory.of(pixels)); }

  /**
   * Writes from an array that holds all of the region.
   *
   * @param pixels the region's pixels, packed, in the source's type
   */
  public void write(float[] pixels) { write(Memory.of(pixels)); }

  /**
   * Writes from an array that holds all of the region.
   *
   * @param pixels the region's pixels, packed, in the source's type
   */
  public void write(double[] pixels) { write(Memory.of(pixels)); }

  /**
   * Writes from a typed buffer that holds all of the region, such as a ShortBuffer of INT16 or
   * UINT16. Its position stays.
   *
   * @param pixels from position to limit it has the region's pixels, packed, in the source's
   *     type; signed and unsigned are the same bits, and any byte order will do
   */
  public void write(Buffer pixels) {
    if (pixels instanceof ByteBuffer) write((ByteBuffer) pixels);
    else write(Memory.of(pixels));
  }

  private void write(Memory.Elements pixels) {
    run(null, w -> {
      long[] whole = PixelRegion.room();
      int status = stage(w);
      if (status == 0) status = SwrNative.swr_get_split_region(w, 0, 0, whole);
      if (status != 0) return status;
      start(new ArraySource(pixels, PixelRegion.unpacked(whole, 0)), 1);
      return SwrNative.swr_java_write(w, callbacks);
    });
  }

  /**
   * Begins a write whose pieces the application puts. Ends with finish or abandon; until then the
   * settings cannot change.
   */
  public void begin() { work(SwrNative::swr_begin); }

  /**
   * Stores a region of the paste region or image. Regions may come in any order and may overlap:
   * the last one wins. After an exception other than Argument, Region and Conversion the write can
   * only be abandoned.
   *
   * @param region the region
   * @param pixels from position to limit it has the region's pixels, packed: a direct buffer
   *     in the source's type and the machine's byte order; or one that is not direct, of bytes
   */
  public void put(PixelRegion region, ByteBuffer pixels) {
    if (pixels.isDirect()) put(region, pixels.slice(), pixels.remaining());
    else put(region, Memory.of(pixels));
  }

  /**
   * Stores a region from a typed buffer, such as a ShortBuffer of INT16 or UINT16, as {@link
   * #put(PixelRegion, ByteBuffer)} does. Its position stays. A direct buffer in the machine's byte
   * order is not copied; others are, more than 64 MiB in several parts.
   *
   * @param region the region
   * @param pixels from position to limit it has the region's pixels, packed, in the source's
   *     type; signed and unsigned are the same bits, and any byte order will do
   */
  public void put(PixelRegion region, Buffer pixels) {
    if (pixels instanceof ByteBuffer) put(region, (ByteBuffer) pixels);
    else put(region, Memory.of(pixels));
  }

  private void put(PixelRegion region, Buffer memory, long bytes) {
    work(w -> SwrNative.swr_put(w, PixelRegion.packed(region), memory, bytes));
    Reference.reachabilityFence(memory);
  }

  /**
   * Stores a region, as {@link #put(PixelRegion, ByteBuffer)} does; more than 64 MiB in several
   * parts.
   *
   * @param region the region
   * @param pixels its pixels, packed, in the source's type
   */
  public void put(PixelRegion region, byte[] pixels) { put(region, Memory.of(pixels)); }

  /**
   * Stores a region, as {@link #put(PixelRegion, ByteBuffer)} does; more than 64 MiB in several
   * parts.
   *
   * @param region the region
   * @param pixels its pixels, packed, in the source's type
   */
  public void put(PixelRegion region, short[] pixels) { put(region, Memory.of(pixels)); }

  /**
   * Stores a region, as {@link #put(PixelRegion, ByteBuffer)} does; more than 64 MiB in several
   * parts.
   *
   * @param region the region
   * @param pixels its pixels, packed, in the source's type
   */
  public void put(PixelRegion region, int[] pixels) { put(region, Memory.of(pixels)); }

  /**
   * Stores a region, as {@link #put(PixelRegion, ByteBuffer)} does; more than 64 MiB in several
   * parts.
   *
   * @param region the region
   * @param pixels its pixels, packed, in the source's type
   */
  public void put(PixelRegion region, long[] pixels) { put(region, Memory.of(pixels)); }

  /**
   * Stores a region, as {@link #put(PixelRegion, ByteBuffer)} does; more than 64 MiB in several
   * parts.
   *
   * @param region the region
   * @param pixels its pixels, packed, in the source's type
   */
  public void put(PixelRegion region, float[] pixels) { put(region, Memory.of(pixels)); }

  /**
   * Stores a region, as {@link #put(PixelRegion, ByteBuffer)} does; more than 64 MiB in several
   * parts.
   *
   * @param region the region
   * @param pixels its pixels, packed, in the source's type
   */
  public void put(PixelRegion region, double[] pixels) { put(region, Memory.of(pixels)); }

  /**
   * Stores a region from a part of an array, as {@link #put(PixelRegion, ByteBuffer)} does.
   *
   * @param region the region
   * @param pixels has its pixels, packed, in the source's type
   * @param offset where they begin in the array
   * @param length the number of elements: exactly those of the region
   */
  public void put(PixelRegion region, byte[] pixels, int offset, int length) {
    put(region, Memory.of(ByteBuffer.wrap(pixels, offset, length)));
  }

  /**
   * Stores a region from a part of an array, as {@link #put(PixelRegion, ByteBuffer)} does.
   *
   * @param region the region
   * @param pixels has its pixels, packed, in the source's type
   * @param offset where they begin in the array
   * @param length the number of elements: exactly those of the region
   */
  public void put(PixelRegion region, short[] pixels, int offset, int length) {
    put(region, Memory.of(ShortBuffer.wrap(pixels, offset, length)));
  }

  /**
   * Stores a region from a part of an array, as {@link #put(PixelRegion, ByteBuffer)} does.
   *
   * @param region the region
   * @param pixels has its pixels, packed, in the source's type
   * @param offset where they begin in the array
   * @param length the number of elements: exactly those of the region
   */
  public void put(PixelRegion region, int[] pixels, int offset, int length) {
    put(region, Memory.of(IntBuffer.wrap(pixels, offset, length)));
  }

  /**
   * Stores a region from a part of an array, as {@link #put(PixelRegion, ByteBuffer)} does.
   *
   * @param region the region
   * @param pixels has its pixels, packed, in the source's type
   * @param offset where they begin in the array
   * @param length the number of elements: exactly those of the region
   */
  public void put(PixelRegion region, long[] pixels, int offset, int length) {
    put(region, Memory.of(LongBuffer.wrap(pixels, offset, length)));
  }

  /**
   * Stores a region from a part of an array, as {@link #put(PixelRegion, ByteBuffer)} does.
   *
   * @param region the region
   * @param pixels has its pixels, packed, in the source's type
   * @param offset where they begin in the array
   * @param length the number of elements: exactly those of the region
   */
  public void put(PixelRegion region, float[] pixels, int offset, int length) {
    put(region, Memory.of(FloatBuffer.wrap(pixels, offset, length)));
  }

  /**
   * Stores a region from a part of an array, as {@link #put(PixelRegion, ByteBuffer)} does.
   *
   * @param region the region
   * @param pixels has its pixels, packed, in the source's type
   * @param offset where they begin in the array
   * @param length the number of elements: exactly those of the region
   */
  public void put(PixelRegion region, double[] pixels, int offset, int length) {
    put(region, Memory.of(DoubleBuffer.wrap(pixels, offset, length)));
  }

  /**
   * Stores the pixels of a region that a mask selects, as {@link #put(PixelRegion, ByteBuffer)}
   * does; all others stay as they are.
   *
   * @param region the region
   * @param pixels a direct buffer with all its pixels, from its position on
   * @param mask a direct buffer with a byte for each pixel from its position on; pixels whose byte
   *     is 0 are not stored
   */
  public void putMasked(PixelRegion region, ByteBuffer pixels, ByteBuffer mask) {
    ByteBuffer data = Memory.direct(pixels, 0);
    ByteBuffer selected = Memory.direct(mask, 0);
    call(w
        -> SwrNative.swr_put_masked(w, PixelRegion.packed(region), data, data.capacity(), selected,
            selected.capacity()));
    Reference.reachabilityFence(data);
    Reference.reachabilityFence(selected);
  }

  private void put(PixelRegion region, Memory.Elements pixels) {
    int[] component = new int[1];
    int[] number = new int[1];
    call(w -> SwrNative.swr_get_pulled_type(w, component, number));
    int components = number[0];
    Memory.require(pixels, region, ComponentType.of(component[0]), components);
    long pixelBytes = (long) components * pixels.bytesEach();
    if (pixels.memory() != null) {
      put(region, pixels.memory(), (long) pixels.length() * pixels.bytesEach());
      return;
    }
    Memory.inParts(region, pixelBytes, PART, (part, pixel) -> {
      int elements = Math.toIntExact(part.getPixels() * components);
      long bytes = (long) elements * pixels.bytesEach();
      scratch.with(bytes, data -> {
        pixels.toBuffer(pixel * components, data, elements);
        put(part, data.clear(), bytes);
      });
    });
  }

  /**
   * Appends one or more frames to an image whose slowest axis is open-ended; the first call begins
   * the write. The image region gives the size of a frame, and its slowest size is ignored; with
   * EXTEND frames go after those of the file, and the path is enough. The file is complete at each
   * checkpoint (the options "append.every_frames" and "append.every_seconds", and flush), and what
   * it holds then stays, whatever happens. The frames are copied; the call waits only while half of
   * the memory limit is full of frames. After an exception no frame was taken; if a checkpoint has
   * failed, the next call tries again. Ends with finish, or with abandon, which keeps the last
   * checkpoint.
   *
   * @param pixels from position to limit it has whole frames, packed: a direct buffer in the
   *     source's type and the machine's byte order; or one that is not direct, of bytes
   */
  public void append(ByteBuffer pixels) {
    if (pixels.isDirect()) append(pixels.slice(), pixels.remaining());
    else append(Memory.of(pixels));
  }

  /**
   * Appends frames from a typed buffer, such as a ShortBuffer of INT16 or UINT16, as {@link
   * #append(ByteBuffer)} does. Its position stays.
   *
   * @param pixels from position to limit it has whole frames, packed, in the source's type;
   *     signed and unsigned are the same bits, and any byte order will do
   */
  public void append(Buffer pixels) {
    if (pixels instanceof ByteBuffer) append((ByteBuffer) pixels);
    else append(Memory.of(pixels));
  }

  private void append(Buffer memory, long bytes) {
    work(w -> SwrNative.swr_append(w, memory, bytes));
    Reference.reachabilityFence(memory);
  }

  /**
   * Appends frames, as {@link #append(ByteBuffer)} does.
   *
   * @param pixels whole frames, packed, in the source's type
   */
  public void append(byte[] pixels) { append(Memory.of(pixels)); }

  /**
   * Appends frames, as {@link #append(ByteBuffer)} does.
   *
   * @param pixels whole frames, packed, in the source's type
   */
  public void append(short[] pixels) { append(Memory.of(pixels)); }

  /**
   * Appends frames, as {@link #append(ByteBuffer)} does.
   *
   * @param pixels whole frames, packed, in the source's type
   */
  public void append(int[] pixels) { append(Memory.of(pixels)); }

  /**
   * Appends frames, as {@link #append(ByteBuffer)} does.
   *
   * @param pixels whole frames, packed, in the source's type
   */
  public void append(long[] pixels) { append(Memory.of(pixels)); }

  /**
   * Appends frames, as {@link #append(ByteBuffer)} does.
   *
   * @param pixels whole frames, packed, in the source's type
   */
  public void append(float[] pixels) { append(Memory.of(pixels)); }

  /**
   * Appends frames, as {@link #append(ByteBuffer)} does.
   *
   * @param pixels whole frames, packed, in the source's type
   */
  public void append(double[] pixels) { append(Memory.of(pixels)); }

  private void append(Memory.Elements pixels) {
    int[] component = new int[1];
    call(w -> SwrNative.swr_get_pulled_type(w, component, new int[1]));
    ComponentType expected = ComponentType.of(component[0]);
    if (!pixels.holds(expected))
      throw Memory.refusal(pixels.name(), expected);
    long bytes = (long) pixels.length() * pixels.bytesEach();
    if (pixels.memory() != null) {
      append(pixels.memory(), bytes);
      return;
    }
    scratch.with(bytes, data -> {
      pixels.toBuffer(0, data, pixels.length());
      append(data.clear(), bytes);
    });
  }

  /** Makes a checkpoint: afterwards all frames that were appended are in the file. */
  public void flush() { work(SwrNative::swr_flush); }

  /**
   * Completes the file.
   *
   * @throws SwrException.Incomplete naming the first missing region, if a new image has holes and
   *     no fill value was set; the write then goes on. Any other exception abandons it, unless
   *     frames were appended: these wait, and finish can be called again.
   */
  public void finish() {
    work(SwrNative::swr_finish);
    scratch.drop();
  }

  /**
   * Ends the write and leaves every file as it was before begin, or as the last checkpoint of
   * append left it.
   */
  public void abandon() {
    scratch.drop();
    call(SwrNative::swr_abandon);
  }

  /**
   * Creates the file at its full size, without a source, with the fill value in every pixel; with
   * EXTEND makes an existing file larger. If the format has CONCURRENT, several processes can then
   * paste regions at the same time.
   */
  public void allocate() { work(SwrNative::swr_allocate); }

  /**
   * A figure of the last write, finished or not.
   *
   * @param which the figure
   * @return its value
   */
  public long getStatistics(Statistic which) {
    long[] value = new long[1];
    call(w -> SwrNative.swr_get_statistics(w, which.value(), value));
    return value[0];
  }

  private void run(ProgressListener listener, LongToIntFunction write) {
    ProgressListener set = bridge.getProgress();
    requireNoInterrupt();
    call(w -> {
      if (listener != null) bridge.setProgress(listener);
      return write.applyAsInt(w);
    }, w -> {
      bridge.stop();
      bridge.setProgress(set);
      if (lends) SwrNative.swr_set_buffers(w, NONE, 0);
      if (divided) SwrNative.swr_set_divisions(w, divisions);
      lends = false;
      divided = false;
    });
  }

  private void call(LongToIntFunction function) { call(function, w -> {}); }

  /** A call that may take long: not for a thread that was interrupted before. */
  private void work(LongToIntFunction function) {
    requireNoInterrupt();
    call(function);
  }

  /** The thread stays interrupted, as where the JDK closes a channel. */
  static void requireNoInterrupt() {
    if (Thread.currentThread().isInterrupted())
      throw new SwrException.Cancelled(
          "the thread was interrupted before the call; nothing was done");
  }

  /**
   * Runs one call of the library while the writer stays alive. Then throws what its callbacks
   * threw, or the library's own failure.
   */
  private void call(LongToIntFunction function, LongConsumer after) {
    long w = handle.acquire();
    bridge.enter();
    try {
      int status;
      String message = null;
      try {
        status = function.applyAsInt(w);
        if (status != 0) message = Utf8.string(SwrNative.swr_writer_message(w));
      } finally {
        after.accept(w);
      }
      bridge.rethrow();
      if (status != 0 && handle.closed())
        throw new IllegalStateException("the writer was closed during the call");
      if (status == Status.CANCELLED.value() && Thread.currentThread().isInterrupted())
        message = "the thread was interrupted: " + message;
      if (status != 0) throw SwrException.of(status, message);
    } finally {
      bridge.leave();
      handle.release();
      Reference.reachabilityFence(this);
    }
  }

  private void start(PixelSource<?> source, int lentAtATime) {
    if (given.buffers.length == 0 && !lends) bridge.start(source, staging[0]);
    else bridge.start(source, lends ? staging : given.buffers, lentAtATime);
  }

  /**
   * Java's memory for pieces, so that a source that keeps a buffer never accesses freed memory: one
   * buffer, which each piece is lent from; with several pull threads one for each and one more,
   * which the library hands out.
   */
  private int stage(long w) {
    if (given.buffers.length > 0) return 0;
    long[] bytes = new long[1];
    int status = requestedPieceBytes(w, bytes);
    if (status == 0 && bytes[0] > mostPieceBytes) status = divideFurther(w, bytes);
    // what the limit does not allow is refused
    else if (status == 0) status = SwrNative.swr_get_piece_bytes(w, bytes);
    long[] pieces = new long[1];
    if (status == 0) status = SwrNative.swr_get_piece_count(w, pieces);
    if (status != 0) return status;
    int count = pullThreads == 1 ? 1 : (int) Math.min(pieces[0], pullThreads + 1L);
    if (staging.length < count || staging[0].capacity() < bytes[0]) {
      staging = NONE;  // before the new ones, so that the old can go
      ByteBuffer[] fresh = new ByteBuffer[count];
      for (int i = 0; i < count; ++i) fresh[i] = Memory.allocate(bytes[0]);
      staging = fresh;
    }
    if (pullThreads == 1) return 0;
    lends = true;
    return SwrNative.swr_set_buffers(
        w, count == staging.length ? staging : Arrays.copyOf(staging, count), bytes[0]);
  }

  /** The largest piece, without regard to the memory limit. */
  private int requestedPieceBytes(long w, long[] bytes) {
    int status = SwrNative.swr_get_piece_bytes(w, bytes);
    if (status != Status.ERROR_MEMORY_LIMIT.value() || divisions < 0) return status;
    status = SwrNative.swr_set_memory_limit(w, 0);
    if (status != 0) return status;
    status = SwrNative.swr_get_piece_bytes(w, bytes);
    SwrNative.swr_set_memory_limit(w, memoryLimit);
    return status;
  }

  /**
   * For pieces that are too large for a ByteBuffer: more divisions, or, if a single slice is too
   * large, the library's own division.
   */
  private int divideFurther(long w, long[] bytes) {
    divided = true;
    long limit = memoryLimit > 0 ? memoryLimit : USUAL_LIMIT;
    long[] need = new long[1];
    long more = Math.max(divisions, 1);
    while (true) {
      long before = bytes[0];
      long factor = Math.max(2, before / Math.min(mostPieceBytes, PART) + 1);
      more = more > Long.MAX_VALUE / factor ? -1 : more * factor;
      int status = SwrNative.swr_set_divisions(w, more);
      if (status == 0) status = SwrNative.swr_get_piece_bytes(w, bytes);
      if (status == 0 && bytes[0] == before && more > 0) {
        status = SwrNative.swr_set_divisions(w, more = -1);
        if (status == 0) status = SwrNative.swr_get_piece_bytes(w, bytes);
      }
      if (status == 0) status = SwrNative.swr_get_memory_need(w, need);
      long own = pullThreads == 1 && more > 0 ? bytes[0] : 0;  // the buffer of stage()
      if (status == 0 && bytes[0] <= mostPieceBytes && need[0] + own <= limit) return 0;
      if (status != 0 && status != Status.ERROR_MEMORY_LIMIT.value()) return status;
      if (more < 0) return Status.ERROR_MEMORY_LIMIT.value();
    }
  }
}
