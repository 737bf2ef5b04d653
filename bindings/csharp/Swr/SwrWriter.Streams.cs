using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Swr;

/// <content>Streams of .NET: as a source, and as the place of a new file.</content>
public sealed unsafe partial class SwrWriter
{
    private const int StreamPart = 1 << 20;

    /// <summary>Writes the pixels that a stream delivers: those of the paste region, or of the
    /// image, packed, in the source's type and the machine's byte order. The stream is read in
    /// order, to the last of these pixels, and stays open.</summary>
    /// <param name="source">is read from its position on</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    /// <exception cref="EndOfStreamException">the stream has fewer pixels; the old file stays byte
    /// for byte</exception>
    /// <exception cref="InvalidOperationException">several <see cref="PullThreads"/> would read in
    /// any order</exception>
    public void Write(Stream source, IProgress<WriteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!source.CanRead) throw new ArgumentException("the stream cannot be read", nameof(source));
        if (pullThreads > 1) throw new InvalidOperationException($"a stream is read in order; PullThreads is {pullThreads}");
        Write(piece => Fill(piece, source, cancellationToken), progress, cancellationToken);
    }

    private static void Fill(Piece piece, Stream source, CancellationToken token)
    {
        var memory = (byte*)piece.Buffer;
        long bytes = piece.Bytes;
        for (long done = 0; done < bytes;)
        {
            token.ThrowIfCancellationRequested();
            int read = source.Read(new Span<byte>(memory + done, (int)Math.Min(bytes - done, StreamPart)));
            if (read == 0)
            {
                throw new EndOfStreamException(
                    $"the stream ends {bytes - done} bytes before the end of piece {piece.Number + 1} of {piece.Count}, {piece.Region}");
            }
            done += read;
        }
    }

    /// <summary>Writes a new file into a stream, by way of a temporary file. <see cref="Path"/> is
    /// as before afterwards.</summary>
    /// <param name="destination">gets the whole file, from its position on, once it is complete;
    /// after an exception of the image nothing. It stays open</param>
    /// <param name="name">such as "volume.nii.gz": a file's name, whose suffix determines the
    /// format unless <see cref="Format"/> is set; in formats of several files, no stream can hold
    /// the image</param>
    /// <param name="source">delivers the pixels</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    /// <exception cref="SwrException">the write failed, or the image takes several
    /// files</exception>
    public void WriteTo(Stream destination, string name, PixelSource source, IProgress<WriteProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ToStream(destination, name, () => Write(source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes a new file into a stream, from a source that fills spans.</summary>
    /// <typeparam name="T">as for Write</typeparam>
    /// <param name="destination">gets the whole file, from its position on, once it is complete;
    /// after an exception of the image nothing. It stays open</param>
    /// <param name="name">such as "volume.nii.gz": a file's name, whose suffix determines the
    /// format unless <see cref="Format"/> is set; in formats of several files, no stream can hold
    /// the image</param>
    /// <param name="source">delivers the pixels</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public void WriteTo<T>(Stream destination, string name, SpanSource<T> source, IProgress<WriteProgress>? progress = null,
        CancellationToken cancellationToken = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        ToStream(destination, name, () => Write(source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes a new file into a stream, from memory that holds all of the
    /// region.</summary>
    /// <typeparam name="T">as for Write</typeparam>
    /// <param name="destination">gets the whole file, from its position on, once it is complete;
    /// after an exception of the image nothing. It stays open</param>
    /// <param name="name">such as "volume.nii.gz": a file's name, whose suffix determines the
    /// format unless <see cref="Format"/> is set; in formats of several files, no stream can hold
    /// the image</param>
    /// <param name="pixels">exactly as large as the region</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public void WriteTo<T>(Stream destination, string name, ReadOnlyMemory<T> pixels, IProgress<WriteProgress>? progress = null,
        CancellationToken cancellationToken = default) where T : unmanaged =>
        ToStream(destination, name, () => Write(pixels.Span, progress, cancellationToken), cancellationToken);

    /// <summary>Writes a copy of an open file into a stream.</summary>
    /// <param name="destination">gets the whole file, from its position on, once it is complete;
    /// after an exception of the image nothing. It stays open</param>
    /// <param name="name">such as "volume.nii.gz": a file's name, whose suffix determines the
    /// format unless <see cref="Format"/> is set; in formats of several files, no stream can hold
    /// the image</param>
    /// <param name="reader">with an open file; in use until the write ends</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public void WriteTo(Stream destination, string name, SwrReader reader, IProgress<WriteProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ToStream(destination, name, () => Write(reader, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes a new file into a stream, on a thread that is not of the pool.</summary>
    /// <param name="destination">gets the whole file, from its position on, once it is complete;
    /// after an exception of the image nothing. It stays open</param>
    /// <param name="name">such as "volume.nii.gz": a file's name, whose suffix determines the
    /// format unless <see cref="Format"/> is set; in formats of several files, no stream can hold
    /// the image</param>
    /// <param name="source">delivers the pixels</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteToAsync(Stream destination, string name, PixelSource source, IProgress<WriteProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Background.Run(() => WriteTo(destination, name, source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Writes a new file into a stream, from a source that fills spans, on a thread that
    /// is not of the pool.</summary>
    /// <typeparam name="T">as for Write</typeparam>
    /// <param name="destination">gets the whole file, from its position on, once it is complete;
    /// after an exception of the image nothing. It stays open</param>
    /// <param name="name">such as "volume.nii.gz": a file's name, whose suffix determines the
    /// format unless <see cref="Format"/> is set; in formats of several files, no stream can hold
    /// the image</param>
    /// <param name="source">delivers the pixels</param>
    /// <param name="progress">called after each piece, instead of <see cref="Progress"/></param>
    /// <param name="cancellationToken">cancels before the next piece</param>
    public Task WriteToAsync<T>(Stream destination, string name, SpanSource<T> source, IProgress<WriteProgress>? progress = null,
        CancellationToken cancellationToken = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        return Background.Run(() => WriteTo(destination, name, source, progress, cancellationToken), cancellationToken);
    }

    /// <summary>The library needs a file that has a name. A folder of its own is private (0700),
    /// and shows how many files the image takes.</summary>
    private void ToStream(Stream destination, string name, Action write, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Utf8.Required(name, nameof(name));
        if (!destination.CanWrite) throw new ArgumentException("the stream cannot be written", nameof(destination));
        if (name.Length == 0 || name is "." or ".." || name.Contains('/')) throw new ArgumentException($"\"{name}\" is no name of a file", nameof(name));
        string? before = path;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("swr-");
        try
        {
            Path = System.IO.Path.Combine(folder.FullName, name);
            try
            {
                write();
            }
            finally
            {
                if (before != null && !handle.Closing) Path = before;
                path = before;
            }
            string[] files = Directory.GetFiles(folder.FullName);
            if (files.Length != 1) throw new SwrUnsupportedException($"{name}: the image takes {files.Length} files, and a stream holds one");
            Copy(files[0], destination, token);
        }
        finally
        {
            folder.Delete(true);
        }
    }

    private static void Copy(string file, Stream destination, CancellationToken token)
    {
        using FileStream from = File.OpenRead(file);
        var part = new byte[StreamPart];
        for (int read; (read = from.Read(part)) > 0;)
        {
            token.ThrowIfCancellationRequested();
            destination.Write(part.AsSpan(0, read));
        }
    }
}
