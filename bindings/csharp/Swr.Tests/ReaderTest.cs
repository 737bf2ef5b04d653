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
        Assert.Equal(new PixelType(ComponentType.Int16), reader.PixelType);
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
        Assert.Throws<SwrRegionException>(() => reader.Read(new PixelRegion([30, 0, 0], [8, 4, 3]), box));
    }

    [Fact]
    public void Chunks_TellTheirShape()
    {
        using (SwrWriter writer = Volumes.Writer(At("v.tif")))
        {
            writer.SetOption("chunk.shape", "16,16");
            writer.Write(Volumes.FillRamp);
        }
        using (var reader = new SwrReader(At("v.tif"))) Assert.Equal([16, 16, 1], reader.ChunkShape);
        using (var reader = new SwrReader(Volumes.Written(At("v.nii.gz")))) Assert.Empty(reader.ChunkShape);
    }

    [Fact]
    public void LargeRegions_AreReadWhole()
    {
        string file = At("v.mha");
        int[] pixels = Enumerable.Range(0, 3 * 1024 * 1024 + 3072).ToArray();
        PixelRegion image = PixelRegion.Of(1024, 3, 1025);
        using (var writer = new SwrWriter(file) { ImageRegion = image, PixelType = new(ComponentType.Int32) }) writer.Write(pixels);
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

    /// <summary>The bits of a number of another type are no value of this one.</summary>
    [Fact]
    public void Reading_IntoNumbersOfAnotherType_IsRefused()
    {
        using var reader = new SwrReader(Volumes.Written(At("v.mha")));
        int count = (int)Volumes.Box.PixelCount;
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new double[count]));
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new ushort[count]));
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new char[count]));
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new Half[count]));
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new float[count / 2]));
        Assert.Throws<ArgumentException>(() => reader.Read(Volumes.Box, new sbyte[2 * count]));
        var bytes = new byte[2 * count];
        reader.Read(Volumes.Box, bytes);
        Assert.Equal(Volumes.Ramp(5, 6, 7), BitConverter.ToInt16(bytes));
        var values = new Hounsfield[count];
        reader.Read(Volumes.Box, values);
        Assert.Equal(Volumes.Ramp(5, 6, 7), values[0].Value);
        var names = new Tissue[count];
        reader.Read(Volumes.Box, names);
        Assert.Equal(Volumes.Ramp(5, 6, 7), (short)names[0]);
    }

    private record struct Hounsfield(short Value);

    private enum Tissue : short { }

    [Fact]
    public void AReader_AsASourceOfSeveralThreads_CopiesEveryPixel()
    {
        foreach (string name in new[] { "v.nii.gz", "v.mha" })
        {
            using var reader = new SwrReader(Volumes.Written(At(name)));
            using SwrWriter writer = Volumes.Writer(At("copy.nrrd"));
            writer.Divisions = 20;
            writer.PullThreads = 4;
            for (int i = 0; i < 20; i++) writer.Write(reader);
            Volumes.ExpectRamp(At("copy.nrrd"));
        }
    }

    [Fact]
    public void Recovering_WhatIsWhole_ChangesNothing() => Assert.Equal(0, SwrLibrary.Recover(Volumes.Written(At("v.mha"))));

    [Fact]
    public void Recovering_WhatCannotBe_SaysWhy()
    {
        string file = Volumes.Written(At("v.mha"));
        File.WriteAllBytes(At(".v.mha.swr-undo"), Volumes.JournalOfALaterVersion);
        Assert.Contains(".v.mha.swr-undo", Assert.Throws<SwrUnsupportedException>(() => SwrLibrary.Recover(file)).Message);
        using var reader = new SwrReader();
        Assert.Contains("version 9", Assert.Throws<SwrUnsupportedException>(() => reader.Recover(file)).Message);
        File.Delete(At(".v.mha.swr-undo"));
        Assert.Equal(0, reader.Recover(file));
    }

    [Fact]
    public void WhatIsFoundBesideAFile_IsTold()
    {
        string file = Volumes.Written(At("v.mha"));
        File.WriteAllText(At(".v.mha.swr-undo"), "no journal");
        using var reader = new SwrReader(file);
        Assert.Contains(".v.mha.swr-undo", reader.Message);
        Assert.Equal(0, reader.Recover(file));
        Assert.Contains("left alone", reader.Message);
        reader.Verify();
        Assert.Equal("", reader.Message);
        Assert.Equal("no journal", File.ReadAllText(At(".v.mha.swr-undo")));
    }

    [Fact]
    public void AFormat_TellsWhatItCanDo()
    {
        FileFormat nrrd = FileFormat.Of("NRRD");
        Assert.Contains(".nrrd", nrrd.Suffixes);
        Assert.True(nrrd.Capabilities.HasFlag(Capability.Stream));
        Assert.True(nrrd.MostDimensions > 3);
        Assert.Matches(@"^\d+\.\d+\.\d+$", SwrLibrary.Version);
        Assert.Equal(ComponentType.UInt16, ComponentExtensions.FromName("uint16"));
        Assert.Equal("float32", ComponentType.Float32.Name());
        Assert.Equal("rgb", Kind.Rgb.Name());
        Assert.Equal("ERROR_IO", Status.ErrorIo.Name());
    }
}
