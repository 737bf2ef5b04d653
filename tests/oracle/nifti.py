"""NIfTI-1 and NIfTI-2 by their specifications: every field of the header, the extensions and the pixels, read and written.

Nothing of swr's or of another program's reader is in here.
"""

import gzip
import os
import struct

import numpy as np

from picture import UNIT_SIZES, Affine, Picture

# name, type and number of each field, in the order of the bytes
FIELDS_1 = [
    ("sizeof_hdr", "i", 1), ("data_type", "10s", 1), ("db_name", "18s", 1), ("extents", "i", 1), ("session_error", "h", 1), ("regular", "1s", 1),
    ("dim_info", "B", 1), ("dim", "h", 8), ("intent_p1", "f", 1), ("intent_p2", "f", 1), ("intent_p3", "f", 1), ("intent_code", "h", 1),
    ("datatype", "h", 1), ("bitpix", "h", 1), ("slice_start", "h", 1), ("pixdim", "f", 8), ("vox_offset", "f", 1), ("scl_slope", "f", 1),
    ("scl_inter", "f", 1), ("slice_end", "h", 1), ("slice_code", "B", 1), ("xyzt_units", "B", 1), ("cal_max", "f", 1), ("cal_min", "f", 1),
    ("slice_duration", "f", 1), ("toffset", "f", 1), ("glmax", "i", 1), ("glmin", "i", 1), ("descrip", "80s", 1), ("aux_file", "24s", 1),
    ("qform_code", "h", 1), ("sform_code", "h", 1), ("quatern", "f", 3), ("qoffset", "f", 3), ("srow_x", "f", 4), ("srow_y", "f", 4),
    ("srow_z", "f", 4), ("intent_name", "16s", 1), ("magic", "4s", 1),
]
FIELDS_2 = [
    ("sizeof_hdr", "i", 1), ("magic", "8s", 1), ("datatype", "h", 1), ("bitpix", "h", 1), ("dim", "q", 8), ("intent_p1", "d", 1), ("intent_p2", "d", 1),
    ("intent_p3", "d", 1), ("pixdim", "d", 8), ("vox_offset", "q", 1), ("scl_slope", "d", 1), ("scl_inter", "d", 1), ("cal_max", "d", 1),
    ("cal_min", "d", 1), ("slice_duration", "d", 1), ("toffset", "d", 1), ("slice_start", "q", 1), ("slice_end", "q", 1), ("descrip", "80s", 1),
    ("aux_file", "24s", 1), ("qform_code", "i", 1), ("sform_code", "i", 1), ("quatern", "d", 3), ("qoffset", "d", 3), ("srow_x", "d", 4),
    ("srow_y", "d", 4), ("srow_z", "d", 4), ("slice_code", "i", 1), ("xyzt_units", "i", 1), ("intent_code", "i", 1), ("intent_name", "16s", 1),
    ("dim_info", "B", 1), ("unused_str", "15s", 1),
]
FIELDS = {1: FIELDS_1, 2: FIELDS_2}
HEADER_BYTES = {1: 348, 2: 540}
MAGIC = {(1, False): b"n+1\0", (1, True): b"ni1\0", (2, False): b"n+2\0\r\n\x1a\n", (2, True): b"ni2\0\r\n\x1a\n"}

# datatype: numpy type of a component, components
DATATYPES = {
    2: ("u1", 1), 4: ("i2", 1), 8: ("i4", 1), 16: ("f4", 1), 32: ("f4", 2), 64: ("f8", 1), 128: ("u1", 3), 256: ("i1", 1), 512: ("u2", 1),
    768: ("u4", 1), 1024: ("i8", 1), 1280: ("u8", 1), 1792: ("f8", 2), 2304: ("u1", 4),
}
VECTORS = (1004, 1005, 1006, 1007)  # intents whose fifth axis holds the components
SPACE_UNITS = {0: "", 1: "m", 2: "mm", 3: "um"}
TIME_UNITS = {0: "", 8: "s", 16: "ms", 24: "us", 32: "Hz", 40: "ppm", 48: "rad/s"}
COMMENT = 6
OWN_MARK = b"swr 1\n"  # begins the extension that swr makes for what the header has no field for


