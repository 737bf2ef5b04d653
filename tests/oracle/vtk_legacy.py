"""VTK's legacy files of structured points, by VTK's file formats (docs.vtk.org). Nothing of swr's is in here but its note of the number of axes."""

import re

import numpy as np

from picture import Affine, Picture
from pixel_file import PixelFile

TYPES = {"unsigned_char": "u1", "char": "i1", "unsigned_short": "u2", "short": "i2", "unsigned_int": "u4", "int": "i4", "vtktypeuint64": "u8",
         "vtktypeint64": "i8", "float": "f4", "double": "f8"}


class Vtk(PixelFile):
    """kind: SCALARS, VECTORS or COLOR_SCALARS. fields: bytes before DIMENSIONS. tail: bytes after the pixels. numbers: the texts of spacing and origin."""

    format = "VTK"

    def __init__(self):
        self.version, self.title, self.text, self.fields = "3.0", "a title", False, b""
        self.kind, self.array, self.type, self.tail = "SCALARS", "scalars", "short", b"\n"
        self.numbers = {"SPACING": "1 1 1", "ORIGIN": "0 0 0"}
        self.extent = (1, 1, 1)
        self.values = None

    def is_text(self):
        return self.text

    def save(self, path):
        components = self.values.shape[-1]
        lines = {"SCALARS": f"SCALARS {self.array} {self.type} {components}\nLOOKUP_TABLE default", "VECTORS": f"VECTORS {self.array} {self.type}",
                 "COLOR_SCALARS": f"COLOR_SCALARS {self.array} {components}"}[self.kind]
        head = f"# vtk DataFile Version {self.version}\n{self.title}\n{'ASCII' if self.text else 'BINARY'}\nDATASET STRUCTURED_POINTS\n".encode()
        size = " ".join(map(str, self.extent))
        rest = f"DIMENSIONS {size}\nSPACING {self.numbers['SPACING']}\nORIGIN {self.numbers['ORIGIN']}\nPOINT_DATA {int(np.prod(self.extent))}\n{lines}\n"
        values = np.moveaxis(self.values, -1, 0).reshape(-1, order="F")
        data = " ".join(repr(v.item()) for v in values).encode() if self.text else values.astype(">" + TYPES[self.type]).tobytes()
        with open(path, "wb") as out:
            out.write(head + self.fields + rest.encode() + data + self.tail)

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            raw = file.read()
        self = Vtk()
        first, title, encoding, data_set, rest = raw.split(b"\n", 4)
        assert first.startswith(b"# vtk DataFile Version ") and data_set.split() == [b"DATASET", b"STRUCTURED_POINTS"], f"{path}: {first} {data_set}"
        self.version, self.title, self.text = first.split()[-1].decode(), title.decode(), encoding.strip() == b"ASCII"
        at = rest.index(b"DIMENSIONS")
        self.fields, rest = rest[:at], rest[at:]
        match = re.match(rb"DIMENSIONS +(\d+) +(\d+) +(\d+)\s+SPACING ([^\n]*)\nORIGIN ([^\n]*)\nPOINT_DATA +(\d+)\s+"
                         rb"(?:SCALARS (\S+) (\S+)(?: (\d+))?\nLOOKUP_TABLE default|VECTORS (\S+) (\S+)|COLOR_SCALARS (\S+) (\d+))\n", rest)
        assert match, f"{path}: {rest[:300]}"
        words = [word and word.decode() for word in match.groups()]
        self.extent = tuple(map(int, words[:3]))
        self.numbers = {"SPACING": words[3].strip(), "ORIGIN": words[4].strip()}
        assert int(words[5]) == np.prod(self.extent), f"{path}: POINT_DATA {words[5]}"
        components = 3
        if words[6]:
            self.kind, self.array, self.type, components = "SCALARS", words[6], words[7], int(words[8] or 1)
        elif words[9]:
            self.kind, self.array, self.type = "VECTORS", words[9], words[10]
        else:
            self.kind, self.array, self.type, components = "COLOR_SCALARS", words[11], "unsigned_char", int(words[12])
        dtype, data = np.dtype(">" + TYPES[self.type]), rest[match.end() :]
        count = int(np.prod(self.extent)) * components
        if self.text:
            numbers = re.match(rb"(?:\s*[^\s]+){%d}" % count, data)
            values, self.tail = np.array(numbers.group().split()).astype(dtype.newbyteorder("=")), data[numbers.end() :]
        else:
            values, self.tail = np.frombuffer(data, dtype, count).astype(dtype.newbyteorder("=")), data[count * dtype.itemsize :]
        self.values = np.moveaxis(values.reshape((components,) + self.size(), order="F"), 0, -1)
        return self

    def size(self):
        """The title may say how many axes there are; else those with one plane have two."""
        noted = re.search(r" \((\d)-D\)$", self.title)
        axes = int(noted[1]) if noted and all(s == 1 for s in self.extent[int(noted[1]) :]) else 2 if self.extent[2] == 1 else 3
        return self.extent[:axes]

    def list(self, name):
        return [float(word) for word in self.numbers[name].split()]

    def facts(self):
        out = {"title": self.title, "text": self.text, "fields": self.fields, "array": self.array, "type": self.type, "kind": self.kind,
               "version": self.version, "tail": self.tail.strip()}
        for name, values in (("DIMENSIONS", self.extent), ("SPACING", self.list("SPACING")), ("ORIGIN", self.list("ORIGIN"))):
            out.update({f"{name}[{i}]": value for i, value in enumerate(values)})
        return out

    def start_index(self):
        return [0] * len(self.size())

    def picture(self):
        axes = len(self.size())
        return Picture(self.values, [Affine(np.diag(self.list("SPACING")[:axes]), np.array(self.list("ORIGIN")[:axes]))], units=("",) * axes)
