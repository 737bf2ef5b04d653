"""Writes N-dimensional images that do not fit in memory, piece by piece.

    with swr.Writer("a.nii.gz", shape, dtype, spacing=(2, 0.5, 0.5)) as writer:
        writer[10:20] = array                # regions in any order; dask.array.store() too
    swr.write("b.mha", function, shape, dtype)  # asked for one piece after the other
    swr.open("a.nii.gz")[10:20]              # reads these slices and nothing else

A write succeeds as a whole, or the old file is there, byte for byte. Axis 0 of an array is the
slowest axis of the file: arrays, shapes, spacings and indices are in the order z, y, x.
"""
from swr._swr import ffi as _ffi
from swr._swr import lib as _lib
from swr.appender import Appender
from swr.errors import (ArgumentError, BusyError, CancelledError, ConversionError, CorruptError,
                        Error, ExistsError, FormatError, IncompleteError, InternalError, IoError,
                        MemoryError, MemoryLimitError, MismatchError, NotFoundError, RegionError,
                        SourceError, SourceRegionError, StateError, UnsupportedError)
from swr.formats import Format, formats, recover
from swr.image import Image, info, open
from swr.target import Target
from swr.writer import Writer
from swr.writing import allocate, check, copy, split, write

__version__ = _ffi.string(_lib.swr_version()).decode()
__all__ = ["Appender", "ArgumentError", "BusyError", "CancelledError", "ConversionError", "CorruptError",
           "Error", "ExistsError", "Format", "FormatError", "Image", "IncompleteError",
           "InternalError", "IoError", "MemoryError", "MemoryLimitError", "MismatchError",
           "NotFoundError", "RegionError", "SourceError", "SourceRegionError", "StateError",
           "Target", "UnsupportedError", "Writer", "allocate", "check", "copy", "formats", "info", "open", "recover",
           "split", "write"]
