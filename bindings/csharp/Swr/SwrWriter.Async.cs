using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Swr;

/// <content>Calls that return at once. Each runs on a thread of its own, and so do sources and
/// listeners: none of the pool is blocked. The writer is in use until the task has ended. The tasks
/// end with the exceptions of the calls of the same name.</content>
public sealed unsafe partial class SwrWriter
{
    /// <summary>Frees the writer and abandons an unfinished write, as <see cref="Dispose"/>
    /// does.</summary>
    public ValueTask DisposeAsync() => new(Background.Run(Dispose, default));

    /// <summary>Writes from a source.</summary>
    /// <param name="source">delivers the pixels, on a thread that is not of the pool</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteAsync(PixelSource source, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Background.Run(() => Write(source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes from a source that fills spans.</summary>
    /// <typeparam name="T">as for Write</typeparam>
    /// <param name="source">delivers the pixels, on a thread that is not of the pool</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteAsync<T>(SpanSource<T> source, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        return Background.Run(() => Write(source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes from memory that holds all of the region, packed, in the source's
    /// type.</summary>
    /// <typeparam name="T">as for Write</typeparam>
    /// <param name="pixels">exactly as large as the region; unchanged until the task has
    /// ended</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteAsync<T>(ReadOnlyMemory<T> pixels, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged => Background.Run(() => Write(pixels.Span, progress, cancellationToken), cancellationToken);

    /// <summary>Writes a copy of an open file.</summary>
    /// <param name="reader">with an open file; in use until the task has ended</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteAsync(SwrReader reader, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return Background.Run(() => Write(reader, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes the pixels that a stream delivers, as Write does.</summary>
    /// <param name="source">is read from its position on</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteAsync(Stream source, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Background.Run(() => Write(source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Begins a write, as <see cref="Begin()"/> does.</summary>
    /// <param name="cancellationToken">as for Begin</param>
    public Task BeginAsync(CancellationToken cancellationToken = default) => Background.Run(() => Begin(cancellationToken), cancellationToken);

    /// <summary>Stores a region, as Put does.</summary>
    /// <typeparam name="T">as for Put</typeparam>
    /// <param name="region">the region</param>
    /// <param name="pixels">its pixels, packed, in the source's type; unchanged until the task has
    /// ended</param>
    /// <param name="cancellationToken">as for Put</param>
    public Task PutAsync<T>(PixelRegion region, ReadOnlyMemory<T> pixels, CancellationToken cancellationToken = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(region);
        return Background.Run(() => Put(region, pixels.Span, cancellationToken), cancellationToken);
    }

    /// <summary>Appends frames, as Append does.</summary>
    /// <typeparam name="T">as for Put</typeparam>
    /// <param name="pixels">whole frames, packed, in the source's type; unchanged until the task
    /// has ended</param>
    /// <param name="cancellationToken">cancels before the frames are taken</param>
    public Task AppendAsync<T>(ReadOnlyMemory<T> pixels, CancellationToken cancellationToken = default) where T : unmanaged =>
        Background.Run(() => Append(pixels.Span, cancellationToken), cancellationToken);

    /// <summary>Makes a checkpoint, as <see cref="Flush()"/> does.</summary>
    /// <param name="cancellationToken">as for Flush</param>
    public Task FlushAsync(CancellationToken cancellationToken = default) => Background.Run(() => Flush(cancellationToken), cancellationToken);

    /// <summary>Completes the file, as <see cref="Finish()"/> does.</summary>
    /// <param name="cancellationToken">as for Finish</param>
    public Task FinishAsync(CancellationToken cancellationToken = default) => Background.Run(() => Finish(cancellationToken), cancellationToken);

    /// <summary>Ends the write, as <see cref="Abandon"/> does.</summary>
    public Task AbandonAsync() => Background.Run(Abandon, default);

    /// <summary>Creates the file at its full size, as <see cref="Allocate()"/> does.</summary>
    /// <param name="cancellationToken">as for Allocate</param>
    public Task AllocateAsync(CancellationToken cancellationToken = default) => Background.Run(() => Allocate(cancellationToken), cancellationToken);
}
