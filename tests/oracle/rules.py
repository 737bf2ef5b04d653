"""What must be true of a file after a change.

The rule: an update changes its pixels and the fields that must change with them; a copy within a format keeps everything that still holds; a copy
between formats keeps everything that the target can express. Here it is in detail, field by field; what is not named stays as it was.
"""

import re

import numpy as np

import rules_linear as linear
from metaimage import FIELDS as METAIMAGE_FIELDS
from metaimage import POSITIONS
from nifti import OWN_MARK
from picture import UNIT_SIZES, Affine, Picture, of_one_number_of_axes, position_differences, value_differences, without_last_singles

# How the pixels are stored. Each may change where the file is written again.
STORAGE = {
    "NIfTI": {"vox_offset", "magic", "sizeof_hdr"},
    "MetaImage": {"BinaryDataByteOrderMSB", "ElementByteOrderMSB", "CompressedDataSize", "HeaderSize"},
    "NRRD": {"endian", "byte skip", "line skip"},
    **linear.STORAGE,
}
# The same, and asked for by name in a copy: another suffix, another compression.
STORAGE_OF_COPIES = {"NIfTI": {"pair"}, "MetaImage": {"BinaryData", "CompressedData", "ElementDataFile"}, "NRRD": {"encoding", "data file"},
                     **linear.STORAGE_OF_COPIES}
# Where swr keeps the start index, for which no format has a field. Its value is compared by itself.
INDEX_KEY = "key swr_index"
# Notes to itself: how many axes an image has where the format would say it in two ways, and where axes after the fourth begin. They are part of the place.
NOTES = {"key swr_dimensions", "key swr_origin"} | linear.NOTES


class Near:
    """A number that a rule computes, with the rounding of the format that holds it."""

    def __init__(self, value, scale, single):
        self.value = tuple(value) if isinstance(value, (tuple, list, np.ndarray)) else float(value)
        self.tolerance = (3e-7 if single else 1e-12) * max(float(scale), 1e-30)

    def accepts(self, other):
        if other is None or isinstance(other, (bytes, str)):
            return False
        return bool(np.all(np.abs(np.subtract(self.value, other)) <= self.tolerance))

    def __repr__(self):
        return f"{self.value} (to {self.tolerance:.2g})"


class Optional:
    """A fact that may also be gone."""

    def __init__(self, value):
        self.value = value


ANYTHING = object()  # the rule says nothing of the value


def same_fact(expected, got):
    if expected is ANYTHING:
        return True
    if isinstance(expected, Near):
        return expected.accepts(got)
    if isinstance(expected, tuple) and isinstance(got, tuple):
        return len(expected) == len(got) and all(same_fact(a, b) for a, b in zip(expected, got))
    return expected == got or (expected != expected and got != got)


def fact_differences(expected, got):
    """Sentences about facts that are gone, came, or changed."""
    problems = []
    for name, value in expected.items():
        optional = isinstance(value, Optional)
        value = value.value if optional else value
        if name not in got:
            if not optional and value is not ANYTHING:
                problems.append(f"{name} is gone; it was {value!r}")
        elif not same_fact(value, got[name]):
            problems.append(f"{name} should be {value!r} and is {got[name]!r}")
    problems += [f"{name} came: {got[name]!r}" for name in got if name not in expected]
    return problems


def order_differences(before, after):
    """Lines that are in both have the order that they had."""
    kept = [line for line in after if line in set(before)]
    wanted = [line for line in before if line in set(after)]
    if kept == wanted:
        return []
    at = next((i for i, (a, b) in enumerate(zip(kept, wanted)) if a != b), min(len(kept), len(wanted)))
    return [f"the order of the lines changed: {(wanted + ['the end'])[at]!r} was where {(kept + ['the end'])[at]!r} is"]


# ---- the change of an image's box ----


class Box:
    """The image after a crop or a growth: its first pixel is `low` pixels after the old first one, along each axis."""

    def __init__(self, before, low=None, size=None):
        picture = before.picture()
        axes = len(picture.size)
        self.low = list(low) if low is not None else [0] * axes
        self.size = list(size) if size is not None else list(picture.size)
        self.old_size = list(picture.size)
        start = before.start_index()
        self.start = [a + b for a, b in zip(start + [0] * (axes - len(start)), self.low)]

    def changes(self):
        return any(self.low) or self.size != self.old_size


