"""Random files of MRC, NumPy, GIPL, MGH, VTK, TIFF, HDF5 and VTI with valid headers."""

import json
import os
import struct
import subprocess

import numpy as np

from gipl import TYPES as GIPL_TYPES
from gipl import Gipl
from hdf5_file import ITK_DATASET, Hdf5
from mgh import TYPES as MGH_TYPES
from mgh import Mgh
from mrc import MODES, Mrc
from npy import Npy
from tiff import Tiff, fraction
from vti import TYPES as VTI_TYPES
from vti import Vti
from vtk_legacy import TYPES as VTK_TYPES
from vtk_legacy import Vtk

IMOD = 1146047817


def some_bytes(rng, count):
    """Often zeros."""
    return bytes(count) if rng.chance(0.5) else rng.rng.bytes(count)


# ---- MRC ----


def label(rng):
    """Blanks, zeros and control characters may be in it."""
    text = rng.choice([rng.text(70), "  indented", "made by\x01a program", "ends\0then more", ""]).encode()[:80]
    return text + (b" " if rng.chance(0.5) else b"\0") * (80 - len(text))


def random_mrc(rng, stem):
    axes = rng.choice([2, 3, 3, 3, 3, 4])
    f = Mrc(rng.chance(0.2))
    size = rng.shape(axes)
    mode = rng.choice(list(MODES))
    dtype, components = MODES[mode]
    has_mark, no_sign = rng.chance(0.85), mode == 0 and rng.chance(0.4)
    x, y, z, volumes = (size + [1, 1])[:4]
    f.set("n", x, y, z * volumes)
    f.set("mode", mode)
    is_stack = axes == 2 or (axes == 3 and z > 1 and rng.chance(0.3))
    f.set("ispg", 0 if is_stack else 401 if axes == 4 else rng.choice([1, 1, 1, 19]))
    depth = 1 if is_stack and rng.chance(0.5) else z
    grid = [x, y, depth]
    if axes == 3 and not is_stack and rng.chance(0.2):  # a part of a map: the cell is that of the map
        grid[rng.integer(0, 2)] += rng.integer(1, 9)
    f.set("m", *grid)
    f.set("cell", *[rng.length() * (z if axis == 2 and is_stack else grid[axis]) for axis in range(3)])
    f.set("angles", *[rng.choice([90.0, 90.0, 0.0])] * 3)
    f.set("map", 1, 2, 3)
    if rng.chance(0.4):
        f.set("start", *[rng.integer(-20, 20) for _ in range(3)])
    f.set("dmin", rng.real(-100, 0) - 0.01), f.set("dmax", rng.real(0, 120)), f.set("dmean", rng.real(-1, 1))
    if no_sign:
        f.set("dmin", 0), f.set("dmax", 200)
    if axes < 4 and rng.chance(0.35):
        f.set("exttyp", rng.choice([b"FEI1", b"SERI", b"CCP4", bytes(4), b"\x01\x02", b"SWR "]))
        f.extended = rng.rng.bytes(rng.integer(1, 300))
    elif rng.chance(0.2):
        f.set("exttyp", b"AGAR")
    for at, count in ((96, 8), (112, 40), (160, 36)):
        f.raw[at : at + count] = some_bytes(rng, count)
    f.set("nversion", rng.choice([0, 20140, 20141]))
    if rng.chance(0.3):
        f.set("imod", IMOD, rng.choice([0, 4]) | (0 if no_sign or mode != 0 else 1))
    if has_mark:
        f.set("mark", b"MAP "), f.set("stamp", b"\x11\x11\0\0" if f.big else rng.choice([b"DD\0\0", b"DA\0\0"]))
        f.set("rms", rng.real())
        if rng.chance(0.6):
            f.set("origin", *[rng.real() for _ in range(3)])
    else:
        f.raw[196:220] = some_bytes(rng, 24)
        f.raw[208] = 0  # no mark by accident
    count = rng.choice([0, 0, 1, 2, 4, 10])
    f.set("nlabl", count)
    for number in range(count):
        f.set(f"label {number + 1}", label(rng))
    f.values = rng.values(size, components, "u1" if no_sign else dtype)
    return f, stem + rng.choice([".mrc", ".mrc", ".mrcs", ".map", ".rec", ".mrc.gz", ".map.gz"])


