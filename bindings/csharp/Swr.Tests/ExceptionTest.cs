using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace Swr.Tests;

public class ExceptionTest : Scratch
{
    private readonly HashSet<Status> seen = [Status.Ok];

    private void Expect<T>(Status status, Action call) where T : SwrException
    {
        T e = Assert.Throws<T>(call);
        Assert.Equal(status, e.Status);
        Assert.NotEmpty(e.Message);
        seen.Add(status);
    }

    [Fact]
    public void EveryStatus_HasItsException()
    {
        string file = Volumes.Written(At("v.mha"));
        using (SwrWriter w = Volumes.Writer(file))
        {
            using var cancel = new CancellationTokenSource();
            // an OperationCanceledException
            var e = Assert.Throws<SwrCancelledException>(() => w.Write(_ => cancel.Cancel(), null, cancel.Token));
            Assert.NotEmpty(e.Message);
            seen.Add(e.Status);
            Expect<SwrArgumentException>(Status.ErrorArgument, () => w.Threads = -1);
            Expect<SwrStateException>(Status.ErrorState, w.Finish);
            Expect<SwrFormatException>(Status.ErrorFormat, () => w.Format = "no such");
            Expect<SwrRegionException>(Status.ErrorRegion, () => w.ImageRegion = PixelRegion.Of(0, 1));
            Expect<SwrSourceException>(Status.ErrorSource, () => w.Write(_ => { }));
            Expect<SwrSourceRegionException>(Status.ErrorSourceRegion, () => w.Write(piece => piece.Lend<short>(new short[1], PixelRegion.Of(1, 1, 1))));
            w.Existing = Existing.Fail;
            Expect<SwrExistsException>(Status.ErrorExists, w.Check);
            w.Existing = Existing.Update;
            w.PixelType = new(ComponentType.Float32);
            Expect<SwrMismatchException>(Status.ErrorMismatch, w.Check);
        }
        using (SwrWriter w = Volumes.Writer(At("new.mha")))
        {
            w.Begin();
            Expect<SwrIncompleteException>(Status.ErrorIncomplete, w.Finish);
        }
        using (var w = new SwrWriter(At("new.mha"))
        {
            ImageRegion = PixelRegion.Of(4096, 1024), PixelType = new(ComponentType.Float32), MemoryLimit = 1 << 20, Divisions = 1,
        })
            Expect<SwrMemoryLimitException>(Status.ErrorMemoryLimit, w.Check);
        using (var w = new SwrWriter(At("new.mha"))
        {
            ImageRegion = PixelRegion.Of(2, 1), PixelType = new(ComponentType.UInt8), SourceType = ComponentType.Int32, Conversion = Conversion.Exact,
        })
            Expect<SwrConversionException>(Status.ErrorConversion, () => w.Write(new[] { 1, 300 }));
        using (var w = new SwrWriter(At("new.nii")) { ImageRegion = PixelRegion.Of(1, 1, 1, 1, 1, 1, 1, 1, 2), PixelType = new(ComponentType.UInt8) })
            Expect<SwrUnsupportedException>(Status.ErrorUnsupported, w.Check);
        using (SwrWriter w = Volumes.Writer(At(new string('n', 300) + ".mha")))
            Expect<SwrIoException>(Status.ErrorIo, () => w.Write(Volumes.FillRamp));
        Expect<SwrNotFoundException>(Status.ErrorNotFound, () => new SwrReader(At("no.mha")));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..1000]);
        Expect<SwrCorruptException>(Status.ErrorCorrupt, () => new SwrReader(file));
        // These cannot be had on purpose, or not by one process.
        Expect<SwrMemoryException>(Status.ErrorMemory, () => throw SwrException.From(4, ""));
        Expect<SwrInternalException>(Status.ErrorInternal, () => throw SwrException.From(18, "x"));
        Expect<SwrBusyException>(Status.ErrorBusy, () => throw SwrException.From(19, "x"));
        Assert.Equal(Enum.GetValues<Status>().ToHashSet(), seen);
        Assert.Equal((Status)1234, ((SwrException)SwrException.From(1234, "of a newer library")).Status);
    }

    [Fact]
    public void Messages_NameTheFile() => Assert.Contains("nö.mha", Assert.ThrowsAny<SwrException>(() => new SwrReader(At("nö.mha"))).Message);

    private static void TornTape(IOException mine) => throw mine;

    [Fact]
    public void Exceptions_OfTheSource_ComeOutAsTheyAre()
    {
        string file = Volumes.Written(At("v.mha"));
        byte[] before = File.ReadAllBytes(file);
        var mine = new IOException("the tape is torn");
        using SwrWriter writer = Volumes.Writer(file);
        writer.Divisions = 3;
        IOException caught = Assert.Throws<IOException>(() => writer.Write(piece =>
        {
            if (piece.Number == 1) TornTape(mine);
            Volumes.FillRamp(piece);
        }));
        Assert.Same(mine, caught);
        Assert.Contains(nameof(TornTape), caught.StackTrace);
        var cancelled = new OperationCanceledException();
        Assert.Same(cancelled, Assert.Throws<OperationCanceledException>(() => writer.Write(_ => throw cancelled)));
        var listeners = new ApplicationException();
        Assert.Same(listeners, Assert.Throws<ApplicationException>(() => writer.Write(Volumes.FillRamp, new Told(_ => throw listeners))));
        writer.Log = (_, _) => throw listeners;
        Assert.Same(listeners, Assert.Throws<ApplicationException>(() => writer.Write(Volumes.FillRamp, new Told(_ => throw listeners))));
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Single(Directory.GetFiles(folder));
    }
}
