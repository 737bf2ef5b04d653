"""Names of the enumerators of the C header, and strings on their way to and from C."""
from __future__ import annotations

import os
from typing import Any, Dict, Union

from swr import errors
from swr._swr import ffi, lib

Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]


def enumerators(prefix: str) -> Dict[str, int]:
    """{"replace": 1, ...} for the enumerators that begin with `prefix`."""
    return {name[len(prefix):].lower(): getattr(lib, name) for name in dir(lib)
            if name.startswith(prefix) and not name.endswith("FORCE_INT32")}


EXISTING = enumerators("SWR_EXISTING_")
CONVERSION = enumerators("SWR_CONVERSION_")
KIND = enumerators("SWR_KIND_")
METHOD = enumerators("SWR_METHOD_")
STATISTIC = enumerators("SWR_STATISTIC_")
CAPABILITY = {**enumerators("SWR_CAN_"),
              **{"holds_" + name: flag for name, flag in enumerators("SWR_HOLDS_").items()}}


def value_of(names: Dict[str, int], name: Any, what: str) -> int:
    """The number of an enumerator; ArgumentError lists those that there are."""
    if name not in names:
        raise errors.ArgumentError(f"{what}: {name!r} is none of {', '.join(sorted(names))}")
    return names[name]


def name_of(names: Dict[str, int], number: int) -> str:
    return next((name for name, value in names.items() if value == number), str(number))


def text(string: Any, what: str) -> bytes:
    """UTF-8 for C, which ends strings at a zero byte. Other bytes of a file come back as they were."""
    if not isinstance(string, str):
        raise TypeError(f"{what}: a str is needed, not {type(string).__name__}")
    return without_zero(string.encode("utf-8", "surrogateescape"), what)


def path_text(path: Path) -> bytes:
    """A path as the system has it: names that are not UTF-8 go through unchanged."""
    return without_zero(os.fsencode(path), "path")


def without_zero(string: bytes, what: str) -> bytes:
    if b"\0" in string:
        raise errors.ArgumentError(f"{what}: {string!r} has a zero byte")
    return string


def string_of(pointer: Any) -> str:
    """What C says; "" for NULL."""
    return "" if pointer == ffi.NULL else ffi.string(pointer).decode("utf-8", "surrogateescape")
