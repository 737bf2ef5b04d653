"""The library's messages in the words of Python: swr_set_paste_region is region, SWR_EXISTING_EXTEND
is existing="extend", and options of the command swr are left out."""
from __future__ import annotations

import re

from swr._members import MEMBERS  # out of bindings/names.txt
from swr._swr import lib

# A word of its own: no part of a file's name, and not what a message begins with.
_C = re.compile(r"(?<=[ (])(?:(swr_[a-z_]+)(?:\(\))?(?![\w/:]|\.\w)|SWR_([A-Z]+)_([A-Z0-9_]+)\b)"
                r"|, or the command's --[a-z-]+")
_ARGUMENTS = {"EXISTING": "existing", "CONVERSION": "conversion", "KIND": "kind"}
_NAMES = ("METHOD", "STATISTIC", "CAN", "UNIT")


def words_of(message: str) -> str:
    return _C.sub(_word, message)


def _word(found: re.Match[str]) -> str:
    function, group, constant = found.groups()
    if function:  # or the name of a field in a file
        return member_of(function) if hasattr(lib, function) else found[0]
    if not group:
        return ""
    if group == "ERROR":
        return "".join(word.capitalize() for word in constant.split("_")) + "Error"
    if group in _ARGUMENTS:
        return f'{_ARGUMENTS[group]}="{constant.lower()}"'
    return f'"{constant.lower()}"' if group in _NAMES else found[0]


def member_of(function: str) -> str:
    """What Python calls a function of C: region is swr_set_paste_region, spacing the rule's name."""
    return MEMBERS.get(function) or re.sub("^swr_(reader_|format_)?((set|get)_)?", "", function)
