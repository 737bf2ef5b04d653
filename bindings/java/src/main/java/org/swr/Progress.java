package org.swr;

/**
 * How far a write is.
 *
 * @param piecesDone how many pieces are stored
 * @param pieces how many there are
 * @param bytesDone how many bytes of pixels are stored
 * @param bytes how many there are
 */
public record Progress(long piecesDone, long pieces, long bytesDone, long bytes) {}