# ---- GIPL and MGH ----


def random_gipl(rng, stem):
    axes = rng.choice([2, 3, 3, 3, 4])
    f = Gipl()
    size = rng.shape(axes)
    while len(size) > 2 and size[-1] == 1:
        size.pop()
    f.set("size", *(size + [rng.choice([0, 1])] * (4 - len(size))))
    code = rng.choice(list(GIPL_TYPES))
    f.set("type", code)
    f.set("spacing", *[rng.choice([1, 1, 1, -1]) * rng.length() for _ in range(4)])
    f.set("patient", rng.choice([b"", b"No Patient Information", rng.text(60).encode(), b"  with blanks  "]))
    f.set("matrix", some_bytes(rng, 82)), f.set("application", some_bytes(rng, 16))
    f.set("extremes", rng.real(), rng.real())
    f.set("position", *[rng.real() for _ in range(4)])
    f.set("magic", rng.choice([0xEFFFE9B0, 0xEFFFE9B0, 0x2AE389B8]))
    f.values = rng.values(size, 1, GIPL_TYPES[code])
    return f, stem + rng.choice([".gipl", ".gipl", ".gipl.gz"])


def random_mgh(rng, stem):
    f = Mgh()
    size = rng.shape(rng.choice([3, 3, 3, 4]))
    if len(size) == 4 and size[3] == 1:
        size.pop()
    f.set("version", 1 | rng.choice([0, 0, 0x100, 0x700]))
    f.set("size", *(size + [1])[:4])
    code = rng.choice(list(MGH_TYPES))
    f.set("type", code), f.set("dof", rng.integer(0, 99))
    if rng.chance(0.9):
        f.set("goodRAS", 1), f.set("spacing", *[rng.length() for _ in range(3)])
        f.set("axes", *rng.rotation(3).T.flatten()), f.set("centre", *[rng.real() for _ in range(3)])
    if rng.chance(0.6):
        f.tail = struct.pack(">5f", rng.real(0, 3000), 0.15, 2.98, 900.0, 0.0)
    if f.tail and rng.chance(0.5):
        f.tail += struct.pack(">iq", 3, 12) + b"mri_convert\0"
    f.values = rng.values(size, 1, MGH_TYPES[code])
    return f, stem + rng.choice([".mgh", ".mgh", ".mgz", ".mgh.gz"])


# ---- NumPy and VTK ----

ARRAYS = ("|u1", "|i1", "<u2", ">u2", "<i2", "<i2", ">i2", "<u4", "<i4", "<u8", ">i8", "<f4", ">f4", "<f8", "<c8", ">c16")


def random_npy(rng, stem):
    f = Npy(rng.choice(ARRAYS), rng.chance(0.3), rng.choice([1, 1, 1, 2, 3]))
    is_complex = f.descr[1] == "c"
    f.has_components = not is_complex and rng.chance(0.25)
    f.blanks = rng.choice([0, 0, 1, 2])
    dtype = f"f{int(f.descr[2:]) // 2}" if is_complex else f.descr[1:]
    f.values = rng.values(rng.shape(rng.choice([2, 3, 3, 4])), 2 if is_complex else rng.choice([2, 3, 4]) if f.has_components else 1, dtype)
    return f, stem + ".npy"


def metadata(rng, components):
    return ("\nMETADATA\nCOMPONENT_NAMES\n" + "".join(f"part%20{i}\n" for i in range(components))
            + rng.choice(["", "INFORMATION 1\nNAME UNITS_LABEL LOCATION vtkDataArray\nDATA mm\n"]) + "\n").encode()


