"""Calls from C into Python: pulls, progress and log messages.

An exception must not leave a callback, since C cannot pass it on. It is kept, the library stops,
and the call that led here raises it: the same object, KeyboardInterrupt included.
"""
from __future__ import annotations

import itertools
import logging
import weakref
from typing import Any, Callable, Optional, Tuple

import numpy as np

from swr import errors
from swr._arrays import is_plain, memory_of, pixels_of
from swr._boxes import index_and_size
from swr._names import string_of
from swr._pace import Pace
from swr._swr import ffi, lib
from swr._words import words_of

Progress = Callable[[int, int, int, int], Any]
Source = Callable[[Tuple[slice, ...]], Any]

# C gets a number instead of an object, so a late call for a bridge that is gone does nothing.
_bridges: "weakref.WeakValueDictionary[int, Bridge]" = weakref.WeakValueDictionary()
_numbers = itertools.count(1)
_logger = logging.getLogger("swr")


class Bridge:
    """What the callbacks of one writer lead to."""

    def __init__(self, progress: Optional[Progress]) -> None:
        number = next(_numbers)
        self.user = ffi.cast("void *", number)
        self._progress = progress
        self._pull: Optional[Pull] = None
        self._thrown: Optional[BaseException] = None
        _bridges[number] = self

    def start(self, pull: Pull) -> None:
        self._pull = pull

    def stop(self) -> None:
        self._pull = None

    def keep(self, error: BaseException) -> None:
        """The first exception counts: the others follow from the library's stopping."""
        if self._thrown is None:
            self._thrown = error

    def raise_kept(self) -> None:
        thrown, self._thrown = self._thrown, None
        if thrown is not None:
            raise thrown

    def pull(self, piece: Any) -> int:
        if self._thrown is not None or self._pull is None:
            return lib.SWR_CANCELLED
        return self._pull(piece)

    def stopped(self) -> bool:
        return self._thrown is not None

    def progress(self, *numbers: int) -> int:
        if self._progress is not None and self._thrown is None:
            self._progress(*numbers)
        return 0 if self._thrown is None else 1


class Pull:
    """Delivers the pieces of one write out of a source, which gets slices of the array.

    Memory that is lent must stay until the next pull. Several threads pull at once: for those
    `one_thread` is False, and every piece is copied.
    """

    def __init__(self, source: Source, start: Tuple[int, ...], dtype: np.dtype,
                 trailing: Tuple[int, ...], one_thread: bool) -> None:
        self._source = source
        self._start = start
        self._dtype = dtype
        self._trailing = trailing
        self._pace = Pace() if one_thread else None
        self._lent: Any = None

    def __call__(self, piece: Any) -> int:
        region = lib.swr_piece_region(piece)
        index, size = index_and_size(region)
        key = tuple(slice(i - s, i - s + n) for i, s, n in zip(index, self._start, size))
        shape = size + self._trailing
        if self._pace is not None:
            self._pace.begin()
        value = self._source(key)
        if np.shape(value) != shape:
            raise errors.SourceRegionError(
                f"the source returned an array of the shape {np.shape(value)} for"
                f" {_key_text(key)}, which has {shape}")
        array = pixels_of(value, self._dtype, shape)
        lend = self._pace is not None and self._pace.end(array.nbytes)
        if lend and is_plain(array, self._dtype):
            self._lent = memory_of(array)  # until the next piece
            return lib.swr_piece_lend(piece, self._lent, region)
        buffer = lib.swr_piece_buffer(piece)
        if buffer == ffi.NULL:
            return lib.SWR_ERROR_MEMORY
        memory = np.frombuffer(ffi.buffer(buffer, lib.swr_piece_bytes(piece)), self._dtype)
        np.copyto(memory.reshape(shape), array, casting="same_kind")
        return lib.SWR_OK


def _key_text(key: Tuple[slice, ...]) -> str:
    return "[" + ", ".join(f"{part.start}:{part.stop}" for part in key) + "]"


def _bridge(user: Any) -> Optional[Bridge]:
    return _bridges.get(int(ffi.cast("intptr_t", user)))


def _outside(kind: Any, error: BaseException, traceback: Any) -> None:
    """An exception between the lines of a callback, such as KeyboardInterrupt."""
    bridge = _bridge(traceback.tb_frame.f_locals["user"]) if traceback else None
    if bridge is not None:
        bridge.keep(error)


@ffi.def_extern(error=lib.SWR_ERROR_SOURCE, onerror=_outside)
def swr_python_pull(piece: Any, user: Any) -> int:
    bridge = _bridge(user)
    if bridge is None:
        return lib.SWR_CANCELLED
    try:
        return bridge.pull(piece)
    except BaseException as error:
        bridge.keep(error)
        return lib.SWR_ERROR_SOURCE


@ffi.def_extern(error=1, onerror=_outside)
def swr_python_progress(done: int, pieces: int, bytes_done: int, size: int, user: Any) -> int:
    bridge = _bridge(user)
    if bridge is None:
        return 0
    try:
        return bridge.progress(done, pieces, bytes_done, size)
    except BaseException as error:
        bridge.keep(error)
        return 1


@ffi.def_extern(error=1, onerror=_outside)
def swr_python_cancel(user: Any) -> int:
    """Asked while a call waits: this is where Python sees a KeyboardInterrupt."""
    bridge = _bridge(user)
    return 1 if bridge is not None and bridge.stopped() else 0


@ffi.def_extern(onerror=_outside)
def swr_python_log(level: int, message: Any, user: Any) -> None:
    bridge = _bridge(user)
    try:
        _logger.log(logging.WARNING if level == lib.SWR_LOG_WARNING else logging.INFO, "%s",
                    words_of(string_of(message)))
    except BaseException as error:
        if bridge is not None:
            bridge.keep(error)
