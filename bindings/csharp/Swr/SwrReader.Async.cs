using System;
using System.Threading;
using System.Threading.Tasks;

namespace Swr;

/// <content>Calls that return at once, each on a thread of its own. The reader is in use until the
/// task has ended.</content>
public sealed unsafe partial class SwrReader
{
    /// <summary>Opens a file, as <see cref="Open"/> does.</summary>
    /// <param name="path">the file</param>
    /// <param name="cancellationToken">cancels before the call</param>
    public Task OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Background.Run(() => Open(path, cancellationToken), cancellationToken);
    }

    /// <summary>Reads a region, as Read does.</summary>
    /// <typeparam name="T">as for Read</typeparam>
    /// <param name="region">inside the image region</param>
    /// <param name="pixels">exactly as large as the region</param>
    /// <param name="cancellationToken">as for Read</param>
    public Task ReadAsync<T>(PixelRegion region, Memory<T> pixels, CancellationToken cancellationToken = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(region);
        return Background.Run(() => Read(region, pixels.Span, cancellationToken), cancellationToken);
    }

    /// <summary>Checks the whole file, as <see cref="Verify()"/> does.</summary>
    /// <param name="cancellationToken">cancels before the call</param>
    public Task VerifyAsync(CancellationToken cancellationToken = default) => Background.Run(() => Verify(cancellationToken), cancellationToken);
}
