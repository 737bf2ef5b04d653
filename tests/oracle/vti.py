"""VTK's XML image data with raw appended pixels, by VTK's file formats (docs.vtk.org). Of swr's own there are its attributes: swr_index, swr_dimensions."""

import re
import struct
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import quoteattr

import numpy as np

from picture import Affine, Picture
from pixel_file import PixelFile

TYPES = {"UInt8": "u1", "Int8": "i1", "UInt16": "u2", "Int16": "i2", "UInt32": "u4", "Int32": "i4", "UInt64": "u8", "Int64": "i8", "Float32": "f4",
         "Float64": "f8"}
NUMBERS = {"Origin": "0 0 0", "Spacing": "1 1 1", "Direction": "1 0 0 0 1 0 0 0 1"}
KNOWN = {"type", "Name", "NumberOfComponents", "NumberOfTuples", "format", "offset", "swr_kind", "RangeMin", "RangeMax"}


class Vti(PixelFile):
    """low: the first index of each axis. numbers: texts of Origin, Spacing and Direction that are there. role: the attribute of PointData that names the
    pixels. attributes: further ones of their array. keys: InformationKeys in it, by name. root: further attributes of the first element. fields: FieldData
    as text, by name. strings: arrays of one string in it, by name. others: further arrays of floats, by place ("PointData", "CellData"). ranges: whether it says what the smallest value is."""

    format = "VTI"

    def __init__(self):
        self.big, self.wide, self.low, self.numbers = False, False, (0, 0, 0), {}
        self.role, self.array, self.type = "Scalars", "scalars", "Int16"
        self.attributes, self.keys, self.root, self.fields, self.strings, self.others, self.ranges = {}, {}, {}, {}, {}, {}, False
        self.own, self.declared, self.others_first = {}, True, False
        self.values = None

    @property
    def listed(self):
        """A file with more arrays cannot be written again."""
        return tuple(self.others)

    def save(self, path):
        size = list(self.values.shape[:-1])
        extent = " ".join(f"{low} {low + s - 1}" for low, s in zip(self.low, size + [1] * (3 - len(size))))
        order = ">" if self.big else "<"
        pixels = np.moveaxis(self.values, -1, 0).reshape(-1, order="F").astype(order + TYPES[self.type]).tobytes()
        parts = [("pixels", pixels)] + [(place, data.astype(order + "f4").tobytes()) for place, data in self.others.items()]
        if self.others_first:
            parts.reverse()
        data, offsets = b"", {}
        for name, part in parts:
            offsets[name] = len(data)
            data += struct.pack(order + ("Q" if self.wide else "I"), len(part)) + part
        words = self.elements(offsets)
        fields = "".join(f"\n<DataArray type=\"Float64\" Name={quoteattr(n)} format=\"ascii\">{t}</DataArray>" for n, t in self.fields.items())
        for name, value in self.strings.items():
            fields += f"\n<Array type=\"String\" Name={quoteattr(name)} NumberOfTuples=\"1\" format=\"ascii\">\n{codes(value)}\n</Array>"
        head = "<?xml version=\"1.0\"?>\n" if self.declared else ""
        head += f"<VTKFile type=\"ImageData\" version=\"1.0\" byte_order=\"{'Big' if self.big else 'Little'}Endian\""
        head += (" header_type=\"UInt64\"" if self.wide else "") + texts(self.root) + f">\n<ImageData WholeExtent=\"{extent}\"" + texts(self.numbers)
        head += texts(self.own) + ">" + (f"<FieldData>{fields}</FieldData>" if fields else "")
        head += f"\n<Piece Extent=\"{extent}\">\n<PointData {self.role}={quoteattr(self.array)}>{words['PointData']}</PointData>"
        head += f"<CellData>{words['CellData']}</CellData></Piece>\n</ImageData>\n<AppendedData encoding=\"raw\">\n _"
        with open(path, "wb") as out:
            out.write(head.encode() + data + b"\n</AppendedData>\n</VTKFile>\n")

    def elements(self, offsets):
        """The arrays, by their place."""
        ranges = " RangeMin=\"-1\" RangeMax=\"9\"" if self.ranges else ""
        keys = "".join(f"<InformationKey name={quoteattr(n)} location=\"vtkDataArray\">{t}</InformationKey>" for n, t in self.keys.items())
        if self.ranges:
            keys += "<InformationKey name=\"L2_NORM_RANGE\" location=\"vtkDataArray\" length=\"1\"><Value index=\"0\">7</Value></InformationKey>"
        pixels = (f"<DataArray type=\"{self.type}\" Name={quoteattr(self.array)} NumberOfComponents=\"{self.values.shape[-1]}\" format=\"appended\""
                  f"{ranges} offset=\"{offsets['pixels']}\"{texts(self.attributes)}>{keys}</DataArray>")
        more = {place: f"<DataArray type=\"Float32\" Name=\"more\" format=\"appended\" offset=\"{offsets[place]}\"/>" for place in self.others}
        points = [pixels, more.get("PointData", "")]
        return {"PointData": "".join(points[::-1] if self.others_first else points), "CellData": more.get("CellData", "")}

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            raw = file.read()
        self = Vti()
        tag = raw.index(b">", raw.index(b"<AppendedData")) + 1
        begin = raw.index(b"_", tag) + 1
        root = ElementTree.fromstring(raw[:tag] + b"</AppendedData></VTKFile>")
        self.declared = raw.startswith(b"<?xml")
        self.big, self.wide = root.get("byte_order") == "BigEndian", root.get("header_type") == "UInt64"
        self.root = {name: value for name, value in root.items() if name not in ("type", "version", "byte_order", "header_type")}
        image, = root.findall("ImageData")
        piece, = image.findall("Piece")
        assert image.get("WholeExtent").split() == piece.get("Extent").split(), path
        ends = [int(word) for word in image.get("WholeExtent").split()]
        self.low = tuple(ends[::2])
        self.extent = tuple(last - first + 1 for first, last in zip(ends[::2], ends[1::2]))
        self.numbers = {name: image.get(name) for name in NUMBERS if image.get(name) is not None}
        self.own = {name: value for name, value in image.items() if name.startswith("swr_")}
        self.fields = {array.get("Name"): array.text for array in image.findall("FieldData/DataArray")}
        self.strings = {array.get("Name"): string(array.text) for array in image.findall("FieldData/Array")}
        points = piece.find("PointData")
        (self.role, self.array), = points.items()
        end = begin
        for place, array in [("PointData", a) for a in points] + [("CellData", a) for a in piece.findall("CellData/DataArray")]:
            at = begin + int(array.get("offset"))
            width = 8 if self.wide else 4
            length = int.from_bytes(raw[at : at + width], "big" if self.big else "little")
            data = raw[at + width : at + width + length]
            assert len(data) == length, path
            end = max(end, at + width + length)
            if array.get("Name") == self.array:
                self.take_pixels(array, data)
                self.others_first = bool(self.others)
            else:
                self.others[place] = np.frombuffer(data, (">" if self.big else "<") + "f4")
        assert re.fullmatch(rb"\s*</AppendedData>\s*</VTKFile>\s*", raw[end:]), f"{path}: {raw[end:][:100]}"
        return self

    def take_pixels(self, array, data):
        self.type = array.get("type")
        self.attributes = {name: value for name, value in array.items() if name not in KNOWN}
        self.keys = {key.get("name"): key.text for key in array if "RANGE" not in key.get("name")}
        self.ranges = "RangeMin" in array.attrib or "RangeMax" in array.attrib or any("RANGE" in key.get("name") for key in array)
        components = int(array.get("NumberOfComponents", "1"))
        dtype = np.dtype((">" if self.big else "<") + TYPES[self.type])
        values = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
        self.values = np.moveaxis(values.reshape((components,) + self.size(), order="F"), 0, -1)

    def size(self):
        """swr_dimensions may say how many axes there are; else those with one plane have two."""
        noted = int(self.own.get("swr_dimensions", "0"))
        axes = noted if noted and all(s == 1 for s in self.extent[noted:]) else 2 if self.extent[2] == 1 else 3
        return self.extent[:axes]

    def list(self, name):
        return [float(word) for word in self.numbers.get(name, NUMBERS[name]).split()]

    def facts(self):
        """The origin and the extent are the place, which is compared as such."""
        out = {"array": self.array, "role": self.role, "type": self.type, "ranges": self.ranges}
        for name in ("Spacing", "Direction"):
            out.update({f"{name}[{i}]": value for i, value in enumerate(self.list(name))})
        for what, entries in (("attribute", self.attributes), ("key", self.keys), ("root", self.root), ("field", self.fields), ("string", self.strings)):
            out.update({f"{what} {name}": value for name, value in entries.items()})
        out.update({f"other {place}": data.tobytes() for place, data in self.others.items()})
        return out

    def start_index(self):
        if any(self.low[: len(self.size())]):
            return list(self.low[: len(self.size())])
        return [int(word) for word in self.own["swr_index"].split()] if "swr_index" in self.own else [0] * len(self.size())

    def picture(self):
        axes = len(self.size())
        matrix = np.array(self.list("Direction")).reshape(3, 3) * np.array(self.list("Spacing"))
        first = np.array(self.list("Origin")) + matrix @ np.array(self.low, float)
        return Picture(self.values, [Affine(matrix[:, :axes], first)], units=("",) * axes, texts=self.strings)


def codes(value):
    """As VTK writes them: signed characters, and a zero at the end."""
    return " ".join(str(byte - 256 if byte > 127 else byte) for byte in value.encode() + b"\0")


def string(words):
    numbers = [int(word) % 256 for word in words.split()]
    assert numbers.index(0) == len(numbers) - 1, words
    return bytes(numbers[:-1]).decode(errors="surrogateescape")


def texts(attributes):
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
