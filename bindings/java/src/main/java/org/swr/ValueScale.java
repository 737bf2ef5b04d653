package org.swr;

/**
 * A file's own rule from stored to real values, real = slope * stored + intercept. Pixels are read
 * as they are stored.
 *
 * @param slope 1 where the file has no rule
 * @param intercept 0 where the file has no rule
 */
public record ValueScale(double slope, double intercept) {}
