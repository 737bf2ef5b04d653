"""The formats, and what the library knows beside images."""
from __future__ import annotations

from typing import FrozenSet, List, NamedTuple, Tuple

from swr import errors
from swr._names import CAPABILITY, Path, path_text, string_of
from swr._swr import ffi, lib


class Format(NamedTuple):
    """A format of files. `capabilities` are such as "paste" and "holds_spacing"."""

    name: str
    suffixes: Tuple[str, ...]
    least_dimensions: int
    most_dimensions: int
    capabilities: FrozenSet[str]


def formats() -> List[Format]:
    """All formats."""
    return [_format(lib.swr_format_name(i)) for i in range(lib.swr_format_count())]


def _format(name: object) -> Format:
    flags, least, most = ffi.new("uint32_t *"), ffi.new("int32_t *"), ffi.new("int32_t *")
    lib.swr_format_capabilities(name, flags)
    lib.swr_format_dimensions(name, least, most)
    can = frozenset(word for word, flag in CAPABILITY.items() if flags[0] & flag)
    suffixes = tuple(string_of(lib.swr_format_suffixes(name)).split())
    return Format(string_of(name), suffixes, least[0], most[0], can)


def recover(path: Path) -> int:
    """Rolls back writes of a file that died, and returns how many there were.

    Opening a file does the same. The exception of a refusal says what to do.
    """
    reader = ffi.gc(lib.swr_reader_create(), lib.swr_reader_destroy)
    count = ffi.new("int32_t *")
    status = lib.swr_reader_recover(reader, path_text(path), count)
    if status != lib.SWR_OK:
        raise errors.error_of(status, string_of(lib.swr_reader_message(reader)))
    return int(count[0])
