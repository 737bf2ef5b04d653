"""Files in which one thing is wrong: a field that was dropped or changed, two lines in another order, an extension that is gone, another pixel."""

import copy
import os
import struct

import nifti
from metaimage import FIELDS as METAIMAGE_FIELDS
from mutants_linear import linear_mutants
from nifti import Nifti
from nrrd import FIELDS as NRRD_FIELDS
from nrrd import is_filler
from rules_linear import HOLDS

# What a copy to another format must have, since no other field says it.
MEANING = {
    "NRRD": {"space", "space directions", "space origin", "space units", "spacings", "axis mins", "axis maxs", "measurement frame", "content", "sample units"},
    "MetaImage": {"TransformMatrix", "Offset", "ElementSpacing", "DistanceUnits", "ElementToIntensityFunctionSlope", "ElementToIntensityFunctionOffset",
                  "Comment", "Name", "Modality"},
    "NIfTI": {"scl_slope", "scl_inter", "descrip", "aux_file", "intent_name"},
}


def mutants(path, before, file, rng, ignored):
    """(what is wrong, path of the file) one after the other, each in the folder "mutant" beside the file."""
    folder = os.path.join(os.path.dirname(path), "mutant")
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, os.path.basename(path))
    maker = linear_mutants if file.format in HOLDS else nifti_mutants if file.format == "NIfTI" else line_mutants
    for what in maker(before, file, target, rng, ignored):
        yield what, target


def other_pixel(file, target, rng):
    old = file.values
    file.values = old.copy()
    raw = file.values.reshape(-1).view("u1")
    at = rng.integer(0, raw.size - 1)
    raw[at] ^= 0x40  # no NaN becomes another NaN: that is the exponent or the sign of the value next to it
    file.save(target)
    changed = not ((file.values == old) | ((file.values != file.values) & (old != old))).all()
    file.values = old
    return changed


# ---- NIfTI: its bytes ----


def field_places(version):
    """name, offset and bytes of each number or text."""
    at = 0
    for name, kind, count in nifti.FIELDS[version]:
        size = struct.calcsize("<" + kind)
        for i in range(count):
            yield (name if count == 1 else f"{name}[{i}]"), at, size
            at += size


def says_something(name, file):
    """Whether a copy to another format could lose it."""
    if name in ("scl_slope", "scl_inter"):
        return file.scale() != (1.0, 0.0) and file.values.any()
    return name in MEANING["NIfTI"] and bool(file.fields[name])


def nifti_mutants(before, file, target, rng, ignored):
    other_format = before.format != file.format
    file.save(target)
    raw = bytearray(nifti.fetch(target))
    for name, at, size in field_places(file.version):
        if name in ignored or (other_format and not says_something(name, file)):
            continue
        old = bytes(raw[at : at + size])
        new = bytearray(size) if any(byte & 0x7F for byte in old) and rng.chance(0.5) else bytearray(old)
        if new == old:
            new[rng.integer(0, size - 1) if size <= 8 else 0] ^= 0x15
        raw[at : at + size] = new
        nifti.store(target, bytes(raw))
        raw[at : at + size] = old
        yield f"{name} was {old.hex()} and became {new.hex()}"
    for number in range(len(file.extensions)):
        own = file.extensions[number][1].startswith(nifti.OWN_MARK)
        if (own and "key swr_index" in ignored and not file.texts()) or (other_format and not own):
            continue
        yield from extension_mutants(file, target, rng, number, own)
    if other_pixel(file, target, rng):
        yield "another pixel"


def extension_mutants(file, target, rng, number, own):
    whole = file.extensions
    file.extensions = whole[:number] + whole[number + 1 :]
    file.save(target)
    file.extensions = whole
    yield f"extension {number} is gone"
    if own:
        return
    code, data = whole[number]
    at = rng.integer(0, len(data) - 1)
    for entry in ((code + 2, data), (code, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]), (code, data + bytes(16))):
        file.extensions = whole[:number] + [entry] + whole[number + 1 :]
        file.save(target)
        file.extensions = whole
        yield f"extension {number} is another one"


# ---- MetaImage and NRRD: their lines ----


def described(file, line):
    """The role and the name of a line, and whether a copy to another format must have it."""
    if file.format == "MetaImage":
        field = line[0] in METAIMAGE_FIELDS
        return line[0], line[0] in MEANING["MetaImage"] or not field
    role, key, _ = line
    name = NRRD_FIELDS[key.lower()] if role == "field" else key
    return (name if role == "field" else f"{role} {key}"), role == "pair" or (role == "field" and name in MEANING["NRRD"])


def order_name(line, file):
    one = copy.copy(file)
    one.lines = [line]
    return (one.order() or [None])[0]


def changed_line(line, rng):
    """The same line with another word."""
    *head, value = line
    if line[0] == "comment":
        return ("comment", line[1] + "x", "")
    words = value.split(" ")
    at = rng.integer(0, len(words) - 1)
    words[at] = changed_word(words[at])
    return (*head, " ".join(words))


def changed_word(word):
    digits = [i for i, c in enumerate(word) if c.isdigit()]
    if digits and word[0] in "-+.(0123456789":
        first = next((i for i in digits if word[i] != "0"), digits[0])
        return word[:first] + ("1" if word[first] != "1" else "2") + word[first + 1 :]
    return word[:-1] + 'x"' if word.endswith('"') and len(word) > 1 else word + "x"


def line_mutants(before, file, target, rng, ignored):
    whole, other_format, known = file.lines, before.format != file.format, set(before.order())

    def saved(lines):
        file.lines = lines
        try:
            file.save(target)
            return True
        except Exception:  # what cannot be written is no test
            return False
        finally:
            file.lines = whole

    previous = None
    for at, line in enumerate(whole):
        name, has_meaning = described(file, line)
        skipped = name in ignored or name.startswith(("swr_pad", "pair swr_", "swr_")) or (line[0] == "comment" and is_filler(line[1]))
        if skipped or (other_format and not has_meaning):
            previous = None
            continue
        if saved(whole[:at] + whole[at + 1 :]):
            yield f"the line {name} is gone"
        if saved(whole[:at] + [changed_line(line, rng)] + whole[at + 1 :]):
            yield f"the line {line} became {changed_line(line, rng)}"
        ordered = previous is not None and not other_format and all(order_name(whole[i], file) in known for i in (previous, at))
        if ordered and whole[previous] != line and saved(whole[:previous] + [line, whole[previous]] + whole[at + 1 :]):
            yield f"the line {name} stands before the one before it"
        previous = at
    if other_pixel(file, target, rng):
        yield "another pixel"
