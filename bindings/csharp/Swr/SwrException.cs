using System;

namespace Swr;

/// <summary>A call failed; the message says why, in a sentence with the file, the region and the
/// system's reason. Each status has a class of its own. Exceptions of a source or a listener are
/// not wrapped: they leave the call unchanged.</summary>
public class SwrException : Exception
{
    internal SwrException(Status status, string message) : base(message.Length > 0 ? Words.Of(message) : StatusExtensions.Text(status)) => Status = status;

    /// <summary>The kind of failure; never <see cref="Status.Ok"/>.</summary>
    public Status Status { get; }

    internal static Exception From(int code, string message) => (Status)code switch
    {
        Status.Cancelled => new SwrCancelledException(message),
        Status.ErrorArgument => new SwrArgumentException(message),
        Status.ErrorState => new SwrStateException(message),
        Status.ErrorMemory => new SwrMemoryException(message),
        Status.ErrorMemoryLimit => new SwrMemoryLimitException(message),
        Status.ErrorIo => new SwrIoException(message),
        Status.ErrorNotFound => new SwrNotFoundException(message),
        Status.ErrorExists => new SwrExistsException(message),
        Status.ErrorFormat => new SwrFormatException(message),
        Status.ErrorCorrupt => new SwrCorruptException(message),
        Status.ErrorUnsupported => new SwrUnsupportedException(message),
        Status.ErrorMismatch => new SwrMismatchException(message),
        Status.ErrorRegion => new SwrRegionException(message),
        Status.ErrorSource => new SwrSourceException(message),
        Status.ErrorSourceRegion => new SwrSourceRegionException(message),
        Status.ErrorIncomplete => new SwrIncompleteException(message),
        Status.ErrorConversion => new SwrConversionException(message),
        Status.ErrorInternal => new SwrInternalException(message),
        Status.ErrorBusy => new SwrBusyException(message),
        _ => new SwrException((Status)code, message),
    };
}

/// <summary>The source or the write's token cancelled. Derived from the exception that every
/// cancelled call of .NET throws.</summary>
public sealed class SwrCancelledException : OperationCanceledException
{
    internal SwrCancelledException(string message) : base(message.Length > 0 ? message : StatusExtensions.Text(Status.Cancelled)) { }
    internal SwrCancelledException(string message, System.Threading.CancellationToken token) : base(Words.Of(message), token) { }

    /// <summary><see cref="Status.Cancelled"/>.</summary>
    public Status Status => Status.Cancelled;
}

/// <summary>An argument is not valid.</summary>
public sealed class SwrArgumentException : SwrException
{
    internal SwrArgumentException(string message) : base(Status.ErrorArgument, message) { }
}

/// <summary>The call is not allowed now.</summary>
public sealed class SwrStateException : SwrException
{
    internal SwrStateException(string message) : base(Status.ErrorState, message) { }
}

/// <summary>The system has no memory left.</summary>
public sealed class SwrMemoryException : SwrException
{
    internal SwrMemoryException(string message) : base(Status.ErrorMemory, message) { }
}

/// <summary>More memory would be needed than the limit allows.</summary>
public sealed class SwrMemoryLimitException : SwrException
{
    internal SwrMemoryLimitException(string message) : base(Status.ErrorMemoryLimit, message) { }
}

/// <summary>The system refused to read or write.</summary>
public sealed class SwrIoException : SwrException
{
    internal SwrIoException(string message) : base(Status.ErrorIo, message) { }
}

/// <summary>There is no such file.</summary>
public sealed class SwrNotFoundException : SwrException
{
    internal SwrNotFoundException(string message) : base(Status.ErrorNotFound, message) { }
}

/// <summary>The file exists.</summary>
public sealed class SwrExistsException : SwrException
{
    internal SwrExistsException(string message) : base(Status.ErrorExists, message) { }
}

/// <summary>The format is unknown.</summary>
public sealed class SwrFormatException : SwrException
{
    internal SwrFormatException(string message) : base(Status.ErrorFormat, message) { }
}

/// <summary>The file is damaged or contradicts itself.</summary>
public sealed class SwrCorruptException : SwrException
{
    internal SwrCorruptException(string message) : base(Status.ErrorCorrupt, message) { }
}

/// <summary>The format cannot hold or do this.</summary>
public sealed class SwrUnsupportedException : SwrException
{
    internal SwrUnsupportedException(string message) : base(Status.ErrorUnsupported, message) { }
}

/// <summary>The file and the writer differ.</summary>
public sealed class SwrMismatchException : SwrException
{
    internal SwrMismatchException(string message) : base(Status.ErrorMismatch, message) { }
}

/// <summary>The region is empty or not inside the image.</summary>
public sealed class SwrRegionException : SwrException
{
    internal SwrRegionException(string message) : base(Status.ErrorRegion, message) { }
}

/// <summary>The source failed.</summary>
public sealed class SwrSourceException : SwrException
{
    internal SwrSourceException(string message) : base(Status.ErrorSource, message) { }
}

/// <summary>The source delivered another region than was asked for.</summary>
public sealed class SwrSourceRegionException : SwrException
{
    internal SwrSourceRegionException(string message) : base(Status.ErrorSourceRegion, message) { }
}

/// <summary>Not all regions of a new image were put.</summary>
public sealed class SwrIncompleteException : SwrException
{
    internal SwrIncompleteException(string message) : base(Status.ErrorIncomplete, message) { }
}

/// <summary>A value does not survive the conversion.</summary>
public sealed class SwrConversionException : SwrException
{
    internal SwrConversionException(string message) : base(Status.ErrorConversion, message) { }
}

/// <summary>An error inside the library; please report it.</summary>
public sealed class SwrInternalException : SwrException
{
    internal SwrInternalException(string message) : base(Status.ErrorInternal, message) { }
}

/// <summary>Another process or handle is changing the file. The same call can succeed
/// later.</summary>
public sealed class SwrBusyException : SwrException
{
    internal SwrBusyException(string message) : base(Status.ErrorBusy, message) { }
}
