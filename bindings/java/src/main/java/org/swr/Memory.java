package org.swr;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Objects;
import java.util.function.ObjIntConsumer;

/** Direct memory, which Java and the library both access, and the transfer of arrays through it. */
final class Memory {
  /** Arrays are copied through direct memory in parts of this size. */
  static final int PART = 8 << 20;

  /** Checks that a direct buffer has the expected number of remaining bytes. */
  static ByteBuffer direct(ByteBuffer buffer, long bytes) {
    if (!buffer.isDirect()) throw new IllegalArgumentException("the buffer is not direct");
    if (buffer.remaining() < bytes)
      throw new IllegalArgumentException(
          "the buffer has " + buffer.remaining() + " bytes left; " + bytes + " are needed");
    return buffer.slice();
  }

  /** Numbers of an array or a buffer, copied from and to buffers without a loop. */
  interface Elements {
    /** The same numbers where the library can access them; null if they must be copied. */
    default Buffer memory() { return null; }

    int length();

    int bytesEach();

    String name();

    boolean holds(ComponentType component);

    void toBuffer(int at, ByteBuffer to, int count);

    void fromBuffer(ByteBuffer from, int at, int count);
  }

  private static final class Array implements Elements {
    private final int length;
    private final int bytesEach;
    private final String name;
    private final Copy out;
    private final Copy in;

    interface Copy {
      void run(int at, ByteBuffer buffer, int count);
    }

    Array(int length, int bytesEach, String name, Copy out, Copy in) {
      this.length = length;
      this.bytesEach = bytesEach;
      this.name = name;
      this.out = out;
      this.in = in;
    }

    @Override public int length() { return length; }

    @Override public int bytesEach() { return bytesEach; }

    @Override public String name() { return name; }

    @Override
    public boolean holds(ComponentType component) {
      return Memory.holds(component, bytesEach, name.equals("float") || name.equals("double"));
    }

    @Override public void toBuffer(int at, ByteBuffer to, int count) { out.run(at, to, count); }

    @Override
    public void fromBuffer(ByteBuffer from, int at, int count) {
      in.run(at, from, count);
    }
  }

  /** Signed and unsigned numbers are the same bits. */
  static boolean holds(ComponentType component, int bytes, boolean floating) {
    boolean real = component == ComponentType.FLOAT32 || component == ComponentType.FLOAT64;
    return component.getBytes() == bytes && real == floating;
  }

  static Elements of(byte[] a) {
    return new Array(
        a.length, 1, "byte", (at, b, n) -> b.put(a, at, n), (at, b, n) -> b.get(a, at, n));
  }

  static Elements of(short[] a) {
    return new Array(a.length, 2, "short",
        (at, b, n) -> b.asShortBuffer().put(a, at, n),
        (at, b, n) -> b.asShortBuffer().get(a, at, n));
  }

  static Elements of(int[] a) {
    return new Array(a.length, 4, "int",
        (at, b, n) -> b.asIntBuffer().put(a, at, n), (at, b, n) -> b.asIntBuffer().get(a, at, n));
  }

  static Elements of(long[] a) {
    return new Array(a.length, 8, "long",
        (at, b, n) -> b.asLongBuffer().put(a, at, n), (at, b, n) -> b.asLongBuffer().get(a, at, n));
  }

  static Elements of(float[] a) {
    return new Array(a.length, 4, "float",
        (at, b, n) -> b.asFloatBuffer().put(a, at, n),
        (at, b, n) -> b.asFloatBuffer().get(a, at, n));
  }

  static Elements of(double[] a) {
    return new Array(a.length, 8, "double",
        (at, b, n) -> b.asDoubleBuffer().put(a, at, n),
        (at, b, n) -> b.asDoubleBuffer().get(a, at, n));
  }

  /** The rest of a buffer, whose position stays. */
  static Elements of(Buffer buffer) {
    if (buffer instanceof ByteBuffer) return of((ByteBuffer) buffer);
    if (buffer instanceof ShortBuffer) return of((ShortBuffer) buffer);
    if (buffer instanceof CharBuffer) return of((CharBuffer) buffer);
    if (buffer instanceof IntBuffer) return of((IntBuffer) buffer);
    if (buffer instanceof LongBuffer) return of((LongBuffer) buffer);
    if (buffer instanceof FloatBuffer) return of((FloatBuffer) buffer);
    return of((DoubleBuffer) Objects.requireNonNull(buffer, "pixels"));
  }

