"""Images that are written region by region, in any order."""
from __future__ import annotations

import os
import threading
import warnings
from typing import TYPE_CHECKING, Any, Dict, Optional

import numpy as np

from swr import errors
from swr._arrays import is_dask, is_lazy, is_plain, memory_of, pixels_of
from swr._boxes import Box, blocks, box_of, region_of
from swr._names import METHOD, STATISTIC, Path, name_of
from swr._plan import plan
from swr._swr import ffi, lib

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from swr._settings import Settings

BLOCK = 8 << 20
"""Bytes that are copied at a time where an array's memory is not what the library takes."""


class Writer:
    """A file as an array that is assigned to: `writer[10:20] = array`.

        with swr.Writer("a.nii.gz", (100, 512, 512), "uint16", spacing=(2, 0.5, 0.5)) as writer:
            writer[10:20] = array

    Axis 0 is the slowest axis of the file, and all lists are in the order of the axes: z, y, x.
    At the end of the `with` statement the file is complete and has its name; after an exception in
    it the old file is there, byte for byte. `existing="update"` changes pixels of a file; its shape
    and dtype need not be given then. Threads may assign at the same time; they take turns.
    """

    def __init__(self, path: Path, shape: Any = None, dtype: Any = None, *,
                 kind: Optional[str] = None, **settings: Unpack[Settings]) -> None:
        made = plan(path, shape, dtype, kind, settings)
        self.path = os.fspath(path)
        self._writer = made.writer
        self._start = made.start
        self._trailing = made.trailing
        self._statistics: Dict[str, int] = {}
        self._end = threading.RLock()  # a callback may come back
        self.dtype = made.dtype
        """The dtype that arrays are converted to: the file's, or `source_dtype`."""
        self.shape = made.shape + made.trailing
        """The shape of the array, with an axis for the components if there are several."""
        try:
            self._writer.call(lib.swr_begin)
        except BaseException:
            self._writer.close()
            raise

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def closed(self) -> bool:
        return self._writer.closed

    def __len__(self) -> int:
        return self.shape[0]

    def __setitem__(self, key: Any, value: Any) -> None:
        """Stores a box. The value is broadcast as numpy does, and may be changed afterwards."""
        box, n = self._box(key)
        if np.shape(value) == box.size and (is_dask(value) or is_lazy(value)):
            self._store_lazy(box, value)
            return
        array = pixels_of(value, self.dtype, box.shape).reshape(box.size)
        if 0 in box.size:
            return
        if is_plain(array, self.dtype):
            self._put(box.first[:n], array)
            return
        # converted, copied or broadcast in blocks, so that memory is bounded
        for part in blocks(box.size[:n], self._block_pixels()):
            first = [a + s.start for a, s in zip(box.first, part)]
            self._put(first, np.ascontiguousarray(array[part], self.dtype))

    def _box(self, key: Any) -> tuple[Box, int]:
        """The box of whole pixels, and how many of its axes are those of pixels."""
        box = box_of(key, self.shape)
        n = self.ndim - len(self._trailing)
        if box.size[n:] != self._trailing:
            raise errors.RegionError("all components of a pixel are written at once")
        if self.closed:
            raise errors.StateError("the writer is closed")
        return box, n

    def _block_pixels(self) -> int:
        pixel = self.dtype.itemsize * int(np.prod(self._trailing, dtype=np.int64))
        return max(1, BLOCK // pixel)

    def _store_lazy(self, box: Box, value: Any) -> None:
        """Chunk by chunk, or in blocks, so that the value is never in memory as a whole."""
        if is_dask(value):
            value.store(self, regions=box.key(), lock=False)
            return
        n = self.ndim - len(self._trailing)
        for part in blocks(box.size[:n], self._block_pixels()) if 0 not in box.size else ():
            key = tuple(slice(a + s.start, a + s.stop) for a, s in zip(box.first, part))
            self[key] = np.asarray(value[part])

    def _put(self, first: Any, array: np.ndarray) -> None:
        n = self.ndim - len(self._trailing)
        region = region_of(self._start, first, array.shape[:n])
        self._writer.call(lib.swr_put, region, memory_of(array), array.nbytes)

    def put_masked(self, key: Any, value: Any, mask: Any) -> None:
        """Stores the pixels of a box whose element of `mask` is true; all others stay as they are.
        Value and mask are broadcast to the box; the mask has no axis of components."""
        box, n = self._box(key)
        selected = np.broadcast_to(np.asarray(mask, dtype=bool), box.size[:n])
        array = pixels_of(value, self.dtype, box.shape).reshape(box.size)
        if 0 in box.size:
            return
        for part in blocks(box.size[:n], self._block_pixels()):
            pixels = np.ascontiguousarray(array[part], self.dtype)
            chosen = np.ascontiguousarray(selected[part])
            first = [a + s.start for a, s in zip(box.first, part)]
            region = region_of(self._start, first, pixels.shape[:n])
            self._writer.call(lib.swr_put_masked, region, memory_of(pixels), pixels.nbytes,
                              memory_of(chosen), chosen.nbytes)

    def close(self) -> None:
        """Completes the file. IncompleteError, and no file, if pixels of a new image are missing
        and there is no `fill`. After any error the old file is there. Does nothing if closed."""
        with self._end:
            if self.closed:
                return
            try:
                self._writer.call(lib.swr_finish)
                self._read_statistics()
            finally:
                self._writer.close()

    def abandon(self) -> None:
        """Ends the write and leaves the old file. Does nothing if closed."""
        with self._end:
            if self.closed:
                return
            try:
                self._writer.call(lib.swr_abandon)
            finally:
                self._writer.close()

    @property
    def statistics(self) -> Dict[str, Any]:
        """Figures of the write, when it is complete: swr_get_statistics(); `method` by name."""
        return dict(self._statistics)

    def _read_statistics(self) -> None:
        self._statistics = statistics_of(self._writer)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def __del__(self) -> None:
        if hasattr(self, "_end") and not self.closed and not self._writer.is_of_parent:
            warnings.warn(f"{self.path!r} was not closed: nothing of it was written",
                          ResourceWarning, source=self)
            self._writer.close()

    def __reduce__(self) -> Any:
        raise TypeError("a Writer belongs to its process: give other processes a swr.Target")

    def __repr__(self) -> str:
        state = " closed" if self.closed else ""
        return f"<swr.Writer {self.path!r} {self.shape} {self.dtype}{state}>"


def statistics_of(writer: Any) -> Dict[str, Any]:
    figures: Dict[str, Any] = {
        name: writer.number(lib.swr_get_statistics, "int64_t", number)
        for name, number in STATISTIC.items() if name != "count"}
    figures["method"] = name_of(METHOD, figures["method"])
    return figures
