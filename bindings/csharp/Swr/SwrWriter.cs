using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Threading;

namespace Swr;

/// <summary>Writes images piece by piece: a new image, a region of an existing one, or one that
/// grows. A write succeeds as a whole, or the old file stays byte for byte. A writer can be used
/// again, also with other settings.</summary>
/// <remarks>Use a writer from one thread at a time; different writers are independent. Calls from
/// inside a writer's own callbacks, and from another thread during a call, get an <see
/// cref="SwrStateException"/>, except <see cref="Dispose"/>, which makes the write fail. Disposing
/// abandons an unfinished write.</remarks>
/// <example><code>
/// using var writer = new SwrWriter("volume.nii.gz") { ImageRegion = PixelRegion.Of(512, 512, 100), PixelType = new(ComponentType.Int16) };
/// writer.Write&lt;short&gt;((region, pixels) => Slab(region).CopyTo(pixels));
/// </code></example>
public sealed unsafe partial class SwrWriter : IDisposable, IAsyncDisposable
{
    private readonly NativeHandle handle;
    private readonly Bridge bridge = new();
    private readonly IntPtr user;
    private string? path;
    private string? format;
    private PixelRegion? imageRegion;
    private PixelType? pixelType;
    private ComponentType sourceType;
    private int sourceComponents;
    private double[]? spacing;
    private double[]? origin;
    private double[]? direction;
    private long? divisions;
    private PixelRegion? pasteRegion;
    private long? memoryLimit;
    private int threads;
    private Compression? compression;
    private Existing existing;
    private Conversion conversion;
    private double fillValue;
    private bool rollback = true;
    private PixelRegion? headerRegion;
    private bool keepHeader = true;
    private bool sync;
    private string? resume;
    private int pullThreads = 1;
    private IProgress<WriteProgress>? progress;
    private Action<SwrLogLevel, string>? log;

