"""What changes in the headers of MRC, NumPy, GIPL, MGH, VTK, TIFF, HDF5 and VTI, and what they hold of an image; rules.py has the rules that all formats share."""

import numpy as np

from gipl import NOTE

# What a format holds besides pixels. The others hold everything.
HOLDS = {"MRC": {"index", "place", "texts"}, "NumPy": set(), "GIPL": {"place"}, "MGH": {"index", "place", "direction"}, "VTK": {"place"},
         "TIFF": {"index", "place", "direction", "texts", "scale"}, "HDF5": {"index", "place", "direction", "texts"},
         "VTI": {"index", "place", "direction", "texts"}}
AXES = {"MRC": (2, 4), "NumPy": (1, 16), "GIPL": (1, 4), "MGH": (3, 4), "VTK": (1, 3), "TIFF": (2, 16), "HDF5": (1, 16), "VTI": (1, 3)}
PIXELS = {
    "MRC": ("i1", "i2", "u2", "f4"), "GIPL": ("i1", "u1", "i2", "u2", "u4", "i4", "f4", "f8"), "MGH": ("u1", "i4", "f4", "i2"),
    "TIFF": ("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"),
    "NumPy": ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"), "VTK": ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"),
    **{name: ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8") for name in ("HDF5", "VTI")},
}
# How the pixels are stored: may change where the file is written again.
STORAGE = {"TIFF": set(), "MRC": {"nsymbt"}, "NumPy": {"order", "version"}, "GIPL": set(), "MGH": set(), "VTK": {"version"}, "HDF5": {"order", "chunked"}, "VTI": set()}
STORAGE_OF_COPIES = {"TIFF": set(), "MRC": set(), "NumPy": set(), "GIPL": set(), "MGH": set(), "VTK": {"text"}, "HDF5": set(), "VTI": set()}
OF_THE_TYPE = {"TIFF": {"type", "photometric"}, "MRC": {"mode", "imod[1]"}, "NumPy": {"type"}, "GIPL": {"type"}, "MGH": {"type"}, "VTK": {"type", "kind"}, "HDF5": {"type"},
               "VTI": {"type"}}
NO_FACTS = {name: set() for name in HOLDS}
LENGTHS = {name: () for name in HOLDS}
NOTES = {"key swr_volumes"}


def holds(target, what):
    return what in HOLDS.get(target, (what,))


def kind_of(values):
    return values.dtype.newbyteorder("=").str[1:]


def surely_fits(target, picture, axes):
    """Then a copy must succeed; else it may be refused."""
    if target not in HOLDS:
        return True
    least, most = AXES[target]
    fits = least <= axes <= most and picture.components == 1 and kind_of(picture.values) in PIXELS[target]
    fits = fits and (picture.scale == (1.0, 0.0) or holds(target, "scale"))
    straight = all(not (a.matrix[3:, :3].any() or a.matrix[:3, 3:].any()) and (a.matrix[3:, 3:] >= 0).all() for a in picture.affines)
    return fits and (straight or target != "MGH")


def is_along_axes(affine):
    """Whether a format without a direction has the same place."""
    axes = affine.matrix.shape[1]
    diagonal = np.diag(np.diag(affine.matrix[:axes]))
    return affine.matrix.shape[0] == axes and (affine.matrix == diagonal).all() and (np.diag(diagonal) > 0).all()


def place_differences(before, after, target, compare):
    """Of a copy to a format that may hold only a part of the place. `compare` compares all of it."""
    if not holds(target, "place"):
        return []
    if holds(target, "direction") or all(is_along_axes(a) for a in before.affines):
        return compare(before, after, 3e-6)
    lengths = [np.linalg.norm(a.matrix, axis=0) for a in before.affines]
    got = np.linalg.norm(after.affines[0].matrix, axis=0)
    if any(np.allclose(got, wanted[: len(got)], rtol=1e-5) for wanted in lengths):
        return []
    return [f"the spacing should be {lengths[0]} and is {got}"]


# ---- the change of an image's box ----


def mrc_box(file, facts, box, near):
    size = box.size + [1] * (4 - len(box.size))
    old = list(file.get("n"))
    axes = len(box.size)
    becomes_volume = axes == 3 and file.get("ispg") == 0 and size[2] == 1  # else it would be a single image
    for axis in range(min(axes, 3)):
        pixels, m = size[axis], file.get("m")[axis]
        spacing = file.spacing(axis)
        was = m if axis == 2 and file.volumes() else old[axis]
        facts[f"n[{axis}]"] = pixels * (size[3] if axis == 2 else 1)
        if m == was or becomes_volume:
            facts[f"m[{axis}]"] = pixels
        if m == was or becomes_volume or (axis == 2 and file.is_stack_of_images()):
            facts[f"cell[{axis}]"] = near(spacing * pixels, spacing * pixels, True)
        if box.low[axis]:
            facts[f"start[{axis}]"] = file.get("start")[axis] + box.low[axis]
    if becomes_volume:
        facts["ispg"] = 1
    if any(box.low[3:]) and not file.extended and "exttyp" in facts:
        facts["exttyp"] = None  # the place of the volumes is then in an extended header of swr's
    if file.states_origin() and any(box.low[:3]):
        for axis in range(min(axes, 3)):
            origin, step = file.get("origin")[axis], file.spacing(axis) * box.low[axis]
            facts[f"origin[{axis}]"] = near(origin + step, abs(origin) + abs(step), True)
    return facts


