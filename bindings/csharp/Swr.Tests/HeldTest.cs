using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Swr.Tests;

/// <summary>What a process holds of memory and files when readers and writers are gone. ctest runs
/// these in a process without the other tests.</summary>
[Trait("process", "own")]
public class HeldTest : Scratch
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Allocated bytes of the C library, bytes of living objects, open files: what
    /// resident memory is no measure of.</summary>
    private record struct Held(long Native, long Managed, int Files)
    {
        internal static Held Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long managed = GC.GetTotalMemory(true);
            return new(NativeBytes(), managed, OpenFiles());
        }

        /// <summary>For what the runtime does meanwhile. Leaks that count are larger: of 13 bytes a
        /// write, of a tenth of the forgotten files.</summary>
        internal Held WithRoom() => new(Native + Mebibyte, Managed + Mebibyte, Files + 20);

        internal bool IsWithin(Held most) => Native <= most.Native && Managed <= most.Managed && Files <= most.Files;
    }

    [Fact]
    public void AHundredThousandWrites_HoldNoMoreThanTheFirst()
    {
        string small = System.IO.Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : folder, $"swr-{Guid.NewGuid():N}.mha");
        try
        {
            Write(small, 20_000);
            Held early = Held.Now();
            Write(small, 80_000);
            Expect(early.WithRoom());
        }
        finally
        {
            File.Delete(small);
        }
    }

    private static void Write(string path, int times)
    {
        var pixels = new short[64];
        for (int i = 0; i < times; i++)
        {
            using var writer = new SwrWriter(path) { ImageRegion = PixelRegion.Of(8, 8), PixelType = new(ComponentType.Int16) };
            if (i % 2 == 0) writer.Write(pixels);
            else writer.Write<short>((_, span) => pixels.CopyTo(span));
        }
    }

    [Fact]
    public void ForgottenReadersAndWriters_AreFreed()
    {
        string file = Volumes.Written(At("v.mha"));
        Held before = Held.Now();
        List<WeakReference> writers = Forget(file, 200);
        Assert.True(OpenFiles() >= before.Files + 200);
        Expect(before.WithRoom());
        Assert.All(writers, writer => Assert.False(writer.IsAlive));
        Assert.Single(Directory.GetFiles(folder));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference> Forget(string file, int count) => Enumerable.Range(0, count).Select(i =>
    {
        _ = new SwrReader(file);
        SwrWriter writer = Volumes.Writer(At($"new{i}.mha"));
        writer.Log = (_, _) => writer.GetHashCode();  // a listener that refers to its writer
        writer.Progress = new Told(_ => writer.GetHashCode());
        writer.Begin();
        return new WeakReference(writer);
    }).ToList();

    /// <summary>The runtime compiles and finalizes on threads of its own, which a busy machine lets
    /// wait.</summary>
    private static void Expect(Held most)
    {
        Held now = Held.Now();
        for (int i = 0; i < 600 && !now.IsWithin(most); i++)
        {
            Thread.Sleep(50);
            now = Held.Now();
        }
        Assert.True(now.IsWithin(most), $"{now}, and at most {most}");
    }

    private static int OpenFiles() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInfo
    {
        internal nuint Arena, FreeChunks, FastChunks, Mapped, MappedBytes, MostUsed, FastBytes, UsedBytes, FreeBytes, Top;
    }

    [DllImport("libc.so.6", EntryPoint = "mallinfo2")]
    private static extern MallocInfo Info();

    /// <summary>0 where the C library is another one than glibc 2.33 or later.</summary>
    private static long NativeBytes()
    {
        try
        {
            MallocInfo info = Info();
            return (long)(info.UsedBytes + info.MappedBytes);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0;
        }
    }
}
