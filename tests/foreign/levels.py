"""The smaller versions of an image, by numpy."""

import numpy as np


def halved(pixels, axes, method):
    """The next level, by numpy; axis 0 is the slowest one. The last pixel of an odd size stands for itself."""
    if method == "nearest":
        return pixels[tuple(slice(None, None, 2) if axis in axes else slice(None) for axis in range(pixels.ndim))]
    sums, counts = pixels.astype(np.float64), np.ones(pixels.shape)
    for axis in sorted(axes, reverse=True):
        starts = np.arange(0, pixels.shape[axis], 2)
        sums, counts = np.add.reduceat(sums, starts, axis), np.add.reduceat(counts, starts, axis)
    means = sums / counts
    return (means if pixels.dtype.kind == "f" else np.rint(means)).astype(pixels.dtype)


def levels_of(pixels, axes, count, method):
    levels = []
    for _ in range(count):
        pixels = halved(pixels, axes, method)
        levels.append(pixels)
    return levels