def random_vtk(rng, stem):
    f = Vtk()
    axes = rng.choice([2, 3, 3, 3])
    size = rng.shape(axes)
    if axes == 3 and size[2] == 1:
        size[2] = 2
    f.extent = tuple(size + [1] * (3 - axes))
    f.version, f.title = rng.choice(["2.0", "3.0", "4.2", "5.1"]), rng.choice(["vtk output", "t" * 252, "a (b) - c", "swr image (%d-D)" % axes])
    f.kind = rng.choice(["SCALARS", "SCALARS", "SCALARS", "VECTORS", "COLOR_SCALARS"])
    f.type = "unsigned_char" if f.kind == "COLOR_SCALARS" else rng.choice(list(VTK_TYPES))
    components = {"SCALARS": rng.choice([1, 1, 1, 2, 3, 4]), "VECTORS": 3, "COLOR_SCALARS": rng.choice([1, 2, 3, 4])}[f.kind]
    f.array = rng.choice(["scalars", "heart", "of%20the%20heart"])
    for name, number in (("SPACING", rng.length), ("ORIGIN", rng.real)):
        f.numbers[name] = " ".join(rng.choice(["%r", "%.3f", "%.16e"]) % number() for _ in range(3))
    f.text = f.kind != "COLOR_SCALARS" and rng.chance(0.12)
    if rng.chance(0.3):
        f.fields = b"FIELD FieldData 1\nTIME 1 1 double\n" + (b"1.5 " if f.text else struct.pack(">d", rng.real())) + b"\n"
        f.fields += rng.choice([b"", b"METADATA\nCOMPONENT_NAMES\nsec\n\n"])
    f.tail = rng.choice([b"\n", b"\n", b"", metadata(rng, components)])
    if f.text:
        f.tail = f.tail or b"\n"
    f.values = rng.values(size, components, VTK_TYPES[f.type])
    if f.text:
        f.values = rng.tame(f.values)
    return f, stem + ".vtk"


def random_vti(rng, stem):
    f = Vti()
    axes = rng.choice([2, 3, 3, 3])
    size = rng.shape(axes)
    if axes == 3 and size[2] == 1:
        size[2] = 2
    f.big, f.wide, f.declared = rng.chance(0.3), rng.chance(0.5), rng.chance(0.5)
    f.type, f.array = rng.choice(list(VTI_TYPES)), rng.choice(["scalars", "of the heart", "a & b <c>"])
    f.role = rng.choice(["Scalars", "Scalars", "Vectors", "Tensors"])
    components = {"Scalars": rng.choice([1, 1, 1, 2, 3, 4]), "Vectors": 3, "Tensors": 9}[f.role]
    if rng.chance(0.4):
        f.low = tuple([rng.integer(-20, 20) for _ in range(axes)] + [0] * (3 - axes))
    for name, number in (("Spacing", rng.length), ("Origin", rng.real)):
        if rng.chance(0.9):
            f.numbers[name] = " ".join(rng.choice(["%r", "%.3f", "%.16e"]) % number() for _ in range(3))
    if rng.chance(0.6):
        f.numbers["Direction"] = " ".join(repr(float(v)) for v in rng.rotation(3).flatten())
    if rng.chance(0.3):
        f.attributes = {f"ComponentName{i}": rng.choice(["depth", "a \"b\"", "x<y"]) for i in range(components)}
    if rng.chance(0.3):
        f.keys = {"UNITS_LABEL": rng.choice(["mm", "s &amp; m"])}.copy()
    if rng.chance(0.2):
        f.root = {"study": "of the heart"}
    if rng.chance(0.3):
        f.fields = {"TIME": "1.5", "More of it": " 1 2 3 "}
    if rng.chance(0.5):
        f.strings = {"Modality": "MR", "Patient <&\"": "Zo\u00eb\n", "nothing": ""}
    f.ranges, f.others_first = rng.chance(0.5), rng.chance(0.5)
    for place in ("PointData", "CellData"):
        if rng.chance(0.12):
            f.others[place] = rng.rng.random(rng.integer(1, 9)).astype("f4")
    f.values = rng.values(size, components, VTI_TYPES[f.type])
    return f, stem + ".vti"


# ---- TIFF ----


