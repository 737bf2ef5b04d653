/**
 * Writes N-dimensional images that do not fit in memory, piece by piece: a {@link
 * org.swr.SwrWriter} asks a {@link org.swr.PixelSource} for one piece at a time. It also pastes a
 * region into an existing file and makes a file grow, in compressed files too, in place. A {@link
 * org.swr.SwrReader} reads regions of files of any size.
 *
 * <p>Axis 0 varies fastest; the components of a pixel are adjacent; buffers are in the machine's
 * byte order. Geometry is physical space in millimetres, LPS (x to the left, y to the posterior, z
 * to the superior). Regions are in the image's own index space, that of {@link
 * org.swr.SwrWriter#setImageRegion}, whose index need not be zero.
 *
 * <p>A failed call throws an {@link org.swr.SwrException}; exceptions of a source or a listener
 * leave the call unchanged. A failed call has changed nothing on disk, unless its description says
 * otherwise.
 */
package org.swr;
