using System;
using System.Runtime.InteropServices;

namespace Swr;

/// <summary>A region in the library's form.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRegion
{
    internal int Dimensions;
    internal int Reserved;
    internal fixed long Index[PixelRegion.MaxDimensions];
    internal fixed long Size[PixelRegion.MaxDimensions];
}

/// <summary>A box of pixels: the index of its first pixel and its size, in pixels, along each axis.
/// Immutable.</summary>
public sealed class PixelRegion : IEquatable<PixelRegion>
{
    /// <summary>The most dimensions a region can have.</summary>
    public const int MaxDimensions = 16;

    private readonly long[] index;
    private readonly long[] size;

    /// <summary>Creates a box.</summary>
    /// <param name="index">the first pixel, along each axis</param>
    /// <param name="size">the number of pixels along each axis; at least 1 in a region that is
    /// passed in</param>
    public PixelRegion(ReadOnlySpan<long> index, ReadOnlySpan<long> size)
    {
        if (index.Length != size.Length) throw new ArgumentException($"an index of {index.Length} axes and a size of {size.Length}");
        if (size.Length is < 1 or > MaxDimensions) throw new ArgumentException($"{size.Length} axes; 1 to {MaxDimensions} are possible");
        this.index = index.ToArray();
        this.size = size.ToArray();
    }

    /// <summary>A box that begins at index zero.</summary>
    /// <param name="size">the number of pixels along each axis</param>
    public static PixelRegion Of(params long[] size) => new(new long[size.Length], size);

    internal static unsafe PixelRegion From(in NativeRegion native)
    {
        fixed (NativeRegion* r = &native) return new PixelRegion(new ReadOnlySpan<long>(r->Index, r->Dimensions), new ReadOnlySpan<long>(r->Size, r->Dimensions));
    }

    internal unsafe NativeRegion ToNative()
    {
        var native = new NativeRegion { Dimensions = size.Length };
        for (int i = 0; i < size.Length; i++)
        {
            native.Index[i] = index[i];
            native.Size[i] = size[i];
        }
        return native;
    }

    /// <summary>The number of axes.</summary>
    public int Dimensions => size.Length;
    /// <summary>The first pixel, along each axis, the fastest first.</summary>
    public ReadOnlySpan<long> Index => index;
    /// <summary>The number of pixels along each axis, the fastest first.</summary>
    public ReadOnlySpan<long> Size => size;

    /// <summary>The number of pixels.</summary>
    /// <exception cref="OverflowException">the product overflows</exception>
    public long PixelCount
    {
        get
        {
            long pixels = 1;
            foreach (long n in size) pixels = checked(pixels * n);
            return pixels;
        }
    }

    /// <summary>Splits the region in two along the slowest axis that can be halved: both parts are
    /// consecutive in packed memory. Null for a single pixel.</summary>
    internal (PixelRegion, PixelRegion)? Halves()
    {
        int axis = size.Length - 1;
        while (axis >= 0 && size[axis] < 2) axis--;
        if (axis < 0) return null;
        PixelRegion first = new(index, size), rest = new(index, size);
        first.size[axis] /= 2;
        rest.index[axis] += first.size[axis];
        rest.size[axis] -= first.size[axis];
        return (first, rest);
    }

    /// <inheritdoc/>
    public bool Equals(PixelRegion? other) => other != null && Index.SequenceEqual(other.Index) && Size.SequenceEqual(other.Size);
    /// <inheritdoc/>
    public override bool Equals(object? other) => Equals(other as PixelRegion);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (long n in index) hash.Add(n);
        foreach (long n in size) hash.Add(n);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"index [{string.Join(", ", index)}] size [{string.Join(", ", size)}]";
}
