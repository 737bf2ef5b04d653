"""MetaImage by MetaIO's documentation: every line of the header and the pixels, read and written. Nothing of swr's is in here."""

import zlib

import numpy as np

from picture import UNIT_SIZES, Affine, Picture
from text_files import decode_pixels, encode_pixels, fetch_data, numbers, pixels_as_text, pixels_of_text, store_data

TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4", "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}
# Fields of the format. Others are metadata.
FIELDS = {
    "AcquisitionDate", "AnatomicalOrientation", "BinaryData", "BinaryDataByteOrderMSB", "CenterOfRotation", "Color", "Comment", "CompressedData",
    "CompressedDataSize", "DimSize", "DistanceUnits", "ElementByteOrderMSB", "ElementDataFile", "ElementMax", "ElementMin", "ElementNBits",
    "ElementNumberOfChannels", "ElementSize", "ElementSpacing", "ElementToIntensityFunctionOffset", "ElementToIntensityFunctionSlope", "ElementType",
    "HeaderSize", "ID", "ImagePosition", "Modality", "NDims", "Name", "ObjectSubType", "ObjectType", "Offset", "Orientation", "Origin", "ParentID",
    "Position", "Rotation", "SequenceID", "TransformMatrix",
}
LISTS = {"CenterOfRotation", "DimSize", "ElementSize", "ElementSpacing", "ImagePosition", "Offset", "Orientation", "Origin", "Position", "Rotation",
         "TransformMatrix", "Color", "SequenceID"}
SCALARS = {"ElementMin", "ElementMax", "ElementToIntensityFunctionSlope", "ElementToIntensityFunctionOffset", "ElementNumberOfChannels", "NDims"}
MATRICES = ("TransformMatrix", "Rotation", "Orientation")
POSITIONS = ("ImagePosition", "Origin", "Position", "Offset")
SPACINGS = ("ElementSpacing", "ElementSize")
FILLER = "swr_pad"  # the name of lines that only make the header longer


class MetaImage:
    """lines: (name, value) in order. values: as Picture's."""

    format = "MetaImage"
    line_end = "\n"

    def __init__(self):
        self.lines, self.listed = [], []
        self.values = None

    def find(self, *names):
        for name in names:
            for key, value in self.lines:
                if key == name:
                    return value
        return None

    def set(self, name, value):
        self.lines = [(key, value if key == name else old) for key, old in self.lines]

    def list(self, *names):
        text = self.find(*names)
        return None if text is None else numbers(text)

    def flag(self, *names):
        return (self.find(*names) or "").lower() in ("true", "1", "t")

    # ---- bytes ----

    def dtype(self):
        return np.dtype((">" if self.flag("BinaryDataByteOrderMSB", "ElementByteOrderMSB") else "<") + TYPES[self.find("ElementType")])

    def is_text(self):
        return self.find("BinaryData") is not None and not self.flag("BinaryData")

    def component_axis(self):
        return 0 if int(self.find("ElementNumberOfChannels") or 1) > 1 else None

    def save(self, path):
        data = encode_pixels(self.values, self.dtype(), self.component_axis())
        if self.is_text():
            data = pixels_as_text(self.values)
        if self.flag("CompressedData"):
            data = zlib.compress(data, 6)
            self.set("CompressedDataSize", str(len(data)))
        header = "".join(f"{key} = {value}{self.line_end}" for key, value in self.lines).encode("utf-8", "surrogateescape")
        name = self.find("ElementDataFile")
        with open(path, "wb") as out:
            out.write(header + (data if name == "LOCAL" else b""))
            out.write("".join(f"{one}{self.line_end}" for one in self.listed).encode())
        if name != "LOCAL":
            store_data(path, name, self.listed, data)

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            raw = file.read()
        self, at = MetaImage(), 0
        while not self.lines or self.lines[-1][0] != "ElementDataFile":
            end = raw.index(b"\n", at)
            key, _, value = raw[at:end].decode("utf-8", "surrogateescape").partition("=")
            self.line_end = "\r\n" if value.endswith("\r") else "\n"
            self.lines.append((key.strip(), value.strip()))
            at = end + 1
        name = self.find("ElementDataFile")
        data = raw[at:]
        if name == "LIST":
            self.listed = raw[at:].decode().split()
        if name != "LOCAL":
            data = fetch_data(path, name, self.listed)
        if self.flag("CompressedData"):
            size = int(self.find("CompressedDataSize") or 0)
            inflater = zlib.decompressobj()
            data = inflater.decompress(data[: size or len(data)]) + inflater.flush()
            assert inflater.eof, f"{path}: the stream ends early"
        size = [int(v) for v in self.find("DimSize").split()]
        if self.is_text():
            data = pixels_of_text(data, self.dtype())
        self.values = decode_pixels(data, self.dtype(), size, int(self.find("ElementNumberOfChannels") or 1), self.component_axis())
        return self

    # ---- what it says ----

    def facts(self):
        out = {f"file {i}": name for i, name in enumerate(self.listed)}
        for key, value in self.lines:
            if key.startswith(FILLER):
                continue
            values = numbers(value) if key in LISTS or key in SCALARS else None
            if values is None:
                out[key if key in FIELDS else f"key {key}"] = value
            elif key in SCALARS:
                out[key] = values[0]
            else:
                for i, number in enumerate(values):
                    out[f"{key}[{i}]"] = number
        return out

    def order(self):
        return [key for key, _ in self.lines if not key.startswith(FILLER)]

    def start_index(self):
        text = self.find("swr_index")
        return [int(v) for v in text.split()] if text else [0] * self.axes()

    def axes(self):
        return int(self.find("NDims"))

    def unit(self):
        return {"mm": "mm", "um": "um", "cm": "cm"}.get(self.find("DistanceUnits"), "")

    def directions(self):
        """A column for each axis, without the spacing."""
        n = self.axes()
        matrix = self.list(*MATRICES)
        return np.eye(n) if matrix is None else np.array(matrix).reshape(n, n).T  # axis by axis

    def affine(self):
        n = self.axes()
        spacing, first = self.list(*SPACINGS), self.list(*POSITIONS)
        length = np.array([UNIT_SIZES[self.unit()] if axis < 3 else 1.0 for axis in range(n)])
        spacing = np.ones(n) if spacing is None else np.array(spacing)
        first = np.zeros(n) if first is None else np.array(first)
        return Affine(self.directions() * (spacing * length), first * length)

    def scale(self):
        slope, offset = self.list("ElementToIntensityFunctionSlope"), self.list("ElementToIntensityFunctionOffset")
        return (slope[0] if slope else 1.0, offset[0] if offset else 0.0)

    def texts(self):
        out = {key: value for key, value in self.lines if key not in FIELDS and not key.startswith("swr_")}
        for key in ("Comment", "Name", "Modality", "AcquisitionDate"):
            if self.find(key):
                out[key] = self.find(key)
        return out

    def picture(self):
        n = self.axes()
        return Picture(self.values, [self.affine()], self.scale(), tuple(self.unit() if axis < 3 else "" for axis in range(n)), self.texts())
