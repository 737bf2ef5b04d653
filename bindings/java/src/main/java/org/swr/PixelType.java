package org.swr;

/**
 * How pixels are stored.
 *
 * @param component the type of one component
 * @param components the number of components: 1 for scalars, 3 for RGB, 4 for RGBA, 2 for complex
 *     numbers, else 1 to 65535
 * @param kind the meaning of the components
 */
public record PixelType(ComponentType component, int components, Kind kind) {
  /**
   * One component.
   *
   * @param component its type
   */
  public PixelType(ComponentType component) { this(component, 1, Kind.SCALAR); }

  /**
   * The size of a pixel.
   *
   * @return bytes
   */
  public long bytes() { return (long) component.getBytes() * components; }
}
