"""NRRD by its specification (teem.sourceforge.net/nrrd/format.html): every line of the header and the pixels, read and written.

Nothing of swr's or of another program's reader is in here.
"""

import bz2
import re
import zlib

import numpy as np

from picture import UNIT_SIZES, Affine, Picture
from text_files import decode_pixels, encode_pixels, fetch_data, pixels_of_text, store_data

TYPES = {
    "signed char": "i1", "int8": "i1", "int8_t": "i1", "unsigned char": "u1", "uchar": "u1", "uint8": "u1", "uint8_t": "u1",
    "short": "i2", "short int": "i2", "signed short": "i2", "signed short int": "i2", "int16": "i2", "int16_t": "i2",
    "ushort": "u2", "unsigned short": "u2", "unsigned short int": "u2", "uint16": "u2", "uint16_t": "u2",
    "int": "i4", "signed int": "i4", "int32": "i4", "int32_t": "i4", "uint": "u4", "unsigned int": "u4", "uint32": "u4", "uint32_t": "u4",
    "longlong": "i8", "long long": "i8", "long long int": "i8", "signed long long": "i8", "signed long long int": "i8", "int64": "i8", "int64_t": "i8",
    "ulonglong": "u8", "unsigned long long": "u8", "unsigned long long int": "u8", "uint64": "u8", "uint64_t": "u8", "float": "f4", "double": "f8",
}
# Lower-case spelling to the name.
FIELDS = {name: name for name in (
    "content", "number", "type", "dimension", "space", "space dimension", "sizes", "spacings", "space directions", "space origin", "space units",
    "measurement frame", "thicknesses", "axis mins", "axis maxs", "centers", "kinds", "labels", "units", "min", "max", "old min", "old max",
    "endian", "encoding", "data file", "line skip", "byte skip", "sample units", "block size",
)}
FIELDS.update({"centerings": "centers", "datafile": "data file", "spacedirections": "space directions", "oldmin": "old min", "oldmax": "old max",
               "axismins": "axis mins", "axismaxs": "axis maxs", "sampleunits": "sample units", "lineskip": "line skip", "byteskip": "byte skip"})
NUMBERS_OF_AXES = ("sizes", "spacings", "thicknesses", "axis mins", "axis maxs")
WORDS_OF_AXES = ("centers", "kinds", "labels", "units", "space units")
VECTORS = ("space directions", "space origin", "measurement frame")
ONE_NUMBER = ("number", "dimension", "space dimension", "min", "max", "old min", "old max", "block size", "line skip", "byte skip")
# What the axes of a space are: the sign of the first three on the way to LPS.
SPACES = {
    "right-anterior-superior": (-1, -1, 1), "left-anterior-superior": (1, -1, 1), "left-posterior-superior": (1, 1, 1),
    "scanner-xyz": (1, 1, 1), "3d-right-handed": (1, 1, 1), "3d-left-handed": (1, 1, 1), "ras": (-1, -1, 1), "las": (1, -1, 1), "lps": (1, 1, 1),
    "right-anterior-superior-time": (-1, -1, 1, 1), "left-posterior-superior-time": (1, 1, 1, 1),
}
UNITS = {"m": "m", "meter": "m", "cm": "cm", "mm": "mm", "millimeter": "mm", "um": "um", "microns": "um", "nm": "nm", "s": "s", "sec": "s", "ms": "ms",
         "us": "us", "Hz": "Hz", "ppm": "ppm", "in": "in"}
NO_AXIS_OF_IMAGE = ("list", "vector", "point", "covariant-vector", "normal", "complex", "2-vector", "3-color", "rgb-color", "rgba-color", "4-color",
                    "4-vector", "3-vector", "3-gradient", "quaternion", "2d-symmetric-matrix", "3d-symmetric-matrix", "3d-masked-symmetric-matrix",
                    "3d-matrix", "2d-matrix", "hsv-color", "stub", "scalar")