    /// <summary>Creates a writer with default settings.</summary>
    public SwrWriter()
    {
        GCHandle weak = GCHandle.Alloc(bridge, GCHandleType.Weak);
        user = GCHandle.ToIntPtr(weak);
        handle = new NativeHandle("writer", SwrNative.swr_writer_create(), static w => SwrNative.swr_writer_destroy(w), weak);
        bridge.Handle = handle;
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_set_progress(use.Pointer, Bridge.Progress, user));
        Check(use, SwrNative.swr_set_cancel(use.Pointer, Bridge.Cancel, user));
    }

    /// <summary>A writer of a file.</summary>
    /// <param name="path">as for <see cref="Path"/></param>
    public SwrWriter(string path) : this() => Path = path;

    /// <summary>Frees the writer and abandons an unfinished write. May be called from any thread; a
    /// write that is running then fails.</summary>
    public void Dispose() => handle.Discard();

    /// <summary>The file to write. A relative path is relative to the working directory at the time
    /// of the write.</summary>
    [DisallowNull]
    public string? Path
    {
        get => path;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_path(use.Pointer, Utf8.Required(value, nameof(value))));
            path = value;
        }
    }

    /// <summary>The format by name, such as "NRRD"; null: that of an existing file that is updated,
    /// else by the path's suffix.</summary>
    public string? Format
    {
        get => format;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_format(use.Pointer, Utf8.Whole(value)));
            format = value;
        }
    }

    /// <summary>The start index and size of the image. All other regions use the same index space.
    /// Also sets the number of dimensions. Null: that of the existing file that is
    /// updated.</summary>
    public PixelRegion? ImageRegion
    {
        get => imageRegion;
        set
        {
            SetRegion(SwrNative.swr_set_image_region, value);
            imageRegion = value;
        }
    }

    /// <summary>How pixels are stored in the file: the component type, the number of components,
    /// and their meaning.</summary>
    [DisallowNull]
    public PixelType? PixelType
    {
        get => pixelType;
        set
        {
            if (value is not { } type) throw new ArgumentNullException(nameof(value));
            using (var use = handle.Enter(this))
                Check(use, SwrNative.swr_set_pixel_type(use.Pointer, (int)type.Component, type.Components, (int)type.Kind));
            pixelType = value;
        }
    }

    /// <summary>The component type that the source delivers, if it differs from the stored type;
    /// Unknown resets it. Needs a <see cref="Conversion"/>.</summary>
    public ComponentType SourceType
    {
        get => sourceType;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_source_type(use.Pointer, (int)value));
            sourceType = value;
        }
    }

    /// <summary>The number of components that the source delivers, if it differs from the stored
    /// number: 1 for 3 or 4 (grey to RGB or RGBA), 3 for 4 and 4 for 3. 0 resets it to the stored
    /// number.</summary>
    public int SourceComponents
    {
        get => sourceComponents;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_source_components(use.Pointer, value));
            sourceComponents = value;
        }
    }

    /// <summary>The distance between pixels in mm, above 0, along each axis; 1 unless
    /// set.</summary>
    [DisallowNull]
    public double[]? Spacing
    {
        get => spacing;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_spacing(use.Pointer, value, value.Length));
            spacing = value;
        }
    }

    /// <summary>The position of the pixel with index zero, in mm, LPS; 0 unless set.</summary>
    [DisallowNull]
    public double[]? Origin
    {
        get => origin;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_origin(use.Pointer, value, value.Length));
            origin = value;
        }
    }

    /// <summary>Row-major n x n, not singular; the columns are the directions of the axes; the
    /// identity unless set.</summary>
    [DisallowNull]
    public double[]? Direction
    {
        get => direction;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_direction(use.Pointer, value, value.Length));
            direction = value;
        }
    }

    /// <summary>The number of pieces to ask for; 0 and 1 mean one piece. The region is split along
    /// the slowest axis whose size is above 1: ceil(size / n) for each piece, the rest for the
    /// last, so there may be fewer pieces. Null (the default): pieces of about 2 MiB within the
    /// memory limit.</summary>
    public long? Divisions
    {
        get => divisions;
        set
        {
            if (value < 0) throw new ArgumentOutOfRangeException(nameof(value));
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_divisions(use.Pointer, value ?? -1));
            divisions = value;
        }
    }

    /// <summary>The region to write, inside the image region; null for the whole image. Divisions
    /// split this region. The rest of an existing file does not change; the rest of a new file gets
    /// the fill value.</summary>
    public PixelRegion? PasteRegion
    {
        get => pasteRegion;
        set
        {
            SetRegion(SwrNative.swr_set_paste_region, value);
            pasteRegion = value;
        }
    }

    /// <summary><see cref="PasteRegion"/>, under its name in ITK.</summary>
    [Obsolete("The same as PasteRegion.")]
    public PixelRegion? IoRegion
    {
        get => pasteRegion;
        set
        {
            SetRegion(SwrNative.swr_set_io_region, value);
            pasteRegion = value;
        }
    }

    /// <summary>The memory limit for buffers, in bytes: at least 1 MiB, 2 MiB for compressed
    /// pixels; null (the default) is 256 MiB. Divisions that need more than a limit set here are
    /// refused; the message says which number fits.</summary>
    public long? MemoryLimit
    {
        get => memoryLimit;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_memory_limit(use.Pointer, value ?? 0));
            memoryLimit = value;
        }
    }

    /// <summary>The number of threads that convert, compress and store; 0 (the default) for all
    /// cores. The bytes of the file do not depend on it. A compressed stream of another program is
    /// inflated by one thread.</summary>
    public int Threads
    {
        get => threads;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_threads(use.Pointer, value));
            threads = value;
        }
    }

    /// <summary>How pixels are compressed; null (the default): by the suffix (.nii.gz is
    /// compressed), or as the existing file is.</summary>
    public Compression? Compression
    {
        get => compression;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_compression(use.Pointer, Utf8.Whole(value?.Name), value?.Level ?? 0));
            compression = value;
        }
    }

    /// <summary>What happens to a file that exists already.</summary>
    public Existing Existing
    {
        get => existing;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_existing(use.Pointer, (int)value));
            existing = value;
        }
    }

    /// <summary>What happens when the source's component type differs from the file's.</summary>
    public Conversion Conversion
    {
        get => conversion;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_conversion(use.Pointer, (int)value));
            conversion = value;
        }
    }

    /// <summary>The value of pixels that are not delivered, in each component; 0 unless set.
    /// Setting it also lets <see cref="Finish()"/> accept a new image with holes.</summary>
    public double FillValue
    {
        get => fillValue;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_fill_value(use.Pointer, value));
            fillValue = value;
        }
    }

    /// <summary>Whether changes in place keep an undo journal; true unless set. Without it, a write
    /// that fails half-way leaves the file half changed.</summary>
    public bool Rollback
    {
        get => rollback;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_rollback(use.Pointer, value ? 1 : 0));
            rollback = value;
        }
    }

    /// <summary>Lets Write of a new image go on where an earlier one was interrupted: by an
    /// exception, by a cancel, or by the end of its process. The pieces that the source delivers
    /// are also kept in a file beside the image, <c>.&lt;name&gt;.swr-resumefile</c>, and the next
    /// Write with the same token and the same settings takes them from there. With another token or
    /// another setting it begins anew. When the write is complete the file disappears. Only the
    /// write of a new image can be resumed, and Put cannot. The token has 1 to 1000 bytes that say
    /// which pixels the source delivers, such as the number of a job; null, which is the default:
    /// nothing is kept.</summary>
    public string? Resume
    {
        get => resume;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_resume(use.Pointer, Utf8.Whole(value)));
            resume = value;
        }
    }

    /// <summary>Whether files and their folder are flushed to the disk before and after the files
    /// get their names. If so, a finished write survives a power failure, and so does the old file
    /// of an unfinished write.</summary>
    public bool Sync
    {
        get => sync;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_sync(use.Pointer, value ? 1 : 0));
            sync = value;
        }
    }

    /// <summary>The number of threads that call the source at the same time, for different pieces,
    /// in any order; 1 unless set. The source must be thread-safe.</summary>
    public int PullThreads
    {
        get => pullThreads;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_pull_threads(use.Pointer, value));
            pullThreads = value;
        }
    }

    /// <summary>Receives the progress of a write after each piece.</summary>
    public IProgress<WriteProgress>? Progress
    {
        get => progress;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_progress(use.Pointer, Bridge.Progress, user));
            bridge.Listen(value);
            progress = value;
        }
    }

    /// <summary>Receives log messages.</summary>
    public Action<SwrLogLevel, string>? Log
    {
        get => log;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_log(use.Pointer, value != null ? Bridge.Logger : IntPtr.Zero, user));
            bridge.Log = value;
            log = value;
        }
    }

    /// <summary>The unit in which the file states an axis, if its format has units; the values that
    /// are set stay in mm or s. None unless set.</summary>
    public void SetAxisUnit(int axis, AxisUnit unit)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_set_axis_unit(use.Pointer, axis, (int)unit));
    }

    /// <summary>The file's rule from stored to real values, real = slope * stored + intercept; 1
    /// and 0 unless set. The slope is not 0.</summary>
    public void SetValueScale(double slope, double intercept)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_set_value_scale(use.Pointer, slope, intercept));
    }

    /// <summary>The same rule for the values that the source delivers. Unless set: that of the
    /// reader that is written from or that <see cref="SetHeaderFrom"/> names, else the file's. If
    /// the two rules differ, values are converted so that the real values stay. That needs a <see
    /// cref="Conversion"/>.</summary>
    public void SetSourceScale(double slope, double intercept)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_set_source_scale(use.Pointer, slope, intercept));
    }

    /// <summary>The file that a new file is modelled on. All that is not set comes from that file.
    /// Within one format, every field of its header that is still true is kept word for word. Null:
    /// none, unless the write is from a reader, whose file is then used.</summary>
    /// <param name="reader">with an open file; it may be closed afterwards</param>
    public void SetHeaderFrom(SwrReader? reader)
    {
        using var use = handle.Enter(this);
        if (reader == null)
        {
            Check(use, SwrNative.swr_set_header_from(use.Pointer, IntPtr.Zero));
            return;
        }
        using var from = reader.Enter();
        Check(use, SwrNative.swr_set_header_from(use.Pointer, from.Pointer));
    }

    /// <summary>The box of that file's image that the new image covers, in that file's index space;
    /// null for the whole image. An image of fewer axes needs it to keep its position in space and
    /// time: the box has size 1 along the axes that the image lacks.</summary>
    public PixelRegion? HeaderRegion
    {
        get => headerRegion;
        set
        {
            SetRegion(SwrNative.swr_set_header_region, value);
            headerRegion = value;
        }
    }

    /// <summary>Whether a new file is modelled on the file of the reader that is written from; true
    /// unless set.</summary>
    public bool KeepHeader
    {
        get => keepHeader;
        set
        {
            using (var use = handle.Enter(this)) Check(use, SwrNative.swr_set_keep_header(use.Pointer, value ? 1 : 0));
            keepHeader = value;
        }
    }

    /// <summary>A metadata entry; a null value removes it, even if it comes from the header that a
    /// new file starts from. Entries keep the order in which their keys were first set. An entry
    /// that the file's format cannot hold is refused when the file is written.</summary>
    public void SetMetadata(string key, string? value)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_set_metadata(use.Pointer, Utf8.Required(key, nameof(key)), Utf8.Whole(value)));
    }

    /// <summary>Sets an option by name; null resets it to the default.</summary>
    /// <remarks><list type="bullet">
    /// <item>"detached.outside" = "allow" | "refuse" (unless set): whether a data file outside the
    /// header's folder may be changed.</item>
    /// <item>"deflate.slot" = raw bytes of a slot, 4096 to 4194304 (262144 unless set). Smaller
    /// slots make pastes and reads of small boxes cheaper and the file longer: slots of 65536 bytes
    /// by 2 to 4 percent.</item>
    /// <item>"deflate.slack" = spare room of each slot for later changes, 0 to 100 percent (3
    /// unless set) of its compressed size, or half of that percentage of its pixels' size,
    /// whichever is larger.</item>
    /// <item>"deflate.engine" = "auto" (unless set) | "zlib" | "libdeflate" | "isal": the encoder;
    /// SwrUnsupportedException if it was not built in.</item>
    /// <item>"chunk.shape" = the sizes of a chunk in pixels, axis 0 first, such as "64,64,32"; it
    /// is 1 along further axes. For formats that store chunks, and for new files alone: an existing
    /// file keeps its shape. SwrUnsupportedException for a shape that the format has not. Unless
    /// set, the format chooses it. Where the slices that complete a row of chunks take more than an
    /// eighth of the memory limit, their pixels wait in a file without a name beside the image.
    /// Other formats ignore it.</item>
    /// <item>"chunk.filter" = "auto" (unless set) | "none" | "shuffle" | "predictor": what is done
    /// to the pixels of a chunk before they are compressed. "shuffle": bytes of one significance
    /// together. "predictor": differences of neighbours, as TIFF has them. "auto": as the existing
    /// file, or as the format usually does. SwrUnsupportedException for one that the format has
    /// not. Formats without chunks ignore it.</item>
    /// <item>"pyramid.levels" = "none" (unless set) | "auto" | 1 to 30: how many smaller versions
    /// of the image a new file has, each with half as many pixels, rounded up, along x and y in
    /// TIFF, along all axes of space in Zarr. "auto": until these have 256 pixels at most. They are
    /// made while the pixels go by. An existing image keeps its own, which change and grow with it.
    /// SwrUnsupportedException if the format cannot hold them.</item>
    /// <item>"pyramid.method" = "mean" (unless set) | "nearest": how the pixels of the smaller
    /// versions are made. "mean": of integers it is exact, and halves are rounded to the even
    /// number. "nearest": one of the pixels, for labels.</item>
    /// <item>"hdf5.dataset" = the path of the image's dataset in an HDF5 file, such as
    /// "/entry/data". Unless set, a new file has ITK's layout, and in a file that exists it is the
    /// dataset that SwrReader.SetOption describes.</item>
    /// <item>"zarr.version" = "2" | "3": of Zarr, for new images. Version 2 has the metadata of
    /// OME-NGFF 0.4, version 3 those of 0.5. Unless set, it is 2, or 3 if "zarr.shard" asks for
    /// shards. Other formats ignore it.</item>
    /// <item>"zarr.shard" = the sizes of a shard in pixels, axis 0 first, such as "256,256,128", or
    /// "auto" for at most 32 MiB of pixels, or "none" (unless set): of Zarr, for new images, which
    /// are of version 3. A file then holds the chunks of a shard, so that there are fewer files.
    /// The sizes are multiples of those of a chunk, or SwrUnsupportedException; along further axes
    /// a shard is as long as a chunk. Other formats ignore it.</item>
    /// <item>"split.align" = "chunks" | "none" (unless set): with "chunks", the pieces of
    /// GetSplitRegion and Divisions begin and end where chunks do, or shards of Zarr, so that
    /// processes that write one piece each need no file of another one; there can be fewer pieces
    /// than were asked for. Formats without chunks ignore it.</item>
    /// <item>"strict" = "on" | "off" (unless set): the write fails with SwrUnsupportedException
    /// where it would otherwise leave something out of the new header with a warning.</item>
    /// <item>"append.every_frames" = 1 to 1000000000: a checkpoint of Append begins when so many
    /// frames wait; unless set, as many as fit into a quarter of the memory limit, or, if they are
    /// compressed, a sixteenth.</item>
    /// <item>"append.every_seconds" = 0.001 to 86400 (1 unless set): the longest time that a frame
    /// of Append waits for its checkpoint to begin.</item>
    /// <item>"metadata" = "keep" (unless set) | "drop": with "drop", a new file that is modelled on
    /// another (SetHeaderFrom) takes only its pixel type, geometry, units and value scale, and
    /// nothing else of its header.</item>
    /// <item>"geometry" = "exact" (unless set) | "drop": what is done with spacing, origin,
    /// direction, start index and units that the format does not hold (the Holds flags of
    /// FileFormat.Capabilities). "exact": SwrUnsupportedException; the message names them. "drop":
    /// the image is written without them, with a warning that names them. An update of such a file
    /// leaves them out of the comparison with it, and takes the start index from the writer. In
    /// both cases units that come from another file, and not from SetAxisUnit, are left out with a
    /// warning.</item>
    /// <item>"erase" = "on" | "off" (unless set): stale bytes of a change in place, including those
    /// of the undo journal, are overwritten, and old pixels stay in no other file. What cannot be
    /// erased is refused with SwrUnsupportedException: a compressed file with further hard links,
    /// which may have to be replaced, and a file next to which there is an undo journal or a new
    /// file that swr may not remove (the message names it).</item>
    /// <item>"paste.sole" = "on" | "off" (unless set): no other write of the file may run at the
    /// same time. The writer may then rewrite whole spans, which is faster.</item>
    /// <item>"lock" = "fail" (unless set) | "wait": what a write does if another write holds the
    /// lock of the files. A write holds it from its first pull or Begin to its end. Pastes into
    /// uncompressed pixels share the lock; every other change of an existing file holds it
    /// exclusively. "fail": SwrBusyException at once, and nothing is changed. "wait": the call
    /// waits for the other write. A thread that has begun a write must not wait for it with another
    /// writer. Readers never wait. A CancellationToken ends a wait. With Update or Extend, if the
    /// file was absent and another write has made it by the end of this one: "fail":
    /// SwrExistsException, and it is unchanged. "wait": the pixels that this write has got go into
    /// that file, as if it had been there from the beginning; the source is not asked again. With
    /// "wait" the frames of Append go after those that others have added by its checkpoint.</item>
    /// </list></remarks>
    /// <exception cref="SwrArgumentException">an unknown name or value</exception>
    public void SetOption(string key, string? value)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_set_option(use.Pointer, Utf8.Required(key, nameof(key)), Utf8.Whole(value)));
    }

    /// <summary>Memory of the application for pieces, instead of the library's. The buffer of a
    /// piece is then always one of these. With two or more, the source can fill a piece while
    /// another is stored.</summary>
    /// <param name="buffers">addresses of memory that does not move and stays until it is replaced
    /// or the writer is disposed; an empty list resets this to the library's memory</param>
    /// <param name="bytesEach">the size of each, at least <see cref="PieceBytes"/></param>
    public void SetBuffers(ReadOnlySpan<IntPtr> buffers, long bytesEach)
    {
        fixed (IntPtr* list = buffers)
        {
            using var use = handle.Enter(this);
            Check(use, SwrNative.swr_set_buffers(use.Pointer, (IntPtr)list, buffers.Length, bytesEach));
        }
    }

    /// <summary>Throws what a write would throw before it asks for its first piece. Nothing is
    /// pulled, and no file changes.</summary>
    public void Check()
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_check(use.Pointer));
    }

    /// <summary>How the write would reach the disk. Nothing is pulled, and no file changes. For a
    /// compressed file the method is an intention: only the write finds out whether the new pixels
    /// fit.</summary>
    public WriteForecast Method
    {
        get
        {
            using var use = handle.Enter(this);
            Check(use, SwrNative.swr_get_method(use.Pointer, out int method, out long read, out long written));
            return new WriteForecast((WriteMethod)method, read, written);
        }
    }

    /// <summary>The number of pieces that the requested divisions would give.</summary>
    public long GetActualDivisions(long requested)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_get_actual_divisions(use.Pointer, requested, out long divisions));
        return divisions;
    }

    /// <summary>The region of a piece, counted from 0, of the requested divisions.</summary>
    /// <exception cref="SwrArgumentException">there is no such piece</exception>
    public PixelRegion GetSplitRegion(long number, long divisions)
    {
        using var use = handle.Enter(this);
        return Split(use, number, divisions);
    }

    /// <summary>The number of pieces of the write with the current settings.</summary>
    public long PieceCount
    {
        get
        {
            using var use = handle.Enter(this);
            Check(use, SwrNative.swr_get_piece_count(use.Pointer, out long value));
            return value;
        }
    }

    /// <summary>The memory for buffers that the write would take with the current settings, in
    /// bytes.</summary>
    public long MemoryNeed
    {
        get
        {
            using var use = handle.Enter(this);
            Check(use, SwrNative.swr_get_memory_need(use.Pointer, out long value));
            return value;
        }
    }

    /// <summary>The bytes of the largest piece, in the source's type.</summary>
    public long PieceBytes
    {
        get
        {
            using var use = handle.Enter(this);
            Check(use, SwrNative.swr_get_piece_bytes(use.Pointer, out long value));
            return value;
        }
    }

    /// <summary>Writes: asks for every piece of the paste region, or of the image, and completes
    /// the file.</summary>
    /// <param name="source">delivers the pixels; its exceptions leave this call unchanged, and the
    /// old file stays byte for byte</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    /// <exception cref="SwrException">the write failed; the old file stays byte for
    /// byte</exception>
    /// <exception cref="OperationCanceledException">the token, or the source, cancelled; the old
    /// file stays byte for byte</exception>
    public void Write(PixelSource source, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        Run(use, source, IntPtr.Zero, progress, cancellationToken);
    }

    /// <summary>Writes from a source that fills spans.</summary>
    /// <typeparam name="T">the source's component type, such as short for Int16; a struct as large
    /// as a component or a pixel; or byte</typeparam>
    /// <param name="source">delivers the pixels; its exceptions leave this call unchanged, and the
    /// old file stays byte for byte</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    /// <exception cref="SwrException">the write failed; the old file stays byte for
    /// byte</exception>
    /// <exception cref="OperationCanceledException">the token, or the source, cancelled; the old
    /// file stays byte for byte</exception>
    public void Write<T>(SpanSource<T> source, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        Write(piece =>
        {
            if (piece.Bytes / sizeof(T) > int.MaxValue)
                throw new InvalidOperationException($"a piece of {piece.Bytes} bytes is too large for a span; ask for more Divisions, or take a PixelSource");
            source(piece.Region, piece.AsSpan<T>());
        }, progress, cancellationToken);
    }

    /// <summary>Writes from memory that holds all of the region, packed, in the source's type,
    /// without copying it first.</summary>
    /// <typeparam name="T">the source's component type, such as short for Int16; a struct as large
    /// as a component or a pixel; or byte</typeparam>
    /// <param name="pixels">exactly as large as the region</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels after the current piece</param>
    /// <exception cref="SwrException">the write failed; the old file stays byte for
    /// byte</exception>
    public void Write<T>(ReadOnlySpan<T> pixels, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        cancellationToken.ThrowIfCancellationRequested();
        long bytes = (long)pixels.Length * sizeof(T);
        using var use = handle.Enter(this);
        PixelRegion whole = Split(use, 0, 0);
        fixed (T* p = pixels)
        {
            var memory = (IntPtr)p;
            Run(use, piece =>
            {
                Elements.Require<T>(piece.Component, piece.Components);
                piece.Lend(memory, bytes, whole);
            }, IntPtr.Zero, progress, cancellationToken);
        }
    }

    /// <summary>Writes from an array that holds all of the region, packed, in the source's
    /// type.</summary>
    /// <param name="pixels">exactly as large as the region</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels after the current piece</param>
    /// <exception cref="SwrException">the write failed; the old file stays byte for
    /// byte</exception>
    public void Write<T>(T[] pixels, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(pixels);
        Write<T>(pixels.AsSpan(), progress, cancellationToken);
    }

    /// <summary>Writes a copy of an open file, converted, compressed or cropped as this writer is
    /// set. The writer's source type must be the file's component type.</summary>
    /// <param name="reader">with an open file; in use until the write ends</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels after the current piece</param>
    /// <exception cref="SwrException">the write failed; the old file stays byte for
    /// byte</exception>
    public void Write(SwrReader reader, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        cancellationToken.ThrowIfCancellationRequested();
        using var from = reader.Enter();
        using var use = handle.Enter(this);
        Run(use, null, from.Pointer, progress, cancellationToken);
    }

    /// <inheritdoc cref="Begin(CancellationToken)"/>
    public void Begin() => Begin(default);

    /// <summary>Begins a write whose pieces the application puts. Ends with <see cref="Finish()"/>
    /// or <see cref="Abandon"/>; until then the settings cannot change.</summary>
    /// <param name="cancellationToken">cancels before the call, or while it waits for another write
    /// (option "lock"): nothing is begun</param>
    public void Begin(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        using var watched = bridge.Watch(cancellationToken);
        Check(use, SwrNative.swr_begin(use.Pointer), cancellationToken);
    }

    /// <summary>Stores a region of the paste region or image. Regions may come in any order and may
    /// overlap: the last one wins. After an exception other than <see
    /// cref="SwrArgumentException"/>, <see cref="SwrRegionException"/> and <see
    /// cref="SwrConversionException"/> the write can only be abandoned.</summary>
    /// <typeparam name="T">the source's component type, such as short for Int16; a struct as large
    /// as a component or a pixel; or byte</typeparam>
    /// <param name="region">the region</param>
    /// <param name="pixels">its pixels, packed, in the source's type</param>
    /// <param name="cancellationToken">cancels before the call stores anything, or while it does:
    /// the write can then only be abandoned</param>
    public void Put<T>(PixelRegion region, ReadOnlySpan<T> pixels, CancellationToken cancellationToken = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(region);
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_get_pulled_type(use.Pointer, out int component, out int components));
        Elements.Require<T>((ComponentType)component, components);
        fixed (T* p = pixels) Put(use, region, (IntPtr)p, (long)pixels.Length * sizeof(T), cancellationToken);
    }

    /// <summary>Stores a region from an array.</summary>
    /// <param name="region">the region</param>
    /// <param name="pixels">its pixels, packed, in the source's type</param>
    /// <param name="cancellationToken">as for a span</param>
    public void Put<T>(PixelRegion region, T[] pixels, CancellationToken cancellationToken = default) where T : unmanaged =>
        Put<T>(region, pixels.AsSpan(), cancellationToken);

    /// <summary>Stores a region from memory that does not move, of any size.</summary>
    /// <param name="region">the region</param>
    /// <param name="memory">the address of its pixels, packed, in the source's type</param>
    /// <param name="bytes">exactly the size of the region's pixels</param>
    /// <param name="cancellationToken">as for a span</param>
    public void Put(PixelRegion region, IntPtr memory, long bytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(region);
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        Put(use, region, memory, bytes, cancellationToken);
    }

    /// <summary>Stores the pixels of a region that a mask selects, as Put does; all others stay as
    /// they are.</summary>
    /// <typeparam name="T">as for Put</typeparam>
    /// <param name="region">the region</param>
    /// <param name="pixels">all its pixels, packed, in the source's type</param>
    /// <param name="mask">a byte for each pixel; pixels whose byte is 0 are not stored</param>
    public void PutMasked<T>(PixelRegion region, ReadOnlySpan<T> pixels, ReadOnlySpan<byte> mask) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(region);
        NativeRegion native = region.ToNative();
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_get_pulled_type(use.Pointer, out int component, out int components));
        Elements.Require<T>((ComponentType)component, components);
        fixed (T* p = pixels)
        fixed (byte* m = mask)
            Check(use, SwrNative.swr_put_masked(use.Pointer, (IntPtr)(&native), (IntPtr)p, (long)pixels.Length * sizeof(T), (IntPtr)m, mask.Length));
    }

    /// <summary>Appends one or more frames to an image whose slowest axis is open-ended; the first
    /// call begins the write. The image region gives the size of a frame, and its slowest size is
    /// ignored; with Extend frames go after those of the file, and the path is enough. The file is
    /// complete at each checkpoint (the options "append.every_frames" and "append.every_seconds",
    /// and <see cref="Flush()"/>), and what it holds then stays, whatever happens. The frames are
    /// copied; the call waits only while half of the memory limit is full of frames. After an
    /// exception no frame was taken; if a checkpoint has failed, the next call tries again. Ends
    /// with <see cref="Finish()"/>, or with <see cref="Abandon"/>, which keeps the last
    /// checkpoint.</summary>
    /// <typeparam name="T">the source's component type, as for Put</typeparam>
    /// <param name="pixels">whole frames, packed, in the source's type</param>
    /// <param name="cancellationToken">cancels before the frames are taken, also while the call
    /// waits for room</param>
    public void Append<T>(ReadOnlySpan<T> pixels, CancellationToken cancellationToken = default) where T : unmanaged
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_get_pulled_type(use.Pointer, out int component, out int components));
        Elements.Require<T>((ComponentType)component, components);
        using var watched = bridge.Watch(cancellationToken);
        fixed (T* p = pixels)
            Check(use, SwrNative.swr_append(use.Pointer, (IntPtr)p, (long)pixels.Length * sizeof(T)), cancellationToken);
    }

    /// <summary>Appends frames from an array.</summary>
    /// <param name="pixels">whole frames, packed, in the source's type</param>
    /// <param name="cancellationToken">cancels before the frames are taken</param>
    public void Append<T>(T[] pixels, CancellationToken cancellationToken = default) where T : unmanaged =>
        Append<T>(pixels.AsSpan(), cancellationToken);

    /// <summary>Appends frames from memory that does not move, of any size.</summary>
    /// <param name="memory">the address of whole frames, packed, in the source's type</param>
    /// <param name="bytes">their size</param>
    /// <param name="cancellationToken">cancels before the frames are taken</param>
    public void Append(IntPtr memory, long bytes, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        using var watched = bridge.Watch(cancellationToken);
        Check(use, SwrNative.swr_append(use.Pointer, memory, bytes), cancellationToken);
    }

    /// <inheritdoc cref="Flush(CancellationToken)"/>
    public void Flush() => Flush(default);

    /// <summary>Makes a checkpoint: afterwards all frames that were appended are in the
    /// file.</summary>
    /// <param name="cancellationToken">cancels before the checkpoint begins, or while the call
    /// waits for it: the frames wait as before</param>
    public void Flush(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        using var watched = bridge.Watch(cancellationToken);
        Check(use, SwrNative.swr_flush(use.Pointer), cancellationToken);
    }

    /// <inheritdoc cref="Finish(CancellationToken)"/>
    public void Finish() => Finish(default);

    /// <summary>Completes the file.</summary>
    /// <exception cref="SwrIncompleteException">names the first missing region, if a new image has
    /// holes and no fill value was set; the write then goes on. Any other exception abandons it,
    /// unless frames were appended: these wait, and Finish can be called again.</exception>
    /// <param name="cancellationToken">cancels before the call: the write goes on; or while pixels
    /// are stored: it is abandoned</param>
    public void Finish(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        using var watched = bridge.Watch(cancellationToken);
        Check(use, SwrNative.swr_finish(use.Pointer), cancellationToken);
    }

    /// <summary>Ends the write and leaves every file as it was before <see cref="Begin()"/>, or as
    /// the last checkpoint of Append left it.</summary>
    public void Abandon()
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_abandon(use.Pointer));
    }

    /// <inheritdoc cref="Allocate(CancellationToken)"/>
    public void Allocate() => Allocate(default);

    /// <summary>Creates the file at its full size, without a source, with the fill value in every
    /// pixel; with Extend makes an existing file larger. If the format has Concurrent, several
    /// processes can then paste regions at the same time.</summary>
    /// <param name="cancellationToken">cancels before the file is touched, or while it is filled;
    /// it is then as before</param>
    public void Allocate(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = handle.Enter(this);
        using var watched = bridge.Watch(cancellationToken);
        Check(use, SwrNative.swr_allocate(use.Pointer), cancellationToken);
    }

    /// <summary>A figure of the last write, finished or not.</summary>
    public long GetStatistics(Statistic which)
    {
        using var use = handle.Enter(this);
        Check(use, SwrNative.swr_get_statistics(use.Pointer, (int)which, out long value));
        return value;
    }

    private void Run(NativeHandle.Use use, PixelSource? source, IntPtr reader, IProgress<WriteProgress>? listener, CancellationToken token)
    {
        bridge.Start(source, listener ?? progress, token, 2 * pullThreads);
        int status;
        try
        {
            status = source != null ? SwrNative.swr_write(use.Pointer, Bridge.Pull, user) : SwrNative.swr_write_from_reader(use.Pointer, reader);
        }
        finally
        {
            bridge.Stop(progress);
        }
        Check(use, status, token);
    }

    private void Put(NativeHandle.Use use, PixelRegion region, IntPtr memory, long bytes, CancellationToken token)
    {
        NativeRegion native = region.ToNative();
        using var watched = bridge.Watch(token);
        Check(use, SwrNative.swr_put(use.Pointer, (IntPtr)(&native), memory, bytes), token);
    }

    private PixelRegion Split(NativeHandle.Use use, long number, long divisions)
    {
        NativeRegion region;
        Check(use, SwrNative.swr_get_split_region(use.Pointer, number, divisions, (IntPtr)(&region)));
        return PixelRegion.From(in region);
    }

    private void SetRegion(Func<IntPtr, IntPtr, int> set, PixelRegion? region)
    {
        NativeRegion native = region?.ToNative() ?? default;
        using var use = handle.Enter(this);
        Check(use, set(use.Pointer, region != null ? (IntPtr)(&native) : IntPtr.Zero));
    }

    /// <summary>After a call: throws what its callbacks threw, or the library's own
    /// failure.</summary>
    private void Check(NativeHandle.Use use, int status, CancellationToken token = default)
    {
        bridge.Rethrow();
        if (status == 0) return;
        if (status == (int)Status.Cancelled && token.IsCancellationRequested)
            throw new SwrCancelledException(Utf8.String(SwrNative.swr_writer_message(use.Pointer)), token);
        ObjectDisposedException.ThrowIf(handle.Closing, this);
        throw SwrException.From(status, Utf8.String(SwrNative.swr_writer_message(use.Pointer)));
    }
}
