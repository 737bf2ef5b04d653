/**
 * Writes N-dimensional images that do not fit in memory, piece by piece: a {@link org.swr.Writer} asks a {@link org.swr.PixelSource} for one piece
 * after the other. It also pastes a region into a file that is there already, makes a file grow, and does both in compressed files, in place. A
 * {@link org.swr.Reader} reads regions of files of any size.
 *
 * <p>Axis 0 varies fastest; the components of a pixel lie together; buffers are in the machine's byte order. Geometry is physical space in
 * millimetres, LPS (x to the left, y to the posterior, z to the superior). Regions are in the image's own index space, that of
 * {@link org.swr.Writer#setImageRegion}, whose index need not be zero.
 *
 * <p>What fails throws an {@link org.swr.SwrException}; what a source or a listener throws comes out as it is. A failed call has changed nothing
 * on disk, except where its description says otherwise.
 */
package org.swr;