def index_differences(after, box):
    """The start index goes along, under a key of swr's own. Zeros at its end say nothing: formats differ in the number of axes."""
    if not linear.holds(after.format, "index"):
        return []
    start, wanted = list(after.start_index()), list(box.start)
    count = max(len(start), len(wanted))
    if start + [0] * (count - len(start)) == wanted + [0] * (count - len(wanted)):
        return []
    return [f"the start index should be {wanted} and is {start}"]


def nifti_box(file, facts, box):
    single = file.version == 1
    for axis, size in enumerate(box.size):
        facts[f"dim[{axis + 1}]"] = size
    low3 = np.array((box.low + [0, 0, 0])[:3], float)
    if len(box.low) < 3:
        low3[len(box.low) :] = 0
    for which, names in (("qform", ["qoffset[0]", "qoffset[1]", "qoffset[2]"]), ("sform", ["srow_x[3]", "srow_y[3]", "srow_z[3]"])):
        if file.fields[which + "_code"] <= 0 or not low3.any():
            continue
        matrix, offset = file.form(which)
        moved = offset + matrix @ low3
        scale = np.abs(matrix) @ np.abs(low3) + np.abs(offset)
        for name, value, size in zip(names, moved, scale):
            facts[name] = Near(value, size, single)
    if len(box.low) > 3 and box.low[3]:
        step = file.fields["pixdim"][4] * box.low[3]
        facts["toffset"] = Near(file.fields["toffset"] + step, abs(file.fields["toffset"]) + abs(step), single)
    # The timing of slices holds for the slices that were there: the rule does not say what becomes of it where there are others.
    slice_axis = (file.fields["dim_info"] >> 4 & 3) - 1
    if 0 <= slice_axis < len(box.size) and (box.low[slice_axis] or box.size[slice_axis] != box.old_size[slice_axis]):
        for name in ("slice_start", "slice_end", "slice_code", "slice_duration"):
            facts[name] = ANYTHING
    return facts


def metaimage_box(file, facts, box):
    for axis, size in enumerate(box.size):
        facts[f"DimSize[{axis}]"] = float(size)
    if not any(box.low):
        return facts
    name = next((name for name in POSITIONS if file.find(name) is not None), "Offset")
    affine = file.affine()
    length = [UNIT_SIZES[file.unit()] if axis < 3 else 1.0 for axis in range(len(box.low))]
    moved = (affine.first + affine.matrix @ np.array(box.low, float)) / length
    scale = (np.abs(affine.first) + np.abs(affine.matrix) @ np.abs(np.array(box.low, float))) / length
    had = file.find(name) is not None
    for axis, value in enumerate(moved):
        facts[f"{name}[{axis}]"] = Near(value, scale[axis], False) if had or any(moved) else Optional(Near(value, scale[axis], False))
    return facts


def nrrd_box(file, facts, box):
    domain = file.domain()
    low = np.array(box.low, float)
    for axis, size in zip(domain, box.size):
        facts[f"sizes[{axis}]"] = float(size)
    if file.find("number") is not None:
        facts["number"] = float(np.prod(box.size) * file.components())
    vectors = [None] * len(file.sizes())
    if file.find("space directions") is not None:
        vectors = [facts[f"space directions[{axis}]"] for axis in range(len(file.sizes()))]
        matrix = np.array([vectors[axis] or [0.0] * len(file.signs()) for axis in domain]).T
        origin = facts.get("space origin[0]")
        if any(low) and origin:
            scale = np.abs(matrix) @ np.abs(low) + np.abs(origin)
            facts["space origin[0]"] = Near(np.array(origin) + matrix @ low, scale.max(), False)
    for number, axis in enumerate(domain):
        move_bounds(file, facts, box, number, axis)
    return facts


def move_bounds(file, facts, box, number, axis):
    low, high = box.low[number], box.low[number] + box.size[number] - box.old_size[number]
    step, _ = file.step_and_start(axis)
    step /= UNIT_SIZES[file.unit_of_axis(axis)]
    for name, steps in (("axis mins", low), ("axis maxs", high)):
        value = facts.get(f"{name}[{axis}]")
        if value is not None and steps and not np.isnan(value):
            facts[f"{name}[{axis}]"] = Near(value + step * steps, abs(value) + abs(step * steps), False)


BOXES = {"NIfTI": nifti_box, "MetaImage": metaimage_box, "NRRD": nrrd_box}


# ---- the pixel type ----

