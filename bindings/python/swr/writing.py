"""Whole writes in one call: out of a source, of a file, or of no pixels at all."""
from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Tuple, Union

import numpy as np

from swr import errors
from swr._arrays import is_dask
from swr._boxes import Box, box_of, index_and_size, region_of
from swr._bridge import Pull
from swr._names import METHOD, Path, name_of, path_text
from swr._native import NativeWriter
from swr._plan import Plan, plan
from swr._settings import apply, set_image
from swr._swr import ffi, lib
from swr._types import component_of
from swr.image import Image
from swr.writer import Writer, statistics_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from swr._settings import Settings


def write(path: Path, source: Any, shape: Any = None, dtype: Any = None, *, region: Any = None,
          kind: Optional[str] = None, divisions: Optional[int] = None, pull_threads: int = 1,
          **settings: Unpack[Settings]) -> Dict[str, Any]:
    """Writes an image out of a source, piece by piece, and returns the figures of the write.

    The source is one of
    - an array, or what has shape, dtype and numpy's indexing (memmap, h5py); with a
      `conversion`, its dtype may be another than the file's;
    - a function that gets a tuple of slices and returns the array of this box;
    - an iterable, such as a generator, of arrays that follow each other along axis 0;
    - an array of dask, which stores its chunks;
    - an Image, which is copied with all that its header says: see copy().

    With `region`, an index such as numpy.s_[10:20, :, :64], only that box is written: into the file
    that is there, or into a new one whose other pixels get `fill`. An array has the box's shape
    then; a function still gets slices of the whole image.

    `divisions`: the number of pieces; unless given, pieces have about 2 MiB. `pull_threads`: how
    many threads call a function at the same time. An exception of the source leaves the old file.
    """
    if is_dask(source) and region is None:
        with Writer(path, source.shape if shape is None else shape,
                    source.dtype if dtype is None else dtype, kind=kind, **settings) as writer:
            writer[...] = source
        return writer.statistics
    if isinstance(source, Image):
        _only_copied(shape, kind, region)
        return copy(source, path, dtype=dtype, divisions=divisions, **settings)
    array = all(hasattr(source, name) for name in ("shape", "dtype", "__getitem__"))
    if array:
        if region is None:
            shape = source.shape if shape is None else shape
        if dtype is None and (region is None or shape is not None):
            dtype = np.dtype(source.dtype).newbyteorder("=")
        if settings.get("conversion") not in (None, "none"):
            settings.setdefault("source_dtype", np.dtype(source.dtype).newbyteorder("="))
    elif not callable(source):
        return _write_slabs(path, source, shape, dtype, region, kind, settings)
    made = plan(path, shape, dtype, kind, settings, region is not None)
    try:
        box = _region_box(region, made.shape)
        if array:
            _check_shape(source, box, made)
            source = _shifted(source, box.first) if region is not None else source.__getitem__
        _set_pieces(made.writer, divisions, pull_threads)
        if region is not None:
            made.writer.call(lib.swr_set_paste_region,
                             region_of(made.start, box.first, box.size))
        return _pull(made, source, pull_threads)
    finally:
        made.writer.close()


def _only_copied(shape: Any, kind: Optional[str], region: Any) -> None:
    if shape is not None or kind is not None or region is not None:
        raise TypeError("an Image is copied as it is: see copy(), or give image.__getitem__")


def _region_box(region: Any, shape: Tuple[int, ...]) -> Box:
    box = box_of(... if region is None else region, shape)
    if box.dropped or 0 in box.size:
        raise errors.RegionError(f"region: {region} is not of slices that select a pixel")
    return box


def _check_shape(source: Any, box: Box, made: Plan) -> None:
    if tuple(source.shape) != box.size + made.trailing:
        raise errors.ArgumentError(
            f"an array of the shape {tuple(source.shape)} for a region of"
            f" {box.size + made.trailing}")


def _shifted(source: Any, first: Tuple[int, ...]) -> Any:
    return lambda key: source[tuple(slice(s.start - a, s.stop - a) for s, a in zip(key, first))]


def _set_pieces(writer: NativeWriter, divisions: Optional[int], pull_threads: int) -> None:
    if divisions is not None:
        writer.call(lib.swr_set_divisions, divisions)
    if pull_threads != 1:
        writer.call(lib.swr_set_pull_threads, pull_threads)


def _pull(made: Plan, source: Any, pull_threads: int) -> Dict[str, Any]:
    bridge = made.writer.bridge
    bridge.start(Pull(source, made.start, made.dtype, made.trailing, pull_threads == 1))
    try:
        made.writer.call(lib.swr_write, lib.swr_python_pull, bridge.user)
    finally:
        bridge.stop()
    return statistics_of(made.writer)


def _write_slabs(path: Path, slabs: Iterable[Any], shape: Any, dtype: Any, region: Any,
                 kind: Optional[str], settings: Any) -> Dict[str, Any]:
    """Each array has some indices of axis 0, or, with one axis less, one."""
    if region is not None:
        raise TypeError("region: an iterable delivers the whole image")
    iterator = iter(slabs)  # before there is a file
    with Writer(path, shape, dtype, kind=kind, **settings) as writer:
        at = 0
        for slab in iterator:
            shape = np.shape(slab)
            key: Any
            if len(shape) == writer.ndim - 1:
                shape, key = (1,) + shape, at
            else:
                key = slice(at, at + shape[0]) if shape else None
            if len(shape) != writer.ndim or at + shape[0] > writer.shape[0]:
                raise errors.SourceRegionError(
                    f"an array of the shape {np.shape(slab)} does not follow {at} of"
                    f" {writer.shape[0]} indices of axis 0 of {writer.shape}")
            if shape[1:] != writer.shape[1:]:
                raise errors.SourceRegionError(
                    f"an array of the shape {np.shape(slab)} is no slab of {writer.shape}")
            writer[key] = slab
            at += shape[0]
        if at < writer.shape[0] and "fill" not in settings:
            raise errors.IncompleteError(
                f"the source ended after {at} of {writer.shape[0]} indices of axis 0")
    return writer.statistics


