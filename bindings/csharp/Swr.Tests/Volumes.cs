using System;
using System.IO;
using Xunit;

// Several tests count what the process holds; the writes themselves use all cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Swr.Tests;

/// <summary>A folder of its own for each test.</summary>
public abstract class Scratch : IDisposable
{
    protected readonly string folder = Directory.CreateTempSubdirectory("swr-").FullName;

    protected string At(string name) => System.IO.Path.Combine(folder, name);

    public virtual void Dispose() => Directory.Delete(folder, true);
}

/// <summary>Small volumes whose pixels tell where they belong.</summary>
internal static class Volumes
{
    internal static readonly PixelRegion Image = PixelRegion.Of(32, 16, 20);
    internal static readonly PixelRegion Box = new([5, 6, 7], [8, 4, 3]);

    internal static short Ramp(long x, long y, long z) => (short)(x + 100 * y + 1000 * z);

    internal static void FillRamp(PixelRegion region, Span<short> pixels)
    {
        int i = 0;
        for (long z = region.Index[2]; z < region.Index[2] + region.Size[2]; z++)
            for (long y = region.Index[1]; y < region.Index[1] + region.Size[1]; y++)
                for (long x = region.Index[0]; x < region.Index[0] + region.Size[0]; x++) pixels[i++] = Ramp(x, y, z);
    }

    internal static void FillRamp(Piece piece) => FillRamp(piece.Region, piece.AsSpan<short>());

    internal static SwrWriter Writer(string path) => new(path) { ImageRegion = Image, PixelType = new PixelType(ComponentType.Int16) };

    internal static string Written(string path)
    {
        using SwrWriter writer = Writer(path);
        writer.Write(FillRamp);
        return path;
    }

    internal static short[] Pixels(string path, PixelRegion region)
    {
        using var reader = new SwrReader(path);
        var pixels = new short[region.PixelCount];
        reader.Read(region, pixels);
        return pixels;
    }

    /// <summary>Every pixel is the ramp, but for those of the box, which are the value.</summary>
    internal static void ExpectRamp(string path, PixelRegion? box = null, int value = 0)
    {
        short[] pixels = Pixels(path, Image);
        int i = 0;
        for (long z = 0; z < 20; z++)
            for (long y = 0; y < 16; y++)
                for (long x = 0; x < 32; x++, i++)
                {
                    short expected = box != null && Inside(box, x, y, z) ? (short)value : Ramp(x, y, z);
                    if (pixels[i] != expected) Assert.Fail($"pixel {x} {y} {z} is {pixels[i]}, not {expected}");
                }
    }

    internal static readonly byte[] JournalOfALaterVersion = [.. "SWRUNDO9"u8, .. new byte[16]];

    private static bool Inside(PixelRegion box, params long[] at)
    {
        for (int a = 0; a < at.Length; a++)
            if (at[a] < box.Index[a] || at[a] >= box.Index[a] + box.Size[a]) return false;
        return true;
    }
}

/// <summary>Reports at once, where it is told; what Progress of .NET does not.</summary>
internal sealed class Told(Action<WriteProgress> told) : IProgress<WriteProgress>
{
    public void Report(WriteProgress value) => told(value);
}
