package org.swr;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * Owns a native writer or reader: one call at a time is inside it, and it is freed once, when none
 * is.
 */
final class NativeHandle {
  private static final Cleaner CLEANER = Cleaner.create();

  /** What outlives the owner; refers neither to it nor to anything of the application. */
  private static final class State implements Runnable {
    private final String what;
    private final LongConsumer destroy;
    private long pointer;
    private boolean busy;
    private boolean closed;

    State(String what, long pointer, LongConsumer destroy) {
      this.what = what;
      this.pointer = pointer;
      this.destroy = destroy;
    }

    synchronized long acquire() {
      if (closed) throw new IllegalStateException("the " + what + " is closed");
      if (busy)
        throw new SwrException.State("the " + what
            + " is in use: neither its own callbacks nor another thread can call it now");
      busy = true;
      return pointer;
    }

    synchronized void release() {
      busy = false;
      if (closed) free();
    }

    @Override public synchronized void run() {
      closed = true;
      if (!busy) free();
    }

    private void free() {
      long p = pointer;
      pointer = 0;
      if (p != 0) destroy.accept(p);
    }
  }

  private final State state;
  private final Cleaner.Cleanable cleanable;

  /** `destroy` must not refer to `owner`. */
  NativeHandle(Object owner, String what, long pointer, LongConsumer destroy) {
    if (pointer == 0) throw new OutOfMemoryError("no memory for a " + what);
    state = new State(what, pointer, destroy);
    cleanable = CLEANER.register(owner, state);
  }

  /** Every acquire() needs its release(), with the owner reachable until then. */
  long acquire() { return state.acquire(); }

  void release() { state.release(); }

  boolean closed() {
    synchronized (state) {
      return state.closed;
    }
  }

  void close() { cleanable.clean(); }
}
