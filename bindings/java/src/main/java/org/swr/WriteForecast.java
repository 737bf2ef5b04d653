package org.swr;

/**
 * How a write would reach the disk.
 *
 * @param method the way
 * @param bytesRead about how many bytes it would read
 * @param bytesWritten about how many bytes it would write besides the pixels it is given
 */
public record WriteForecast(WriteMethod method, long bytesRead, long bytesWritten) {}
