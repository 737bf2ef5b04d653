"""stream.py FILE GIBIBYTES MEBIBYTES [put]: what stream.c does, in Python; prints the time."""
import os
import sys
import time

import numpy as np
import swr


def stream(path: str, slices: int, slab: np.ndarray, puts: bool) -> float:
    shape, thick = (slices, 512, 1024), len(slab)
    begin = time.perf_counter()
    if puts:
        with swr.Writer(path, shape, "int16") as writer:
            for first in range(0, slices, thick):
                writer[first:first + thick] = slab
    else:
        swr.write(path, lambda region: slab, shape, "int16", divisions=slices // thick)
    seconds = time.perf_counter() - begin
    os.remove(path)
    return seconds


def main(path: str, gibibytes: str, mebibytes: str, *put: str) -> None:
    slices = 1024 * int(gibibytes)  # of 1 MiB
    slab = np.full((int(mebibytes), 512, 1024), 0x0707, "int16")
    stream(path, 256, slab, bool(put))
    print(f"RESULT seconds={stream(path, slices, slab, bool(put)):.3f} bytes={slices << 20}")


main(*sys.argv[1:])
