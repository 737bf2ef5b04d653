using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Swr.Tests;

public class WriterTest : Scratch
{
    [Theory]
    [InlineData("v.mha"), InlineData("v.nrrd"), InlineData("v.nii"), InlineData("v.nii.gz"), InlineData("v.mhd")]
    public void Streaming_EveryFormat_DeliversEveryPixel(string name)
    {
        string file = At(name);
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.Divisions = 5;
            var regions = new List<PixelRegion>();
            writer.Write(piece =>
            {
                Assert.Equal(regions.Count, piece.Number);
                Assert.Equal(5, piece.Count);
                Assert.Equal(ComponentType.Int16, piece.Component);
                Assert.Equal(1, piece.Components);
                Assert.Equal(piece.Bytes, piece.AsSpan<byte>().Length);
                regions.Add(piece.Region);
                Volumes.FillRamp(piece);
            });
            Assert.Equal(5, regions.Count);
            Assert.Equal(new PixelRegion([0, 0, 4], [32, 16, 4]), regions[1]);
            Assert.Equal(5, writer.GetStatistics(Statistic.Pulls));
            Assert.Equal(2 * 32 * 16 * 20, writer.GetStatistics(Statistic.BytesIn));
        }
        Volumes.ExpectRamp(file);
    }

    [Theory]
    [InlineData("v.mha"), InlineData("v.nrrd"), InlineData("v.nii"), InlineData("v.nii.gz")]
    public void Pasting_ABox_ChangesNothingElse(string name)
    {
        string file = Volumes.Written(At(name));
        using (var writer = new SwrWriter(file) { PasteRegion = Volumes.Box })
        {
            Assert.Equal(WriteMethod.InPlace, writer.Method.Method);
            writer.Write<short>((_, pixels) => pixels.Fill(-7));
        }
        Volumes.ExpectRamp(file, Volumes.Box, -7);
    }

    [Theory]
    [InlineData("v.mha"), InlineData("v.nrrd"), InlineData("v.nii"), InlineData("v.nii.gz")]
    public void Extending_AFile_KeepsWhatItHad(string name)
    {
        string file = Volumes.Written(At(name));
        using (var writer = new SwrWriter(file)
        {
            ImageRegion = PixelRegion.Of(32, 16, 30), PixelType = new(ComponentType.Int16), Existing = Existing.Extend, PasteRegion = new([0, 0, 20], [32, 16, 10]),
        })
            writer.Write<short>(Volumes.FillRamp);
        short[] pixels = Volumes.Pixels(file, PixelRegion.Of(32, 16, 30));
        Assert.Equal(Volumes.Ramp(1, 2, 3), pixels[1 + 32 * (2 + 16 * 3)]);
        Assert.Equal(Volumes.Ramp(31, 15, 29), pixels[^1]);
    }

    [Theory]
    [InlineData("v.mha"), InlineData("v.nii.gz")]
    public void ASlowSource_DeliversEveryPixel(string name)
    {
        string file = At(name);
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.Divisions = 20;
            writer.Write(piece =>
            {
                Volumes.FillRamp(piece);
                Thread.Sleep(1);
            });
            Assert.Equal(20, writer.GetStatistics(Statistic.Pulls));
        }
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void IoRegion_IsThePasteRegion()
    {
        string file = Volumes.Written(At("v.mha"));
        var box = new short[Volumes.Box.PixelCount];
        Array.Fill(box, (short)8);
#pragma warning disable CS0618  // it is obsolete
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.IoRegion = Volumes.Box;
            Assert.Equal(Volumes.Box, writer.GetSplitRegion(0, 1));
            Assert.Equal(Volumes.Box, writer.PasteRegion);
            writer.Write(box);
            writer.PasteRegion = null;
            Assert.Equal(Volumes.Image, writer.GetSplitRegion(0, 1));
            Assert.Null(writer.IoRegion);
            writer.PasteRegion = Volumes.Box;
            writer.IoRegion = null;
            Assert.Equal(Volumes.Image, writer.GetSplitRegion(0, 1));
            Assert.Throws<SwrRegionException>(() => writer.IoRegion = PixelRegion.Of(0, 1, 1));
        }