def imagej_text(rng, size, unit, spacing):
    text = f"ImageJ=1.53t\nimages={int(np.prod(size[2:]))}\n" + (f"slices={size[2]}\n" if len(size) > 2 else "") + (f"frames={size[3]}\n" if len(size) > 3 else "")
    text += f"unit={unit}\n" + (f"spacing={spacing!r}\n" if len(size) > 2 else "")
    return text + rng.choice(["", "loop=false\n", "min=0.0\nmax=255.0\n"])


def own_text(rng, size, spacing):
    """As swr has it, with a place in space and metadata."""
    n = len(size)
    notes = {"swr_size": size, "swr_spacing": spacing}
    if rng.chance(0.6):
        notes["swr_first_pixel"] = [rng.real() for _ in size]
    if rng.chance(0.3):
        notes["swr_index"] = [rng.integer(-9, 9) for _ in size]
    if rng.chance(0.5):
        notes["swr_direction"] = np.pad(rng.rotation(min(n, 3)), (0, n - min(n, 3))).flatten() + np.diag([0.0] * min(n, 3) + [1.0] * (n - min(n, 3))).flatten()
    if rng.chance(0.3):
        notes["swr_value_scale"] = [rng.choice([2.0, 0.1, -1.5]), rng.choice([0.0, -1024.0])]
    lines = [f"{key} = {' '.join(repr(v.item() if hasattr(v, 'item') else v) for v in values)}" for key, values in notes.items()]
    lines += [f"swr.key {number} = {rng.text(60)}".replace("\\", "\\\\") for number in range(rng.choice([0, 0, 1, 3]))]
    return "swr 1\n" + "\n".join(lines) + "\n\n\n"


def random_tiff(rng, stem):
    f = Tiff(rng.chance(0.25), rng.chance(0.25))
    size = rng.shape(rng.choice([2, 3, 3, 3, 4]))
    while len(size) > 2 and size[-1] == 1:
        size.pop()
    while len(size) == 4 and size[2] == 1:
        size[2] = 2
    components = rng.choice([1, 1, 1, 1, 2, 3, 4])
    dtype = rng.choice(("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"))
    if components >= 3 and rng.chance(0.6):
        f.photometric, dtype = 2, rng.choice(("u1", "u2"))
    elif components == 1:
        f.photometric = rng.choice([1, 1, 1, 0])
    f.values = rng.values(size, components, dtype)
    f.rows, f.gap = rng.choice([1, 2, size[1], 10**6]), rng.choice([0, 0, 2, 4])
    if components > 1 and len(size) < 4 and rng.chance(0.2):
        f.planar = 2
    spacing = [rng.length() for _ in size]
    f.unit = rng.choice([1, 2, 3, 3])
    f.resolution = [fraction((25.4 if f.unit == 2 else 10) / length) for length in spacing[:2]]
    kind = rng.choice(["bare", "free", "imagej", "shape", "own", "own"])
    if kind == "imagej" or (len(size) == 4 and kind in ("bare", "free")):
        f.description = imagej_text(rng, size, rng.choice(["cm", "mm", "um"]), rng.length())
    elif kind == "free":
        f.description = rng.text(60)
    elif kind == "shape":
        f.description = json.dumps({"shape": size[::-1] + ([components] if components > 1 else [])})
    elif kind == "own":
        f.unit, spacing[:2] = 3, [10 / float(r) for r in f.resolution]
        f.resolution = [fraction(10 / length) for length in spacing[:2]]
        f.description = imagej_text(rng, size, "cm", (spacing + [1.0])[2] / 10) + own_text(rng, size, spacing)
    for tag, values in ((305, b"a program\0"), (306, b"2026:11:27 10:00:00\0"), (315, b"K\xc3\xb6ln\0")):
        if rng.chance(0.3):
            f.tags[tag] = (2, values)
    if rng.chance(0.3):
        f.tags[65000 + rng.integer(0, 9)] = rng.choice([(12, struct.pack("<3d", 1.5, -2, 1e300)), (4, struct.pack("<I", 77)), (7, b"\0\1\2"), (10, struct.pack("<2i", -1, 3))])
    return f, stem + rng.choice([".btf", ".tif"] if f.big else [".tif", ".tif", ".tiff"])