class Nifti:
    """fields: name to number, tuple or bytes. extensions: (code, bytes up to the next one). values: as Picture's."""

    format = "NIfTI"

    def __init__(self, version=1, big=False):
        self.version, self.big, self.pair = version, big, False
        self.fields = {}
        for name, kind, count in FIELDS[version]:
            zero = b"" if kind.endswith("s") else 0
            self.fields[name] = zero if count == 1 else (zero,) * count
        self.extensions = []
        self.gap = 0  # zeros after the extensions
        self.values = None

    # ---- bytes ----

    def header_bytes(self):
        out = b""
        for name, kind, count in FIELDS[self.version]:
            value = self.fields[name]
            out += struct.pack((">" if self.big else "<") + (kind if kind.endswith("s") else f"{count}{kind}"), *(value if count > 1 else (value,)))
        assert len(out) == HEADER_BYTES[self.version]
        return out

    def extension_bytes(self):
        if not self.extensions:
            return b"\0\0\0\0"
        out = b"\1\0\0\0"
        for code, data in self.extensions:
            out += struct.pack((">" if self.big else "<") + "ii", 8 + len(data), code) + data
        return out

    def pixel_bytes(self):
        """Components lie together, or, in vectors, are the slowest axis."""
        values = self.values.astype(self.values.dtype.newbyteorder(">" if self.big else "<"))
        if not self.is_planar():
            values = np.moveaxis(values, -1, 0)
        return values.tobytes(order="F")

    def is_planar(self):
        return self.fields["intent_code"] in VECTORS and self.fields["dim"][0] >= 5

    def save(self, path):
        self.pair = path.endswith((".hdr", ".hdr.gz"))
        self.fields["magic"] = MAGIC[self.version, self.pair]
        self.fields["sizeof_hdr"] = HEADER_BYTES[self.version]
        tail = self.extension_bytes()
        if self.pair:
            self.fields["vox_offset"] = 0
            store(path, self.header_bytes() + tail)
            data_path = path[: path.index(".hdr")] + (".img.gz" if self.compressed_pair else ".img")
            store(data_path, self.pixel_bytes())
        else:
            tail += bytes(self.gap)
            self.fields["vox_offset"] = HEADER_BYTES[self.version] + len(tail)
            store(path, self.header_bytes() + tail + self.pixel_bytes())

    compressed_pair = False

    @staticmethod
    def load(path):
        raw = fetch(path)
        size = {struct.pack(e + "i", HEADER_BYTES[v]): (v, e) for v in (1, 2) for e in "<>"}
        version, order = size[raw[:4]]
        file = Nifti(version, order == ">")
        at = 0
        for name, kind, count in FIELDS[version]:
            kind = order + (kind if kind.endswith("s") else f"{count}{kind}")
            value = struct.unpack_from(kind, raw, at)
            at += struct.calcsize(kind)
            file.fields[name] = value if count > 1 else value[0].rstrip(b"\0") if isinstance(value[0], bytes) and name != "magic" else value[0]
        magics = {v: k for k, v in MAGIC.items()}
        assert magics[file.fields["magic"]][0] == version, f"{path}: magic {file.fields['magic']}"
        file.pair = magics[file.fields["magic"]][1]
        start = int(file.fields["vox_offset"])
        end = len(raw) if file.pair else start
        file.load_extensions(raw, at, end, order)
        pixels = raw
        if file.pair:
            stem = path[: path.index(".hdr")]
            plain = os.path.exists(stem + ".img")
            file.compressed_pair = not plain
            pixels = fetch(stem + (".img" if plain else ".img.gz"))
        file.load_pixels(pixels[start:], order)
        return file

    def load_extensions(self, raw, at, end, order):
        if end < at + 4 or raw[at] == 0:
            return
        at += 4
        while at + 16 <= end:
            size, code = struct.unpack_from(order + "ii", raw, at)
            if size == 0:  # zeros up to the pixels
                break
            assert size % 16 == 0 and size > 0 and at + size <= end, f"an extension of {size} bytes at {at}"
            self.extensions.append((code, raw[at + 8 : at + size]))
            at += size
        self.gap = end - at

    def load_pixels(self, raw, order):
        kind, components = DATATYPES[self.fields["datatype"]]
        size = tuple(self.fields["dim"][1 : 1 + self.fields["dim"][0]])
        dtype = np.dtype(order + kind)
        count = int(np.prod(size, dtype=object)) * components
        values = np.frombuffer(raw, dtype, count).astype(dtype.newbyteorder("="))
        if self.is_planar():
            assert components == 1 and all(s == 1 for s in size[5:])
            self.values = values.reshape(size[:5], order="F")  # the fifth axis holds the components
        else:
            self.values = np.moveaxis(values.reshape((components,) + size, order="F"), 0, -1)

    # ---- what it says ----

    def own_entries(self):
        """What swr keeps in an extension of its own: key to value."""
        entries = {}
        for code, data in self.extensions:
            if code == COMMENT and data.startswith(OWN_MARK):
                for line in data.rstrip(b"\0").decode("utf-8", "surrogateescape").split("\n")[1:]:
                    if " = " in line:
                        key, value = line.split(" = ", 1)
                        entries[unescaped(key)] = unescaped(value)
        return entries

    def facts(self):
        """Every fact of the header by name, one for each number. Texts are bytes."""
        out = {"version": self.version, "pair": self.pair}
        for name, _, count in FIELDS[self.version]:
            if count == 1:
                out[name] = self.fields[name]
            else:
                for i, value in enumerate(self.fields[name]):
                    out[f"{name}[{i}]"] = value
        foreign = [e for e in self.extensions if not (e[0] == COMMENT and e[1].startswith(OWN_MARK))]
        for i, (code, data) in enumerate(foreign):
            out[f"extension {i} code"], out[f"extension {i} data"] = code, data
        out["extensions"] = len(foreign)
        for key, value in self.own_entries().items():
            out[f"key {key}"] = value
        return out

    def order(self):
        return []

    def start_index(self):
        text = self.own_entries().get("swr_index")
        axes = self.axes()
        return [int(v) for v in text.split()] if text else [0] * axes

    def axes(self):
        """Of the image, without the axis of components."""
        return min(self.fields["dim"][0], 4) if self.is_planar() else self.fields["dim"][0]

    def form(self, which):
        """The matrix and offset of a transform, in the file's unit and RAS."""
        f = self.fields
        if which == "sform":
            rows = np.array([f["srow_x"], f["srow_y"], f["srow_z"]], float)
            return rows[:, :3], rows[:, 3]
        b, c, d = (float(q) for q in f["quatern"])
        a = 1 - (b * b + c * c + d * d)
        if a < 1e-7:  # half a turn, up to rounding: as in the reference implementation
            length = np.sqrt(b * b + c * c + d * d)
            a, b, c, d = 0.0, b / length, c / length, d / length
        else:
            a = np.sqrt(a)
        rotation = np.array([
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ])
        third = -1.0 if f["pixdim"][0] < 0 else 1.0
        return rotation * np.array([f["pixdim"][1], f["pixdim"][2], third * f["pixdim"][3]], float), np.array(f["qoffset"], float)

    def affines(self):
        """Those that the header gives, the sform first. Programs may choose either where there are two."""
        f = self.fields
        length = UNIT_SIZES[SPACE_UNITS[f["xyzt_units"] & 7]]
        time = UNIT_SIZES[TIME_UNITS[f["xyzt_units"] & 0x38]]
        out = []
        for which in ("sform", "qform"):
            if f[which + "_code"] > 0:
                matrix, offset = self.form(which)
                out.append(self.affine(matrix[:, :3] * length, offset * length, time))
        return out

    def affine(self, matrix, offset, time):
        """Of a matrix and an offset in RAS; the axes outside space have a coordinate of their own."""
        f, axes = self.fields, self.axes()
        rows = 3 + max(0, axes - 3)
        full, first = np.zeros((rows, axes)), np.zeros(rows)
        full[:3, : min(axes, 3)] = matrix[:, : min(axes, 3)]
        first[:3] = offset
        full[:2] *= -1  # RAS to LPS
        first[:2] *= -1
        for axis in range(3, axes):
            full[axis, axis] = f["pixdim"][axis + 1] * (time if axis == 3 else 1)
        if axes > 3:
            first[3] = f["toffset"] * time
            first[4:] = self.own_offsets(axes)
        return Affine(full, first)

    def without_transform(self):
        """What is assumed where both codes are 0: the lengths of the steps, along the axes of LPS, from 0 at index zero."""
        length = UNIT_SIZES[SPACE_UNITS[self.fields["xyzt_units"] & 7]]
        steps = np.abs(np.array(self.fields["pixdim"][1:4], float)) * length
        matrix = np.diag(steps * [-1, -1, 1])
        start = [float(word) for word in self.own_entries().get("swr_index", "").split()] + [0.0] * 3
        return self.affine(matrix, matrix @ np.array(start[:3]), UNIT_SIZES[TIME_UNITS[self.fields["xyzt_units"] & 0x38]])

    def own_offsets(self, axes):
        """NIfTI has no field for where axes after the fourth begin; swr keeps it in its extension."""
        given = [float(word) for word in self.own_entries().get("swr_origin", "").split()]
        return (given + [0.0] * axes)[: axes - 4]

    def scale(self):
        slope, inter = float(self.fields["scl_slope"]), float(self.fields["scl_inter"])
        return (slope, inter) if slope != 0 and np.isfinite(slope) and np.isfinite(inter) else (1.0, 0.0)

    def units(self):
        space, time = SPACE_UNITS[self.fields["xyzt_units"] & 7], TIME_UNITS[self.fields["xyzt_units"] & 0x38]
        return tuple(space if axis < 3 else time if axis == 3 else "" for axis in range(self.axes()))

    def texts(self):
        out = {k: v for k, v in self.own_entries().items() if not k.startswith("swr_")}
        for name in ("descrip", "aux_file", "intent_name"):
            if self.fields[name]:
                out[name] = self.fields[name].decode("utf-8", "surrogateescape")
        return out

    def picture(self):
        values = self.values
        if self.is_planar():
            values = values.reshape(values.shape[:4] + values.shape[4:])
            if self.fields["intent_code"] == 1005:
                values = values[..., upper_triangle(values.shape[-1])]
        return Picture(values, self.affines(), self.scale(), self.units(), self.texts(), self.without_transform())


def upper_triangle(components):
    """NIfTI has the lower triangle row by row: where each entry of the upper one, row by row, is found."""
    rows = int(round((np.sqrt(8 * components + 1) - 1) / 2))
    return [column * (column + 1) // 2 + row for row in range(rows) for column in range(row, rows)]


def unescaped(text):
    out, i = "", 0
    while i < len(text):
        if text[i] == "\\" and i + 1 < len(text):
            i += 1
            out += {"n": "\n", "r": "\r"}.get(text[i], text[i])
        else:
            out += text[i]
        i += 1
    return out


def store(path, data):
    with open(path, "wb") as out:
        out.write(gzip.compress(data, 1, mtime=0) if path.endswith(".gz") else data)


def fetch(path):
    with open(path, "rb") as file:
        data = file.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
