using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Swr;

/// <summary>Owns a native writer or reader. One call at a time uses it; it is freed once, when no
/// call is running.</summary>
internal sealed class NativeHandle : SafeHandle
{
    private readonly string what;
    private readonly Action<IntPtr> destroy;
    private GCHandle bridge;
    private int busy;
    private volatile bool closing;

    /// <param name="what">"writer" or "reader"</param>
    /// <param name="pointer">the native object</param>
    /// <param name="destroy">a static function that frees it</param>
    /// <param name="bridge">freed with the native object, which refers to it; weak, so that the
    /// owner can be collected</param>
    internal NativeHandle(string what, IntPtr pointer, Action<IntPtr> destroy, GCHandle bridge = default) : base(IntPtr.Zero, true)
    {
        if (pointer == IntPtr.Zero) throw new OutOfMemoryException($"no memory for a {what}");
        this.what = what;
        this.destroy = destroy;
        this.bridge = bridge;
        SetHandle(pointer);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>Dispose was called; the native object lives until the running call
    /// returns.</summary>
    internal bool Closing => closing;

    internal void Discard()
    {
        closing = true;
        Dispose();
    }

    protected override bool ReleaseHandle()
    {
        destroy(handle);
        if (bridge.IsAllocated) bridge.Free();
        return true;
    }

    /// <summary>Begins a call; ends it with Dispose. The owner stays reachable until
    /// then.</summary>
    internal Use Enter(object owner)
    {
        ObjectDisposedException.ThrowIf(closing, owner);
        if (Interlocked.CompareExchange(ref busy, 1, 0) != 0)
            throw new SwrStateException($"the {what} is in use: neither its own callbacks nor another thread can call it now");
        bool added = false;
        try
        {
            DangerousAddRef(ref added);
        }
        finally
        {
            if (!added) Volatile.Write(ref busy, 0);
        }
        return new Use(this, owner);
    }

    internal readonly ref struct Use
    {
        private readonly NativeHandle handle;
        private readonly object owner;

        internal Use(NativeHandle handle, object owner)
        {
            this.handle = handle;
            this.owner = owner;
        }

        internal IntPtr Pointer => handle.handle;

        public void Dispose()
        {
            Volatile.Write(ref handle.busy, 0);
            handle.DangerousRelease();
            GC.KeepAlive(owner);
        }
    }
}