# What is said of the old numbers, and need not be true of those of another type.
OF_THE_TYPE = {
    "NIfTI": {"datatype", "bitpix"},
    "MetaImage": {"ElementType"},
    "NRRD": {"type"},
    **linear.OF_THE_TYPE,
}
ABOUT_NUMBERS = {"NIfTI": {"glmax", "glmin"}, "MetaImage": {"ElementMin", "ElementMax"}, "NRRD": {"min", "max", "old min", "old max", "endian"},
                 **linear.NO_FACTS}


# ---- whole files ----


def ignored_facts(file, copied):
    copies = STORAGE_OF_COPIES[file.format] | {name for name in file.facts() if name.startswith("file ")} if copied else set()
    return STORAGE[file.format] | copies | NOTES | {INDEX_KEY}


def open_facts(facts):
    """Those of which the rules of rules_linear.py say nothing."""
    return {name: ANYTHING if value is None else value for name, value in facts.items()}


def expected_facts(before, box, copied, retyped=False, dtype=None):
    facts = before.facts()
    if before.format in linear.HOLDS:
        facts = open_facts(linear.after_any_change(before, facts, box, copied, dtype or linear.kind_of(before.picture().values)))
    if box.changes():
        if before.format in linear.HOLDS:
            facts = open_facts(linear.BOXES[before.format](before, facts, box, Near))
        else:
            facts = BOXES[before.format](before, facts, box)
        if before.format != "NIfTI" and len(before.listed) == 1:  # the one file goes on, under its name
            facts.update({name: ANYTHING for name in ("ElementDataFile", "data file", "file 0") if name in facts})
    if retyped:
        for name in OF_THE_TYPE[before.format]:
            facts[name] = ANYTHING
        for name in ABOUT_NUMBERS[before.format]:
            if name in facts:
                facts[name] = ANYTHING if before.format == "NIfTI" else Optional(facts[name])
    ignored = ignored_facts(before, copied)
    return {name: value for name, value in facts.items() if name not in ignored}


def header_differences(before, after, box, copied, retyped=False):
    """A file and what became of it, in the same format."""
    expected = expected_facts(before, box, copied, retyped, linear.kind_of(after.picture().values))
    ignored = ignored_facts(before, copied)
    got = {name: value for name, value in after.facts().items() if name not in ignored}
    if before.format == "NRRD" and any(box.start):
        expected.pop("magic"), got.pop("magic")  # an older version has no metadata
    return fact_differences(expected, got) + order_differences(before.order(), after.order()) + index_differences(after, box)


def moved_affine(affine, box):
    return Affine(affine.matrix, affine.first + affine.matrix @ np.array(box.low[: affine.matrix.shape[1]], float))


def moved_picture(picture, box, values):
    """The picture of the box, with `values` for its pixels."""
    affines = [moved_affine(affine, box) for affine in picture.affines]
    otherwise = picture.otherwise and moved_affine(picture.otherwise, box)
    return Picture(values, affines, picture.scale, picture.units, picture.texts, otherwise)


def same_format_differences(before, after, box, values, copied, retyped=False):
    """All that is wrong with `after`, which should be `before` with this box and these stored values."""
    wanted, got = moved_picture(before.picture(), box, values), after.picture()
    problems = header_differences(before, after, box, copied, retyped)
    problems += value_differences(wanted, got)
    if wanted.size == got.size:
        single = before.format in ("MRC", "MGH") or (before.format == "NIfTI" and before.version == 1)
        problems += position_differences(wanted, got, 1e-6 if single else 1e-11)
    return problems


# ---- between formats ----

LENGTHS_OF = {"NIfTI": ("m", "mm", "um"), "MetaImage": ("mm", "um", "cm"), "NRRD": tuple(u for u in UNIT_SIZES if u),
              **linear.LENGTHS}


def unit_differences(before, after, target):
    """A unit that the target can say stays; lengths that have one unit in all axes of space, in formats that have one for all of them."""
    problems = []
    one = target == "NRRD" or len(set(before.units[:3])) == 1
    for axis, unit in enumerate(before.units[: min(len(after.units), 3)]):
        if unit in LENGTHS_OF[target] and one and after.units[axis] != unit:
            problems.append(f"axis {axis} was given in {unit} and is in {after.units[axis] or 'no unit'}")
    return problems


