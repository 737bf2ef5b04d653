package org.swr;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Objects;

/**
 * A piece of the image that a writer asks its source for. The source fills the buffer, through one
 * of its views, or lends memory of its own. The fastest ways to fill are one bulk put of an array,
 * or absolute puts in a loop.
 *
 * <p>Valid until the source returns. Its buffer belongs to Java: a buffer that is kept is still
 * valid, but the writer no longer uses it.
 */
public final class Piece {
  private final Bridge bridge;
  // number, count, bytes, component, components, dimensions, index..., size...
  private final long[] facts;
  private final PixelRegion region;
  private long pointer;
  private ByteBuffer buffer;
  private boolean lent;

  Piece(Bridge bridge, long pointer, long[] facts) {
    this.bridge = bridge;
    this.pointer = pointer;
    this.facts = facts;
    this.region = PixelRegion.unpacked(facts, 5);
  }

  synchronized void end() { pointer = 0; }

  /**
   * The region to deliver.
   *
   * @return a region in the image's index space
   */
  public PixelRegion getRegion() { return region; }

  /**
   * The number of the piece.
   *
   * @return from 0
   */
  public long getNumber() { return facts[0]; }

  /**
   * The number of pieces.
   *
   * @return 1 or more
   */
  public long getCount() { return facts[1]; }

  /**
   * The size of the piece, packed, in the source's type.
   *
   * @return bytes
   */
  public long getBytes() { return facts[2]; }

  /**
   * The component type to deliver.
   *
   * @return the source's component type
   */
  public ComponentType getComponent() { return ComponentType.of((int) facts[3]); }

  /**
   * The number of components of each pixel to deliver.
   *
   * @return 1 or more
   */
  public int getComponents() { return (int) facts[4]; }

  /**
   * The memory to fill: packed, exactly the piece's bytes, direct, in the machine's byte order.
   *
   * @return the same buffer at each call, with its position set to 0
   */
  public synchronized ByteBuffer getBuffer() {
    live();
    if (buffer == null) buffer = bridge.staging(getBytes());
    if (buffer == null) {
      long address = SwrNative.swr_piece_buffer(pointer);
      if (address == 0) throw new SwrException.Memory("there is no memory for the piece");
      buffer = bridge.buffer(address, getBytes());
    }
    return buffer.duplicate().order(buffer.order());
  }

  /**
   * The buffer, seen as 16-bit numbers.
   *
   * @return a view of the whole piece
   * @throws IllegalArgumentException if components are of another type; signed and unsigned are the
   *     same bits
   */
  public ShortBuffer asShorts() { return view(2, false, "short").asShortBuffer(); }

  /**
   * The buffer, seen as unsigned 16-bit numbers.
   *
   * @return a view of the whole piece
   * @throws IllegalArgumentException if components are of another type; signed and unsigned are the
   *     same bits
   */
  public CharBuffer asChars() { return view(2, false, "char").asCharBuffer(); }

  /**
   * The buffer, seen as 32-bit numbers.
   *
   * @return a view of the whole piece
   * @throws IllegalArgumentException if components are of another type; signed and unsigned are the
   *     same bits
   */
  public IntBuffer asInts() { return view(4, false, "int").asIntBuffer(); }

  /**
   * The buffer, seen as 64-bit numbers.
   *
   * @return a view of the whole piece
   * @throws IllegalArgumentException if components are of another type; signed and unsigned are the
   *     same bits
   */
  public LongBuffer asLongs() { return view(8, false, "long").asLongBuffer(); }

  /**
   * The buffer, seen as 32-bit floating-point numbers.
   *
   * @return a view of the whole piece
   * @throws IllegalArgumentException if components are of another type; signed and unsigned are the
   *     same bits
   */
  public FloatBuffer asFloats() { return view(4, true, "float").asFloatBuffer(); }

  /**
   * The buffer, seen as 64-bit floating-point numbers.
   *
   * @return a view of the whole piece
   * @throws IllegalArgumentException if components are of another type; signed and unsigned are the
   *     same bits
   */
  public DoubleBuffer asDoubles() { return view(8, true, "double").asDoubleBuffer(); }

  /**
   * Lends memory instead of filling the buffer. Held may be larger than the piece: it is cropped,
   * and later pieces inside it are not pulled. The memory must stay unchanged until the next call
   * of the source or the end of the write.
   *
   * @param memory a direct buffer; from its position on it has the pixels of held, packed, in the
   *     source's type and the machine's byte order
   * @param held the region that it holds
   * @throws SwrException.SourceRegion if held does not cover the piece
   */
  public synchronized void lend(ByteBuffer memory, PixelRegion held) {
    live();
    Objects.requireNonNull(held, "held");
    long needed =
        Math.multiplyExact(held.getPixels(), (long) getComponent().getBytes() * getComponents());
    ByteBuffer slice = Memory.direct(memory, needed);
    int status = SwrNative.swr_piece_lend(pointer, slice, PixelRegion.packed(held));
    if (status != 0)
      throw SwrException.of(status, "the piece is " + region + ", the source delivered " + held);
    bridge.keep(slice);
    lent = true;
  }

  /**
   * Passes the content of the binding's own buffer to the library: lent, which copies nothing, or
   * copied, so that the source can continue.
   */
  synchronized int deliver(boolean lend) {
    if (buffer == null || lent) return 0;
    if (lend) return SwrNative.swr_piece_lend(pointer, buffer, PixelRegion.packed(region));
    int status = SwrNative.swr_java_fill(pointer, buffer);
    if (status != 0) throw new SwrException.Memory("there is no memory for the piece");
    return 0;
  }

  private ByteBuffer view(int bytes, boolean floating, String elements) {
    if (!Memory.holds(getComponent(), bytes, floating))
      throw Memory.refusal(elements, getComponent());
    return getBuffer();
  }

  private void live() {
    if (pointer == 0)
      throw new IllegalStateException("the piece was valid until its source returned");
  }
}
