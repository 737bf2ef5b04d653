"""The settings of a write, by the names of their C functions: `spacing` is swr_set_spacing()."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from swr import errors
from swr._bridge import Progress
from swr._boxes import box_of, check_dimensions, region_of
from swr._names import CONVERSION, EXISTING, text, value_of
from swr._native import NativeWriter
from swr._swr import ffi, lib
from swr._types import PixelType, component_of

if TYPE_CHECKING:
    from typing import TypedDict

    from swr.image import Image

    Compression = Union[int, Tuple[str, int]]

    class Settings(TypedDict, total=False):
        """All lists have an entry for each axis of the image, axis 0 (the slowest) first."""

        spacing: Sequence[float]
        """Millimetres (seconds, ...) between pixels."""
        origin: Sequence[float]
        """The position of the pixel with index zero, LPS, in the order of the axes: (z, y, x)."""
        direction: Any
        """n x n; the columns are the directions of the axes; rows and columns as the axes."""
        start: Sequence[int]
        """The index, in the image's own space, of the array's first pixel: swr_set_image_region.
        Indices of arrays count from 0 all the same."""
        units: Sequence[Optional[str]]
        value_scale: Tuple[float, float]
        """(slope, intercept): real = slope * stored + intercept."""
        source_scale: Tuple[float, float]
        metadata: Mapping[str, Optional[str]]
        like: Union[Image, Tuple[Image, Any]]
        """The file that a new file is modelled on: swr_set_header_from(). With an index, the box
        of it that the new image covers: (image, numpy.s_[3:4])."""
        keep_header: bool
        format: str
        compression: Compression
        """0: none; 1 (fast) to 9 (small): deflate; ("zstd", 3): a codec and its level. Unless set:
        by the suffix or the old file."""
        existing: str
        """"default", "replace", "fail", "update", "extend"."""
        conversion: str
        """"none", "exact", "clamp"."""
        source_dtype: Any
        """The dtype of the arrays that are given, if the file's differs. Needs a conversion."""
        source_components: int
        """Of these arrays, if the file's number differs: 1 for 3 or 4, 3 for 4, 4 for 3."""
        fill: float
        memory_limit: int
        threads: int
        sync: bool
        resume: str
        """Lets an interrupted swr.write() of a new image go on: swr_set_resume(). Such as the
        number of a job."""
        rollback: bool
        options: Mapping[str, Optional[str]]
        """swr_set_option()."""
        progress: Progress
        """Called with pieces done, pieces, bytes done, bytes. To cancel, raise an exception."""


def apply(writer: NativeWriter, settings: Mapping[str, Any], ndim: int) -> None:
    """Sets all settings but those that belong to the image region, type and callbacks."""
    for name, value in settings.items():
        if name not in _SETTERS:
            raise TypeError(f"unknown setting {name!r}; there are {', '.join(sorted(NAMES))}")
        if value is not None:
            _SETTERS[name](writer, value, ndim)


def set_image(writer: NativeWriter, shape: Tuple[int, ...], start: Sequence[int],
              pixel: PixelType) -> None:
    """The image region and the pixel type. `shape` is without the axis of components."""
    check_dimensions(shape)
    if len(start) != len(shape):
        raise errors.ArgumentError(f"start: {len(start)} entries for {len(shape)} axes")
    try:
        region = region_of(start, [0] * len(shape), shape)
    except OverflowError:
        raise errors.RegionError(f"start: {tuple(start)} does not fit 64 bits") from None
    writer.call(lib.swr_set_image_region, region)
    writer.call(lib.swr_set_pixel_type, *pixel)


def _per_axis(name: str, values: Any, ndim: int) -> list:
    entries = list(values) if hasattr(values, "__iter__") else [values] * ndim
    if len(entries) != ndim:
        raise errors.ArgumentError(f"{name}: {len(entries)} entries for {ndim} axes")
    return entries[::-1]


def _numbers(name: str, function: Any) -> Any:
    def put(writer: NativeWriter, values: Any, ndim: int) -> None:
        numbers = [float(v) for v in _per_axis(name, values, ndim)]
        writer.call(function, ffi.new("double[]", numbers), ndim)
    return put


def _direction(writer: NativeWriter, matrix: Any, ndim: int) -> None:
    values = np.asarray(matrix, float)
    if values.size != ndim * ndim:
        raise errors.ArgumentError(f"direction: {values.size} numbers, not {ndim} x {ndim}")
    numbers = values.reshape(ndim, ndim)[::-1, ::-1].ravel().tolist()
    writer.call(lib.swr_set_direction, ffi.new("double[]", numbers), ndim * ndim)