class Nrrd:
    """lines: ("field", spelling, value), ("pair", key, value as it is written) or ("comment", text, "") in order. values: as Picture's."""

    format = "NRRD"
    line_end = "\n"

    def __init__(self, magic="NRRD0004"):
        self.magic, self.lines, self.listed, self.values = magic, [], [], None

    def find(self, name):
        for role, key, value in self.lines:
            if role == "field" and FIELDS[key.lower()] == name:
                return value
        return None

    def add(self, name, value):
        self.lines.append(("field", name, value))

    # ---- bytes ----

    def dtype(self):
        return np.dtype((">" if (self.find("endian") or "").lower() == "big" else "<") + TYPES[self.find("type").lower()])

    def is_text(self):
        """Encodings that swr reads and does not write."""
        return (self.find("encoding") or "").lower() in ("text", "txt", "ascii", "hex", "bzip2", "bz2")

    def encoded(self, data):
        encoding = self.find("encoding").strip().lower()
        if encoding == "hex":
            return data.hex().encode()
        if encoding in ("bzip2", "bz2"):
            return bz2.compress(data)
        if encoding in ("gzip", "gz"):
            deflater = zlib.compressobj(6, zlib.DEFLATED, 31)
            return deflater.compress(data) + deflater.flush()
        if self.is_text():
            return " ".join(repr(v.item()) for v in np.frombuffer(data, self.dtype())).encode() + b"\n"
        return data

    def save(self, path):
        data = self.encoded(encode_pixels(self.values, self.dtype(), self.component_axis()))
        header = self.magic + "\n"
        for role, key, value in self.lines:
            header += {"field": f"{key}: {value}\n", "pair": f"{key}:={value}\n", "comment": f"#{key}\n"}[role]
        name = self.find("data file")
        if name == "LIST":
            header += "".join(one + "\n" for one in self.listed)
        else:
            header += "\n"
        header = header.replace("\n", self.line_end).encode("utf-8", "surrogateescape")
        with open(path, "wb") as out:
            out.write(header + (b"" if name else data))
        if name:
            store_data(path, name, self.listed, data)

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            raw = file.read()
        blank = re.search(rb"\n\r?\n", raw)
        header, data = (raw, b"") if blank is None else (raw[: blank.start()], raw[blank.end() :])
        line_end = "\r\n" if b"\r\n" in header else "\n"
        lines = [line.rstrip("\r") for line in header.decode("utf-8", "surrogateescape").split("\n")]
        self = Nrrd(lines[0])
        self.line_end = line_end
        for line in lines[1:]:
            if not line:
                continue
            if self.lines and self.lines[-1][0] == "field" and FIELDS[self.lines[-1][1].lower()] == "data file" and self.lines[-1][2].strip() == "LIST":
                self.listed.append(line)
                continue
            if line.startswith("#"):
                self.lines.append(("comment", line[1:], ""))
                continue
            name, colon, value = line.partition(":")
            if colon and name.strip().lower() in FIELDS and value.startswith(" "):
                self.lines.append(("field", name, value[1:]))
            else:
                key, _, value = line.partition(":=")
                self.lines.append(("pair", key, value))
        name = self.find("data file")
        if name:
            data = fetch_data(path, name.strip(), self.listed)
        self.values = decode_pixels(self.decoded(data), self.dtype(), self.size(), self.components(), self.component_axis())
        return self

    def decoded(self, data):
        encoding = self.find("encoding").strip().lower()
        if encoding in ("gzip", "gz"):
            inflater = zlib.decompressobj(31)
            data = inflater.decompress(data) + inflater.flush()
            assert inflater.eof, "the stream ends early"
            return data
        if encoding == "hex":
            return bytes.fromhex(data.decode())
        if encoding in ("bzip2", "bz2"):
            return bz2.decompress(data)
        if self.is_text():
            return pixels_of_text(data, self.dtype())
        assert encoding == "raw", encoding
        return data

    # ---- axes of the header and of the image ----

    def sizes(self):
        return [int(v) for v in self.find("sizes").split()]

    def component_axis(self):
        kinds = words(self.find("kinds"))
        for axis, kind in enumerate(kinds):
            if kind.lower() in NO_AXIS_OF_IMAGE:
                return axis
        return None

    def components(self):
        axis = self.component_axis()
        return 1 if axis is None else self.sizes()[axis]

    def domain(self):
        """The axes of the header that are the image's."""
        return [axis for axis in range(len(self.sizes())) if axis != self.component_axis()]

    def size(self):
        return [self.sizes()[axis] for axis in self.domain()]

    def axes(self):
        return len(self.domain())

    def axis_words(self, name):
        text = self.find(name)
        return words(text) if text is not None else None

    def axis_numbers(self, name):
        text = self.find(name)
        return [float(word) for word in text.split()] if text is not None else [np.nan] * len(self.sizes())

    # ---- what it says ----

    def facts(self):
        out = {"magic": self.magic, **{f"file {i}": name for i, name in enumerate(self.listed)}}
        comments = 0
        for role, key, value in self.lines:
            if role == "comment":
                if not is_filler(key):
                    out[f"comment {comments}"] = key
                    comments += 1
            elif role == "pair":
                out[f"key {unescaped(key)}"] = unescaped(value)
            else:
                out.update(self.field_facts(FIELDS[key.lower()], value))
        return out

    def field_facts(self, name, value):
        if name in NUMBERS_OF_AXES:
            return {f"{name}[{i}]": float(word) for i, word in enumerate(value.split())}
        if name in WORDS_OF_AXES:
            return {f"{name}[{i}]": word for i, word in enumerate(words(value))}
        if name in VECTORS:
            return {f"{name}[{i}]": vector_of(word) for i, word in enumerate(words(value))}
        if name in ONE_NUMBER:
            return {name: float(value)}
        return {name: value.strip()}

    def order(self):
        return [f"{role} {unescaped(key) if role == 'pair' else FIELDS[key.lower()] if role == 'field' else key}" for role, key, _ in self.lines
                if not (role == "comment" and is_filler(key))]

    def pairs(self):
        return {unescaped(key): unescaped(value) for role, key, value in self.lines if role == "pair"}

    def start_index(self):
        text = self.pairs().get("swr_index")
        return [int(v) for v in text.split()] if text else [0] * self.axes()

    def signs(self):
        space = self.find("space")
        if space is not None:
            return list(SPACES[space.strip().lower()])
        dimension = self.find("space dimension")
        return [1] * int(dimension) if dimension else []

    def space_units(self):
        given = [UNITS.get(word.strip('"').strip(), "") for word in self.axis_words("space units") or []]
        return given or [""] * len(self.signs())

    def affine(self):
        """In space by its vectors, else by spacings and bounds; axes outside space have a coordinate of their own. Where nothing says where the first
        sample lies, the pixel with index zero is at 0, so that the start index says it."""
        signs, domain = self.signs(), self.domain()
        vectors = [vector_of(word) for word in self.axis_words("space directions") or ["none"] * len(self.sizes())]
        lengths = [UNIT_SIZES[unit] for unit in self.space_units()]
        if not any(vectors[axis] for axis in domain):
            return self.affine_without_space()
        outside = [axis for axis in domain if not vectors[axis]]
        matrix = np.zeros((len(signs) + len(outside), len(domain)))
        start_index = np.array(self.start_index(), float)
        for number, axis in enumerate(domain):
            if vectors[axis]:
                matrix[: len(signs), number] = np.array(vectors[axis]) * signs * lengths
        for row, axis in enumerate(outside, len(signs)):
            step, _ = self.step_and_start(axis)
            matrix[row, domain.index(axis)] = 1.0 if np.isnan(step) else step
        first = matrix @ start_index
        origin = self.find("space origin")
        if origin is not None and vector_of(origin.strip()):
            first[: len(signs)] = np.array(vector_of(origin.strip())) * signs * lengths
        for row, axis in enumerate(outside, len(signs)):
            _, start = self.step_and_start(axis)
            first[row] = first[row] if np.isnan(start) else start
        return Affine(matrix, first)

    def affine_without_space(self):
        pairs = [self.step_and_start(axis) for axis in self.domain()]
        matrix = np.diag([1.0 if np.isnan(step) else step for step, _ in pairs])
        starts = np.array([start for _, start in pairs])
        return Affine(matrix, np.where(np.isnan(starts), matrix @ np.array(self.start_index(), float), starts))

    def step_and_start(self, axis):
        """The distance of neighbours and the position of the first sample on an axis without a vector, in mm or s; NaN where nothing says it."""
        unit = UNIT_SIZES[self.unit_of_axis(axis)]
        least, most = self.axis_numbers("axis mins")[axis], self.axis_numbers("axis maxs")[axis]
        node = (self.axis_words("centers") or ["cell"] * len(self.sizes()))[axis].lower() == "node"
        step = self.axis_numbers("spacings")[axis]
        if np.isnan(step):
            intervals = self.sizes()[axis] - (1 if node else 0)
            step = (most - least) / intervals if intervals else np.nan
        return step * unit, (least if node else least + step / 2) * unit

    def unit_of_axis(self, axis):
        given = self.axis_words("units")
        return UNITS.get(given[axis].strip('"').strip(), "") if given else ""

    def units(self):
        if any(self.axis_words("space directions") or []):
            space = self.space_units()
            return tuple(space[number] if number < len(space) else self.unit_of_axis(axis) for number, axis in enumerate(self.domain()))
        return tuple(self.unit_of_axis(axis) for axis in self.domain())

    def scale(self):
        """NRRD has none of its own."""
        text = self.pairs().get("swr_value_scale")
        slope, intercept = (float(v) for v in text.split()) if text else (1.0, 0.0)
        return (slope, intercept)

    def texts(self):
        out = {key: value for key, value in self.pairs().items() if not key.startswith("swr_")}
        for name in ("content", "sample units"):
            if self.find(name) is not None:
                out["NRRD_" + name] = self.find(name).strip()
        if self.find("measurement frame") is not None and self.signs():
            frame = [vector_of(word) for word in words(self.find("measurement frame"))]
            out["NRRD_measurement frame"] = " ".join(vector_text(np.multiply(vector, self.signs()) + 0.0) for vector in frame)
        return out

    def picture(self):
        return Picture(self.values, [self.affine()], self.scale(), self.units(), self.texts())


def is_filler(comment):
    """Lines that only make the header longer."""
    return re.fullmatch(r" \.+", comment) is not None


def words(text):
    """Words, texts in quotation marks and vectors in parentheses."""
    return re.findall(r'"(?:\\.|[^"\\])*"|\([^)]*\)|\S+', text or "")


def vector_of(word):
    """A tuple; None for "none"."""
    if word == "none":
        return None
    assert word.startswith("(") and word.endswith(")"), word
    values = tuple(float(v) for v in word.strip("()").split(","))
    return None if all(np.isnan(v) for v in values) else values


def vector_text(values):
    return "(" + ",".join(repr(float(v)) for v in values) + ")"


def escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescaped(text):
    return re.sub(r"\\(.)", lambda m: "\n" if m.group(1) == "n" else m.group(1) if m.group(1) == "\\" else m.group(0), text)
