using System;
using System.Threading;
using System.Threading.Tasks;

namespace Swr;

/// <summary>Calls of the library on threads of their own: they wait for disks, locks and sources,
/// and a thread of the pool that waits is missing elsewhere.</summary>
internal static class Background
{
    internal static Task Run(Action call, CancellationToken token) =>
        token.IsCancellationRequested
            ? Task.FromCanceled(token)
            : Task.Factory.StartNew(call, token,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach | TaskCreationOptions.RunContinuationsAsynchronously,
                TaskScheduler.Default);
}
