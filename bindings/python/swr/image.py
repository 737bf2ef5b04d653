"""Images that are read: lazily, a region at a time."""
from __future__ import annotations

import contextlib
import os
import threading
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

import numpy as np

from swr import errors
from swr._arrays import is_plain, memory_of
from swr._boxes import Box, box_of, index_and_size, region_of
from swr._names import Path, path_text, string_of, text
from swr._swr import ffi, lib
from swr._types import PixelType, array_type, kind_name

_SLAB = 8 << 20


class Image:
    """A file as an array: `image[10:20]` reads these slices and nothing else.

    Axis 0 is the slowest axis of the file, so shapes and all other lists are in the order z, y, x.
    numpy.asarray(), dask.array.from_array() and pickle work. Threads may read at the same time;
    they take turns. Close it, or use it in a `with` statement; the facts stay after that.
    """

    def __init__(self, path: Path, *, memory_limit: Optional[int] = None,
                 threads: Optional[int] = None,
                 options: Optional[Mapping[str, str]] = None) -> None:
        self._arguments: Dict[str, Any] = {"memory_limit": memory_limit, "threads": threads,
                                           "options": dict(options or {})}
        self.path = os.path.abspath(os.fsdecode(path))
        self._lock = threading.RLock()
        self._reader: Any = ffi.gc(lib.swr_reader_create(), lib.swr_reader_destroy)
        if self._reader == ffi.NULL:
            raise errors.MemoryError("there is no memory for a reader")
        if memory_limit is not None:
            self._call(lib.swr_reader_set_memory_limit, memory_limit)
        if threads is not None:
            self._call(lib.swr_reader_set_threads, threads)
        for key, value in self._arguments["options"].items():
            self._call(lib.swr_reader_set_option, text(key, "options"),
                       text(value, f"options[{key!r}]"))
        self._call(lib.swr_reader_open, path_text(path))
        self.message = string_of(lib.swr_reader_message(self._reader))
        """What was found next to the file and left alone; usually ""."""
        self._read_facts()

    def _read_facts(self) -> None:
        region = ffi.new("swr_region *")
        self._call(lib.swr_reader_get_image_region, region)
        self.start, size = index_and_size(region)
        component, components = ffi.new("swr_component *"), ffi.new("int32_t *")
        kind = ffi.new("swr_kind *")
        self._call(lib.swr_reader_get_pixel_type, component, components, kind)
        self._pixel = PixelType(component[0], components[0], kind[0])
        self.kind = kind_name(self._pixel)
        self.dtype, self._trailing = array_type(self._pixel)
        self.image_shape = size
        self.shape = size + self._trailing
        n = len(size)
        self.spacing = self._numbers(lib.swr_reader_get_spacing, n)
        self.origin = self._numbers(lib.swr_reader_get_origin, n)
        # reversed as a whole, n x n numbers have both rows and columns reversed
        self.direction = np.array(self._numbers(lib.swr_reader_get_direction, n * n)).reshape(n, n)
        self.units = tuple(
            string_of(lib.swr_unit_name(self._one(lib.swr_reader_get_axis_unit, "swr_unit *", i)))
            for i in reversed(range(n)))
        slope, intercept = ffi.new("double *"), ffi.new("double *")
        self._call(lib.swr_reader_get_value_scale, slope, intercept)
        self.value_scale = (slope[0], intercept[0])
        self.metadata = self._read_metadata()
        self.format = string_of(self._one(lib.swr_reader_get_format, "char const * *"))
        encoding, slotted = ffi.new("char const * *"), ffi.new("int32_t *")
        self._call(lib.swr_reader_get_encoding, encoding, slotted)
        self.encoding, self.slotted = string_of(encoding[0]), bool(slotted[0])
        self.chunk_shape = self._read_chunk_shape(n)
        """The sizes of a chunk, as those of image_shape; None if the image is not in chunks."""
        self.big_endian = bool(self._one(lib.swr_reader_get_big_endian, "int32_t *"))
        self.data_file = string_of(self._one(lib.swr_reader_get_data_file, "char const * *"))

    def _read_metadata(self) -> Dict[str, str]:
        entries = {}
        key, value = ffi.new("char const * *"), ffi.new("char const * *")
        for i in range(self._one(lib.swr_reader_get_metadata_count, "int32_t *")):
            self._call(lib.swr_reader_get_metadata_at, i, key, value)
            entries[string_of(key[0])] = string_of(value[0])
        return entries

    def _read_chunk_shape(self, dimensions: int) -> Optional[Tuple[int, ...]]:
        sizes = ffi.new("int64_t[]", dimensions)
        self._call(lib.swr_reader_get_chunk_shape, sizes, dimensions)
        return tuple(sizes)[::-1] if sizes[0] else None

    def _numbers(self, function: Any, count: int) -> Tuple[float, ...]:
        values = ffi.new("double[]", count)
        self._call(function, values, count)
        return tuple(values)[::-1]

    def _one(self, function: Any, kind: str, *arguments: Any) -> Any:
        result = ffi.new(kind)
        self._call(function, *arguments, result)
        return result[0]

    def _call(self, function: Any, *arguments: Any) -> None:
        with self._reading() as reader:
            status = function(reader, *arguments)
            if status != lib.SWR_OK:
                raise errors.error_of(status, string_of(lib.swr_reader_message(reader)))

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Any]:
        """The reader of C, for one thread at a time, so that messages belong to their calls."""
        with self._lock:
            if self._reader is None:
                raise errors.StateError(f"{self.path!r} is closed")
            yield self._reader

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements; a Python integer, which does not overflow."""
        count = 1
        for n in self.shape:
            count *= n
        return count

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def chunks(self) -> Tuple[int, ...]:
        """A box that is read in one run: slabs of about 8 MiB. dask takes multiples of it."""
        result = list(self.shape)
        size = self.nbytes
        for axis in range(len(result)):
            size //= self.shape[axis]  # of one index of this axis
            result[axis] = min(self.shape[axis], max(1, _SLAB // size))
            if size <= _SLAB:
                break
        return tuple(result)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        """Reads a box: integers, slices of step 1 and '...'; a new array."""
        box = box_of(key, self.shape)
        result = self._read(box)
        if box.dropped:
            result = result.reshape(box.shape)
        return result[()] if not box.shape else result

    def _read(self, box: Box) -> np.ndarray:
        """The box with all its axes. Components are selected after reading all of a pixel."""
        n = len(self.image_shape)
        whole = np.empty(box.size[:n] + self._trailing, self.dtype)
        if 0 in box.size:
            return whole[(...,) + box.key()[n:]] if self._trailing else whole
        self._read_into(box, whole)
        if self._trailing and box.size[n:] != self._trailing:
            return np.ascontiguousarray(whole[(...,) + box.key()[n:]])
        return whole

    def _read_into(self, box: Box, array: np.ndarray) -> None:
        n = len(self.image_shape)
        memory = memory_of(array)
        self._call(lib.swr_reader_read, region_of(self.start, box.first[:n], box.size[:n]), memory,
                   array.nbytes)

    def read(self, key: Any = ..., out: Optional[np.ndarray] = None) -> np.ndarray:
        """`image[key]`, into `out` without a copy: packed, of the image's dtype and that shape."""
        if out is None:
            return self[key]
        box = box_of(key, self.shape)
        n = len(self.image_shape)
        if out.shape != box.shape or not is_plain(out, self.dtype) or not out.flags.writeable:
            raise errors.ArgumentError(
                f"out: a packed, writable array of {self.dtype} with the shape {box.shape} is"
                " needed")
        if self._trailing and box.size[n:] != self._trailing:
            raise errors.RegionError("out: all components of a pixel are read at once")
        if out.size:
            self._read_into(box, out)
        return out

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> np.ndarray:
        if copy is False:
            raise ValueError("the pixels of a file become an array only by reading them")
        pixels = self._read(box_of(..., self.shape))
        return pixels if dtype is None else pixels.astype(dtype, copy=False)

    def info(self) -> Dict[str, Any]:
        """All facts of the header in a dict."""
        names = ("path", "format", "shape", "dtype", "kind", "start", "spacing", "origin",
                 "direction", "units", "value_scale", "encoding", "slotted", "chunk_shape",
                 "big_endian", "data_file", "metadata")
        return {name: getattr(self, name) for name in names}

    def verify(self) -> str:
        """Checks the whole file; CorruptError for the first defect.

        Returns what the library noticed besides, such as further hard links; usually "".
        """
        with self._reading() as reader:
            self._call(lib.swr_reader_verify)
            return string_of(lib.swr_reader_message(reader))

    def refresh(self) -> None:
        """Follows a file that grows: the shape and all facts become those that it has now.

        It costs little if nothing has changed. MismatchError if the name belongs to another image.
        """
        with self._lock:
            self._call(lib.swr_reader_refresh)
            self._read_facts()

    def close(self) -> None:
        """Closes the file. Does nothing if it is closed."""
        with self._lock:
            reader, self._reader = self._reader, None
            if reader is not None:
                ffi.release(reader)

    def __enter__(self) -> Image:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __reduce__(self) -> Tuple[Any, ...]:
        return _reopen, (self.path, self._arguments)

    def __dask_tokenize__(self) -> Tuple[Any, ...]:
        facts = [os.stat(path) for path in (self.path, self.data_file) if os.path.exists(path)]
        return (self.path, tuple((f.st_ino, f.st_size, f.st_mtime_ns) for f in facts),
                str(self._arguments))

    def __repr__(self) -> str:
        return f"<swr.Image {self.path!r} {self.shape} {self.dtype}>"


def _reopen(path: str, arguments: Dict[str, Any]) -> Image:
    return Image(path, **arguments)


def open(path: Path, *, memory_limit: Optional[int] = None, threads: Optional[int] = None,
         options: Optional[Mapping[str, str]] = None) -> Image:
    """Opens a file for reading. `options` are those of swr_reader_set_option()."""
    return Image(path, memory_limit=memory_limit, threads=threads, options=options)


def info(path: Path) -> Dict[str, Any]:
    """What the header of a file says: shape, dtype, spacing, metadata, format and the rest."""
    with Image(path) as image:
        return image.info()
