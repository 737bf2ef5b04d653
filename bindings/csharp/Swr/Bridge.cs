using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Swr;

/// <summary>The functions that the library calls. Exceptions of the application are caught here and
/// thrown again by the call of the writer, so that none passes through native frames.</summary>
internal sealed unsafe class Bridge
{
    internal NativeHandle? Handle;
    internal Action<SwrLogLevel, string>? Log;
    private PixelSource? source;
    private IProgress<WriteProgress>? progress;
    private CancellationToken token;
    private ExceptionDispatchInfo? thrown;
    private MemoryHandle[] lent = [];
    private int lentNext;

    // Static functions need no object that must be kept alive, and no code generated at run time.
    internal static readonly IntPtr Pull = (IntPtr)(delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int>)&OnPull;
    internal static readonly IntPtr Progress = (IntPtr)(delegate* unmanaged[Cdecl]<long, long, long, long, IntPtr, int>)&OnProgress;
    internal static readonly IntPtr Cancel = (IntPtr)(delegate* unmanaged[Cdecl]<IntPtr, int>)&OnCancel;
    internal static readonly IntPtr Logger = (IntPtr)(delegate* unmanaged[Cdecl]<int, IntPtr, IntPtr, void>)&OnLog;

    /// <summary>Called before a write: the source, the listener, and how many lent blocks of memory
    /// may be in use at a time.</summary>
    internal void Start(PixelSource? from, IProgress<WriteProgress>? listener, CancellationToken cancellation, int lentAtATime)
    {
        source = from;
        progress = listener;
        token = cancellation;
        lent = new MemoryHandle[lentAtATime];
        lentNext = 0;
    }

    internal void Stop(IProgress<WriteProgress>? listener)
    {
        foreach (MemoryHandle memory in lent) memory.Dispose();
        lent = [];
        source = null;
        progress = listener;
        token = default;
    }

    /// <summary>Cancels what is stored, and what waits, until the result is disposed.</summary>
    internal Watched Watch(CancellationToken cancellation)
    {
        token = cancellation;
        return new Watched(this);
    }

    internal readonly ref struct Watched(Bridge bridge)
    {
        private readonly Bridge bridge = bridge;

        public void Dispose() => bridge.token = default;
    }

    internal void Listen(IProgress<WriteProgress>? listener) => progress = listener;

    /// <summary>Throws what a callback threw during the call that just ended.</summary>
    internal void Rethrow() => Interlocked.Exchange(ref thrown, null)?.Throw();

    /// <summary>Keeps lent memory in place until it is out of use.</summary>
    internal void Keep(MemoryHandle memory)
    {
        lock (this)
        {
            lent[lentNext].Dispose();
            lent[lentNext] = memory;
            lentNext = (lentNext + 1) % lent.Length;
        }
    }

    private bool Stopped => Volatile.Read(ref thrown) != null || Handle!.Closing || token.IsCancellationRequested;

    private void Note(Exception e) => Interlocked.CompareExchange(ref thrown, ExceptionDispatchInfo.Capture(e), null);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnPull(IntPtr piece, IntPtr user)
    {
        if (GCHandle.FromIntPtr(user).Target is not Bridge bridge) return (int)Status.ErrorInternal;
        try
        {
            if (bridge.Stopped) return (int)Status.Cancelled;
            bridge.source!(new Piece(bridge, piece));
            return bridge.Stopped ? (int)Status.Cancelled : 0;
        }
        catch (OperationCanceledException e)
        {
            bridge.Note(e);
            return (int)Status.Cancelled;
        }
        catch (Exception e)
        {
            bridge.Note(e);
            return (int)Status.ErrorSource;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnProgress(long piecesDone, long pieces, long bytesDone, long bytes, IntPtr user)
    {
        if (GCHandle.FromIntPtr(user).Target is not Bridge bridge) return 1;
        try
        {
            if (bridge.Stopped) return 1;
            bridge.progress?.Report(new WriteProgress(piecesDone, pieces, bytesDone, bytes));
            return bridge.Stopped ? 1 : 0;
        }
        catch (Exception e)
        {
            bridge.Note(e);
            return 1;
        }
    }

    /// <summary>Asked while a call waits.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCancel(IntPtr user) => GCHandle.FromIntPtr(user).Target is Bridge { Stopped: false } ? 0 : 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, IntPtr message, IntPtr user)
    {
        if (GCHandle.FromIntPtr(user).Target is not Bridge bridge) return;
        try
        {
            bridge.Log?.Invoke((SwrLogLevel)level, Words.Of(Utf8.String(message)));
        }
        catch (Exception e)
        {
            bridge.Note(e);
        }
    }
}
