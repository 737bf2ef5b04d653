"""What an application gives as pixels, as an array of the right shape and type."""
from __future__ import annotations

from typing import Any, Tuple

import numpy as np

from swr import errors
from swr._swr import ffi


def pixels_of(value: Any, dtype: np.dtype, shape: Tuple[int, ...]) -> np.ndarray:
    """`value` as an array that is broadcast to `shape` and whose type becomes `dtype` without loss.

    A number or a list must fit the dtype; an array must be of a type that numpy casts safely.
    The array is not copied or converted here.
    """
    array = _typed(value, dtype)
    while array.ndim > len(shape) and array.shape[0] == 1:
        array = array[0]  # as numpy's assignment does
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise errors.ArgumentError(
            f"an array of the shape {array.shape} does not fit the region's {shape}") from None


def _typed(value: Any, dtype: np.dtype) -> np.ndarray:
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise TypeError("a masked array has pixels without a value: fill it first (filled())")
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"pixels of the type {array.dtype} are no numbers")
    if np.can_cast(array.dtype, dtype, "safe"):
        return array
    if isinstance(value, np.generic) or not hasattr(value, "dtype"):
        return _numbers(array, dtype)
    raise TypeError(
        f"an array of {array.dtype.name} does not become {dtype} without loss: convert it (astype()),"
        " or set source_dtype and conversion")


def _numbers(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers without a type of their own: integers must fit exactly, and none may overflow."""
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise errors.ConversionError(f"a complex number does not become {dtype}")
    with np.errstate(all="ignore"):
        result = array.astype(dtype)
        if dtype.kind in "iu":
            kept = (result == array) & ((result < 0) == (array < 0))
        else:
            kept = np.isfinite(result) == np.isfinite(array)
    if not kept.all():
        wrong = array[~kept].flat[0]
        raise errors.ConversionError(f"{wrong!r} does not fit {dtype}")
    return result


def is_lazy(value: Any) -> bool:
    """Whether the value reads pixels when it is indexed: an Image, or a dataset of h5py."""
    return (not isinstance(value, (np.ndarray, np.generic)) and not is_dask(value)
            and all(hasattr(value, name) for name in ("shape", "dtype", "__getitem__")))


def is_dask(value: Any) -> bool:
    """Whether the value is an array of dask, which stores its own chunks best."""
    return hasattr(value, "__dask_graph__") and hasattr(value, "store")


def is_plain(array: np.ndarray, dtype: np.dtype) -> bool:
    """Whether the array's memory is what the library takes: packed, in the machine's order."""
    return array.dtype == dtype and array.dtype.isnative and array.flags.c_contiguous


def memory_of(array: np.ndarray) -> Any:
    """The memory of a plain array for C. It must be kept until C returns."""
    return ffi.from_buffer("char[]", array.reshape(-1).view(np.uint8))
