"""Random files with valid headers: every field that a format has turns up, alone and with others."""

import numpy as np

import generate_linear
import nifti
import nrrd
from metaimage import MetaImage
from metaimage import TYPES as META_TYPES
from nifti import Nifti
from nrrd import Nrrd
from text_files import number_text

DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")
WORDS = ("T1", "axial", "phantom 3", "b-value", "Köln", "0042", "a=b", "x:y", "(1,2)", "\"quoted\"", "100%", "back\\slash", "N/A")


class Random:
    """What generators need of numpy's, with fewer letters."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def chance(self, probability):
        return self.rng.random() < probability

    def choice(self, options):
        return options[int(self.rng.integers(len(options)))]

    def integer(self, least, most):
        return int(self.rng.integers(least, most + 1))

    def real(self, least=-100.0, most=100.0):
        """Often round, as people write them."""
        value = float(self.rng.uniform(least, most))
        return round(value, self.choice([0, 1, 3, 9])) if self.chance(0.7) else value

    def length(self):
        return max(0.01, self.real(0.1, 5.0))

    def text(self, most=24):
        words = " ".join(self.choice(WORDS) for _ in range(self.integer(1, 3)))
        return words.encode()[:most].decode(errors="ignore").strip()

    def shape(self, axes, most=6):
        size = [self.integer(1, most) for _ in range(axes)]
        while np.prod(size) > 600:
            size[int(np.argmax(size))] = 2
        return size

    def values(self, size, components, dtype):
        kind = np.dtype(dtype)
        shape = tuple(size) + (components,)
        if kind.kind == "f":
            values = (self.rng.standard_normal(shape) * 100).astype(kind)
            if self.chance(0.1):
                values.flat[self.integer(0, values.size - 1)] = self.choice([np.nan, np.inf, -np.inf])
            return values
        limits = np.iinfo(kind)
        return self.rng.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)

    def tame(self, values):
        """Without NaN and infinity, which not every program writes as the same word."""
        return np.nan_to_num(values, nan=1.5, posinf=2.5, neginf=-2.5) if values.dtype.kind == "f" else values

    def rotation(self, n):
        """An orthonormal matrix; often a permutation of axes, as scanners have."""
        if self.chance(0.4):
            matrix = np.eye(n)[self.rng.permutation(n)] * self.rng.choice([-1.0, 1.0], n)
        else:
            matrix, _ = np.linalg.qr(self.rng.standard_normal((n, n)))
        return matrix + 0.0


# ---- NIfTI ----

SCALAR_INTENTS = (0, 2, 3, 4, 5, 6, 10, 22, 23, 24, 1001, 1002, 1003, 1010, 2001)


def single(value):
    return float(np.float32(value))


def random_extension(rng):
    code = rng.choice([0, 2, 4, 6, 6, 10, 30, 40, 44])
    if code == 4:
        data = b'<?xml version="1.0"?>\n<AFNI_attributes/>\n'
    elif code == 44:
        data = b'{"ResonantNucleus": ["1H"]}'
    else:
        data = rng.text(200).encode() if rng.chance(0.6) else rng.rng.bytes(rng.integer(1, 90))
    return code, data + bytes(-(len(data) + 8) % 16 + 16 * rng.integer(0, 1))


def quaternion(rotation):
    """b, c, d of a rotation, and a matrix that is turned round, in the third column, if it is none; by the eigenvector of its quaternion matrix."""
    r = rotation.copy()
    qfac = 1.0
    if np.linalg.det(r) < 0:
        qfac = -1.0
        r[:, 2] *= -1
    k = np.array([
        [r[0, 0] - r[1, 1] - r[2, 2], 0, 0, 0], [r[0, 1] + r[1, 0], r[1, 1] - r[0, 0] - r[2, 2], 0, 0],
        [r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], r[2, 2] - r[0, 0] - r[1, 1], 0],
        [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], r[0, 0] + r[1, 1] + r[2, 2]],
    ]) / 3
    _, vectors = np.linalg.eigh(k)
    b, c, d, a = vectors[:, -1]
    sign = -1 if a < 0 else 1
    return (sign * b, sign * c, sign * d), qfac


def fill_transforms(rng, f, fields, axes):
    real = float if f.version == 2 else single
    rotation = rng.rotation(3)
    fields["pixdim"] = tuple(real(v) for v in [0.0] + [rng.length() for _ in range(7)])
    (b, c, d), qfac = quaternion(rotation)
    fields["pixdim"] = (qfac,) + fields["pixdim"][1:]
    offset = [real(rng.real()) for _ in range(3)]
    has_q, has_s = rng.chance(0.6), rng.chance(0.6)
    if has_q:
        fields["qform_code"] = rng.integer(1, 4)
        fields["quatern"], fields["qoffset"] = (real(b), real(c), real(d)), tuple(offset)
    if not has_s:
        return
    fields["sform_code"] = rng.integer(1, 5)
    spacing = np.array(fields["pixdim"][1:4])
    matrix = rotation * spacing
    which = rng.integer(0, 3)
    if which == 1:  # another space, of its own scale
        matrix = rng.rotation(3) * np.array([rng.length() for _ in range(3)])
        offset = [rng.real() for _ in range(3)]
    elif which == 2:  # a shear
        matrix = matrix @ (np.eye(3) + np.triu(rng.rng.uniform(-0.3, 0.3, (3, 3)), 1))
        offset = [rng.real() for _ in range(3)]
    for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
        fields[name] = tuple(real(v + 0.0) for v in matrix[row]) + (real(offset[row]),)


def random_nifti(rng, stem):
    f = Nifti(2 if rng.chance(0.25) else 1, rng.chance(0.15))
    fields = f.fields
    real = float if f.version == 2 else single
    kind = rng.choice(["scalar"] * 6 + ["rgb", "rgba", "complex", "vector", "tensor"])
    axes = rng.choice([2, 3, 3, 3, 3, 4, 4, 5]) if kind == "scalar" else rng.choice([2, 3, 3, 4])
    size = rng.shape(axes)
    dtype, components = {"rgb": ("u1", 3), "rgba": ("u1", 4), "complex": (rng.choice(["f4", "f8"]), 2), "vector": (rng.choice(DTYPES), rng.integer(2, 4)),
                         "tensor": ("f4", 6)}.get(kind, (rng.choice(DTYPES), 1))
    if axes == 4 and kind == "scalar" and rng.chance(0.3):
        size[3] = 1
    dim = size
    if kind in ("vector", "tensor"):
        size = size + [1] * (4 - axes)
        dim, axes = size + [components], 5
        fields["intent_code"] = 1005 if kind == "tensor" else 1007
        if kind == "tensor":
            fields["intent_p1"] = 3.0
    else:
        fields["intent_code"] = rng.choice(SCALAR_INTENTS)
        for name in ("intent_p1", "intent_p2", "intent_p3"):
            if rng.chance(0.4):
                fields[name] = real(rng.real())
    fields["dim"] = tuple([axes] + dim + [1] * (7 - axes))
    per_pixel = 1 if kind in ("vector", "tensor") else components
    fields["datatype"] = next(code for code, entry in nifti.DATATYPES.items() if entry == (dtype, per_pixel))
    fields["bitpix"] = 8 * np.dtype(dtype).itemsize * per_pixel
    fill_transforms(rng, f, fields, axes)
    fields["xyzt_units"] = rng.choice([0, 1, 2, 2, 2, 3]) | rng.choice([0, 8, 8, 16, 24, 32, 40, 48])
    for name, chance in (("toffset", 0.3), ("cal_max", 0.4), ("cal_min", 0.4), ("slice_duration", 0.4)):
        if rng.chance(chance):
            fields[name] = real(rng.real())
    if rng.chance(0.5) and kind == "scalar":
        fields["scl_slope"] = real(rng.choice([1.0, 2.0, 0.1, rng.real() or 1.0]))
        fields["scl_inter"] = real(rng.choice([0.0, -1024.0, rng.real()]))
    if rng.chance(0.4):
        fields["dim_info"] = rng.integer(0, 63)
        fields["slice_code"], fields["slice_end"] = rng.integer(0, 6), max(0, size[min(2, len(size) - 1)] - 1)
        fields["slice_start"] = rng.integer(0, fields["slice_end"])
    for name, room in (("descrip", 79), ("aux_file", 23), ("intent_name", 15)):
        if rng.chance(0.4):
            fields[name] = rng.text(room).encode()
    if f.version == 1 and rng.chance(0.3):  # fields of Analyze 7.5, which some programs still use
        fields["data_type"], fields["db_name"] = rng.text(9).encode(), rng.text(17).encode()
        fields["extents"], fields["session_error"] = rng.integer(0, 16384), rng.integer(-9, 9)
        fields["glmax"], fields["glmin"] = rng.integer(0, 255), rng.integer(-9, 9)
    if f.version == 1:
        fields["regular"] = b"r"
    f.extensions = [random_extension(rng) for _ in range(rng.choice([0, 0, 0, 1, 2, 3]))]
    f.gap = rng.choice([0, 0, 16, 160])
    f.values = rng.values(size, components, dtype)
    f.compressed_pair = rng.chance(0.4)
    return f, stem + rng.choice([".nii", ".nii", ".nii.gz", ".nii.gz", ".hdr"])


# ---- MetaImage ----


def joined(values):
    return " ".join(number_text(v) for v in values)


def random_metaimage(rng, stem):
    f = MetaImage()
    n = rng.choice([2, 3, 3, 3, 4])
    size = rng.shape(n)
    kind = rng.choice(list(META_TYPES))
    components = rng.choice([1, 1, 1, 1, 2, 3])
    compressed, detached = rng.chance(0.4), rng.chance(0.25)
    middle = []  # in any order

    def perhaps(chance, name, value):
        if rng.chance(chance):
            middle.append((name, value))

    as_text = not compressed and not detached and rng.chance(0.1)
    middle.append(("BinaryData", "False" if as_text else "True"))
    middle.append((rng.choice(["BinaryDataByteOrderMSB", "BinaryDataByteOrderMSB", "ElementByteOrderMSB"]), rng.choice(["False", "False", "False", "True"])))
    middle.append(("CompressedData", "True" if compressed else "False"))
    if compressed:
        middle.append(("CompressedDataSize", "0"))
    columns = rng.rotation(n)
    if n == 4:
        columns[3], columns[:, 3] = [0, 0, 0, 1], [0, 0, 0, 1]
        columns[:3, :3] = rng.rotation(3)
    perhaps(0.85, rng.choice(["TransformMatrix", "TransformMatrix", "Rotation", "Orientation"]), joined(columns.T.flatten()))
    perhaps(0.85, rng.choice(["Offset", "Offset", "Position", "Origin"]), joined(rng.real() for _ in range(n)))
    perhaps(0.5, "CenterOfRotation", joined(rng.real() for _ in range(n)))
    perhaps(0.5, "AnatomicalOrientation", rng.choice(["RAI", "LPS", "RAI"]) if n == 3 else "?" * n)
    perhaps(0.9, "ElementSpacing", joined(rng.length() for _ in range(n)))
    perhaps(0.2, "ElementSize", joined(rng.length() for _ in range(n)))
    perhaps(0.3, "DistanceUnits", rng.choice(["mm", "um", "cm"]))
    perhaps(0.3, "Comment", rng.text())
    perhaps(0.3, "Name", rng.text())
    perhaps(0.2, "ID", str(rng.integer(0, 9)))
    perhaps(0.2, "ParentID", str(rng.integer(-1, 9)))
    perhaps(0.2, "Color", joined([1, rng.integer(0, 1), 0, 1]))
    perhaps(0.3, "Modality", rng.choice(["MET_MOD_CT", "MET_MOD_MR", "MET_MOD_OTHER"]))
    perhaps(0.2, "SequenceID", joined(rng.integer(0, 9) for _ in range(n)))
    perhaps(0.3, "ElementMin", number_text(rng.real()))
    perhaps(0.3, "ElementMax", number_text(rng.real()))
    if components == 1:
        perhaps(0.3, "ElementToIntensityFunctionSlope", number_text(rng.choice([1.0, 2.0, 0.1, rng.real() or 1.0])))
        perhaps(0.3, "ElementToIntensityFunctionOffset", number_text(rng.choice([0.0, -1000.0, rng.real()])))
    for number in range(rng.choice([0, 0, 1, 2, 4])):
        middle.append((f"{rng.choice(['Series', 'Patient_Name', 'DicomTag_0008', 'x'])}{number}", rng.text(60)))
    if rng.chance(0.3):
        middle = [middle[i] for i in rng.rng.permutation(len(middle))]
    head = [("ObjectType", "Image")]
    if rng.chance(0.1):
        head.append(("ObjectSubType", "CT"))
    tail = [("DimSize", joined(size))]
    if components > 1 or rng.chance(0.1):
        tail.append(("ElementNumberOfChannels", str(components)))
    tail.append(("ElementType", kind))
    suffix = ".mhd" if detached else ".mha"
    name = stem.rpartition("/")[2] + (".zraw" if compressed else ".raw") if detached else "LOCAL"
    if detached and not compressed and rng.chance(0.25):
        name, f.listed = "LIST", [f"slice{i}.raw" for i in range(size[-1])]
    f.lines = head + [("NDims", str(n))] + middle + tail + [("ElementDataFile", name)]
    f.values = rng.values(size, components, META_TYPES[kind])
    if as_text:
        f.values = rng.tame(f.values)
    if rng.chance(0.08):
        f.line_end = "\r\n"
    return f, stem + suffix


# ---- NRRD ----

COMPONENT_KINDS = (("vector", 2), ("vector", 3), ("list", 2), ("RGB-color", 3), ("complex", 2), ("3-vector", 3), ("covariant-vector", 3),
                   ("3D-symmetric-matrix", 6), ("3D-masked-symmetric-matrix", 7), ("point", 2))


def quoted(text):
    return '"' + text.replace("\\", "").replace('"', "'") + '"'


def random_nrrd(rng, stem):
    f = Nrrd(rng.choice(["NRRD0004", "NRRD0005"]))
    n = rng.choice([2, 3, 3, 3, 4])
    size = rng.shape(n)
    kind, components = rng.choice(COMPONENT_KINDS) if rng.chance(0.35) else (None, 1)
    dtype = rng.choice(DTYPES)
    at = None if kind is None else 0 if rng.chance(0.7) else rng.integer(0, n)
    per_axis = list(range(n))
    if at is not None:
        per_axis.insert(at, None)  # the axis of components

    def words(of_axis, of_components):
        return " ".join(of_components if axis is None else of_axis(axis) for axis in per_axis)

    fields = []
    spelled = [name for name, code in nrrd.TYPES.items() if code == dtype]
    fields.append(("type", rng.choice(spelled)))
    fields.append(("dimension", str(len(per_axis))))
    space = rng.choice(["named", "named", "named", "dimension", "none"]) if n >= 3 else rng.choice(["dimension", "dimension", "none"])
    named = n >= 3 and space == "named"
    coordinates = 3 if named else n
    if named:
        fields.append(("space", rng.choice(["left-posterior-superior", "right-anterior-superior", "left-anterior-superior", "RAS", "LPS", "scanner-xyz"])))
    elif space == "dimension":
        fields.append(("space dimension", str(n)))
    fields.append(("sizes", words(lambda axis: str(size[axis]), str(components))))
    if space != "none":
        in_space = min(n, coordinates)
        columns = rng.rotation(coordinates) * np.array([rng.length() for _ in range(coordinates)])
        fields.append(("space directions", words(lambda axis: nrrd.vector_text(columns[:, axis]) if axis < in_space else "none", "none")))
        if rng.chance(0.85):
            fields.append(("space origin", nrrd.vector_text([rng.real() for _ in range(coordinates)])))
        if rng.chance(0.4):
            unit = rng.choice(["mm", "um", "m", "cm"])
            fields.append(("space units", " ".join([quoted(unit)] * coordinates)))
        if rng.chance(0.4):
            frame = rng.rotation(coordinates)
            fields.append(("measurement frame", " ".join(nrrd.vector_text(column) for column in frame.T)))
            f.magic = "NRRD0005"
    else:
        add_bounds(rng, fields, words, size)
    fields += per_axis_fields(rng, words, kind or "", space, n > coordinates)
    for name in ("old min", "old max", "min", "max"):
        if rng.chance(0.25):
            fields.append((name, number_text(rng.real())))
    if rng.chance(0.3):
        fields.append(("content", rng.text()))
    if rng.chance(0.3):
        fields.append(("sample units", rng.choice(["HU", "mm^2/s", "a.u."])))
    if rng.chance(0.15):
        fields.append(("number", str(int(np.prod(size)) * components)))
    if np.dtype(dtype).itemsize > 1 or rng.chance(0.2):
        fields.append(("endian", rng.choice(["little", "little", "little", "big"])))
    compressed, detached = rng.chance(0.45), rng.chance(0.25)
    as_text = not compressed and rng.chance(0.1)
    fields.append(("encoding", rng.choice(["gzip", "gzip", "gz"]) if compressed else rng.choice(["text", "ascii", "txt", "hex", "bzip2", "bz2"]) if as_text else "raw"))
    if rng.chance(0.3):  # the order is free, but for the dimension before what depends on it
        first = fields[:4]
        rest = [fields[4 + i] for i in rng.rng.permutation(len(fields) - 4)]
        fields = first + rest
    f.lines = [("field", name, value) for name, value in fields]
    for _ in range(rng.choice([0, 1, 2])):
        f.lines.insert(rng.integer(0, len(f.lines)), ("comment", " " + rng.text(60), ""))
    if detached and not compressed and not as_text and at != n and rng.chance(0.25):
        f.listed = [f"slice{i}.raw" for i in range(size[-1])]
    elif detached:
        f.add("data file", stem.rpartition("/")[2] + (".raw.gz" if compressed else ".raw"))
    for number in range(rng.choice([0, 0, 1, 2, 4])):
        value = rng.text(60) + rng.choice(["", "\nsecond line", " ", "\\n"])
        f.lines.append(("pair", f"{rng.choice(['DWMRI_gradient_000', 'key ', 'a=b', 'Modality'])}{number}", nrrd.escaped(value)))
    if f.listed:
        f.add("data file", "LIST")
    f.values = rng.values(size, components, dtype)
    if as_text:
        f.values = rng.tame(f.values)
    if rng.chance(0.08):
        f.line_end = "\r\n"
    return f, stem + (".nhdr" if detached else ".nrrd")


def add_bounds(rng, fields, words, size):
    """Without a space: spacings, or bounds with what they are bounds of."""
    if rng.chance(0.7):
        fields.append(("spacings", words(lambda axis: number_text(rng.length()), "NaN")))
        if rng.chance(0.4):
            fields.append(("axis mins", words(lambda axis: number_text(rng.real()), "NaN")))
    else:
        starts = [rng.real() for _ in size]
        fields.append(("axis mins", words(lambda axis: number_text(starts[axis]), "NaN")))
        fields.append(("axis maxs", words(lambda axis: number_text(starts[axis] + rng.length() * size[axis]), "NaN")))
    if rng.chance(0.4):
        fields.append(("units", words(lambda axis: quoted(rng.choice(["mm", "um", "mm"])), '""')))


def per_axis_fields(rng, words, kind, space, has_time):
    out = [("kinds", words(lambda axis: rng.choice(["domain", "space"]) if axis < 3 else "time" if has_time else "domain", kind))]
    if rng.chance(0.3) or space == "none":
        choice = rng.choice(["cell", "node"])
        out.append((rng.choice(["centers", "centerings"]), words(lambda axis: "cell" if space == "none" else choice, "???")))
    if rng.chance(0.3):
        out.append(("labels", words(lambda axis: quoted(rng.choice(["x", "left to right", "z", "t"])), '"c"')))
    if rng.chance(0.3):
        out.append(("thicknesses", words(lambda axis: rng.choice(["NaN", "1.5", number_text(rng.length())]), "NaN")))
    return out


GENERATORS = {"NIfTI": random_nifti, "MetaImage": random_metaimage, "NRRD": random_nrrd, **generate_linear.GENERATORS}
LOADERS = {"NIfTI": Nifti.load, "MetaImage": MetaImage.load, "NRRD": Nrrd.load, **generate_linear.LOADERS}
SUFFIXES = {"NIfTI": (".nii", ".nii.gz", ".hdr", ".hdr.gz"), "MetaImage": (".mha", ".mhd"), "NRRD": (".nrrd", ".nhdr"), **generate_linear.SUFFIXES}


def format_of(path):
    return next(name for name, suffixes in SUFFIXES.items() if path.endswith(suffixes))


def load(path):
    return LOADERS[format_of(path)](path)
