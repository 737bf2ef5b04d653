using System.IO;
using Xunit;

namespace Swr.Tests;

/// <summary>Frames that are appended, and a reader that follows them.</summary>
public class AppendTest : Scratch
{
    private static short[] Frames(int first, int count)
    {
        var pixels = new short[512 * count];
        Volumes.FillRamp(new PixelRegion([0, 0, first], [32, 16, count]), pixels);
        return pixels;
    }

    [Fact]
    public void Appending_IsSeenAtEachFlush_AndGoesOnLater()
    {
        string file = At("v.nii.gz");
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.SetOption("append.every_seconds", "86400");
            writer.Append(Frames(0, 1));
            writer.Flush();
            using var reader = new SwrReader(file);
            writer.Append(Frames(1, 2));
            Assert.Throws<SwrStateException>(() => writer.Divisions = 3);
            writer.Flush();
            Assert.Equal(1, reader.ImageRegion.Size[2]);
            reader.Refresh();
            Assert.Equal(3, reader.ImageRegion.Size[2]);
            writer.Append(Frames(3, 9));
            writer.Finish();
        }
        using (var writer = new SwrWriter(file) { Existing = Existing.Extend })
        {
            Assert.Throws<System.ArgumentException>(() => writer.Append(new float[512]));
            Assert.Throws<SwrArgumentException>(() => writer.Append(new short[511]));
            for (int z = 12; z < 20; z++) writer.Append(Frames(z, 1));
            writer.Finish();
        }
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void Abandoning_KeepsTheLastCheckpoint()
    {
        string file = At("v.mha");
        using SwrWriter writer = Volumes.Writer(file);
        writer.SetOption("append.every_seconds", "86400");
        writer.Append(Frames(0, 4));
        writer.Flush();
        byte[] before = File.ReadAllBytes(file);
        writer.Append(Frames(4, 4));
        writer.Abandon();
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Throws<SwrStateException>(writer.Flush);
    }
}
