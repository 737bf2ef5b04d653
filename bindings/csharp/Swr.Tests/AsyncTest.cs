using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Swr.Tests;

/// <summary>Tasks, and the tokens that cancel them.</summary>
public class AsyncTest : Scratch
{
    [Fact]
    public async Task Tasks_RunOnThreadsThatAreNotOfThePool()
    {
        await using SwrWriter writer = Volumes.Writer(At("v.mha"));
        using var reader = new SwrReader();
        bool pool = true;
        await writer.WriteAsync(piece =>
        {
            pool = Thread.CurrentThread.IsThreadPoolThread;
            Volumes.FillRamp(piece);
        });
        Assert.False(pool);
        Volumes.ExpectRamp(At("v.mha"));
        await reader.OpenAsync(At("v.mha"));
        await reader.VerifyAsync();
        var pixels = new short[32 * 16 * 20];
        await reader.ReadAsync<short>(Volumes.Image, pixels);
        Assert.Equal(Volumes.Ramp(3, 2, 1), pixels[3 + 32 * (2 + 16 * 1)]);

        writer.Path = At("w.mha");
        await writer.WriteAsync<short>(pixels);
        Volumes.ExpectRamp(At("w.mha"));
        await writer.WriteAsync<short>(Volumes.FillRamp);
        Volumes.ExpectRamp(At("w.mha"));
        await writer.WriteAsync(reader);
        Volumes.ExpectRamp(At("w.mha"));
        writer.Begin();
        await writer.PutAsync<short>(Volumes.Image, pixels);
        await writer.FinishAsync();
        Volumes.ExpectRamp(At("w.mha"));
        await writer.AppendAsync<short>(pixels);
        await writer.FlushAsync();
        await writer.FinishAsync();
        Volumes.ExpectRamp(At("w.mha"));
        writer.Begin();
        await writer.AbandonAsync();
        using var stream = new MemoryStream();
        await writer.WriteToAsync(stream, "v.mha", Volumes.FillRamp);
        Assert.Equal(File.ReadAllBytes(At("v.mha")), stream.ToArray());
        File.Delete(At("w.mha"));
        await writer.AllocateAsync();
        Assert.True(File.Exists(At("w.mha")));
    }

    [Fact]
    public async Task ManyTasks_ThatWait_LeaveThePoolItsThreads()
    {
        using var open = new ManualResetEventSlim();
        SwrWriter[] writers = Enumerable.Range(0, 64).Select(i => Volumes.Writer(At($"{i}.mha"))).ToArray();
        Task[] writes = writers.Select(w => w.WriteAsync(piece =>
        {
            open.Wait();
            Volumes.FillRamp(piece);
        })).ToArray();
        // the pool grows by about one thread in a second, and 64 waiting tasks would fill it
        await Task.Run(() => { }).WaitAsync(TimeSpan.FromSeconds(10));
        open.Set();
        await Task.WhenAll(writes);
        foreach (SwrWriter writer in writers) await writer.DisposeAsync();
        Assert.Equal(64, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public async Task Exceptions_LeaveTheTaskAsTheyAre()
    {
        using SwrWriter writer = Volumes.Writer(At("v.mha"));
        var mine = new IOException("the tape is torn");
        Assert.Same(mine, await Assert.ThrowsAsync<IOException>(() => writer.WriteAsync(_ => throw mine)));
        await Assert.ThrowsAsync<SwrStateException>(() => writer.FinishAsync());
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task ATokenThatCancels_EndsTheTask()
    {
        using SwrWriter writer = Volumes.Writer(At("v.mha"));
        writer.Divisions = 20;
        using var cancel = new CancellationTokenSource();
        Task write = writer.WriteAsync(piece =>
        {
            if (piece.Number == 3) cancel.Cancel();
            Volumes.FillRamp(piece);
        }, null, cancel.Token);
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal(cancel.Token, e.CancellationToken);
        Assert.True(write.IsCanceled);
        Assert.Empty(Directory.GetFiles(folder));
    }

    /// <summary>Nothing is begun, and what was begun can go on.</summary>
    [Fact]
    public async Task ACancelledToken_StopsEveryCall()
    {
        string file = Volumes.Written(At("v.mha"));
        using SwrWriter writer = Volumes.Writer(At("w.mha"));
        using var reader = new SwrReader(file);
        var token = new CancellationToken(true);
        var pixels = new short[32 * 16 * 20];
        reader.Read(Volumes.Image, pixels);
        writer.Begin();
        foreach (Action call in (Action[])
        [
            () => writer.Write(Volumes.FillRamp, null, token), () => writer.Write(pixels, null, token), () => writer.Write(reader, null, token),
            () => writer.Begin(token), () => writer.Put(Volumes.Image, pixels, token), () => writer.Append(pixels, token), () => writer.Flush(token),
            () => writer.Finish(token), () => writer.Allocate(token), () => reader.Open(file, token), () => reader.Verify(token),
            () => reader.Read(Volumes.Image, pixels, token), () => writer.Write(new MemoryStream(), null, token),
        ])
            Assert.Equal(token, Assert.Throws<OperationCanceledException>(call).CancellationToken);
        foreach (Task task in (Task[])
        [
            writer.WriteAsync(Volumes.FillRamp, null, token), writer.PutAsync<short>(Volumes.Image, pixels, token), writer.FinishAsync(token),
            writer.BeginAsync(token), writer.AppendAsync<short>(pixels, token), writer.FlushAsync(token), writer.AllocateAsync(token), reader.OpenAsync(file, token),
            reader.VerifyAsync(token), reader.ReadAsync<short>(Volumes.Image, pixels, token),
        ])
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
            Assert.True(task.IsCanceled);
        }
        writer.Put(Volumes.Image, pixels);
        writer.Finish();
        Volumes.ExpectRamp(At("w.mha"));
    }

    [Fact]
    public void ATokenThatCancelsDuringAPut_EndsIt()
    {
        string file = Volumes.Written(At("v.mha"));
        byte[] before = File.ReadAllBytes(file);
        using var cancel = new CancellationTokenSource();
        using SwrWriter writer = Volumes.Writer(file);
        writer.Progress = new Told(_ => cancel.Cancel());
        writer.Begin();
        var e = Assert.Throws<SwrCancelledException>(() => writer.Put(Volumes.Image, new short[32 * 16 * 20], cancel.Token));
        Assert.Equal(cancel.Token, e.CancellationToken);
        writer.Abandon();
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    /// <summary>With a token, pixels are read in parts; each is where it belongs.</summary>
    [Fact]
    public void AReadWithAToken_IsTheWholeRegion()
    {
        using var reader = new SwrReader(Volumes.Written(At("v.mha")));
        using var cancel = new CancellationTokenSource();
        long part = SwrReader.Part;
        SwrReader.Part = 100;
        try
        {
            var parts = new short[Volumes.Box.PixelCount];
            var whole = new short[Volumes.Box.PixelCount];
            reader.Read(Volumes.Box, parts, cancel.Token);
            reader.Read(Volumes.Box, whole);
            Assert.Equal(whole, parts);
            Assert.ThrowsAny<Exception>(() => reader.Read(Volumes.Box, new short[Volumes.Box.PixelCount + 1], cancel.Token));
        }
        finally
        {
            SwrReader.Part = part;
        }
    }
}
