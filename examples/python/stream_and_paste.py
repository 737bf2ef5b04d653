"""Streams a volume of 1 GiB into a compressed file, piece by piece, then pastes a bright box into it."""
import sys

import numpy as np
import swr

path = sys.argv[1] if len(sys.argv) > 1 else "volume.nii.gz"
slices = 16 if len(sys.argv) > 2 else 512  # any second word makes it a small volume


def ramp(region):
    """The source: asked for one piece after the other, it computes the pixels of that piece alone."""
    z, y, x = np.ogrid[region]
    return (x + y + z).astype("uint16")


swr.write(path, ramp, (slices, 1024, 1024), "uint16", spacing=(2, 0.5, 0.5), memory_limit=16 << 20)
with swr.Writer(path, existing="update") as image:
    image[4:12, 200:264, 100:164] = 65535  # pastes: the box changes, and nothing else
# a write that fails raises, and the file is as it was before it
