using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Swr.Tests;

/// <summary>Calls that wait for another write end when their token is cancelled, or their writer
/// disposed.</summary>
public class WaitTest : Scratch
{
    private const int Frame = 256 << 10; // bytes: eight take half of a memory limit of 4 MiB
    private readonly string file;
    private readonly byte[] before;
    private readonly SwrWriter other; // holds the lock of the file

    public WaitTest()
    {
        file = At("v.nii.gz");
        using (var writer = new SwrWriter(file) { ImageRegion = PixelRegion.Of(512, 512, 1), PixelType = new PixelType(ComponentType.UInt8) })
            writer.Write(new byte[Frame]);
        before = File.ReadAllBytes(file);
        other = new SwrWriter(file) { Existing = Existing.Update };
        other.Begin();
    }

    public override void Dispose()
    {
        other.Dispose();
        base.Dispose();
    }

    private SwrWriter Waiting(Existing existing)
    {
        var writer = new SwrWriter(file) { Existing = existing };
        writer.SetOption("lock", "wait");
        return writer;
    }

    /// <summary>Waits until the task has ended, with or without the other write's help, and says
    /// what it threw.</summary>
    private async Task<Exception> Thrown(Task call, Action cancel)
    {
        await Task.Delay(100);
        Assert.False(call.IsCompleted, "it does not wait");
        cancel();
        bool ended = await Task.WhenAny(call, Task.Delay(20_000)) == call;
        if (!ended) other.Dispose();
        Exception thrown = (await Record.ExceptionAsync(() => call))!;
        Assert.True(ended, "it waited until the other write had ended");
        return thrown;
    }

    private async Task ExpectCancelled(Func<CancellationToken, Task> call)
    {
        using var source = new CancellationTokenSource();
        var e = Assert.IsAssignableFrom<OperationCanceledException>(await Thrown(call(source.Token), source.Cancel));
        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Fact]
    public async Task Cancelling_AWaitForTheLock_EndsIt()
    {
        using SwrWriter writer = Waiting(Existing.Update);
        await ExpectCancelled(token => writer.BeginAsync(token));
        await ExpectCancelled(token => writer.WriteAsync<byte>(new byte[Frame], null, token));
        Assert.Equal(before, File.ReadAllBytes(file));
        other.Dispose();
        writer.Write(new byte[Frame]); // the writer can be used again
    }

    [Fact]
    public async Task Closing_AWriterThatWaitsForTheLock_EndsTheWait()
    {
        SwrWriter writer = Waiting(Existing.Update);
        Assert.IsType<ObjectDisposedException>(await Thrown(writer.BeginAsync(), writer.Dispose));
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Fact]
    public async Task Cancelling_AWaitForRoomOrForACheckpoint_EndsIt_AndAppendingGoesOn()
    {
        using (SwrWriter writer = Waiting(Existing.Extend))
        {
            writer.MemoryLimit = 4 << 20;
            for (int i = 0; i < 8; i++) writer.Append(new byte[Frame]);
            await ExpectCancelled(token => writer.AppendAsync<byte>(new byte[Frame], token));
            await ExpectCancelled(token => writer.FlushAsync(token));
            await ExpectCancelled(token => writer.FinishAsync(token));
            Assert.Equal(before, File.ReadAllBytes(file));
            other.Dispose();
            writer.Append(new byte[Frame]);
            writer.Finish();
        }
        using var reader = new SwrReader(file);
        Assert.Equal(10, reader.ImageRegion.Size[2]);
    }
}
