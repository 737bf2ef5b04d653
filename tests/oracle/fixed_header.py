"""What the headers of MRC, GIPL and MGH have in common: fields of numbers and texts at fixed places, raw pixels after them, perhaps all in one gzip stream."""

import gzip
import struct

import numpy as np

from pixel_file import PixelFile

OWN_MARK = b"swr 1\n"  # begins the notes that swr makes of what a header has no field for


def entries_of(notes):
    """Of bytes that are such notes: key to value."""
    out = {}
    if notes.startswith(OWN_MARK):
        for line in notes.split(b"\0")[0].decode("utf-8", "surrogateescape").split("\n")[1:]:
            if " = " in line:
                key, value = line.split(" = ", 1)
                out[unescaped(key)] = unescaped(value)
    return out


def unescaped(text):
    out, letters = "", iter(text)
    for letter in letters:
        if letter == "\\":
            letter = next(letters, "\\")
            letter = {"n": "\n", "r": "\r"}.get(letter, letter)
        out += letter
    return out


def is_packed(path):
    return path.endswith((".gz", ".mgz"))


class FixedHeader(PixelFile):
    """raw: the bytes of the header. FIELDS: name, place, type and number of each field; all other bytes are facts too, by their place."""

    FIELDS, BYTES = [], 0

    def __init__(self, big=False):
        self.big = big
        self.raw = bytearray(self.BYTES)
        self.values = None

    # ---- fields ----

    def kind(self, kind, count):
        return (">" if self.big else "<") + (kind if kind.endswith("s") else f"{count}{kind}")

    def places(self):
        """(name, place, bytes) of each number and text, and of what is between them."""
        at = 0
        for name, place, kind, count in self.FIELDS:
            if place > at:
                yield f"bytes {at}", at, place - at
            size = struct.calcsize("<" + kind)
            for i in range(count):
                yield (name if count == 1 else f"{name}[{i}]"), place + i * size, size
            at = place + count * size
        if at < self.BYTES:
            yield f"bytes {at}", at, self.BYTES - at

    def get(self, wanted):
        place, kind, count = next(field[1:] for field in self.FIELDS if field[0] == wanted)
        values = struct.unpack_from(self.kind(kind, count), self.raw, place)
        return values if count > 1 else values[0]

    def set(self, wanted, *values):
        place, kind, count = next(field[1:] for field in self.FIELDS if field[0] == wanted)
        struct.pack_into(self.kind(kind, count), self.raw, place, *values)

    def facts(self):
        out = {"big-endian": self.big}
        for name, place, kind, count in self.FIELDS:
            values = struct.unpack_from(self.kind(kind, count), self.raw, place)
            out.update({name if count == 1 else f"{name}[{i}]": value for i, value in enumerate(values)})
        for name, place, size in self.places():
            if name.startswith("bytes "):
                out[name] = bytes(self.raw[place : place + size])
        return out

    # ---- bytes ----

    def pixel_bytes(self):
        values = self.values.astype(self.values.dtype.newbyteorder(">" if self.big else "<"))
        return np.moveaxis(values, -1, 0).tobytes(order="F")

    def take_pixels(self, data, dtype, size, components):
        """Returns what follows them."""
        dtype = np.dtype(dtype).newbyteorder(">" if self.big else "<")
        count = int(np.prod(size)) * components
        assert len(data) >= count * dtype.itemsize, f"{len(data)} bytes of pixels instead of {count * dtype.itemsize}"
        values = np.frombuffer(data, dtype, count).astype(dtype.newbyteorder("="))
        self.values = np.moveaxis(values.reshape((components,) + tuple(size), order="F"), 0, -1)
        return data[count * dtype.itemsize :]

    def all_bytes(self):
        return bytes(self.raw) + self.pixel_bytes()

    def save(self, path):
        data = self.all_bytes()
        with open(path, "wb") as out:
            out.write(gzip.compress(data, 1, mtime=0) if is_packed(path) else data)


def fetch(path):
    with open(path, "rb") as file:
        data = file.read()
    assert (data[:2] == b"\x1f\x8b") == is_packed(path), f"{path}: compressed or not, against its name"
    return gzip.decompress(data) if is_packed(path) else data
