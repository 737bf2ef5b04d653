using System;

namespace Swr;

/// <summary>Fills a piece's memory, or lends memory of its own. Called once for each piece, on the
/// thread that called the writer, one piece at a time, in file order; only <see
/// cref="SwrWriter.PullThreads"/> changes that. An exception stops the write, which throws it
/// again; the file is as it was.</summary>
public delegate void PixelSource(Piece piece);

/// <summary>Fills the pixels of a region, packed, in the source's type. For pieces of up to 2^31 -
/// 1 elements; larger ones need a <see cref="PixelSource"/>.</summary>
public delegate void SpanSource<T>(PixelRegion region, Span<T> pixels) where T : unmanaged;

/// <summary>A piece of the image that a writer asks its source for. A ref struct cannot outlive the
/// call of the source, so its memory cannot be accessed after it was freed.</summary>
public readonly unsafe ref struct Piece
{
    private readonly Bridge bridge;
    private readonly IntPtr piece;

    internal Piece(Bridge bridge, IntPtr piece)
    {
        this.bridge = bridge;
        this.piece = piece;
    }

    /// <summary>The region to deliver, in the image's index space.</summary>
    public PixelRegion Region => PixelRegion.From(in *(NativeRegion*)SwrNative.swr_piece_region(piece));
    /// <summary>The number of the piece, from 0.</summary>
    public long Number => SwrNative.swr_piece_number(piece);
    /// <summary>The number of pieces.</summary>
    public long Count => SwrNative.swr_piece_count(piece);
    /// <summary>The bytes of the piece, packed, in the source's type; may exceed 2 GiB.</summary>
    public long Bytes => SwrNative.swr_piece_bytes(piece);

    /// <summary>The component type to deliver.</summary>
    public ComponentType Component
    {
        get
        {
            SwrNative.swr_piece_get_type(piece, out int component, out _);
            return (ComponentType)component;
        }
    }

    /// <summary>The number of components of each pixel to deliver.</summary>
    public int Components
    {
        get
        {
            SwrNative.swr_piece_get_type(piece, out _, out int components);
            return components;
        }
    }

    /// <summary>The memory to fill: packed, exactly <see cref="Bytes"/>, in the machine's byte
    /// order. For unsafe code, and to pass it to native code.</summary>
    public IntPtr Buffer
    {
        get
        {
            IntPtr memory = SwrNative.swr_piece_buffer(piece);
            return memory != IntPtr.Zero ? memory : throw new SwrMemoryException("there is no memory for the piece");
        }
    }

    /// <summary>A typed window of the memory to fill, of at most 2^31 - 1 elements.</summary>
    /// <typeparam name="T">the source's component type, such as short for Int16; a struct as large
    /// as a component or a pixel; or byte</typeparam>
    /// <param name="first">the first element, counted from the piece's beginning</param>
    public Span<T> AsSpan<T>(long first = 0) where T : unmanaged
    {
        Elements.Require<T>(Component, Components);
        long elements = Bytes / sizeof(T);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, elements);
        return new Span<T>((T*)Buffer + first, (int)Math.Min(elements - first, int.MaxValue));
    }

    /// <summary>Lends memory instead of filling the buffer. <paramref name="held"/> may be larger
    /// than the piece: it is cropped, and later pieces inside it are not pulled. The memory must
    /// stay unchanged until the next call of the source or the end of the write.</summary>
    /// <typeparam name="T">as for <see cref="AsSpan{T}"/></typeparam>
    /// <param name="memory">has the pixels of held, packed, in the source's type</param>
    /// <param name="held">the region that it holds</param>
    /// <exception cref="SwrSourceRegionException">held does not cover the piece</exception>
    public void Lend<T>(ReadOnlyMemory<T> memory, PixelRegion held) where T : unmanaged
    {
        Elements.Require<T>(Component, Components);
        var pin = memory.Pin();
        try
        {
            Lend((IntPtr)pin.Pointer, (long)memory.Length * sizeof(T), held);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
        bridge.Keep(pin);
    }

    /// <summary>Lends memory that does not move, as <see cref="Lend{T}"/> does.</summary>
    /// <param name="memory">its address</param>
    /// <param name="bytes">its size, which must be that of held</param>
    /// <param name="held">the region that it holds</param>
    public void Lend(IntPtr memory, long bytes, PixelRegion held)
    {
        SwrNative.swr_piece_get_type(piece, out int component, out int components);
        long needed = checked(held.PixelCount * ((ComponentType)component).Bytes() * components);
        if (needed != bytes) throw new ArgumentException($"{bytes} bytes are lent; {held} takes {needed}");
        NativeRegion native = held.ToNative();
        int status = SwrNative.swr_piece_lend(piece, memory, (IntPtr)(&native));
        if (status != 0) throw SwrException.From(status, $"the piece is {Region}, the source delivered {held}");
    }
}
