"""Which array holds the pixels of an image: its dtype, and an axis for the components."""
from __future__ import annotations

from typing import Any, NamedTuple, Tuple

import numpy as np

from swr import errors
from swr._names import KIND, name_of, string_of, value_of
from swr._swr import lib


class PixelType(NamedTuple):
    """The pixel type in C: swr_set_pixel_type()."""

    component: int
    components: int
    kind: int


def component_of(dtype: np.dtype) -> int:
    """The component type of a dtype: numpy and swr call them by the same names."""
    number = np.dtype(dtype).type(0).real.dtype if dtype.kind == "c" else dtype
    component = lib.swr_component_from_name(number.name.encode())
    if component == lib.SWR_COMPONENT_UNKNOWN:
        hint = "; use uint8" if dtype.kind == "b" else ""
        raise errors.ArgumentError(f"dtype: no image has pixels of {dtype.name}{hint}")
    return component


def pixel_type(shape: Tuple[int, ...], dtype: Any, kind: str) -> Tuple[PixelType, Tuple[int, ...]]:
    """The pixel type of an array, and the shape of its image, without an axis of components."""
    dtype = np.dtype(dtype)
    component = component_of(dtype)
    number = value_of(KIND, kind, "kind")
    if dtype.kind == "c":
        if kind not in ("scalar", "complex"):
            raise errors.ArgumentError(f"kind: {dtype.name} is complex, not {kind!r}")
        return PixelType(component, 2, lib.SWR_KIND_COMPLEX), shape
    if kind == "scalar":
        return PixelType(component, 1, number), shape
    if len(shape) < 2:
        raise errors.ArgumentError(f"shape: {shape} has no axis for the components of {kind!r}")
    if shape[-1] > 65535:
        raise errors.ArgumentError(f"shape: {shape[-1]} components; a pixel has at most 65535")
    return PixelType(component, shape[-1], number), shape[:-1]


def array_type(pixel: PixelType) -> Tuple[np.dtype, Tuple[int, ...]]:
    """The dtype of an array for these pixels, and the axis of the components, if it has one."""
    dtype = np.dtype(string_of(lib.swr_component_name(pixel.component)))
    if pixel.kind == lib.SWR_KIND_SCALAR:
        return dtype, ()
    if pixel.kind == lib.SWR_KIND_COMPLEX and dtype.kind == "f":
        return np.dtype(f"complex{16 * dtype.itemsize}"), ()
    return dtype, (pixel.components,)


def kind_name(pixel: PixelType) -> str:
    return name_of(KIND, pixel.kind)