def _units(writer: NativeWriter, names: Any, ndim: int) -> None:
    for axis, name in enumerate(_per_axis("units", [names] * ndim if isinstance(names, str)
                                          else names, ndim)):
        unit = lib.swr_unit_from_name(text(name or "", "units"))
        if name and unit == lib.SWR_UNIT_NONE:
            raise errors.ArgumentError(f"units: {name!r} is no unit")
        writer.call(lib.swr_set_axis_unit, axis, unit)


def _scale(name: str, function: Any) -> Any:
    def put(writer: NativeWriter, values: Any, ndim: int) -> None:
        if len(values) != 2:
            raise errors.ArgumentError(f"{name}: (slope, intercept) is needed")
        writer.call(function, float(values[0]), float(values[1]))
    return put


def _pairs(name: str, function: Any) -> Any:
    def put(writer: NativeWriter, entries: Mapping[str, Optional[str]], ndim: int) -> None:
        for key, value in entries.items():
            writer.call(function, text(key, name),
                        ffi.NULL if value is None else text(value, f"{name}[{key!r}]"))
    return put


def _options(writer: NativeWriter, entries: Mapping[str, Optional[str]], ndim: int) -> None:
    # The library's axis 0 is the last one of an array.
    in_order = {key: ",".join(value.split(",")[::-1])
                if key in ("chunk.shape", "zarr.shard") and isinstance(value, str) else value
                for key, value in entries.items()}
    _pairs("options", lib.swr_set_option)(writer, in_order, ndim)


def _like(writer: NativeWriter, model: Any, ndim: int) -> None:
    image, key = model if isinstance(model, tuple) else (model, ...)
    box = box_of(key, image.image_shape)
    with image._reading() as reader:
        writer.call(lib.swr_set_header_from, reader)
    if key is not ...:
        writer.call(lib.swr_set_header_region, region_of(image.start, box.first, box.size))


def _compression(writer: NativeWriter, value: Compression, ndim: int) -> None:
    name, level = value if isinstance(value, tuple) else ("deflate" if value else "none", value)
    if not isinstance(name, str) or not isinstance(level, (int, np.integer)) or not 0 <= level <= 9:
        raise errors.ArgumentError(
            f"compression: {value!r}, not 0 (none) or 1 (fast) to 9 (small), or a name and a level"
            ' such as ("zstd", 3)')
    writer.call(lib.swr_set_compression, text(name, "compression"), int(level))


def _enum(name: str, names: Dict[str, int], function: Any) -> Any:
    return lambda writer, value, ndim: writer.call(function, value_of(names, value, name))


def _flag(function: Any) -> Any:
    return lambda writer, on, ndim: writer.call(function, 1 if on else 0)


def _integer(name: str, function: Any) -> Any:
    def put(writer: NativeWriter, value: int, ndim: int) -> None:
        try:
            writer.call(function, int(value))
        except OverflowError:
            raise errors.ArgumentError(f"{name}: {value} is too large") from None
    return put


_SETTERS: Dict[str, Any] = {
    "spacing": _numbers("spacing", lib.swr_set_spacing),
    "origin": _numbers("origin", lib.swr_set_origin),
    "direction": _direction,
    "units": _units,
    "value_scale": _scale("value_scale", lib.swr_set_value_scale),
    "source_scale": _scale("source_scale", lib.swr_set_source_scale),
    "metadata": _pairs("metadata", lib.swr_set_metadata),
    "like": _like,
    "keep_header": _flag(lib.swr_set_keep_header),
    "format": lambda writer, name, ndim: writer.call(lib.swr_set_format, text(name, "format")),
    "compression": _compression,
    "existing": _enum("existing", EXISTING, lib.swr_set_existing),
    "conversion": _enum("conversion", CONVERSION, lib.swr_set_conversion),
    "source_dtype": lambda writer, dtype, ndim: writer.call(lib.swr_set_source_type,
                                                            component_of(np.dtype(dtype))),
    "source_components": _integer("source_components", lib.swr_set_source_components),
    "fill": lambda writer, value, ndim: writer.call(lib.swr_set_fill_value, float(value)),
    "memory_limit": _integer("memory_limit", lib.swr_set_memory_limit),
    "threads": _integer("threads", lib.swr_set_threads),
    "sync": _flag(lib.swr_set_sync),
    "resume": lambda writer, token, ndim: writer.call(lib.swr_set_resume, text(token, "resume")),
    "rollback": _flag(lib.swr_set_rollback),
    "options": _options,
}
NAMES = frozenset(_SETTERS) | {"start", "progress"}
