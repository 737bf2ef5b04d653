"""MGH by FreeSurfer's description (surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat). Nothing of swr's is in here but its notes in the unused bytes."""

import numpy as np

from fixed_header import OWN_MARK, FixedHeader, entries_of, fetch
from picture import Affine, Picture

TYPES = {0: "u1", 1: "i4", 3: "f4", 4: "i2"}


class Mgh(FixedHeader):
    """tail: the bytes after the pixels."""

    format = "MGH"
    BYTES = 284
    FIELDS = [
        ("version", 0, "i", 1), ("size", 4, "i", 4), ("type", 20, "i", 1), ("dof", 24, "i", 1), ("goodRAS", 28, "h", 1), ("spacing", 30, "f", 3),
        ("axes", 42, "f", 9), ("centre", 78, "f", 3), ("unused", 90, "194s", 1),
    ]

    def __init__(self):
        super().__init__(True)
        self.tail = b""

    def all_bytes(self):
        return super().all_bytes() + self.tail

    @staticmethod
    def load(path):
        data = fetch(path)
        self = Mgh()
        self.raw = bytearray(data[:284])
        assert self.get("version") & ~0xFF00 == 1, f"{path}: version {self.get('version')}"
        self.tail = self.take_pixels(data[284:], TYPES[self.get("type")], self.get("size"), 1)
        self.values = self.values.reshape(self.size() + (1,), order="F")
        return self

    def own_entries(self):
        return entries_of(self.get("unused"))

    def size(self):
        size = self.get("size")
        return size if size[3] > 1 or self.own_entries().get("swr_dimensions") == "4" else size[:3]

    def start_index(self):
        text = self.own_entries().get("swr_index")
        return [int(v) for v in text.split()] if text else [0] * len(self.size())

    def affine(self):
        """The centre is at half of each size. Without the fields: coronal slices of 1 mm around 0."""
        size = np.array(self.get("size")[:3], float)
        spacing, axes, centre = np.ones(3), np.array([[-1.0, 0, 0], [0, 0, -1], [0, 1, 0]]), np.zeros(3)
        if self.get("goodRAS"):
            spacing, axes, centre = np.array(self.get("spacing"), float), np.array(self.get("axes"), float).reshape(3, 3), np.array(self.get("centre"), float)
        matrix = axes.T * spacing
        first = centre - matrix @ (size / 2)
        lps = np.array([-1.0, -1.0, 1.0])
        matrix, first = matrix * lps[:, None], first * lps
        if len(self.size()) == 4:
            step, place = map(float, self.own_entries().get("swr_frames", "1 0").split())
            whole = np.zeros((4, 4))
            whole[:3, :3], whole[3, 3] = matrix, step
            matrix, first = whole, np.array([*first, place])
        return Affine(matrix, first)

    def facts(self):
        out = super().facts()
        if out["unused"].startswith(OWN_MARK) or not any(out["unused"]):
            del out["unused"]
        out["tail"] = self.tail
        return out

    def picture(self):
        return Picture(self.values, [self.affine()], units=("mm",) * 3 + ("",) * (len(self.size()) - 3))
