"""MRC by the standard of 2014 (www.ccpem.ac.uk/mrc_format/mrc2014.php). Nothing of swr's or of another program's reader is in here."""

import numpy as np

from fixed_header import FixedHeader, entries_of, fetch
from picture import Affine, Picture

# mode: numpy type of a component, components
MODES = {0: ("i1", 1), 1: ("i2", 1), 2: ("f4", 1), 3: ("i2", 2), 4: ("f4", 2), 6: ("u2", 1), 16: ("u1", 3)}
LABELS, ROOM = 224, 80


class Mrc(FixedHeader):
    """extended: the bytes of the extended header."""

    format = "MRC"
    BYTES = 1024
    FIELDS = [
        ("n", 0, "i", 3), ("mode", 12, "i", 1), ("start", 16, "i", 3), ("m", 28, "i", 3), ("cell", 40, "f", 3), ("angles", 52, "f", 3), ("map", 64, "i", 3),
        ("dmin", 76, "f", 1), ("dmax", 80, "f", 1), ("dmean", 84, "f", 1), ("ispg", 88, "i", 1), ("nsymbt", 92, "i", 1), ("exttyp", 104, "4s", 1),
        ("nversion", 108, "i", 1), ("imod", 152, "i", 2), ("origin", 196, "f", 3), ("mark", 208, "4s", 1), ("stamp", 212, "4s", 1), ("rms", 216, "f", 1),
        ("nlabl", 220, "i", 1),
    ] + [(f"label {i + 1}", LABELS + ROOM * i, "80s", 1) for i in range(10)]

    def __init__(self, big=False):
        super().__init__(big)
        self.extended = b""

    def all_bytes(self):
        self.set("nsymbt", len(self.extended))
        return bytes(self.raw) + self.extended + self.pixel_bytes()

    @staticmethod
    def load(path):
        data = fetch(path)
        self = Mrc()
        self.raw = bytearray(data[:1024])
        # Old files have no stamp: the mode is small in the right order.
        self.big = self.raw[212] == 0x11 if self.has_mark() else not 0 <= self.get("mode") < 1000 or self.get("n")[0] > 1 << 16
        end = 1024 + self.get("nsymbt")
        self.extended = data[1024:end]
        dtype, components = MODES[self.get("mode")]
        left = self.take_pixels(data[end:], self.byte_type() if dtype == "i1" else dtype, self.size(), components)
        assert not left, f"{path}: {len(left)} bytes after the pixels"
        return self

    def has_mark(self):
        return self.raw[208:211] == b"MAP"

    def byte_type(self):
        """Bytes without sign are told by IMOD's flag, or by values that those with one cannot have."""
        if self.get("imod")[0] == 1146047817:
            return "i1" if self.get("imod")[1] & 1 else "u1"
        return "u1" if self.get("dmin") >= 0 and self.get("dmax") > 127 else "i1"

    def volumes(self):
        nz, mz = self.get("n")[2], self.get("m")[2]
        return nz // mz if 401 <= self.get("ispg") <= 630 and mz > 0 and nz % mz == 0 else 0

    def size(self):
        x, y, z = self.get("n")
        if self.volumes():
            return (x, y, self.get("m")[2], self.volumes())
        return (x, y) if self.get("ispg") == 0 and z == 1 else (x, y, z)

    def is_stack_of_images(self):
        return self.get("ispg") == 0 and self.get("m")[2] == 1

    def spacing(self, axis):
        """Of a stack whose cell is one section deep, the cell is that of all sections."""
        pixels = self.get("n" if axis == 2 and self.is_stack_of_images() else "m")[axis]
        length = float(self.get("cell")[axis])
        return length / pixels if pixels > 0 and length > 0 else 1.0

    def states_origin(self):
        return self.has_mark() and any(v != 0 or np.signbit(v) for v in np.float32(self.get("origin")))

    def own_entries(self):
        return entries_of(self.extended) if self.get("exttyp") == b"SWR " else {}

    def start_index(self):
        text = self.own_entries().get("swr_index")
        axes = len(self.size())
        return [int(v) for v in text.split()] if text else (list(self.get("start")) + [0])[:axes]

    def affine(self):
        axes = len(self.size())
        spacing = np.array([self.spacing(axis) for axis in range(min(axes, 3))])
        first = np.array(self.get("origin") if self.states_origin() else self.get("start"), float)[: len(spacing)]
        if not self.states_origin():
            first *= spacing
        matrix = np.diag(spacing)
        if axes == 4:
            step, place = map(float, self.own_entries().get("swr_volumes", "1 0").split())
            matrix, first = np.diag([*spacing, step]), np.array([*first, place])
        return Affine(matrix, first)

    def texts(self):
        out = {}
        for i in range(min(self.get("nlabl"), 10)):
            text = self.get(f"label {i + 1}").split(b"\0")[0].decode("utf-8", "surrogateescape").strip()
            if text:
                out[f"label_{i + 1}"] = text
        out.update({k: v for k, v in self.own_entries().items() if k not in ("swr_index", "swr_volumes")})
        return out

    def facts(self):
        out = super().facts()
        if self.own_entries():
            out.pop("exttyp")
            out.update({f"key {k}": v for k, v in self.own_entries().items()})
        elif self.extended:
            out["extended header"] = self.extended
        elif out["exttyp"] == bytes(4):
            out.pop("exttyp")
        return out

    def picture(self):
        return Picture(self.values, [self.affine()], texts=self.texts(), units=("",) * len(self.size()))
