package org.swr;

/**
 * A call failed; the message says why, in a sentence with the file, the region and the system's
 * reason. Each status has a class of its own. Exceptions of a source or a listener are not wrapped:
 * they leave the call unchanged.
 */
public class SwrException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The kind of failure. */
  private final Status status;

  SwrException(Status status, String message) {
    super(message == null || message.isEmpty() ? status.getText() : Words.of(message));
    this.status = status;
  }

  /**
   * The kind of failure.
   *
   * @return never OK
   */
  public Status getStatus() { return status; }

  static SwrException of(int code, String message) {
    Status status;
    try {
      status = Status.of(code);
    } catch (IllegalArgumentException newer) {
      return new SwrException(Status.ERROR_INTERNAL, "status " + code + ": " + message);
    }
    switch (status) {
      case CANCELLED: return new Cancelled(message);
      case ERROR_ARGUMENT: return new Argument(message);
      case ERROR_STATE: return new State(message);
      case ERROR_MEMORY: return new Memory(message);
      case ERROR_MEMORY_LIMIT: return new MemoryLimit(message);
      case ERROR_IO: return new Io(message);
      case ERROR_NOT_FOUND: return new NotFound(message);
      case ERROR_EXISTS: return new Exists(message);
      case ERROR_FORMAT: return new Format(message);
      case ERROR_CORRUPT: return new Corrupt(message);
      case ERROR_UNSUPPORTED: return new Unsupported(message);
      case ERROR_MISMATCH: return new Mismatch(message);
      case ERROR_REGION: return new Region(message);
      case ERROR_SOURCE: return new Source(message);
      case ERROR_SOURCE_REGION: return new SourceRegion(message);
      case ERROR_INCOMPLETE: return new Incomplete(message);
      case ERROR_CONVERSION: return new Conversion(message);
      case ERROR_INTERNAL: return new Internal(message);
      case ERROR_BUSY: return new Busy(message);
      default: return new SwrException(status, message);
    }
  }

  /** Throws anything as it is. */
  @SuppressWarnings("unchecked")
  static <E extends Throwable> void rethrow(Throwable thrown) throws E {
    throw(E) thrown;
  }

  /** The progress listener or the source cancelled. */
  public static final class Cancelled extends SwrException {
    private static final long serialVersionUID = 1;

    Cancelled(String message) { super(Status.CANCELLED, message); }
  }

  /** An argument is not valid. */
  public static final class Argument extends SwrException {
    private static final long serialVersionUID = 1;

    Argument(String message) { super(Status.ERROR_ARGUMENT, message); }
  }

  /** The call is not allowed now. */
  public static final class State extends SwrException {
    private static final long serialVersionUID = 1;

    State(String message) { super(Status.ERROR_STATE, message); }
  }

  /** The system has no memory left. */
  public static final class Memory extends SwrException {
    private static final long serialVersionUID = 1;

    Memory(String message) { super(Status.ERROR_MEMORY, message); }
  }

  /** More memory would be needed than the limit allows. */
  public static final class MemoryLimit extends SwrException {
    private static final long serialVersionUID = 1;

    MemoryLimit(String message) { super(Status.ERROR_MEMORY_LIMIT, message); }
  }

  /** The system refused to read or write. */
  public static final class Io extends SwrException {
    private static final long serialVersionUID = 1;

    Io(String message) { super(Status.ERROR_IO, message); }
  }

  /** There is no such file. */
  public static final class NotFound extends SwrException {
    private static final long serialVersionUID = 1;

    NotFound(String message) { super(Status.ERROR_NOT_FOUND, message); }
  }

  /** The file exists. */
  public static final class Exists extends SwrException {
    private static final long serialVersionUID = 1;

    Exists(String message) { super(Status.ERROR_EXISTS, message); }
  }

  /** The format is unknown. */
  public static final class Format extends SwrException {
    private static final long serialVersionUID = 1;

    Format(String message) { super(Status.ERROR_FORMAT, message); }
  }

  /** The file is damaged or contradicts itself. */
  public static final class Corrupt extends SwrException {
    private static final long serialVersionUID = 1;

    Corrupt(String message) { super(Status.ERROR_CORRUPT, message); }
  }

  /** The format cannot hold or do this. */
  public static final class Unsupported extends SwrException {
    private static final long serialVersionUID = 1;

    Unsupported(String message) { super(Status.ERROR_UNSUPPORTED, message); }
  }

  /** The file and the writer differ. */
  public static final class Mismatch extends SwrException {
    private static final long serialVersionUID = 1;

    Mismatch(String message) { super(Status.ERROR_MISMATCH, message); }
  }

  /** The region is empty or not inside the image. */
  public static final class Region extends SwrException {
    private static final long serialVersionUID = 1;

    Region(String message) { super(Status.ERROR_REGION, message); }
  }

  /** The source failed. */
  public static final class Source extends SwrException {
    private static final long serialVersionUID = 1;

    Source(String message) { super(Status.ERROR_SOURCE, message); }
  }

  /** The source delivered another region than was asked for. */
  public static final class SourceRegion extends SwrException {
    private static final long serialVersionUID = 1;

    SourceRegion(String message) { super(Status.ERROR_SOURCE_REGION, message); }
  }

  /** Not all regions of a new image were put. */
  public static final class Incomplete extends SwrException {
    private static final long serialVersionUID = 1;

    Incomplete(String message) { super(Status.ERROR_INCOMPLETE, message); }
  }

  /** A value does not survive the conversion. */
  public static final class Conversion extends SwrException {
    private static final long serialVersionUID = 1;

    Conversion(String message) { super(Status.ERROR_CONVERSION, message); }
  }

  /** An error inside the library; please report it. */
  public static final class Internal extends SwrException {
    private static final long serialVersionUID = 1;

    Internal(String message) { super(Status.ERROR_INTERNAL, message); }
  }

  /** Another process or handle is changing the file. The same call can succeed later. */
  public static final class Busy extends SwrException {
    private static final long serialVersionUID = 1;

    Busy(String message) { super(Status.ERROR_BUSY, message); }
  }
}
