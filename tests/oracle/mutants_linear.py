"""Files of MRC, NumPy, GIPL, MGH, VTK, TIFF, HDF5 and VTI in which one thing is wrong; mutants.py has the others."""

from fractions import Fraction

import numpy as np

from fixed_header import FixedHeader


def other_pixel(file, target, rng):
    old = file.values
    file.values = np.ascontiguousarray(old).copy()
    raw = file.values.reshape(-1).view("u1")
    raw[rng.integer(0, raw.size - 1)] ^= 0x40  # no NaN becomes another NaN
    changed = not ((file.values == old) | ((file.values != file.values) & (old != old))).all()
    file.save(target)
    file.values = old
    return changed


def with_attribute(file, name, value, target):
    old = getattr(file, name)
    setattr(file, name, value)
    file.save(target)
    setattr(file, name, old)


def field_mutants(file, target, ignored):
    """The greatest byte of each field is another one: small changes of numbers that a rule computes are within their rounding."""
    facts = file.facts()
    for name, at, size in file.places():
        if name in ignored or name not in facts:
            continue
        greatest = at if file.big or size not in (2, 4, 8) else at + size - 1
        old = file.raw[greatest]
        file.raw[greatest] = old ^ 0x15
        file.save(target)
        file.raw[greatest] = old
        yield f"{name} is another one"
    for name in ("extended", "tail"):
        data = getattr(file, name, b"")
        if data and not (name == "extended" and file.own_entries()):
            with_attribute(file, name, data[:-1] + bytes([data[-1] ^ 1]), target)
            yield f"{name} ends in another byte"
            if name == "tail":
                with_attribute(file, name, b"", target)
                yield f"{name} is gone"


def vtk_mutants(file, target, ignored):
    for name in ("title", "array"):
        if name not in ignored:
            with_attribute(file, name, "x" + getattr(file, name), target)
            yield f"{name} is another one"
    for name in ("fields", "tail"):
        data = getattr(file, name)
        if name not in ignored and data.strip():
            for what, new in (("gone", b"\n" if name == "tail" else b""), ("another one", data.replace(b"COMPONENT", b"component"))):
                if new != data:
                    with_attribute(file, name, new, target)
                    yield f"{name} is {what}"
    for name, text in file.numbers.items():
        for axis in range(3):
            if f"{name}[{axis}]" not in ignored:
                words = text.split()
                words[axis] = repr(float(words[axis]) * 1.5 + 1)
                with_attribute(file, "numbers", {**file.numbers, name: " ".join(words)}, target)
                yield f"{name} of axis {axis} is another one"


def vti_mutants(file, target, ignored):
    for name in ("array", "type"):
        if name not in ignored:
            with_attribute(file, name, {"array": "x" + file.array, "type": "Int64" if file.type == "UInt64" else "UInt64"}[name], target)
            yield f"{name} is another one"
    with_attribute(file, "role", "Normals", target)
    yield "role is another one"
    with_attribute(file, "ranges", True, target)
    yield "ranges came back"
    for what in ("attributes", "keys", "root", "fields", "strings", "others"):
        entries = getattr(file, what)
        for key in entries:
            with_attribute(file, what, {k: v for k, v in entries.items() if k != key}, target)
            yield f"{what} {key} is gone"
            other = entries[key] + 1 if what == "others" else entries[key].replace("&", "") + "x"
            with_attribute(file, what, {**entries, key: other}, target)
            yield f"{what} {key} is another one"
    for name in ("Spacing", "Origin", "Direction"):
        words = [repr(number) for number in file.list(name)]
        for at, word in enumerate(words):
            other = words[:at] + [repr(float(word) * 1.5 + 1)] + words[at + 1 :]
            with_attribute(file, "numbers", {**file.numbers, name: " ".join(other)}, target)
            yield f"{name}[{at}] is another one"
    with_attribute(file, "low", (file.low[0] + 1, *file.low[1:]), target)
    yield "the extent begins elsewhere"


