"""GIPL as Guy's Hospital's programs and ITK have it. Nothing of swr's is in here but its note of the number of axes."""

import numpy as np

from fixed_header import FixedHeader, fetch
from picture import Affine, Picture

TYPES = {7: "i1", 8: "u1", 15: "i2", 16: "u2", 31: "u4", 32: "i4", 64: "f4", 65: "f8"}
NOTE = b"swr_dimensions="


class Gipl(FixedHeader):
    format = "GIPL"
    BYTES = 256
    FIELDS = [
        ("size", 0, "H", 4), ("type", 8, "H", 1), ("spacing", 10, "f", 4), ("patient", 26, "80s", 1), ("matrix", 106, "82s", 1), ("extremes", 188, "d", 2),
        ("position", 204, "d", 4), ("application", 236, "16s", 1), ("magic", 252, "I", 1),
    ]

    def __init__(self):
        super().__init__(True)

    @staticmethod
    def load(path):
        data = fetch(path)
        self = Gipl()
        self.raw = bytearray(data[:256])
        assert self.get("magic") in (0xEFFFE9B0, 0x2AE389B8), f"{path}: another magic number"
        left = self.take_pixels(data[256:], TYPES[self.get("type")], self.size(), 1)
        assert not left, f"{path}: {len(left)} bytes after the pixels"
        return self

    def size(self):
        size = [max(1, s) for s in self.get("size")]
        axes = max([2] + [i + 1 for i in range(4) if size[i] > 1])
        text = self.get("patient").split(b"\0")[0]
        if NOTE in text:
            noted = int(text.split(NOTE)[-1])
            axes = noted if all(s == 1 for s in size[noted:]) else axes
        return tuple(size[:axes])

    def start_index(self):
        return [0] * len(self.size())

    def picture(self):
        axes = len(self.size())
        spacing = [abs(s) or 1.0 for s in self.get("spacing")[:axes]]
        return Picture(self.values, [Affine(np.diag(np.array(spacing, float)), np.array(self.get("position")[:axes]))], units=("mm",) * min(axes, 3) + ("",) * max(axes - 3, 0))
