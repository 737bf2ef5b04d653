"""Images that grow frame by frame and keep what they have."""
from __future__ import annotations

import atexit
import os
import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Dict, Optional

import numpy as np

from swr import errors
from swr._arrays import is_plain, memory_of, pixels_of
from swr._boxes import check_shape
from swr._names import Path
from swr._plan import plan
from swr._swr import lib
from swr.writer import BLOCK, statistics_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from swr._settings import Settings

_open: "weakref.WeakSet[Appender]" = weakref.WeakSet()


class Appender:
    """A file that grows along axis 0, for a camera, a scanner or a simulation:

        with swr.Appender("series.mha", (2048, 2048), "uint16") as series:
            for frame in camera:
                series.append(frame)

    `shape` is that of a frame; lists such as `spacing` have an entry for axis 0 too. With
    `existing="extend"` frames go after those that the file has, and its path is enough. Checkpoints
    put frames into the file while the next ones arrive (the options "append.every_frames" and
    "append.every_seconds"). The file is complete at each, and what it holds then stays, whatever
    happens later. The end of the `with` statement makes the last one, after an exception too: this
    is the difference to a Writer, which then leaves the old file. docs/acquire.md says more.
    """

    def __init__(self, path: Path, shape: Any = None, dtype: Any = None, *,
                 kind: Optional[str] = None, **settings: Unpack[Settings]) -> None:
        made = plan(path, None if shape is None else (1,) + check_shape(shape), dtype, kind,
                    settings)
        self.path = os.fspath(path)
        self._writer = made.writer
        self._end = threading.RLock()  # a callback may come back
        self._statistics: Dict[str, Any] = {}
        self.dtype = made.dtype
        """The dtype that frames are converted to: the file's, or `source_dtype`."""
        self.shape = made.shape[1:] + made.trailing
        """The shape of a frame, with an axis for the components if there are several."""
        self.frames = 0
        """The frames that append() has taken. `statistics["frames_kept"]` are in the file."""
        try:
            if len(made.shape) < 2:
                raise errors.ArgumentError("shape: a frame has one axis at least")
            self._writer.call(lib.swr_check)
        except BaseException:
            self._writer.close()
            raise
        _open.add(self)

    @property
    def closed(self) -> bool:
        return self._writer.closed

    def append(self, value: Any) -> None:
        """Takes a frame, or several in an array with one axis more; they may be changed afterwards.

        Returns when they are in memory, and waits only while that is full. An error of a checkpoint
        is raised by the next call, which takes nothing; the call after that tries again.
        """
        several = np.ndim(value) == len(self.shape) + 1
        if np.shape(value)[several:] != self.shape:
            raise errors.ArgumentError(
                f"an array of the shape {np.shape(value)} is neither a frame of {self.shape} nor"
                " several")
        shape = np.shape(value) if several else (1,) + self.shape
        array = pixels_of(value, self.dtype, shape)
        if is_plain(array, self.dtype):
            self._append(array)
            return
        frames = max(1, BLOCK // max(1, array[:1].size * self.dtype.itemsize))
        for first in range(0, len(array), frames):
            self._append(np.ascontiguousarray(array[first:first + frames], self.dtype))

    def _append(self, frames: np.ndarray) -> None:
        if self.closed:
            raise errors.StateError("the appender is closed")
        if len(frames):
            with self._end:
                self._writer.call(lib.swr_append, memory_of(frames), frames.nbytes)
                self.frames += len(frames)

    def flush(self) -> None:
        """Makes a checkpoint: when it returns, all frames are in the file."""
        with self._end:
            if self.frames or self.closed:
                self._writer.call(lib.swr_flush)

    def close(self) -> None:
        """Makes the last checkpoint. After an error the frames wait as before: close again, or
        abandon. Without a frame no file is made. Does nothing if closed."""
        with self._end:
            if self.closed:
                return
            if self.frames:
                self._writer.call(lib.swr_finish)
                self._statistics = statistics_of(self._writer)
            self._writer.close()

    def abandon(self) -> None:
        """Ends with what the last checkpoint holds. Does nothing if closed."""
        with self._end:
            if self.closed:
                return
            try:
                if self.frames:
                    self._writer.call(lib.swr_abandon)
                    self._statistics = statistics_of(self._writer)
            finally:
                self._writer.close()

    @property
    def statistics(self) -> Dict[str, Any]:
        """Figures so far: `frames_kept` are in the file, after `checkpoints`."""
        with self._end:
            return dict(self._statistics) if self.closed else statistics_of(self._writer)

    def __enter__(self) -> Appender:
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        try:
            self.close()
        finally:
            self.abandon()

    def __del__(self) -> None:
        if hasattr(self, "frames") and not self.closed and not self._writer.is_of_parent:
            warnings.warn(f"{self.path!r} was not closed", ResourceWarning, source=self)
            self.__exit__(None, None, None)

    def __repr__(self) -> str:
        state = " closed" if self.closed else ""
        return f"<swr.Appender {self.path!r} {self.frames} x {self.shape} {self.dtype}{state}>"


@atexit.register
def _close_all() -> None:
    """An interpreter that ends keeps the frames that were taken."""
    for appender in list(_open):
        if appender._end.acquire(timeout=10):  # a thread may hold it for ever
            appender._end.release()
            try:
                appender.__exit__(None, None, None)
            except errors.Error as error:
                warnings.warn(f"{appender.path!r}: {error}", ResourceWarning)


# A write belongs to the process that began it.
os.register_at_fork(after_in_child=_open.clear)
