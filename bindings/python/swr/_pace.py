"""Whether pieces are lent to the library or copied into its memory."""
from __future__ import annotations

import time

_SAMPLES = 8


class Pace:
    """Lent pieces are stored while the source waits, without a copy: faster where storing is about
    as fast as copying, and the source is faster still. Copied ones are stored, or compressed, while
    the source makes the next. The first pieces are lent, and tell; the binding of Java does alike.
    """

    def __init__(self) -> None:
        self._samples = 0
        self._lend = True
        self._entered = self._left = self._in_source = self._in_store = self._bytes = 0

    def begin(self) -> None:
        """The source is called."""
        if self._samples > _SAMPLES:
            return
        self._entered = time.perf_counter_ns()
        if self._samples == 0:
            return
        self._in_store += self._entered - self._left
        if self._samples == _SAMPLES:  # 1 GB/s or more
            self._lend = self._in_store <= self._bytes and self._in_source <= self._in_store // 2

    def end(self, size: int) -> bool:
        """The source has made a piece of `size` bytes. Whether it is to be lent."""
        if self._samples < _SAMPLES:
            self._left = time.perf_counter_ns()
            self._in_source += self._left - self._entered
            self._bytes += size
        self._samples = min(self._samples + 1, _SAMPLES + 1)
        return self._lend
