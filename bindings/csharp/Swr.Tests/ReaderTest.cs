using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Swr.Tests;

public class ReaderTest : Scratch
{
    [Fact]
    public unsafe void Reading_ABox_GivesItsPixels()
    {
        string file = Volumes.Written(At("v.nii.gz"));
        using var reader = new SwrReader(file);
        Assert.StartsWith("NIfTI", reader.Format);
        Assert.Equal(Volumes.Image, reader.ImageRegion);
        Assert.Equal(new PixelType(Component.Int16), reader.PixelType);
        Assert.Equal(new ValueScale(1, 0), reader.ValueScale);
        Assert.False(reader.BigEndian);
        Assert.Equal(file, reader.DataFile);
        var box = new short[Volumes.Box.PixelCount];
        reader.Read(Volumes.Box, box);
        Assert.Equal(Volumes.Ramp(5, 6, 7), box[0]);
        Assert.Equal(Volumes.Ramp(12, 9, 9), box[^1]);
        var part = new short[box.Length + 3];
        reader.Read(Volumes.Box, part.AsSpan(3));
        Assert.Equal(box[1], part[4]);
        fixed (short* p = part) reader.Read(Volumes.Box, (IntPtr)p, 2 * box.Length);
        Assert.Equal(box[1], part[1]);
        Assert.Throws<SwrArgumentException>(() => reader.Read(Volumes.Box, part));
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new double[box.Length]));
        Assert.Throws<SwrRegionException>(() => reader.Read(new Region([30, 0, 0], [8, 4, 3]), box));
    }

    [Fact]
    public void LargeRegions_AreReadWhole()
    {
        string file = At("v.mha");
        int[] pixels = Enumerable.Range(0, 3 * 1024 * 1024 + 3072).ToArray();
        Region image = Region.Of(1024, 3, 1025);
        using (var writer = new SwrWriter(file) { ImageRegion = image, PixelType = new(Component.Int32) }) writer.Write(pixels);
        var back = new int[pixels.Length];
        using (var reader = new SwrReader(file)) reader.Read(image, back);
        Assert.True(pixels.AsSpan().SequenceEqual(back));
    }

    [Fact]
    public void AReader_AsASource_CopiesAndCompresses()
    {
        string file = Volumes.Written(At("v.mha"));
        string copy = At("copy.nii.gz");
        using (var reader = new SwrReader(file))
        using (SwrWriter writer = Volumes.Writer(copy))
        {
            writer.Write(reader);
            reader.Verify();
        }
        Volumes.ExpectRamp(copy);
    }

    [Fact]
    public void ASource_MayReadAndWriteOtherFiles()
    {
        string copy = At("copy.nrrd");
        using (var reader = new SwrReader(Volumes.Written(At("v.nii.gz"))))
        using (SwrWriter writer = Volumes.Writer(copy))
        {
            writer.Divisions = 4;
            writer.Write(piece =>
            {
                Volumes.Written(At($"other{piece.Number}.mha"));
                reader.Read(piece.Region, piece.AsSpan<short>());
            });
        }
        Volumes.ExpectRamp(copy);
        Volumes.ExpectRamp(At("other3.mha"));
    }

    [Fact]
    public void Verifying_ADamagedStream_ThrowsCorrupt()
    {
        string file = Volumes.Written(At("v.nii.gz"));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x55;
        File.WriteAllBytes(file, bytes);
        Assert.Throws<SwrCorruptException>(() =>
        {
            using var reader = new SwrReader(file);
            reader.Verify();
        });
    }

    [Fact]
    public void Readers_OpenOneFileAfterTheOther()
    {
        string file = Volumes.Written(At("v.mha"));
        using var reader = new SwrReader { MemoryLimit = 1 << 20, Threads = 1 };
        reader.SetOption("detached.outside", "refuse");
        Assert.Throws<SwrStateException>(() => reader.ImageRegion);
        reader.Open(file);
        reader.Close();
        reader.Open(file);
        Assert.Equal(Volumes.Image, reader.ImageRegion);
    }

    [Fact]
    public void Recovering_WhatIsWhole_ChangesNothing() => Assert.Equal(0, SwrLibrary.Recover(Volumes.Written(At("v.mha"))));

    [Fact]
    public void Formats_AreListed()
    {
        Assert.True(Format.All.Count >= 3);
        Format nrrd = Format.Of("NRRD");
        Assert.Contains(".nrrd", nrrd.Suffixes);
        Assert.True(nrrd.Capabilities.HasFlag(Capability.Stream));
        Assert.True(nrrd.MostDimensions > 3);
        Assert.Throws<SwrFormatException>(() => Format.Of("no such"));
        Assert.Matches(@"^\d+\.\d+\.\d+$", SwrLibrary.Version);
        Assert.Equal(Component.UInt16, ComponentExtensions.FromName("uint16"));
        Assert.Equal("float32", Component.Float32.Name());
        Assert.Equal("rgb", Kind.Rgb.Name());
        Assert.Equal("ERROR_IO", Status.ErrorIo.Name());
    }
}
