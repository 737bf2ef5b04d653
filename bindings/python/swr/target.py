"""Files that several processes fill."""
from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np

from swr._names import Path
from swr.image import Image
from swr.writer import Writer


class Target:
    """An existing file as an array that processes assign to at the same time, as the workers of
    dask.distributed do: it can be pickled.

        swr.allocate("a.nrrd", blocks.shape, blocks.dtype)
        blocks.store(swr.Target("a.nrrd"), lock=False)

    Each assignment is a write of its own, with `existing="update"`: when it returns, its pixels are
    on the disk and stay there, whatever happens to the process. One that fails leaves the file as
    it was before this assignment.

    Uncompressed pixels are written at the same time. A change of compressed ones waits for the
    other changes (the option "lock" is "wait" unless set) and compresses again the slots that it
    touches, so chunks of few whole slabs are stored fastest there. The settings are a Writer's.
    """

    def __init__(self, path: Path, *, conversion: Optional[str] = None, source_dtype: Any = None,
                 threads: Optional[int] = None, memory_limit: Optional[int] = None,
                 sync: Optional[bool] = None,
                 options: Optional[Mapping[str, Optional[str]]] = None) -> None:
        self.path = os.path.abspath(os.fsdecode(path))
        waits: Dict[str, Optional[str]] = {"lock": "wait", **(options or {})}
        settings = {"conversion": conversion, "source_dtype": source_dtype, "threads": threads,
                    "memory_limit": memory_limit, "sync": sync,
                    "options": waits}
        self._settings: Dict[str, Any] = {k: v for k, v in settings.items() if v is not None}
        with Image(self.path) as image:
            self.shape = image.shape
            self.dtype = image.dtype if source_dtype is None else np.dtype(source_dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __setitem__(self, key: Any, value: Any) -> None:
        """Stores a box, as a Writer does, and returns when it is on the disk."""
        with Writer(self.path, existing="update", **self._settings) as writer:
            writer[key] = value

    def __reduce__(self) -> Tuple[Any, ...]:
        return _again, (self.path, self._settings)

    def __repr__(self) -> str:
        return f"<swr.Target {self.path!r} {self.shape} {self.dtype}>"


def _again(path: str, settings: Dict[str, Any]) -> Target:
    return Target(path, **settings)