def copy(source: Union[Path, Image], target: Path, *, region: Any = None, dtype: Any = None,
         divisions: Optional[int] = None, **settings: Unpack[Settings]) -> Dict[str, Any]:
    """Copies an image to another file, format, dtype (with `conversion`) or compression.

    All that the header says is kept, as far as the format holds it; settings change it. `region`,
    an index of slices, crops: the pixels stay where they are in space. Nothing of it passes through
    Python, and memory is bounded by `memory_limit`.
    """
    if not isinstance(source, Image):
        with Image(source) as opened:
            return copy(opened, target, region=region, dtype=dtype, divisions=divisions,
                        **settings)
    rest: Dict[str, Any] = dict(settings)
    writer = NativeWriter(rest.pop("progress", None))
    try:
        box = _region_box(region, source.image_shape)
        first = rest.pop("start", None) or [s + a for s, a in zip(source.start, box.first)]
        pixel = source._pixel
        if dtype is not None:
            pixel = pixel._replace(component=component_of(np.dtype(dtype)))
        writer.call(lib.swr_set_path, path_text(target))
        set_image(writer, box.size, first, pixel)
        apply(writer, rest, len(box.size))
        if pixel.component != source._pixel.component:
            writer.call(lib.swr_set_source_type, source._pixel.component)
        _set_pieces(writer, divisions, 1)
        with source._reading() as reader:
            writer.call(lib.swr_python_copy, reader)
        return statistics_of(writer)
    finally:
        writer.close()


def check(path: Path, shape: Any = None, dtype: Any = None, *, region: Any = None,
          kind: Optional[str] = None, divisions: Optional[int] = None,
          **settings: Unpack[Settings]) -> Dict[str, Any]:
    """What write() with these arguments would do; raises what it would raise before its first pull.

    Nothing is changed. `method` is "create", "in_place", "splice" or "rewrite"; `bytes_read` and
    `bytes_written` are besides the pixels that are given; `pieces`, `piece_bytes` (of the largest)
    and `memory_need` are those of the pulls.
    """
    made = plan(path, shape, dtype, kind, settings, region is not None)
    try:
        _set_pieces(made.writer, divisions, 1)
        if region is not None:
            box = _region_box(region, made.shape)
            made.writer.call(lib.swr_set_paste_region,
                             region_of(made.start, box.first, box.size))
        made.writer.call(lib.swr_check)
        method, read, written = ffi.new("swr_method *"), ffi.new("int64_t *"), ffi.new("int64_t *")
        made.writer.call(lib.swr_get_method, method, read, written)
        result = {"method": name_of(METHOD, method[0]), "bytes_read": read[0],
                  "bytes_written": written[0]}
        for name, function in (("pieces", lib.swr_get_piece_count),
                               ("piece_bytes", lib.swr_get_piece_bytes),
                               ("memory_need", lib.swr_get_memory_need)):
            result[name] = made.writer.number(function, "int64_t")
        return result
    finally:
        made.writer.close()


def split(path: Path, pieces: int, shape: Any = None, dtype: Any = None, *, region: Any = None,
          kind: Optional[str] = None, **settings: Unpack[Settings]) -> List[Tuple[slice, ...]]:
    """Divides an image, or a box of it, into `pieces` boxes at most: indices for Writer and write().

    For processes that each write some of them. The image is the file that is there, or the new one
    that shape, dtype and settings describe. Boxes are split along the slowest axis. They begin and
    end where chunks do, or shards of Zarr, so that no process waits for the chunks of another one;
    there may be fewer then. `options={"split.align": "none"}` divides evenly instead.
    """
    count = operator.index(pieces)
    if count < 1:
        raise errors.ArgumentError(f"pieces: {count}, not 1 or more")
    rest: Dict[str, Any] = dict(settings)
    rest["options"] = {"split.align": "chunks", **(rest.get("options") or {})}
    made = plan(path, shape, dtype, kind, rest, True)
    try:
        box = _region_box(region, made.shape)
        made.writer.call(lib.swr_set_paste_region, region_of(made.start, box.first, box.size))
        count = made.writer.number(lib.swr_get_actual_divisions, "int64_t", count)
        part = ffi.new("swr_region *")
        boxes = []
        for number in range(count):
            made.writer.call(lib.swr_get_split_region, number, count, part)
            index, size = index_and_size(part)
            boxes.append(tuple(slice(i - s, i - s + n)
                               for i, s, n in zip(index, made.start, size)))
        return boxes
    finally:
        made.writer.close()


def allocate(path: Path, shape: Any, dtype: Any, *, kind: Optional[str] = None,
             **settings: Unpack[Settings]) -> None:
    """Creates a file at its full size with `fill` in every pixel, or makes one larger (`extend`).

    Several processes can then write boxes of it at the same time, each with
    Writer(path, existing="update"), if it is not compressed and its format can ("concurrent").
    """
    made = plan(path, shape, dtype, kind, settings)
    try:
        made.writer.call(lib.swr_allocate)
    finally:
        made.writer.close()
