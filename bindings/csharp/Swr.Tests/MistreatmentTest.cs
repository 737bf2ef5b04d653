using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;
using Xunit;

namespace Swr.Tests;

/// <summary>What an application should not do ends in an exception, with the old file as it
/// was.</summary>
public class MistreatmentTest : Scratch
{
    private readonly string file;
    private readonly byte[] before;

    public MistreatmentTest()
    {
        file = Volumes.Written(At("v.mha"));
        before = File.ReadAllBytes(file);
    }

    public override void Dispose()
    {
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Single(Directory.GetFiles(folder));
        base.Dispose();
    }

    [Fact]
    public void Closing_InsideTheSource_FailsTheWrite()
    {
        SwrWriter writer = Volumes.Writer(file);
        Assert.Throws<ObjectDisposedException>(() => writer.Write(piece =>
        {
            writer.Dispose();
            Volumes.FillRamp(piece);
        }));
        Assert.Throws<ObjectDisposedException>(writer.Check);
        writer.Dispose();
    }

    [Fact]
    public void Closing_InsideTheListener_FailsTheWrite()
    {
        SwrWriter writer = Volumes.Writer(file);
        Assert.Throws<ObjectDisposedException>(() => writer.Write(Volumes.FillRamp, new Told(_ => writer.Dispose())));
    }

    [Fact]
    public void Closing_DuringAPut_FailsIt()
    {
        SwrWriter writer = Volumes.Writer(file);
        writer.Progress = new Told(_ => writer.Dispose());
        writer.Begin();
        Assert.Throws<ObjectDisposedException>(() => writer.Put(Volumes.Image, new short[32 * 16 * 20]));
        Assert.Throws<ObjectDisposedException>(writer.Finish);
    }

    [Fact]
    public void Closing_FromAnotherThread_FailsTheWrite()
    {
        for (int i = 0; i < 50; i++)
        {
            SwrWriter writer = Volumes.Writer(file);
            writer.Divisions = 20;
            var disposer = new Thread(writer.Dispose);
            Assert.Throws<ObjectDisposedException>(() => writer.Write(piece =>
            {
                if (piece.Number == 3) disposer.Start();
                if (piece.Number == 19) disposer.Join();
                Volumes.FillRamp(piece);
            }));
            disposer.Join();
        }
    }

    [Fact]
    public void Reentering_GetsAStateException()
    {
        using SwrWriter writer = Volumes.Writer(file);
        Assert.Throws<SwrStateException>(() => writer.Write(_ => writer.Write(Volumes.FillRamp)));
        Assert.Throws<SwrStateException>(() => writer.Write(_ => writer.Divisions = 3));
        Assert.Throws<SwrStateException>(() => writer.Write(Volumes.FillRamp, new Told(_ => writer.SetMetadata("a", "b"))));
    }

    [Fact]
    public void ASecondThread_GetsAStateException()
    {
        using SwrWriter writer = Volumes.Writer(file);
        Exception? caught = null;
        Assert.Throws<ArithmeticException>(() => writer.Write(_ =>
        {
            var other = new Thread(() => caught = Record.Exception(writer.Check));
            other.Start();
            other.Join();
            throw new ArithmeticException();
        }));
        Assert.IsType<SwrStateException>(caught);
    }

    [Fact]
    public void Collecting_InsideTheSource_MovesNothing()
    {
        string other = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"swr-{Guid.NewGuid():N}.mha");
        try
        {
            using SwrWriter writer = Volumes.Writer(other);
            writer.Divisions = 5;
            var held = new short[32 * 16 * 20];
            Volumes.FillRamp(Volumes.Image, held);
            writer.Write(piece =>
            {
                Collect();
                if (piece.Number < 2) Volumes.FillRamp(piece);
                else piece.Lend<short>(held, Volumes.Image);
                Collect();
            });
            Volumes.ExpectRamp(other);
        }
        finally
        {
            File.Delete(other);
        }
    }

    /// <summary>A piece and a span live on the stack: a compiler keeps neither (the consumer of the
    /// package tries). What is lent may go at once.</summary>
    [Fact]
    public void AKeptPieceAndBuffer_NeverCrash()
    {
        Assert.True(typeof(Piece).IsByRefLike);
        Assert.True(typeof(SpanSource<short>).GetMethod("Invoke")!.GetParameters()[1].ParameterType.IsByRefLike);
        using SwrWriter writer = Volumes.Writer(file);
        writer.Divisions = 10;
        var lent = new List<WeakReference>();
        Assert.Throws<ArithmeticException>(() => writer.Write(piece =>
        {
            lent.Add(Lend(piece));
            Collect();
            if (piece.Number == 5) throw new ArithmeticException();
        }));
        Collect();
        Assert.All(lent, memory => Assert.False(memory.IsAlive));
        Assert.Equal(6, lent.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Lend(Piece piece)
    {
        var memory = new short[piece.Bytes / 2];
        piece.Lend<short>(memory, piece.Region);
        return new WeakReference(memory);
    }

    [Fact]
    public void Texts_WithAZeroOrHalfACharacter_AreRefused()
    {
        using var writer = new SwrWriter();
        Assert.ThrowsAny<ArgumentException>(() => writer.Path = "half \ud83d.nii");
        Assert.ThrowsAny<ArgumentException>(() => writer.SetMetadata("key", "\ude00"));
        Assert.Throws<ArgumentException>(() => writer.Path = file + "\0.nii");
        Assert.Throws<ArgumentNullException>(() => writer.Path = null!);
        Assert.Throws<ArgumentNullException>(() => writer.Write((PixelSource)null!));
        Assert.Throws<ArgumentNullException>(() => writer.Spacing = null!);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
