"""What a write is of: its file, the array that it takes, and the writer that is set up for it."""
from __future__ import annotations

import os
from typing import Any, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from swr import errors
from swr._boxes import Shape, check_shape
from swr._names import Path, path_text
from swr._native import NativeWriter
from swr._settings import apply, set_image
from swr._swr import lib
from swr._types import PixelType, array_type, component_of, pixel_type
from swr.image import Image


class Plan(NamedTuple):
    """`shape`, `start`: of the image. Arrays have the axes `trailing` too, and `dtype`."""

    writer: NativeWriter
    shape: Shape
    start: Shape
    dtype: np.dtype
    trailing: Shape


def plan(path: Path, shape: Any, dtype: Any, kind: Optional[str], settings: Mapping[str, Any],
         pasting: bool = False) -> Plan:
    """A writer with all settings. What is not given is that of the file that is updated."""
    rest = dict(settings)
    writer = NativeWriter(rest.pop("progress", None))
    try:
        start = rest.pop("start", None)
        existing = rest.get("existing")
        updates = existing in ("update", "extend") or (pasting and existing in (None, "default"))
        old = _facts(path, rest) if updates else None
        if old is not None:
            shape = old.shape if shape is None else shape
            dtype = old.dtype if dtype is None else dtype
            kind = old.kind if kind is None and np.dtype(dtype) == old.dtype else kind
        if shape is None or dtype is None:
            raise errors.ArgumentError(f"{os.fspath(path)!r}: a new image needs shape and dtype")
        given = check_shape(shape)
        pixel, image = pixel_type(given, dtype, kind or "scalar")
        if start is None:
            start = old.start if old is not None else (0,) * len(image)
        writer.call(lib.swr_set_path, path_text(path))
        set_image(writer, image, tuple(start), pixel)
        apply(writer, rest, len(image))
        dtype, trailing = _source_type(pixel, rest)
        return Plan(writer, image, tuple(start), dtype, trailing)
    except BaseException:
        writer.close()
        raise


def _facts(path: Path, settings: Mapping[str, Any]) -> Optional[Image]:
    """The file that is updated, if it exists. It is closed again: its facts stay."""
    options = {key: value for key, value in (settings.get("options") or {}).items()
               if key in ("hdf5.dataset", "detached.outside")}
    try:
        with Image(path, options=options) as image:
            return image
    except errors.NotFoundError:
        return None


def _source_type(pixel: PixelType, settings: Mapping[str, Any]) -> Tuple[np.dtype, Shape]:
    """The arrays that are given: as stored, unless settings say otherwise."""
    components = settings.get("source_components") or pixel.components
    if settings.get("source_dtype") is not None:
        component = component_of(np.dtype(settings["source_dtype"]))
        pixel = pixel._replace(component=component)
    dtype, trailing = array_type(pixel)
    if components != pixel.components:
        trailing = (components,) if components > 1 else ()
    return dtype, trailing
