package org.swr;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The functions that the library calls. Exceptions of the application are caught here and thrown
 * again by the call of the writer, so that none passes through native frames. callbacks.cpp looks
 * for pull, progress, cancel and log by their names.
 */
final class Bridge {
  private static final ByteBuffer[] NONE = {};

  private final AtomicReference<Throwable> thrown = new AtomicReference<>();
  private NativeHandle handle;
  private volatile PixelSource<?> source;
  private volatile ProgressListener progress;
  private volatile LogListener log;
  private ByteBuffer[] buffers = NONE;
  private long[] addresses = {};
  private ByteBuffer[] lent = NONE;
  private int lentNext;
  private ByteBuffer staging;  // for one piece; or the library has buffers
  private Pace pace;
  private volatile Thread caller;  // of the writer, while a call is running

  void attach(NativeHandle handle) { this.handle = handle; }

  void setProgress(ProgressListener listener) { progress = listener; }

  ProgressListener getProgress() { return progress; }

  void setLog(LogListener listener) { log = listener; }

  /**
   * Called before a write: the source, the buffers, and how many lent buffers may be in use at a
   * time.
   */
  void start(PixelSource<?> from, ByteBuffer[] into, int lentAtATime) {
    source = from;
    buffers = into;
    addresses = new long[into.length];
    for (int i = 0; i < into.length; ++i) addresses[i] = SwrNative.swr_java_address(into[i]);
    lent = new ByteBuffer[lentAtATime];
  }

  /**
   * Called before a write with one pull thread: the source and a buffer that the library does not
   * know.
   */
  void start(PixelSource<?> from, ByteBuffer into) {
    start(from, NONE, 2);
    staging = into;
    pace = new Pace();
  }

  void stop() {
    source = null;
    buffers = NONE;
    lent = NONE;
    staging = null;
  }

  /** The binding's own buffer for a piece; null if the library provides buffers. */
  ByteBuffer staging(long bytes) {
    return staging == null ? null
                           : staging.duplicate()
                                 .clear()
                                 .limit(Math.toIntExact(bytes))
                                 .slice()
                                 .order(ByteOrder.nativeOrder());
  }

  /** Throws what a callback threw during the call that just ended. */
  void rethrow() {
    Throwable t = thrown.getAndSet(null);
    if (t != null) SwrException.<RuntimeException>rethrow(t);
  }

  /** The Java buffer that begins at an address. */
  ByteBuffer buffer(long address, long bytes) {
    for (int i = 0; i < addresses.length; ++i) {
      if (addresses[i] == address)
        return buffers[i]
            .duplicate()
            .limit(Math.toIntExact(bytes))
            .slice()
            .order(ByteOrder.nativeOrder());
    }
    throw new SwrException.Internal("the piece is in none of the buffers that were lent");
  }

  /** Keeps lent memory alive until it is out of use. */
  synchronized void keep(ByteBuffer memory) {
    lent[lentNext] = memory;
    lentNext = (lentNext + 1) % lent.length;
  }

  int pull(long pointer, long[] facts) {
    Piece piece = new Piece(this, pointer, facts);
    try {
      if (stopped()) return Status.CANCELLED.value();
      if (staging == null) {
        source.read(piece);
        return stopped() ? Status.CANCELLED.value() : 0;
      }
      pace.begin();
      source.read(piece);
      return stopped() ? Status.CANCELLED.value() : piece.deliver(pace.end(piece.getBytes()));
    } catch (CancellationException cancelled) {
      note(cancelled);
      return Status.CANCELLED.value();
    } catch (Throwable t) {
      note(t);
      return Status.ERROR_SOURCE.value();
    } finally {
      piece.end();
    }
  }

  int progress(long piecesDone, long pieces, long bytesDone, long bytes) {
    try {
      if (stopped()) return 1;
      boolean on = progress == null
          || progress.onProgress(new Progress(piecesDone, pieces, bytesDone, bytes));
      return on && !stopped() ? 0 : 1;
    } catch (Throwable t) {
      note(t);
      return 1;
    }
  }

  /** Asked while a call waits. */
  int cancel() { return stopped() ? 1 : 0; }

  void log(int level, byte[] message) {
    try {
      LogListener listener = log;
      if (listener != null) listener.onLog(SwrLogLevel.of(level), Words.of(Utf8.string(message)));
    } catch (Throwable t) {
      note(t);
    }
  }

  /** Called around each call of the writer, whose thread may be interrupted meanwhile. */
  void enter() { caller = Thread.currentThread(); }

  void leave() { caller = null; }

  private boolean stopped() {
    Thread thread = caller;
    return thrown.get() != null || handle.closed() || thread != null && thread.isInterrupted();
  }

  private void note(Throwable t) {
    if (!thrown.compareAndSet(null, t) && thrown.get() != t) thrown.get().addSuppressed(t);
  }
}
