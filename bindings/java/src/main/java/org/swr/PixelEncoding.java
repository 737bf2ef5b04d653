package org.swr;

/**
 * How a file's pixels are encoded.
 *
 * @param name "none", "deflate" or "text"
 * @param slotted whether the deflate stream is open to change in place
 */
public record PixelEncoding(String name, boolean slotted) {}