def tiff_mutants(file, target, ignored):
    for tag, (kind, values) in file.tags.items():
        if f"tag {tag}" not in ignored:
            with_attribute(file, "tags", {**file.tags, tag: (kind, bytes([values[0] ^ 1]) + values[1:])}, target)
            yield f"tag {tag} is another one"
            with_attribute(file, "tags", {other: value for other, value in file.tags.items() if other != tag}, target)
            yield f"tag {tag} is gone"
    if "photometric" not in ignored and file.photometric < 2:
        with_attribute(file, "photometric", 1 - file.photometric, target)
        yield "the photometric interpretation is another one"
    if file.kind() in ("free", "bare") and "description" not in ignored:
        with_attribute(file, "description", file.description + "x", target)
        yield "the description is another one"
    head, begin, notes = file.description.partition("\nswr 1\n")
    lines = notes.split("\n") if file.kind() == "imagej" else []
    for number, line in enumerate(lines):
        key, equals, value = line.partition(" = ")
        name = key.replace("swr.", "text ", 1) if key.startswith("swr.") else f"note {key}"
        if not equals or name in ignored or key == "swr_spacing":  # which counts only if it is that of the tags
            continue
        words = value.split(" ")
        words[0] = repr(float(words[0]) * 1.5 + 1.0625) if key in ("swr_first_pixel", "swr_direction", "swr_value_scale") else words[0] + "7"
        for what, new in (("another one", [f"{key} = {' '.join(words)}"]), ("gone", [])):
            if what == "gone" and not any(word.strip("-") not in ("0", "0.0", "1", "1.0") for word in value.split(" ")):
                continue
            if what == "gone" and key == "swr_size":
                continue  # the same size may be stated elsewhere
            with_attribute(file, "description", head + begin + "\n".join(lines[:number] + new + lines[number + 1 :]), target)
            yield f"the note {key} is {what}"
    for number, line in enumerate(head.split("\n") if file.kind() == "imagej" else []):
        if f"line {line.split('=')[0]}" in file.facts() and f"line {line.split('=')[0]}" not in ignored:
            with_attribute(file, "description", file.description.replace("\n" + line, "", 1), target)
            yield f"the line {line} is gone"
    for axis in range(2):
        if file.unit != 1 and file.kind() != "ome":
            resolution = list(file.resolution)
            resolution[axis] = Fraction(3, 2) if resolution[axis] != Fraction(3, 2) else Fraction(1)
            with_attribute(file, "resolution", resolution, target)
            yield f"the resolution of axis {axis} is another one"


def hdf5_mutants(file, target, ignored):
    for name, numbers in file.places.items():
        for at in range(np.size(numbers)):
            if f"{name}[{at}]" not in ignored:
                other = np.array(numbers, float)
                other.flat[at] = other.flat[at] * 1.5 + 1
                with_attribute(file, "places", {**file.places, name: other}, target)
                yield f"{name} {at} is another one"
    for what, title in (("entries", "key"), ("others", "other")):
        values = getattr(file, what)
        for name in values:
            if f"{title} {name}" not in ignored and name not in ("/ITKVersion", "/HDFVersion"):
                with_attribute(file, what, {other: value for other, value in values.items() if other != name}, target)
                yield f"{title} {name} is gone"
                with_attribute(file, what, {**values, name: "another text"}, target)
                yield f"{title} {name} is another one"


def linear_mutants(before, file, target, rng, ignored):
    if before.format == file.format:
        if isinstance(file, FixedHeader):
            yield from field_mutants(file, target, ignored)
        elif file.format == "TIFF":
            yield from tiff_mutants(file, target, ignored)
        elif file.format == "VTK":
            yield from vtk_mutants(file, target, ignored)
        elif file.format == "VTI":
            yield from vti_mutants(file, target, ignored)
        elif file.format == "HDF5":
            yield from hdf5_mutants(file, target, ignored)
        elif min(file.values.shape[:2]) > 1 or len(set(file.values.shape[:2])) > 1:
            with_attribute(file, "values", np.swapaxes(file.values, 0, 1), target)
            yield "two axes change places"
    if other_pixel(file, target, rng):
        yield "another pixel"