def npy_box(file, facts, box, near):
    facts.update({f"size[{axis}]": size for axis, size in enumerate(box.size)})
    return facts


def gipl_box(file, facts, box, near):
    affine = file.picture().affines[0]
    for axis, size in enumerate(box.size):
        facts[f"size[{axis}]"] = size
        if box.low[axis]:
            step = affine.matrix[axis, axis] * box.low[axis]
            facts[f"position[{axis}]"] = near(affine.first[axis] + step, abs(affine.first[axis]) + abs(step), False)
    if box.size[-1] == 1 or box.old_size[-1] == 1 or NOTE in facts["patient"]:
        facts["patient"] = None  # it may have to say how many axes there are
    return facts


def mgh_box(file, facts, box, near):
    for axis, size in enumerate(box.size):
        facts[f"size[{axis}]"] = size
    if box.low[:3] == [0, 0, 0] and box.size[:3] == box.old_size[:3]:
        return facts
    if not file.get("goodRAS"):  # what was assumed is then said
        facts.update({name: None for name in facts if name.startswith(("goodRAS", "spacing", "axes", "centre"))})
        return facts
    axes = np.array(file.get("axes"), float).reshape(3, 3).T * np.array(file.get("spacing"), float)
    steps = np.array(box.low[:3], float) + (np.array(box.size[:3], float) - box.old_size[:3]) / 2
    centre = np.array(file.get("centre"), float)
    scale = np.abs(axes) @ (np.abs(steps) + np.array(box.old_size[:3])) + np.abs(centre)
    for row, value in enumerate(centre + axes @ steps):
        facts[f"centre[{row}]"] = near(value, scale[row], True)
    return facts


def vtk_box(file, facts, box, near):
    spacing, origin = file.list("SPACING"), file.list("ORIGIN")
    for axis, size in enumerate(box.size):
        facts[f"DIMENSIONS[{axis}]"] = size
    for axis, low in enumerate(box.low):
        if any(box.low):
            facts[f"ORIGIN[{axis}]"] = near(origin[axis] + spacing[axis] * low, abs(origin[axis]) + abs(spacing[axis] * low), False)
    if box.size[-1] == 1:
        facts["title"] = None  # it may have to say how many axes there are
    return facts


def vti_box(file, facts, box, near):
    """The size and the place are all that changes."""
    return facts


def tiff_box(file, facts, box, near):
    if facts["note swr_placement"] is not None:
        facts["note swr_placement"] = None  # a second place in space moves along
    return facts


def hdf5_box(file, facts, box, near):
    facts.update({f"size[{axis}]": size for axis, size in enumerate(box.size)})
    affine = file.picture().affines or [file.picture().otherwise]
    low = np.array(box.low, float)
    if low.any():
        name = "Origin" if file.is_itk() else "swr_origin"
        moved, scale = affine[0].first + affine[0].matrix @ low, np.abs(affine[0].first) + np.abs(affine[0].matrix) @ np.abs(low)
        facts.update({f"{name}[{axis}]": near(value, scale[axis], False) for axis, value in enumerate(moved)})
    return facts


BOXES = {"TIFF": tiff_box, "HDF5": hdf5_box, "MRC": mrc_box, "NumPy": npy_box, "GIPL": gipl_box, "MGH": mgh_box, "VTK": vtk_box, "VTI": vti_box}


def after_any_change(before, facts, box, copied, dtype):
    """What is said of the values is unknown after every change. None: the rule says nothing."""
    if before.format == "MRC":
        is_bytes, no_sign = dtype in ("i1", "u1") and before.picture().components == 1, dtype == "u1"
        least, most = ((0, 255) if no_sign else (-128, 127)) if is_bytes else (0, -1)
        facts.update(dmin=least, dmax=most, dmean=least - 1 if is_bytes else -2)
        if before.has_mark():
            facts["rms"] = -1
    if before.format == "GIPL":
        facts.update({"extremes[0]": 0, "extremes[1]": 0})
    if before.format == "VTK" and copied and before.text:
        facts["fields"] = None  # told in a warning
    if before.format == "VTI":
        facts["ranges"] = False
        if copied:  # told in a warning
            facts = {name: value for name, value in facts.items() if not name.startswith("other ")}
    if before.format == "TIFF" and copied:  # OME-XML has no place for lines of ImageJ's description; told in a warning
        facts.update({name: None for name in facts if name.startswith("line ")})
    if before.format == "TIFF" and (copied or box.changes()) and not before.notes():  # notes come with a new file; a free text goes, told in a warning
        facts.update({name: None for name in facts if name.startswith("note ") or name == "description"})
    return facts