  /** Numbers in a buffer. Those of a direct one in the machine's order are not copied. */
  private static final class Rest implements Elements {
    private final Elements array;
    private final Buffer memory;

    Rest(Buffer buffer, ByteOrder order, Elements array) {
      this.array = array;
      memory = buffer.isDirect() && order == ByteOrder.nativeOrder() ? buffer.slice() : null;
    }

    @Override public Buffer memory() { return memory; }

    @Override public int length() { return array.length(); }

    @Override public int bytesEach() { return array.bytesEach(); }

    @Override public String name() { return array.name(); }

    @Override public boolean holds(ComponentType component) { return array.holds(component); }

    @Override public void toBuffer(int at, ByteBuffer to, int count) {
      array.toBuffer(at, to, count);
    }

    @Override public void fromBuffer(ByteBuffer from, int at, int count) {
      array.fromBuffer(from, at, count);
    }
  }

  /** Part of the rest of a buffer. */
  private static <B extends Buffer> B part(Buffer rest, B copy, int at, int count) {
    copy.limit(rest.position() + at + count).position(rest.position() + at);
    return copy;
  }

  static Elements of(ByteBuffer a) {
    return new Rest(a, ByteOrder.nativeOrder(),
        new Array(a.remaining(), 1, "byte", (at, b, n) -> b.put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(part(b, b.duplicate(), 0, n))));
  }

  static Elements of(ShortBuffer a) {
    return new Rest(a, a.order(),
        new Array(a.remaining(), 2, "short",
            (at, b, n) -> b.asShortBuffer().put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(b.asShortBuffer().limit(n))));
  }

  static Elements of(CharBuffer a) {
    return new Rest(a, a.order(),
        new Array(a.remaining(), 2, "char",
            (at, b, n) -> b.asCharBuffer().put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(b.asCharBuffer().limit(n))));
  }

  static Elements of(IntBuffer a) {
    return new Rest(a, a.order(),
        new Array(a.remaining(), 4, "int",
            (at, b, n) -> b.asIntBuffer().put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(b.asIntBuffer().limit(n))));
  }

  static Elements of(LongBuffer a) {
    return new Rest(a, a.order(),
        new Array(a.remaining(), 8, "long",
            (at, b, n) -> b.asLongBuffer().put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(b.asLongBuffer().limit(n))));
  }

  static Elements of(FloatBuffer a) {
    return new Rest(a, a.order(),
        new Array(a.remaining(), 4, "float",
            (at, b, n) -> b.asFloatBuffer().put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(b.asFloatBuffer().limit(n))));
  }

  static Elements of(DoubleBuffer a) {
    return new Rest(a, a.order(),
        new Array(a.remaining(), 8, "double",
            (at, b, n) -> b.asDoubleBuffer().put(part(a, a.duplicate(), at, n)),
            (at, b, n) -> part(a, a.duplicate(), at, n).put(b.asDoubleBuffer().limit(n))));
  }

  /** Checks that the array has exactly the components of a region, of their type. */
  static void require(Elements array, PixelRegion region, ComponentType component, int components) {
    long needed = Math.multiplyExact(region.getPixels(), (long) components);
    if (!array.holds(component)) throw refusal(array.name(), component);
    if (array.length() != needed)
      throw new IllegalArgumentException(
          "there are " + array.length() + " elements; " + region + " takes " + needed);
  }

  /** Refuses numbers of another type: their bits would be stored as values. */
  static IllegalArgumentException refusal(String elements, ComponentType component) {
    return new IllegalArgumentException(
        "elements of type " + elements + " do not hold " + component.getName());
  }

  /**
   * Parts of a region that go through a buffer one after another; they are consecutive in packed
   * memory.
   */
  static void inParts(
      PixelRegion region, long pixelBytes, long most, ObjIntConsumer<PixelRegion> part) {
    inParts(region, pixelBytes, most, 0, part);
  }

  private static int inParts(
      PixelRegion region, long pixelBytes, long most, int pixel, ObjIntConsumer<PixelRegion> part) {
    PixelRegion[] halves = region.getPixels() * pixelBytes > most ? region.halves() : null;
    if (halves == null) {
      part.accept(region, pixel);
      return Math.toIntExact(pixel + region.getPixels());
    }
    return inParts(
        halves[1], pixelBytes, most, inParts(halves[0], pixelBytes, most, pixel, part), part);
  }

  static ByteBuffer allocate(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  private Memory() {}
}
