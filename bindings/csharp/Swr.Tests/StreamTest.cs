using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Swr.Tests;

/// <summary>Streams of .NET as a source, and as the place of a new file.</summary>
public class StreamTest : Scratch
{
    /// <summary>Few bytes at a time, as a network has them; counts what was read.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 777)]);
    }

    private static byte[] Ramp()
    {
        var pixels = new short[32 * 16 * 20];
        Volumes.FillRamp(Volumes.Image, pixels);
        return MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray();
    }

    [Theory]
    [InlineData("v.mha")]
    [InlineData("v.nii.gz")]
    public void AStream_AsTheSource_IsReadToTheLastPixel(string name)
    {
        using SwrWriter writer = Volumes.Writer(At(name));
        writer.Divisions = 7;
        using var stream = new Trickle([.. Ramp(), 1, 2, 3]);
        writer.Write(stream);
        Assert.Equal(3, stream.Length - stream.Position);
        Volumes.ExpectRamp(At(name));
    }

    [Fact]
    public void AStream_OfABox_IsPasted()
    {
        string file = Volumes.Written(At("v.mha"));
        using var writer = new SwrWriter(file) { PasteRegion = Volumes.Box };
        writer.Write(new Trickle(Enumerable.Repeat((byte)0x11, 2 * 8 * 4 * 3).ToArray()));
        Volumes.ExpectRamp(file, Volumes.Box, 0x1111);
    }

    [Fact]
    public void AStream_ThatIsTooShortOrCannotBeRead_LeavesTheOldFile()
    {
        string file = Volumes.Written(At("v.mha"));
        byte[] before = File.ReadAllBytes(file);
        using SwrWriter writer = Volumes.Writer(file);
        writer.Divisions = 5;
        var e = Assert.Throws<EndOfStreamException>(() => writer.Write(new Trickle(Ramp()[..^10])));
        Assert.Contains("10 bytes before the end of piece 5 of 5", e.Message);
        using FileStream writeOnly = File.OpenWrite(At("other"));
        Assert.Throws<ArgumentException>(() => writer.Write(writeOnly));
        writer.PullThreads = 2;
        Assert.Contains("PullThreads", Assert.Throws<InvalidOperationException>(() => writer.Write(new MemoryStream(Ramp()))).Message);
        using var cancel = new CancellationTokenSource();
        writer.PullThreads = 1;
        Assert.Throws<SwrCancelledException>(() => writer.Write(new MemoryStream(Ramp()), new Told(_ => cancel.Cancel()), cancel.Token));
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Theory]
    [InlineData("v.mha")]
    [InlineData("v.nii.gz")]
    [InlineData("v.nrrd")]
    public void WriteTo_GivesTheStreamTheWholeFile(string name)
    {
        using var stream = new MemoryStream();
        using SwrWriter writer = Volumes.Writer(At("not used.mha"));
        stream.WriteByte(1);
        writer.WriteTo(stream, name, Volumes.FillRamp);
        Assert.Equal(At("not used.mha"), writer.Path);
        File.WriteAllBytes(At(name), stream.ToArray()[1..]);
        Volumes.ExpectRamp(At(name));
        stream.SetLength(0);
        using (var reader = new SwrReader(At(name))) writer.WriteTo(stream, name, reader);
        Assert.Equal(File.ReadAllBytes(At(name)), stream.ToArray());
        stream.SetLength(0);
        writer.WriteTo<short>(stream, name, Volumes.FillRamp);
        Assert.Equal(File.ReadAllBytes(At(name)), stream.ToArray());
        stream.SetLength(0);
        writer.WriteTo<byte>(stream, name, Ramp());
        Assert.Equal(File.ReadAllBytes(At(name)), stream.ToArray());
        Assert.Single(Directory.GetFiles(folder));
        writer.Write(Volumes.FillRamp);
        Volumes.ExpectRamp(At("not used.mha"));
    }

    [Fact]
    public void WriteTo_ThatFails_GivesTheStreamNothing()
    {
        using var stream = new MemoryStream();
        using SwrWriter writer = Volumes.Writer(At("v.mha"));
        string? usual = Environment.GetEnvironmentVariable("TMPDIR");
        string temporary = Directory.CreateDirectory(At("temporary")).FullName;
        Environment.SetEnvironmentVariable("TMPDIR", temporary);
        try
        {
            FailInManyWays(writer, stream);
            Assert.Equal(temporary + "/", System.IO.Path.GetTempPath());
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", usual);
        }
        Assert.Equal(0, stream.Length);
        Assert.Empty(Directory.GetFiles(folder));
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
        writer.Write(Volumes.FillRamp);
        Volumes.ExpectRamp(At("v.mha"));
    }

    private static void FailInManyWays(SwrWriter writer, Stream stream)
    {
        Assert.Throws<ArithmeticException>(() => writer.WriteTo(stream, "v.mha", _ => throw new ArithmeticException()));
        Assert.Contains("2 files", Assert.Throws<SwrUnsupportedException>(() => writer.WriteTo(stream, "v.mhd", Volumes.FillRamp)).Message);
        Assert.Throws<SwrFormatException>(() => writer.WriteTo(stream, "v.jpeg", Volumes.FillRamp));
        foreach (string name in (string[])["", "..", "a/v.mha", "v\0.mha"])
            Assert.ThrowsAny<ArgumentException>(() => writer.WriteTo(stream, name, Volumes.FillRamp));
        using var readOnly = new MemoryStream([], false);
        Assert.Throws<ArgumentException>(() => writer.WriteTo(readOnly, "v.mha", Volumes.FillRamp));
    }

    [Fact]
    public void WriteTo_AStreamThatCannotSeek_Works()
    {
        using (FileStream file = File.Create(At("v.mha.gz")))
        using (var zipped = new GZipStream(file, CompressionLevel.Fastest))
        using (SwrWriter writer = Volumes.Writer(At("x.mha")))
            writer.WriteTo(zipped, "v.mha", Volumes.FillRamp);
        using (var unzipped = new GZipStream(File.OpenRead(At("v.mha.gz")), CompressionMode.Decompress))
        using (FileStream plain = File.Create(At("v.mha"))) unzipped.CopyTo(plain);
        Volumes.ExpectRamp(At("v.mha"));
    }
}