def can_hold_text(after, key, value):
    """Whether the target has a place for an entry of the metadata."""
    target = after.format
    if target == "MetaImage":
        plain = all(c not in key for c in "=:#\t") and key == key.strip() and key and (key not in METAIMAGE_FIELDS or key in ("Comment", "Name", "Modality"))
        plain = plain and all(c >= " " or c == "\t" for c in key + value)
        return plain and value.strip() and value == value.lstrip() and "\n" not in value and value[0] not in "=:" and len(value) < 200
    if target == "NRRD":
        if key == "NRRD_measurement frame" and value.count("(") != len(after.signs()):
            return False  # the field has one vector for each axis of the space
        return key and not key.startswith("#") and ":=" not in key and value == value.strip() and "\r" not in value
    if target == "HDF5" and ("/" in key or key == "."):
        return False
    return linear.holds(target, "texts") and bool(key) and bool(value.strip())


def same_text(a, b):
    """Vectors of numbers may be written in more than one way."""
    if a is None or b is None:
        return False
    if a.startswith("(") and b.startswith("("):
        numbers = [re.findall(r"[^(), ]+", text) for text in (a, b)]
        try:
            return np.allclose(*[np.array(list(map(float, words))) for words in numbers], rtol=0, atol=1e-12)
        except ValueError:
            pass
    return a.strip() == b.strip()


def text_differences(before, got, after):
    """Each text of the metadata is there under its own name. What NRRD has fields for is called NRRD_ and the field's name, as in ITK."""
    problems = []
    for key, value in before.texts.items():
        if can_hold_text(after, key, value) and not same_text(value, got.texts.get(key)):
            problems.append(f"the metadata {key!r} was {value!r} and is {got.texts.get(key)!r}")
    return problems


def can_hold_place(target, picture):
    """The flat images of MetaImage and HDF5 have no third coordinate, so that only one that lies in a plane of x and y has its place."""
    axes = len(picture.size)
    return target not in ("MetaImage", "HDF5") or axes > 2 or all(len(a.first) <= axes or not a.matrix[axes:].any() for a in picture.affines)


def seen_from_above(picture):
    """What a flat image without a third coordinate keeps: x and y of each pixel. Nothing of one that stands upright."""
    axes = len(picture.size)
    affines = [Affine(a.matrix[:axes], a.first[:axes]) for a in picture.affines]
    upright = [np.linalg.norm(a.matrix, axis=0).prod() * 1e-5 > abs(np.linalg.det(b.matrix)) for a, b in zip(picture.affines, affines)]
    return Picture(picture.values, [] if any(upright) else affines, picture.scale, picture.units, picture.texts)


def other_format_differences(before, after, box, values):
    target = after.format
    whole, whole_got = moved_picture(before.picture(), box, values), after.picture()
    wanted, got = of_one_number_of_axes(whole, whole_got)
    problems = value_differences(wanted, got)
    if wanted.size == got.size:
        placed = wanted if wanted.affines else Picture(wanted.values, [wanted.otherwise])
        flat = wanted if whole.components > 1 else whole  # slices of vectors may become planes
        seen = placed if can_hold_place(target, flat) else seen_from_above(placed)
        problems += linear.place_differences(seen, got, target, position_differences)
    problems += unit_differences(whole, whole_got, target)
    problems += text_differences(wanted, got, after)
    return problems + index_differences(after, box)


def bare_differences(before, after):
    """A copy without metadata."""
    box = Box(before)
    wanted, got = without_last_singles(before.picture(), 3), without_last_singles(after.picture(), 3)
    wanted, got = of_one_number_of_axes(wanted, got)
    problems = value_differences(wanted, got) + index_differences(after, box) + unit_differences(before.picture(), after.picture(), after.format)
    if wanted.size == got.size:
        problems += position_differences(wanted, got, 3e-6)
    problems += [f"the metadata {key!r} came along: {value!r}" for key, value in after.picture().texts.items()]
    if after.format == "NIfTI":
        problems += [f"an extension of code {code} came along" for code, data in after.extensions if not data.startswith(OWN_MARK)]
    return problems


def fits_nifti(picture):
    """NIfTI turns no axis but the first three, and has no more than four axes where a pixel is a vector."""
    if len(picture.size) > (7 if picture.components == 1 else 4):
        return False
    for affine in picture.affines:
        for row in range(affine.matrix.shape[0]):
            for axis in range(affine.matrix.shape[1]):
                if max(row, axis) > 2 and row != axis and affine.matrix[row, axis] != 0:
                    return False
                if row == axis and row > 2 and affine.matrix[row, axis] <= 0:
                    return False
    return True
