"""Boxes of an array, from numpy's indices, and as regions of C.

Axis 0 of an array is the slowest axis of the file, which is the last axis in C: every list that
has an entry for each axis is reversed on its way to C and back.
"""
from __future__ import annotations

import operator
from typing import Any, Iterator, List, NamedTuple, Sequence, Tuple

import numpy as np

from swr import errors
from swr._swr import ffi, lib

Shape = Tuple[int, ...]


class Box(NamedTuple):
    """A box of an array, counted from the array's first element."""

    first: Shape
    size: Shape
    dropped: Shape
    """The axes, of size 1, that an integer selects: the result does not have them."""

    @property
    def shape(self) -> Shape:
        """The shape of the array that the index selects."""
        return tuple(n for axis, n in enumerate(self.size) if axis not in self.dropped)

    def key(self) -> Tuple[slice, ...]:
        return tuple(slice(a, a + n) for a, n in zip(self.first, self.size))


def check_shape(shape: Any) -> Shape:
    """A shape whose numbers fit C. The library checks their product."""
    sizes = (shape,) if hasattr(shape, "__index__") else tuple(shape)
    result = tuple(operator.index(n) for n in sizes)
    for axis, n in enumerate(result):
        if not 1 <= n < 2**63:
            raise errors.RegionError(f"shape: axis {axis} has the size {n}, not 1 to 2**63 - 1")
    return result


def check_dimensions(shape: Shape) -> None:
    if not 1 <= len(shape) <= lib.SWR_MAX_DIMENSIONS:
        raise errors.RegionError(
            f"shape: an image has 1 to {lib.SWR_MAX_DIMENSIONS} axes, not {len(shape)}")


def box_of(key: Any, shape: Shape) -> Box:
    """The box that numpy's basic indexing selects: integers, slices of step 1, and an ellipsis."""
    entries = _expanded(key if isinstance(key, tuple) else (key,), len(shape))
    first: List[int] = []
    size: List[int] = []
    dropped: List[int] = []
    for axis, (entry, n) in enumerate(zip(entries, shape)):
        if isinstance(entry, slice):
            start, stop = _slice(entry, axis, n)
        else:
            start = _integer(entry, axis, n)
            stop = start + 1
            dropped.append(axis)
        first.append(start)
        size.append(stop - start)
    return Box(tuple(first), tuple(size), tuple(dropped))


def _expanded(key: Tuple[Any, ...], ndim: int) -> Tuple[Any, ...]:
    at = [i for i, entry in enumerate(key) if entry is Ellipsis]
    if len(at) > 1:
        raise errors.RegionError("an index has one ellipsis ('...') at most")
    if not at:
        key, at = key + (Ellipsis,), [len(key)]
    missing = ndim - (len(key) - 1)
    if missing < 0:
        raise errors.RegionError(f"{len(key) - 1} indices for an array of {ndim} axes")
    return key[:at[0]] + (slice(None),) * missing + key[at[0] + 1:]


def _slice(entry: slice, axis: int, n: int) -> Tuple[int, int]:
    if entry.step is not None and operator.index(entry.step) != 1:
        raise errors.RegionError(
            f"axis {axis}: a slice of step {entry.step}; an image is read and written in boxes,"
            " of step 1")
    start, stop, _ = slice(entry.start, entry.stop).indices(n)
    return start, max(start, stop)


def _integer(entry: Any, axis: int, n: int) -> int:
    try:
        if isinstance(entry, (bool, np.bool_)):  # a mask, to numpy
            raise TypeError
        number = operator.index(entry)
    except TypeError:
        raise errors.RegionError(
            f"axis {axis}: {type(entry).__name__} is no index of an image; integers, slices of"
            " step 1 and '...' are") from None
    if not -n <= number < n:
        raise errors.RegionError(f"axis {axis}: index {number} is outside its size {n}")
    return number % n


def region_of(start: Sequence[int], first: Sequence[int], size: Sequence[int]) -> Any:
    """A box of an array whose first element has the index `start`, for C."""
    region = ffi.new("swr_region *")
    region.dimensions = len(size)
    for axis, (origin, offset, n) in enumerate(zip(reversed(start), reversed(first),
                                                   reversed(size))):
        region.index[axis] = origin + offset
        region.size[axis] = n
    return region


def index_and_size(region: Any) -> Tuple[Shape, Shape]:
    """A region of C in the order of an array's axes."""
    axes = range(region.dimensions - 1, -1, -1)
    return tuple(region.index[i] for i in axes), tuple(region.size[i] for i in axes)


def blocks(size: Shape, most: int) -> Iterator[Tuple[slice, ...]]:
    """Divides a box, in file order, into boxes of `most` elements at most (at least one)."""
    below = 1
    axis = len(size) - 1
    while axis > 0 and below * size[axis] <= most:
        below *= size[axis]
        axis -= 1
    if not size:
        yield ()
        return
    step = max(1, most // below)
    whole = tuple(slice(0, n) for n in size[axis + 1:])
    for outer in _indices(size[:axis]):
        for start in range(0, size[axis], step):
            yield outer + (slice(start, min(start + step, size[axis])),) + whole


def _indices(size: Shape) -> Iterator[Tuple[slice, ...]]:
    """Every index of a box, as slices of size 1."""
    if not size:
        yield ()
        return
    for i in range(size[0]):
        for rest in _indices(size[1:]):
            yield (slice(i, i + 1),) + rest
