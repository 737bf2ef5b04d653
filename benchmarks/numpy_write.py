#!/usr/bin/python3
"""NumPy as a contestant (CMakeLists.txt): an array of uint16 is written slab by slab, in key=value arguments.

    size=X,Y,Z out=FILE [slabs=256] [mode=memmap]     memmap: open_memmap() and assignments; write: a header, and tofile() of each slab
"""

import os
import resource
import sys
import time

import numpy as np
from numpy.lib import format as npy


def main():
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    x, y, z = map(int, words["size"].split(","))
    path, slabs = words["out"], min(int(words.get("slabs", "256")), z)
    # As the source of the others: rows of a pattern of 8 MiB, so that making a slab is a copy.
    rows = max(1, (8 << 20) // (2 * x))
    pattern = (np.arange(rows * x, dtype=np.uint32) * 2654435761 >> 20).astype("<u2").reshape(rows, x)
    bounds = [z * i // slabs for i in range(slabs + 1)]
    begin = time.monotonic()
    if words.get("mode", "memmap") == "memmap":
        array = npy.open_memmap(path, "w+", "<u2", (z, y, x))
        for low, high in zip(bounds, bounds[1:]):
            fill(array[low:high].reshape(-1, x), pattern, low * y)
        array.flush()
        del array
    else:
        with open(path, "wb") as out:
            npy.write_array_header_1_0(out, {"descr": "<u2", "fortran_order": False, "shape": (z, y, x)})
            for low, high in zip(bounds, bounds[1:]):
                slab = np.empty(((high - low) * y, x), "<u2")
                fill(slab, pattern, low * y)
                slab.tofile(out)
    seconds = time.monotonic() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"RESULT seconds={seconds} bytes={2 * x * y * z} file={os.path.getsize(path)} peak={peak}")


def fill(rows, pattern, first):
    done = 0
    while done < len(rows):
        at = (first + done) % len(pattern)
        more = min(len(rows) - done, len(pattern) - at)
        rows[done : done + more] = pattern[at : at + more]
        done += more


if __name__ == "__main__":
    main()
