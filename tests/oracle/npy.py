"""NumPy's .npy by NEP 1 (numpy.org/neps/nep-0001-npy-format.html), without numpy.load. Nothing of swr's is in here but its note of the components."""

import ast
import struct

import numpy as np

from picture import Affine, Picture
from pixel_file import PixelFile


class Npy(PixelFile):
    format = "NumPy"

    def __init__(self, descr="<u2", fortran=False, version=1):
        self.descr, self.fortran, self.version = descr, fortran, version
        self.has_components, self.more = False, b""  # more: bytes after the pixels
        self.blanks = 0  # in front of the newline, besides those that align the pixels
        self.values = None

    def shape(self):
        """As the file has it."""
        size = self.values.shape[:-1]
        size = ((self.values.shape[-1],) if self.has_components else ()) + size
        return size if self.fortran else size[::-1]

    def save(self, path):
        text = f"{{'descr': '{self.descr}', 'fortran_order': {self.fortran}, 'shape': {self.shape()}, }}" + ("\t" if self.has_components else "")
        width = "<H" if self.version == 1 else "<I"
        begin = 8 + struct.calcsize(width)
        text += " " * (-(begin + len(text) + 1) % 64 + 64 * self.blanks) + "\n"
        values = np.moveaxis(self.values, -1, 0)
        if self.descr[1] == "c":
            pairs = np.moveaxis(values, 0, -1).astype(f"f{int(self.descr[2:]) // 2}")
            values = np.ascontiguousarray(pairs).view(pairs.dtype.str.replace("f4", "c8").replace("f8", "c16"))[..., 0]
        data = values.astype(self.descr).tobytes(order="F")
        with open(path, "wb") as out:
            out.write(b"\x93NUMPY" + bytes([self.version, 0]) + struct.pack(width, len(text)) + text.encode() + data + self.more)

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            raw = file.read()
        assert raw[:6] == b"\x93NUMPY", f"{path}: no array"
        width = "<H" if raw[6] == 1 else "<I"
        begin = 8 + struct.calcsize(width)
        end = begin + struct.unpack_from(width, raw, 8)[0]
        text = raw[begin:end].decode("latin-1")
        assert end % 64 == 0 and text.endswith("\n"), f"{path}: the header has {end} bytes"
        entries = ast.literal_eval(text.strip())
        self = Npy(entries["descr"], entries["fortran_order"], raw[6])
        self.has_components = text[text.rindex("}") + 1] == "\t"
        shape = entries["shape"] if self.fortran else entries["shape"][::-1]
        dtype = np.dtype(self.descr)
        count = int(np.prod(shape))
        values = np.frombuffer(raw, dtype, count, end).astype(dtype.newbyteorder("="))
        self.more = raw[end + count * dtype.itemsize :]
        values = values.reshape(shape, order="F")
        if dtype.kind == "c":
            self.values = np.stack([values.real, values.imag], axis=-1)
        else:
            self.values = np.moveaxis(values, 0, -1) if self.has_components else values[..., np.newaxis]
        return self

    def facts(self):
        out = {"type": self.descr[1:], "order": self.descr[0], "fortran_order": self.fortran, "version": self.version, "components": self.has_components}
        out.update({f"size[{i}]": size for i, size in enumerate(self.values.shape)})
        return out

    def start_index(self):
        return [0] * (self.values.ndim - 1)

    def picture(self):
        axes = self.values.ndim - 1
        return Picture(self.values, [], units=("",) * axes, otherwise=Affine(np.eye(axes), np.zeros(axes)))
