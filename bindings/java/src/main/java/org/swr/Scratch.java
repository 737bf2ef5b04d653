package org.swr;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Direct memory for pixels on their way from an array to the library. It is kept from call to call:
 * the JVM clears each new buffer, and frees it only when it collects garbage.
 */
final class Scratch {
  /** Null while a call uses it, so that a second thread gets memory of its own. */
  private final AtomicReference<ByteBuffer> kept = new AtomicReference<>();
  private final long most;

  /** `most`: larger memory is not kept. */
  Scratch(long most) { this.most = most; }

  /** Calls `use` with memory of at least so many bytes, from 0 to `bytes`. */
  void with(long bytes, Consumer<ByteBuffer> use) {
    ByteBuffer memory = kept.getAndSet(null);
    if (memory == null || memory.capacity() < bytes) memory = Memory.allocate(bytes);
    try {
      use.accept(memory.clear().limit(Math.toIntExact(bytes)));
    } finally {
      if (memory.capacity() <= most) kept.set(memory);
    }
  }

  void drop() { kept.set(null); }
}