#pragma warning restore CS0618
        Volumes.ExpectRamp(file, Volumes.Box, 8);
    }

    [Fact]
    public unsafe void Buffers_OfTheApplication_AreFilled()
    {
        string file = At("v.mha");
        using (SwrWriter writer = Volumes.Writer(file))
        {
            short* memory = stackalloc short[2 * 2048];
            writer.Divisions = 5;
            writer.SetBuffers([(IntPtr)memory, (IntPtr)(memory + 2048)], 4096);
            writer.Write(Volumes.FillRamp);
            // the last piece is in either, as it comes
            Assert.Contains(Volumes.Ramp(31, 15, 19), new[] { memory[2047], memory[4095] });
            writer.Divisions = 4;
            Assert.Throws<SwrMemoryLimitException>(() => writer.Write(Volumes.FillRamp));
            writer.SetBuffers([], 0);
            writer.Write(Volumes.FillRamp);
            Assert.Throws<SwrArgumentException>(() => writer.SetBuffers([IntPtr.Zero], 4096));
        }
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void Converting_Clamped_Saturates()
    {
        string file = At("v.mha");
        using (var writer = new SwrWriter(file)
        {
            ImageRegion = PixelRegion.Of(3, 1), PixelType = new(ComponentType.UInt8), SourceType = ComponentType.Float32, Conversion = Conversion.Clamp,
        })
            writer.Write(new[] { -5f, 2.5f, 300 });
        using var reader = new SwrReader(file);
        var pixels = new byte[3];
        reader.Read(PixelRegion.Of(3, 1), pixels);
        Assert.Equal(new byte[] { 0, 2, 255 }, pixels);
    }

    [Fact]
    public void Arrays_OfEveryType_ComeBack()
    {
        RoundTrip<byte>(ComponentType.UInt8, i => (byte)i);
        RoundTrip<sbyte>(ComponentType.Int8, i => (sbyte)-i);
        RoundTrip<ushort>(ComponentType.UInt16, i => (ushort)(60000 + i));
        RoundTrip<int>(ComponentType.Int32, i => -70000 * i);
        RoundTrip<ulong>(ComponentType.UInt64, i => ulong.MaxValue - (ulong)i);
        RoundTrip<long>(ComponentType.Int64, i => -5000000000L * i);
        RoundTrip<float>(ComponentType.Float32, i => -0.5f * i);
        RoundTrip<double>(ComponentType.Float64, i => 0.1 * i);
    }

    private void RoundTrip<T>(ComponentType component, Func<int, T> value) where T : unmanaged
    {
        var image = new PixelRegion([-2, 3], [4, 3]);
        T[] pixels = Enumerable.Range(0, 12).Select(value).ToArray();
        string file = At(component.Name() + ".nrrd");
        using (var writer = new SwrWriter(file) { ImageRegion = image, PixelType = new(component), Divisions = 2 }) writer.Write(pixels);
        using var reader = new SwrReader(file);
        Assert.Equal(image, reader.ImageRegion);
        var back = new T[12];
        reader.Read(image, back);
        Assert.Equal(pixels, back);
    }

    [Fact]
    public void Arrays_OfTheWrongSizeOrType_AreRefused()
    {
        string file = At("v.mha");
        using SwrWriter writer = Volumes.Writer(file);
        Assert.Throws<ArgumentException>(() => writer.Write(new short[5]));
        Assert.Throws<ArgumentException>(() => writer.Write<double>((_, _) => { }));
        Assert.False(File.Exists(file));
        writer.Write(new short[32 * 16 * 20]);
    }

    /// <summary>The bits of a number of another type are no value of this one, of whatever size and
    /// sign.</summary>
    [Fact]
    public void NumbersOfAnotherType_AreRefused()
    {
        PixelRegion image = PixelRegion.Of(4, 3);
        using var writer = new SwrWriter(At("v.mha")) { ImageRegion = image, PixelType = new(ComponentType.Int32) };
        Assert.Throws<ArgumentException>(() => writer.Write(new float[12]));
        Assert.Throws<ArgumentException>(() => writer.Write(new uint[12]));
        Assert.Throws<ArgumentException>(() => writer.Write(new sbyte[48]));
        Assert.Throws<ArgumentException>(() => writer.Write<float>((_, _) => { }));
        Assert.Throws<ArgumentException>(() => writer.Write(piece => piece.AsSpan<float>()));
        Assert.Throws<ArgumentException>(() => writer.Write(piece => piece.AsSpan<uint>()));
        Assert.Throws<ArgumentException>(() => writer.Write(piece => piece.Lend<float>(new float[12], image)));
        writer.Begin();
        Assert.Throws<ArgumentException>(() => writer.Put(image, new float[12]));
        Assert.Throws<ArgumentException>(() => writer.Put(image, new Half[24]));
        writer.Put(image, new int[12]);
        writer.Put(image, new byte[48]);
        writer.Abandon();
        writer.SourceType = ComponentType.Float32;  // what counts is what the source delivers
        writer.Conversion = Conversion.Clamp;
        Assert.Throws<ArgumentException>(() => writer.Write(new int[12]));
        writer.Write(new float[] { -1.6f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7.2f });
        writer.Begin();
        Assert.Throws<ArgumentException>(() => writer.Put(image, new int[12]));
        writer.Put(image, new float[12]);
        writer.Abandon();
        var back = new int[12];
        using (var reader = new SwrReader(At("v.mha"))) reader.Read(image, back);
        Assert.Equal((-2, 7), (back[0], back[11]));
        // the type is the file's
        using (var paste = new SwrWriter(At("v.mha")) { PasteRegion = image })
        {
            Assert.Throws<ArgumentException>(() => paste.Write(new float[12]));
            paste.Begin();
            Assert.Throws<ArgumentException>(() => paste.Put(image, new float[12]));
            paste.Put(image, new int[12]);
            paste.PutMasked<int>(PixelRegion.Of(2, 1), [77, 99], [1, 0]);
            paste.Finish();
        }
        using (var reader = new SwrReader(At("v.mha"))) reader.Read(image, back);
        Assert.Equal((77, 0), (back[0], back[1]));
        using var complex = new SwrWriter(At("c.nrrd")) { ImageRegion = PixelRegion.Of(3, 1), PixelType = new(ComponentType.Float64, 2, Kind.Complex) };
        complex.Write(new System.Numerics.Complex[3]);
        complex.Write(new double[6]);
        complex.PixelType = new(ComponentType.Int64, 2, Kind.Vector);
        Assert.Throws<ArgumentException>(() => complex.Write(new System.Numerics.Complex[3]));
        complex.Write(new (long, long)[3]);
    }

    [Fact]
    public void AnArray_OfABoxInAPaste_IsThatBox()
    {
        string file = Volumes.Written(At("v.nii.gz"));
        var box = new short[Volumes.Box.PixelCount];
        Array.Fill(box, (short)9);
        using (var writer = new SwrWriter(file) { PasteRegion = Volumes.Box, Divisions = 3 }) writer.Write(box);
        Volumes.ExpectRamp(file, Volumes.Box, 9);
    }

    [Fact]
    public void Lending_MoreThanAsked_IsPulledOnce()
    {
        string file = At("v.mha");
        var all = new short[32 * 16 * 20];
        Volumes.FillRamp(Volumes.Image, all);
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.Divisions = 4;
            int pulls = 0;
            writer.Write(piece =>
            {
                pulls++;
                piece.Lend<short>(all, Volumes.Image);
            });
            Assert.Equal(1, pulls);
            Assert.Equal(3, writer.GetStatistics(Statistic.LentAgain));
            Assert.Throws<ArgumentException>(() => writer.Write(piece => piece.Lend<short>(new short[5], Volumes.Image)));
        }
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void AnInterruptedWrite_GoesOnWithoutPullingAgain()
    {
        string file = At("v.mha");
        int pulls = 0;
        foreach (bool fails in new[] { true, false })
        {
            using SwrWriter writer = Volumes.Writer(file);
            writer.Divisions = 4;
            writer.Resume = "job 7";
            void Pull(Piece piece)
            {
                if (fails && piece.Number == 3) throw new InvalidOperationException("no more beam");
                pulls++;
                Volumes.FillRamp(piece);
            }
            if (fails)
            {
                Assert.Throws<InvalidOperationException>(() => writer.Write(Pull));
                continue;
            }
            writer.Write(Pull);
            Assert.Equal(3, writer.GetStatistics(Statistic.Resumed));
        }
        Assert.Equal(4, pulls);
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void Putting_InAnyOrder_CompletesTheFile()
    {
        string file = At("v.nii.gz");
        using (SwrWriter writer = Volumes.Writer(file))
        {
            var told = new List<WriteProgress>();
            writer.Progress = new Told(told.Add);
            writer.Begin();
            for (int z = 19; z >= 0; z--)
            {
                var region = new PixelRegion([0, 0, z], [32, 16, 1]);
                var slice = new short[512];
                Volumes.FillRamp(region, slice);
                writer.Put(region, slice);
            }
            writer.Put<short>(new PixelRegion([3, 4, 5], [1, 1, 1]), [77]);
            Assert.Throws<SwrStateException>(() => writer.Divisions = 3);
            writer.Finish();
            Assert.NotEmpty(told);
        }
        Volumes.ExpectRamp(file, new PixelRegion([3, 4, 5], [1, 1, 1]), 77);
    }

    [Fact]
    public void Abandoning_LeavesTheOldFile()
    {
        string file = Volumes.Written(At("v.mha"));
        byte[] before = File.ReadAllBytes(file);
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.Begin();
            writer.Put(new PixelRegion([0, 0, 0], [32, 16, 1]), new short[512]);
            writer.Abandon();
            writer.Begin();
            writer.Put(new PixelRegion([0, 0, 0], [32, 16, 1]), new short[512]);
        }
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void Allocating_ThenPastingSideBySide_FillsTheFile()
    {
        string file = At("v.mha");
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.FillValue = 5;
            writer.Allocate();
        }
        Assert.Equal(5, Volumes.Pixels(file, Volumes.Image)[100]);
        InParallel(4, t =>
        {
            using var writer = new SwrWriter(file) { PasteRegion = new PixelRegion([0, 0, 5 * t], [32, 16, 5]) };
            writer.Write<short>(Volumes.FillRamp);
        });
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void Settings_AreWhatTheFileHas()
    {
        string file = At("v.nrrd");
        using (var writer = new SwrWriter())
        {
            writer.Path = file;
            writer.Format = "NRRD";
            writer.ImageRegion = new PixelRegion([10, -20, 30], [4, 4, 4]);
            writer.PixelType = new PixelType(ComponentType.UInt8, 3, Kind.Rgb);
            writer.SourceComponents = 1;
            writer.Spacing = [0.5, 0.75, 2];
            writer.Origin = [1, 2, 3];
            writer.Direction = [0, 1, 0, 1, 0, 0, 0, 0, 1];
            writer.SetMetadata("patient", "Jürgen 😀");
            writer.SetMetadata("gone", "x");
            writer.SetMetadata("gone", null);
            writer.MemoryLimit = 8 << 20;
            writer.Threads = 2;
            writer.Compression = new Compression("deflate", 9);
            writer.SetOption("deflate.slot", "8192");
            writer.Rollback = false;
            writer.Sync = true;
            Assert.Equal((file, 2, 9, true), (writer.Path, writer.Threads, writer.Compression!.Value.Level, writer.Sync));
            writer.Write(new byte[64]);
        }
        using var reader = new SwrReader(file);
        Assert.Equal("NRRD", reader.Format);
        Assert.Equal(new PixelRegion([10, -20, 30], [4, 4, 4]), reader.ImageRegion);
        Assert.Equal(new PixelType(ComponentType.UInt8, 3, Kind.Rgb), reader.PixelType);
        Assert.Equal([0.5, 0.75, 2], reader.Spacing);
        Assert.Equal([1, 2, 3], reader.Origin.Select(v => Math.Round(v, 9)));
        Assert.Equal([0, 1, 0, 1, 0, 0, 0, 0, 1], reader.Direction);
        Assert.Equal("Jürgen 😀", reader.GetMetadata("patient"));
        Assert.Contains(new KeyValuePair<string, string>("patient", "Jürgen 😀"), reader.Metadata);
        Assert.Null(reader.GetMetadata("gone"));
        Assert.Equal(new PixelEncoding("deflate", true), reader.Encoding);
    }

    [Fact]
    public void Questions_BeforeWriting_TouchNothing()
    {
        using SwrWriter writer = Volumes.Writer(At("v.mha"));
        writer.Check();
        Assert.Equal(WriteMethod.Create, writer.Method.Method);
        Assert.Equal(7, writer.GetActualDivisions(8));
        Assert.Equal(new PixelRegion([0, 0, 18], [32, 16, 2]), writer.GetSplitRegion(6, 8));
        writer.Divisions = 8;
        Assert.Equal(7, writer.PieceCount);
        Assert.Equal(2 * 32 * 16 * 3, writer.PieceBytes);
        Assert.True(writer.MemoryNeed >= writer.PieceBytes);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void Progress_OfAStream_IsToldAndCancels()
    {
        string file = Volumes.Written(At("v.mha"));
        byte[] before = File.ReadAllBytes(file);
        using SwrWriter writer = Volumes.Writer(file);
        writer.Divisions = 4;
        var told = new List<WriteProgress>();
        writer.Write(Volumes.FillRamp, new Told(told.Add));
        Assert.Equal(new WriteProgress(4, 4, 20480, 20480), told[^1]);

        using var cancel = new CancellationTokenSource();
        int pulls = 0;
        var e = Assert.Throws<SwrCancelledException>(() => writer.Write<short>((_, pixels) =>
        {
            pixels.Clear();
            if (++pulls == 2) cancel.Cancel();
        }, null, cancel.Token));
        Assert.Equal(cancel.Token, e.CancellationToken);
        Assert.Equal(Status.Cancelled, e.Status);
        Assert.Equal(2, pulls);
        Assert.ThrowsAny<OperationCanceledException>(() => writer.Write(new short[32 * 16 * 20], null, cancel.Token));
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void Log_IsTold()
    {
        var told = new List<string>();
        using SwrWriter writer = Volumes.Writer(At("v.nii.gz"));
        writer.Log = (level, message) => told.Add($"{level} {message}");
        writer.Write(Volumes.FillRamp);
        writer.Log = null;
        Assert.All(told, each => Assert.Matches("^(Debug|Info|Warning) .+", each));
    }

    [Fact]
    public void PullThreads_AskFromSeveral_ForEveryPieceOnce()
    {
        string file = At("v.mha");
        var numbers = new ConcurrentDictionary<long, bool>();
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.Divisions = 20;
            writer.PullThreads = 3;
            writer.Write(piece =>
            {
                Assert.True(numbers.TryAdd(piece.Number, true));
                Volumes.FillRamp(piece);
            });
            Assert.Throws<IOException>(() => writer.Write(_ => throw new IOException("no")));
        }
        Assert.Equal(20, numbers.Count);
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void IndependentWriters_InParallel_DoNotDisturbEachOther() => InParallel(6, t =>
    {
        string file = At("v" + t + (t % 2 == 0 ? ".mha" : ".nii.gz"));
        for (int i = 0; i < 10; i++) Volumes.Written(file);
        Volumes.ExpectRamp(file);
    });

    [Fact]
    public void Paths_BeyondTheBasicPlane_AreFound()
    {
        string file = Volumes.Written(At("Kopf ä 😀.nrrd"));
        Assert.True(File.Exists(file));
        Volumes.ExpectRamp(file);
    }

    [Fact]
    public void Sizes_Beyond32Bits_AreWhole()
    {
        using var writer = new SwrWriter(At("v.mha"))
        {
            ImageRegion = new PixelRegion([-1L << 40, 0, 0], [1 << 20, 1 << 10, 1 << 10]), PixelType = new(ComponentType.UInt16), Divisions = 1,
        };
        Assert.Equal(1L << 41, writer.PieceBytes);
        Assert.Equal(-1L << 40, writer.GetSplitRegion(0, 1).Index[0]);
    }

    [Fact]
    public void Offsets_Beyond32Bits_AreWhole()
    {
        string file = At("v.mha");
        var box = new PixelRegion([65000, 65000, 0], [8, 4, 2]);
        byte[] pixels = Enumerable.Repeat((byte)7, 64).ToArray();
        using (var writer = new SwrWriter(file) { ImageRegion = PixelRegion.Of(1 << 16, 1 << 16, 2), PixelType = new(ComponentType.UInt8) })
        {
            writer.Allocate();  // a hole of 8 GiB
            writer.PasteRegion = box;
            writer.Write(pixels);
            Assert.Equal(64, writer.GetStatistics(Statistic.BytesIn));
        }
        Assert.True(new FileInfo(file).Length > 1L << 33);
        var back = new byte[64];
        using var reader = new SwrReader(file);
        reader.Read(box, back);
        Assert.Equal(pixels, back);
        reader.Read(new PixelRegion([65000, 64999, 1], [64, 1, 1]), back);
        Assert.Equal(new byte[64], back);
    }

    [Fact]
    public unsafe void Pieces_BeyondTwoGiB_AreDealtWith()
    {
        const long size = (2L << 30) + 4096;
        using var writer = new SwrWriter(At("v.mha")) { ImageRegion = PixelRegion.Of(4096, size / 4096), PixelType = new(ComponentType.UInt8), Divisions = 1 };
        // lent, and never touched: no page of it is there
        byte* memory = (byte*)NativeMemory.AllocZeroed((nuint)size);
        try
        {
            var seen = Assert.Throws<ApplicationException>(() => writer.Write(piece =>
            {
                Assert.Equal(size, piece.Bytes);
                piece.Lend((IntPtr)memory, size, piece.Region);
                throw new ApplicationException("enough");
            }));
            Assert.Equal("enough", seen.Message);
            Assert.Throws<InvalidOperationException>(() => writer.Write<byte>((_, _) => { }));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
        Assert.Empty(Directory.GetFiles(folder));
    }

    private static void InParallel(int count, Action<int> run)
    {
        var failures = new ConcurrentQueue<Exception>();
        Thread[] threads = Enumerable.Range(0, count).Select(t => new Thread(() =>
        {
            try
            {
                run(t);
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        })).ToArray();
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(failures);
    }
}
