using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

namespace Swr;

/// <summary>Reads regions of image files of any size. Files are not trusted: a header with wrong
/// sizes, with paths outside its folder or with a missing end gives an exception. Opening a file
/// first rolls back a write that died, if its undo journal is there. Use a reader from one thread
/// at a time; different readers are independent.</summary>
public sealed unsafe partial class SwrReader : IDisposable
{
    private readonly NativeHandle handle = new("reader", SwrNative.swr_reader_create(), static r => SwrNative.swr_reader_destroy(r));
    private long memoryLimit = 256L << 20;
    private int threads;

    /// <summary>Bytes that are read without a look at the token. A test may set less.</summary>
    internal static long Part = 64L << 20;

    /// <summary>Creates a reader without a file.</summary>
    public SwrReader() { }

    /// <summary>Opens a file.</summary>
    /// <param name="path">as for <see cref="Open"/></param>
    public SwrReader(string path)
    {
        try
        {
            Open(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Closes the file and frees the reader. May be called from any thread, and more than
    /// once.</summary>
    public void Dispose() => handle.Discard();

    internal NativeHandle.Use Enter() => handle.Enter(this);

    /// <summary>Opens a file and reads its header. The content determines the format, or else the
    /// suffix. A file that was open before is closed.</summary>
    public void Open(string path, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = Enter();
        Check(use, SwrNative.swr_reader_open(use.Pointer, Utf8.Required(path, nameof(path))));
    }

    /// <summary>Follows a file that grows: the image region is the one that the file has now, and
    /// frames that were appended can be read. Costs little if nothing has changed.</summary>
    /// <exception cref="SwrMismatchException">the name belongs to another image now</exception>
    public void Refresh()
    {
        using var use = Enter();
        Check(use, SwrNative.swr_reader_refresh(use.Pointer));
    }

    /// <summary>Closes the file. The reader can open another.</summary>
    public void Close()
    {
        using var use = Enter();
        Check(use, SwrNative.swr_reader_close(use.Pointer));
    }

    /// <summary>The most memory for decompression and conversion, in bytes, at least 1 MiB; 256 MiB
    /// unless set.</summary>
    public long MemoryLimit
    {
        get => memoryLimit;
        set
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_set_memory_limit(use.Pointer, value));
            memoryLimit = value;
        }
    }

    /// <summary>The number of threads that decompress; 0 (the default) for all cores.</summary>
    public int Threads
    {
        get => threads;
        set
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_set_threads(use.Pointer, value));
            threads = value;
        }
    }

    /// <summary>Sets an option by name, before <see cref="Open"/>.</summary>
    /// <remarks><list type="bullet">
    /// <item>"detached.outside" = "allow" | "refuse": whether a header's data file may be outside
    /// the header's folder (allowed for reading unless set).</item>
    /// <item>"recover.other_machine" = "allow" | "refuse" (unless set): whether Recover rolls back
    /// a journal of a writer on another machine.</item>
    /// <item>"hdf5.dataset" = the path of the dataset that is the image, in HDF5 files, such as
    /// "/entry/data". Unless set: /ITKImage/0/VoxelData, else the only dataset of two axes or more,
    /// else the only one; SwrUnsupportedException lists them if there are several.</item>
    /// <item>"pyramid.level" = 0 (unless set) to 30: the smaller version of the image that is read
    /// instead of it; 1 is the largest one. Its start index is 0. Open returns SwrNotFoundException
    /// if the file has not so many that swr has made.</item>
    /// </list></remarks>
    /// <exception cref="SwrArgumentException">an unknown name or value</exception>
    public void SetOption(string key, string value)
    {
        using var use = Enter();
        Check(use, SwrNative.swr_reader_set_option(use.Pointer, Utf8.Required(key, nameof(key)), Utf8.Required(value, nameof(value))));
    }

    /// <summary>The image region: its start index and size.</summary>
    public PixelRegion ImageRegion
    {
        get
        {
            using var use = Enter();
            NativeRegion region;
            Check(use, SwrNative.swr_reader_get_image_region(use.Pointer, (IntPtr)(&region)));
            return PixelRegion.From(in region);
        }
    }

    /// <summary>How pixels are stored.</summary>
    public PixelType PixelType
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_pixel_type(use.Pointer, out int component, out int components, out int kind));
            return new PixelType((ComponentType)component, components, (Kind)kind);
        }
    }

    /// <summary>The distance between pixels in mm along each axis.</summary>
    public double[] Spacing => Values(static (r, values) => SwrNative.swr_reader_get_spacing(r, values, values.Length), 1);
    /// <summary>The position of the pixel with index zero, in mm, LPS.</summary>
    public double[] Origin => Values(static (r, values) => SwrNative.swr_reader_get_origin(r, values, values.Length), 1);
    /// <summary>Row-major n x n; the columns are the directions of the axes.</summary>
    public double[] Direction => Values(static (r, values) => SwrNative.swr_reader_get_direction(r, values, values.Length), 2);

    /// <summary>The unit in which the file states the spacing and origin of an axis. The values of
    /// the reader are always in mm or s.</summary>
    public AxisUnit GetAxisUnit(int axis)
    {
        using var use = Enter();
        Check(use, SwrNative.swr_reader_get_axis_unit(use.Pointer, axis, out int unit));
        return (AxisUnit)unit;
    }

    /// <summary>The file's own rule from stored to real values. Pixels are read as they are
    /// stored.</summary>
    public ValueScale ValueScale
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_value_scale(use.Pointer, out double slope, out double intercept));
            return new ValueScale(slope, intercept);
        }
    }

    /// <summary>The metadata, in the file's order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_metadata_count(use.Pointer, out int count));
            var entries = new KeyValuePair<string, string>[count];
            for (int i = 0; i < count; i++)
            {
                Check(use, SwrNative.swr_reader_get_metadata_at(use.Pointer, i, out IntPtr key, out IntPtr value));
                entries[i] = new(Utf8.String(key), Utf8.String(value));
            }
            return entries;
        }
    }

    /// <summary>A metadata entry; null if the file has no such entry.</summary>
    public string? GetMetadata(string key)
    {
        using var use = Enter();
        Check(use, SwrNative.swr_reader_get_metadata(use.Pointer, Utf8.Required(key, nameof(key)), out IntPtr value));
        return Marshal.PtrToStringUTF8(value);
    }

    /// <summary>The name of the file's format, such as "NRRD".</summary>
    public string Format
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_format(use.Pointer, out IntPtr name));
            return Utf8.String(name);
        }
    }

    /// <summary>How the pixels are encoded.</summary>
    public PixelEncoding Encoding
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_encoding(use.Pointer, out IntPtr name, out int slotted));
            return new PixelEncoding(Utf8.String(name), slotted != 0);
        }
    }

    /// <summary>The sizes of a chunk along each axis, in pixels: what is decoded as a whole; empty
    /// if the image is not in chunks. Reads and pastes of whole chunks, counted from the image's
    /// start index, cost least. The last chunks can be cut off by the image's end.</summary>
    public long[] ChunkShape
    {
        get
        {
            using var use = Enter();
            NativeRegion region;
            Check(use, SwrNative.swr_reader_get_image_region(use.Pointer, (IntPtr)(&region)));
            var sizes = new long[region.Dimensions];
            Check(use, SwrNative.swr_reader_get_chunk_shape(use.Pointer, sizes, sizes.Length));
            return sizes[0] == 0 ? [] : sizes;
        }
    }

    /// <summary>Whether numbers are stored with their most significant byte first.</summary>
    public bool BigEndian
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_big_endian(use.Pointer, out int big));
            return big != 0;
        }
    }

    /// <summary>The file that holds the pixels: a detached data file, or the file itself. The first
    /// one, if there are several.</summary>
    public string DataFile
    {
        get
        {
            using var use = Enter();
            Check(use, SwrNative.swr_reader_get_data_file(use.Pointer, out IntPtr path));
            return Utf8.String(path);
        }
    }

    /// <summary>Reads a region, packed, in the machine's byte order, as stored.</summary>
    /// <typeparam name="T">the stored component type, such as short for Int16; a struct as large as
    /// a component or a pixel; or byte</typeparam>
    /// <param name="region">inside the image region</param>
    /// <param name="pixels">exactly as large as the region</param>
    /// <param name="cancellationToken">cancels before the call, and between parts of uncompressed
    /// pixels</param>
    public void Read<T>(PixelRegion region, Span<T> pixels, CancellationToken cancellationToken = default) where T : unmanaged
    {
        PixelType type = PixelType;
        Elements.Require<T>(type.Component, type.Components);
        fixed (T* p = pixels) Read(region, (IntPtr)p, (long)pixels.Length * sizeof(T), cancellationToken);
    }

    /// <summary>Reads a region into an array of exactly its size.</summary>
    public void Read<T>(PixelRegion region, T[] pixels, CancellationToken cancellationToken = default) where T : unmanaged =>
        Read(region, pixels.AsSpan(), cancellationToken);

    /// <summary>Reads a region into memory that does not move, of any size.</summary>
    /// <param name="region">inside the image region</param>
    /// <param name="memory">its address</param>
    /// <param name="bytes">exactly the size of the region's pixels</param>
    /// <param name="cancellationToken">cancels before the call, and between parts of uncompressed
    /// pixels</param>
    public void Read(PixelRegion region, IntPtr memory, long bytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(region);
        cancellationToken.ThrowIfCancellationRequested();
        if (cancellationToken.CanBeCanceled && bytes > Part && Encoding.Name == "none" && region.Halves() is var (first, rest))
        {
            long firstBytes = first.PixelCount * PixelType.ByteCount;
            if (bytes != firstBytes + rest.PixelCount * PixelType.ByteCount)
                throw new ArgumentException($"{bytes} bytes are no room for {region}, exactly");
            Read(first, memory, firstBytes, cancellationToken);
            Read(rest, (IntPtr)((byte*)memory + firstBytes), bytes - firstBytes, cancellationToken);
            return;
        }
        NativeRegion native = region.ToNative();
        using var use = Enter();
        Check(use, SwrNative.swr_reader_read(use.Pointer, (IntPtr)(&native), memory, bytes));
    }

    /// <inheritdoc cref="Verify(CancellationToken)"/>
    public void Verify() => Verify(default);

    /// <summary>Checks the whole file: header, sizes, and the slots, directory and checksums that
    /// it has; compressed data is inflated once.</summary>
    /// <param name="cancellationToken">cancels before the call</param>
    /// <exception cref="SwrCorruptException">with the first defect</exception>
    public void Verify(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = Enter();
        Check(use, SwrNative.swr_reader_verify(use.Pointer));
    }

    /// <summary>Rolls back a write that died while it changed a file in place, if there is one: the
    /// file is then as it was before that write. Journals of running writers are left alone.
    /// Opening a file for reading or writing also does this. The reader needs no open file; if it
    /// has one, it keeps it. Files outside the header's folder are changed only if the option
    /// "detached.outside" was set to "allow".</summary>
    /// <returns>the number of writes that were rolled back</returns>
    /// <exception cref="SwrException">says why it failed</exception>
    public int Recover(string path)
    {
        using var use = Enter();
        Check(use, SwrNative.swr_reader_recover(use.Pointer, Utf8.Required(path, nameof(path)), out int recovered));
        return recovered;
    }

    /// <summary>What <see cref="Open"/> or <see cref="Recover"/> found next to the file and left
    /// alone, such as an undo journal of another file: one sentence per line, usually none. Valid
    /// until the next call of this reader.</summary>
    public string Message
    {
        get
        {
            using var use = Enter();
            return Words.Of(Utf8.String(SwrNative.swr_reader_message(use.Pointer)));
        }
    }

    private double[] Values(Func<IntPtr, double[], int> get, int power)
    {
        int n = ImageRegion.Dimensions;
        var values = new double[power == 1 ? n : n * n];
        using var use = Enter();
        Check(use, get(use.Pointer, values));
        return values;
    }

    private static void Check(NativeHandle.Use use, int status)
    {
        if (status != 0) throw SwrException.From(status, Utf8.String(SwrNative.swr_reader_message(use.Pointer)));
    }
}
