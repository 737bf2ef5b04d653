"""An exception for each status of the library, named after it: ERROR_NOT_FOUND is NotFoundError.

Where Python has an exception for the same thing, that is a base too: `except FileNotFoundError`
and `except IndexError` work. `str(error)` is the library's sentence in the words of Python.
"""
from __future__ import annotations

import builtins
from typing import ClassVar, Dict, Type

from swr._swr import ffi, lib
from swr._words import words_of


class Error(Exception):
    """The base of all errors of swr."""

    status: ClassVar[str] = ""
    """The name of the status in C without its prefix, such as "ERROR_IO"."""


class CancelledError(Error):
    """The write was cancelled."""


class ArgumentError(Error, ValueError):
    """An argument is not valid."""


class StateError(Error, RuntimeError):
    """The call is not allowed now, such as a call of a writer that is closed."""


class MemoryError(Error, builtins.MemoryError):
    """The system has no memory left."""


class MemoryLimitError(Error):
    """More memory would be needed than `memory_limit` allows."""


class IoError(Error, OSError):
    """The system refused to read or write."""


class NotFoundError(Error, FileNotFoundError):
    """There is no such file."""


class ExistsError(Error, FileExistsError):
    """The file exists."""


class FormatError(Error):
    """The format is unknown."""


class CorruptError(Error):
    """The file is damaged or contradicts itself."""


class UnsupportedError(Error):
    """The format cannot hold or do this."""


class MismatchError(Error):
    """The file and the writer differ."""


class RegionError(Error, IndexError):
    """The region is not inside the image, or is not a box."""


class SourceError(Error):
    """The source failed. An exception of a source in Python is raised itself, not this one."""


class SourceRegionError(Error):
    """The source delivered another region than was asked for."""


class IncompleteError(Error):
    """Not all regions of a new image were written."""


class ConversionError(Error, ValueError):
    """A value does not survive the conversion."""


class InternalError(Error):
    """An error inside the library; please report it."""


class BusyError(Error):
    """Another process or writer is changing the file."""


def _class_name(status: str) -> str:
    return "".join(word.capitalize() for word in status.split("_") if word != "ERROR") + "Error"


def _by_status() -> Dict[int, Type[Error]]:
    """The class of each status that the header has; an unknown one is an Error."""
    classes = {}
    for name in dir(lib):
        if name.startswith("SWR_ERROR_") or name == "SWR_CANCELLED":
            status = name[len("SWR_"):]
            kind = globals().get(_class_name(status), Error)
            kind.status = status
            classes[getattr(lib, name)] = kind
    Error.status = ""
    return classes


_CLASSES = _by_status()


def error_of(status: int, message: str) -> Error:
    """The exception for a status that is not SWR_OK."""
    text = message or ffi.string(lib.swr_status_text(status)).decode()
    return _CLASSES.get(status, Error)(words_of(text))
