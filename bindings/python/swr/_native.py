"""The C writer as an object: its calls, their errors, and its end."""
from __future__ import annotations

import atexit
import os
import threading
import weakref
from typing import Any, Optional

from swr import errors
from swr._bridge import Bridge, Progress
from swr._names import string_of
from swr._swr import ffi, lib

_open: "weakref.WeakSet[NativeWriter]" = weakref.WeakSet()


class NativeWriter:
    """A swr_writer. One thread at a time calls it; the others wait."""

    def __init__(self, progress: Optional[Progress] = None) -> None:
        writer = lib.swr_writer_create()
        if writer == ffi.NULL:
            raise errors.MemoryError("there is no memory for a writer")
        self._writer: Any = ffi.gc(writer, lib.swr_writer_destroy)
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._calls = 0
        self.bridge = Bridge(progress)
        # Always, because Python sees a KeyboardInterrupt only in a callback.
        self.call(lib.swr_set_progress, lib.swr_python_progress, self.bridge.user)
        self.call(lib.swr_set_cancel, lib.swr_python_cancel, self.bridge.user)
        self.call(lib.swr_set_log, lib.swr_python_log, self.bridge.user)
        _open.add(self)

    def call(self, function: Any, *arguments: Any) -> None:
        """Calls a function of C with this writer; an exception for a status, or of a callback."""
        with self._lock:
            if self._writer is None:
                raise errors.StateError("the writer is closed")
            self._calls += 1
            try:
                status = function(self._writer, *arguments)
                message = string_of(lib.swr_writer_message(self._writer)) if status else ""
            finally:
                self._calls -= 1
            if self._calls == 0:  # in a callback's own call, the exception is that of the outer one
                self.bridge.raise_kept()
        if status != lib.SWR_OK:
            raise errors.error_of(status, message)

    def number(self, function: Any, kind: str, *arguments: Any) -> int:
        """The result of a function of C that gives one number of the type `kind`."""
        result = ffi.new(kind + " *")
        self.call(function, *arguments, result)
        return int(result[0])

    @property
    def closed(self) -> bool:
        return self._writer is None

    @property
    def is_of_parent(self) -> bool:
        """Whether this process was forked from the one that made the writer, and that ends it."""
        return self._process != os.getpid()

    def close(self) -> None:
        """Abandons an unfinished write and frees the writer."""
        with self._lock:
            if self._calls:
                raise errors.StateError("a writer cannot be closed by its own callback")
            writer, self._writer = self._writer, None
            if writer is not None:
                ffi.release(writer)  # calls swr_writer_destroy
        _open.discard(self)


@atexit.register
def _close_all() -> None:
    """An interpreter that ends leaves no half-written files and no journals."""
    for writer in list(_open):
        if writer._lock.acquire(timeout=10):  # a thread may hold it for ever
            try:
                writer.close()
            except errors.Error:
                pass
            finally:
                writer._lock.release()


# A write belongs to the process that began it.
os.register_at_fork(after_in_child=_open.clear)