# ---- HDF5 ----


def hdf5_place(rng, f, axes):
    """Numbers that a program may leave out."""
    if f.is_itk():
        f.places = {"Origin": np.array([rng.real() for _ in range(axes)]), "Directions": rng.rotation(axes), "Spacing": np.array([rng.length() for _ in range(axes)])}
        return
    if rng.chance(0.5):
        f.places["element_size_um"] = np.array([1000 * rng.length() for _ in range(axes)])
    elif rng.chance(0.5):
        f.places["swr_spacing"] = np.array([rng.length() for _ in range(axes)])
    if rng.chance(0.3):
        f.places["swr_origin"] = np.array([rng.real() for _ in range(axes)])
    if rng.chance(0.3):
        f.places["swr_direction"] = rng.rotation(axes)


def hdf5_value(rng):
    return rng.choice([rng.text(60) or "a", rng.text(60) or "a", np.int32(rng.integer(-9, 9)), np.array([1.5, rng.real(), -0.25]), np.arange(3, dtype=">i2"), np.float32(0.1)])


def random_hdf5(rng, stem):
    f = Hdf5(rng.choice([ITK_DATASET, ITK_DATASET, "/data", "/a/b/volume"]))
    axes = rng.choice([2, 3, 3, 3, 4])
    size = rng.shape(axes)
    f.byte_order, f.chunked, f.newest = rng.choice("<<>"), rng.chance(0.3), rng.chance(0.3)
    f.is_complex = not f.is_itk() and rng.chance(0.15)
    components = 2 if f.is_complex else rng.choice([1, 1, 1, 2, 3])
    f.kind = None if f.is_complex or components == 1 else "vector"
    dtype = rng.choice(["f4", "f8"]) if f.is_complex else rng.choice(["u1", "i1", "u2", "i2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"])
    hdf5_place(rng, f, axes)
    for number in range(rng.choice([0, 0, 1, 3])):
        f.entries[rng.choice(["Modality", "of two words ", "0008|0060"]) + str(number)] = hdf5_value(rng)
    if rng.chance(0.3):
        f.index = [rng.integer(-20, 20) for _ in range(axes)]
    if rng.chance(0.3):
        f.others["/ made by"] = hdf5_value(rng)
    if rng.chance(0.3):
        f.others["/other/axis"] = np.arange(rng.integer(1, 9), dtype=rng.choice(["<f4", ">i2"]))
        f.others["/other unit"] = "mm"
    f.values = rng.values(size, components, dtype)
    return f, stem + rng.choice([".h5", ".h5", ".hdf5"])


GENERATORS = {"MRC": random_mrc, "NumPy": random_npy, "GIPL": random_gipl, "MGH": random_mgh, "VTK": random_vtk, "TIFF": random_tiff, "HDF5": random_hdf5,
              "VTI": random_vti}
LOADERS = {"MRC": Mrc.load, "NumPy": Npy.load, "GIPL": Gipl.load, "MGH": Mgh.load, "VTK": Vtk.load, "TIFF": Tiff.load, "HDF5": Hdf5.load, "VTI": Vti.load}
SUFFIXES = {
    "MRC": (".mrc", ".mrcs", ".map", ".rec", ".mrc.gz", ".map.gz"), "NumPy": (".npy",), "GIPL": (".gipl", ".gipl.gz"), "MGH": (".mgh", ".mgz", ".mgh.gz"),
    "VTK": (".vtk",), "TIFF": (".tif", ".tiff", ".btf", ".ome.tif"), "HDF5": (".h5", ".hdf5"), "VTI": (".vti",),
}


def leave_out_hdf5():
    """In a build of swr without it."""
    swr = os.environ.get("SWR")
    if swr and "HDF5" not in subprocess.run([swr, "formats"], capture_output=True, text=True, check=True).stdout:
        for table in (GENERATORS, LOADERS, SUFFIXES):
            del table["HDF5"]


leave_out_hdf5()
