"""TIFF 6.0 and BigTIFF stacks with raw strips, with the descriptions of ImageJ and tifffile, and OME-XML. Of swr's there are its notes of what TIFF has no tag for."""

import json
import struct
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np

from fixed_header import entries_of
from picture import UNIT_SIZES, Affine, Picture
from pixel_file import PixelFile

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
LETTERS = {1: "B", 3: "H", 4: "I", 5: "I", 6: "b", 8: "h", 9: "i", 10: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
FORMATS = {"u": 1, "i": 2, "f": 3}
# What says how the pixels are stored, and the description.
STORED = (254, 256, 257, 258, 259, 262, 266, 270, 273, 277, 278, 279, 282, 283, 284, 296, 297, 317, 338, 339)
UNITS = {1: 0.0, 2: 25.4, 3: 10.0}
OME_UNIT_SIZES = {None: 1e-3, "\u00b5m": 1e-3, "\u00c5": 1.0, **{unit: UNIT_SIZES[unit] for unit in ("m", "cm", "mm", "nm", "in")}}
NOTED = ("swr_units", "swr_value_scale", "swr_kind", "swr_placement")  # those that may be missing
BEGIN = "\nswr 1\n"


def fraction(value):
    return Fraction(value).limit_denominator(10**6) if value < 4000 else Fraction(round(value))


class Tiff(PixelFile):
    """description: of the first page. tags: (type, values as little-endian bytes) of the first page's tags that are not STORED."""

    format = "TIFF"

    def __init__(self, big=False, motorola=False):
        self.big, self.motorola = big, motorola
        self.rows, self.planar, self.photometric, self.gap = 10**6, 1, 1, 0
        self.description, self.tags = "", {}
        self.resolution, self.unit = [Fraction(1), Fraction(1)], 1
        self.values = None

    # ---- the bytes ----

    def pack(self, letters, *numbers):
        return struct.pack((">" if self.motorola else "<") + letters, *numbers)

    def unpack(self, raw, letters, at):
        return struct.unpack_from((">" if self.motorola else "<") + letters, raw, at)

    def turned(self, kind, values):
        """Between the file's byte order and little-endian."""
        width = struct.calcsize(LETTERS.get(kind, "B"))
        return np.frombuffer(values, f"u{width}").byteswap().tobytes() if self.motorola and width > 1 else values

    def strips(self):
        """The strips of each page, as bytes."""
        dtype = self.values.dtype.newbyteorder(">" if self.motorola else "<")
        pages = np.moveaxis(self.values.reshape(self.values.shape[:2] + (-1, self.values.shape[-1]), order="F"), 2, 0)
        for page in pages:
            planes = np.moveaxis(page, -1, 0) if self.planar == 2 else [page]
            yield [np.ascontiguousarray(np.swapaxes(plane[:, y : y + self.rows], 0, 1)).astype(dtype).tobytes()
                   for plane in planes for y in range(0, page.shape[1], self.rows)]

    def save(self, path):
        offset, field = ("Q", 20) if self.big else ("I", 12)
        out = bytearray(b"MM" if self.motorola else b"II")
        out += self.pack("HHHQ", 43, 8, 0, 0) if self.big else self.pack("HI", 42, 0)
        link = len(out) - struct.calcsize(offset)
        samples, width = self.values.shape[-1], self.values.dtype.itemsize
        for number, strips in enumerate(self.strips()):
            places = []
            for strip in strips:
                out += b"gap!"[: self.gap]
                places.append(len(out))
                out += strip
            out += bytes(-len(out) % (8 if self.big else 2))
            tags = {254: (4, [0]), 256: (4, [self.values.shape[0]]), 257: (4, [self.values.shape[1]]), 258: (3, [8 * width] * samples), 259: (3, [1]),
                    262: (3, [self.photometric]), 273: (4, places), 277: (3, [samples]), 278: (4, [self.rows]), 279: (4, [len(strip) for strip in strips]),
                    282: (5, [self.resolution[0].numerator, self.resolution[0].denominator]), 284: (3, [self.planar]),
                    283: (5, [self.resolution[1].numerator, self.resolution[1].denominator]), 296: (3, [self.unit]),
                    339: (3, [FORMATS[self.values.dtype.kind]] * samples)}
            colours = 3 if self.photometric == 2 else 1
            if samples > colours:
                tags[338] = (3, [2 if self.photometric == 2 else 0] * (samples - colours))
            whole = {tag: (kind, self.pack(f"{len(numbers)}{LETTERS[kind]}", *numbers)) for tag, (kind, numbers) in tags.items()}
            if number == 0:
                whole.update({tag: (kind, self.turned(kind, values)) for tag, (kind, values) in self.tags.items()})
                if self.description:
                    whole[270] = (2, self.description.encode() + b"\0")
            out[link : link + struct.calcsize(offset)] = self.pack(offset, len(out))
            after = len(out) + struct.calcsize("Q" if self.big else "H") + len(whole) * field + struct.calcsize(offset)
            more = b""
            out += self.pack("Q" if self.big else "H", len(whole))
            for tag, (kind, values) in sorted(whole.items()):
                out += self.pack("HH" + offset, tag, kind, len(values) // SIZES[kind])
                if len(values) <= struct.calcsize(offset):
                    out += values + bytes(struct.calcsize(offset) - len(values))
                else:
                    out += self.pack(offset, after + len(more))
                    more += values + bytes(len(values) % 2)
                    last = values
            link = len(out)
            out += self.pack(offset, 0) + more
            filling = bool(more) and len(last) % 2  # no file of swr's ends with a byte of no meaning
        if filling:
            out.pop()
        with open(path, "wb") as file:
            file.write(out)

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            raw = file.read()
        self = Tiff(raw[2:4] in (b"\x2b\0", b"\0\x2b"), raw[:2] == b"MM")
        offset, field = ("Q", 20) if self.big else ("I", 12)
        at, pages = self.unpack(raw, offset, 8 if self.big else 4)[0], []
        while at:
            count = self.unpack(raw, "Q" if self.big else "H", at)[0]
            at += 8 if self.big else 2
            tags = {}
            for entry in range(at, at + count * field, field):
                tag, kind, number = self.unpack(raw, "HH" + offset, entry)
                assert tag > max(tags, default=0), f"{path}: tag {tag} stands after {max(tags)}"
                width, place = number * SIZES[kind], entry + field - struct.calcsize(offset)
                if width > struct.calcsize(offset):
                    place = self.unpack(raw, offset, place)[0]
                assert place + width <= len(raw), f"{path}: tag {tag} ends after the file"
                tags[tag] = (kind, self.turned(kind, raw[place : place + width]))
            pages.append(tags)
            at = self.unpack(raw, offset, at + count * field)[0]
        self.take_pages(raw, pages, path)
        return self

    def take_pages(self, raw, pages, path):
        def numbers(tags, tag, missing=()):
            kind, values = tags.get(tag, (3, struct.pack(f"<{len(missing)}H", *missing)))
            return list(struct.unpack(f"<{len(values) // struct.calcsize(LETTERS[kind])}{LETTERS[kind]}", values))

        first = pages[0]
        (width,), (height,), (samples,) = (numbers(first, tag, (1,)) for tag in (256, 257, 277))
        (self.planar,), (self.photometric,) = numbers(first, 284, (1,)), numbers(first, 262, (1,))
        bits, form = numbers(first, 258)[0], numbers(first, 339, (1,))[0]
        dtype = np.dtype(f"{'uif'[form - 1]}{bits // 8}")
        self.rows = numbers(first, 278, (height,))[0]
        data = []
        for number, tags in enumerate(pages):
            for tag in (256, 257, 258, 259, 262, 277, 284, 339):
                assert numbers(tags, tag, (1,)) == numbers(first, tag, (1,)), f"{path}: tag {tag} of page {number} differs"
            for tag in (282, 283, 296):
                assert numbers(tags, tag) == numbers(first, tag), f"{path}: tag {tag} of page {number} differs"
            for tag in tags:
                assert number == 0 or tag in STORED, f"{path}: tag {tag} is in page {number} too"
            places, sizes = numbers(tags, 273), numbers(tags, 279)
            page = b"".join(raw[place : place + size] for place, size in zip(places, sizes))
            assert len(page) == width * height * samples * dtype.itemsize, f"{path}: page {number} has {len(page)} bytes"
            values = np.frombuffer(page, dtype.newbyteorder(">" if self.motorola else "<")).astype(dtype)
            if self.planar == 2:
                data.append(np.moveaxis(values.reshape(samples, height, width), (0, 2), (2, 0)))
            else:
                data.append(np.swapaxes(values.reshape(height, width, samples), 0, 1))
        self.tags = {tag: value for tag, value in first.items() if tag not in STORED}
        self.description = first[270][1].split(b"\0")[0].decode() if 270 in first else ""
        self.resolution = [Fraction(*numbers(first, tag)) if tag in first else Fraction(1) for tag in (282, 283)]
        self.unit = numbers(first, 296, (2,))[0]
        pixels = np.stack(data, axis=2)
        self.values = pixels.reshape(tuple(self.size_of(pixels.shape)) + (samples,), order="F")

    # ---- what the description says ----

    def kind(self):
        text = self.description
        kinds = {"imagej": text.startswith("ImageJ="), "shape": text.startswith('{"shape"'), "ome": text.rstrip().endswith("OME>")}
        return next((kind for kind, is_it in kinds.items() if is_it), "free" if text else "bare")

    def notes(self):
        text = self.description
        if self.kind() == "ome":
            text = "\n" + text[text.rindex("<!--swr 1\n") + 4 : text.rindex("-->")] if "<!--swr 1\n" in text else ""
        return entries_of(("swr 1\n" + text.split(BEGIN, 1)[1]).encode("utf-8", "surrogateescape")) if BEGIN in text else {}

    def imagej(self):
        """Its lines, as a dict."""
        head = self.description.split(BEGIN)[0] if self.kind() == "imagej" else ""
        return dict(line.split("=", 1) for line in head.split("\n") if "=" in line)

    def ome(self):
        return next(e for e in ElementTree.fromstring(self.description.encode()).iter() if e.tag.endswith("Pixels")) if self.kind() == "ome" else None

    def size_of(self, shape):
        """Of the image: width, height, and the axes of pages."""
        width, height, count = shape[:3]
        noted = [int(word) for word in self.notes().get("swr_size", "").split()]
        if noted:
            assert noted[:2] == [width, height] and np.prod(noted[2:], dtype=int) == count, f"{noted} noted, {shape} in the file"
            self.check_counts(noted, count)
            return noted
        if self.kind() == "shape":
            stated = json.loads(self.description)["shape"]
            stated = stated[:-1] if shape[3] > 1 and stated[-1] == shape[3] else stated
            assert stated[::-1][:2] == [width, height] and np.prod(stated[:-2], dtype=int) == count, f"{stated} stated, {shape} in the file"
            return stated[::-1]
        if count == 1:
            return [width, height]
        if self.kind() == "imagej":
            lines = self.imagej()
            slices, frames = int(lines.get("slices", 1)), int(lines.get("frames", 1))
            assert slices * frames == count and int(lines.get("images", count)) == count, f"{lines} of {count} pages"
            return [width, height] + ([slices] if slices > 1 or frames == 1 else []) + ([frames] if frames > 1 else [])
        return [width, height, count]

    def check_counts(self, size, count):
        """What other programs read besides the notes."""
        lines, pixels = self.imagej(), self.ome()
        if pixels is not None:
            sizes = [int(pixels.get("Size" + axis)) for axis in "XYZT"]
            assert sizes[:2] == size[:2] and sizes[2] * sizes[3] == count and sizes[2] == (size + [1])[2], f"OME-XML has {sizes}"
        elif count > 1:
            slices, frames = int(lines.get("slices", 1)), int(lines.get("frames", 1))
            assert slices * frames == count and slices == size[2] and int(lines.get("images", count)) == count, f"{lines} of {count} pages"

    def spacing(self):
        lines, axes = self.imagej(), self.values.ndim - 1
        spacing = [1.0] * axes
        unit = UNITS[self.unit]
        if lines:
            named = lines.get("unit", "")
            unit = 10 * UNIT_SIZES[named] / 10 if named in UNIT_SIZES and named else 0.0 if named else unit
        for axis in range(2):
            if unit and self.resolution[axis]:
                spacing[axis] = unit / float(self.resolution[axis])
        if axes > 2 and unit and float(lines.get("spacing", 0)):
            spacing[2] = float(lines["spacing"]) * unit
        pixels = self.ome()
        if pixels is not None:
            for axis in range(min(axes, 3)):
                if pixels.get("PhysicalSize" + "XYZ"[axis]):
                    unit = pixels.get("PhysicalSize" + "XYZ"[axis] + "Unit")
                    spacing[axis] = float(pixels.get("PhysicalSize" + "XYZ"[axis])) * OME_UNIT_SIZES[unit]
        noted = self.noted_numbers("swr_spacing")
        for axis, value in enumerate(noted):
            stated = axis < 2 or (axis == 2 and "spacing" in lines) or (pixels is not None and axis < 3)
            assert not stated or np.isclose(spacing[axis], value, rtol=1e-6) or self.unit == 1, f"the notes have the spacing {noted}, the tags {spacing}"
            spacing[axis] = value
        return spacing

    def noted_numbers(self, key):
        return [float(word) for word in self.notes().get(key, "").split()]

    def facts(self):
        out = {f"tag {tag}": value for tag, value in self.tags.items()}
        out.update(type=self.values.dtype.str[1:], photometric=self.photometric)
        if self.kind() in ("free", "bare"):
            out["description"] = self.description
        lines = self.imagej()
        out.update({f"line {key}": value for key, value in lines.items()
                    if key not in ("ImageJ", "images", "slices", "frames", "hyperstack", "mode", "unit", "spacing")})
        notes = self.notes()
        out.update({f"note {key}": notes.get(key) for key in NOTED})
        out["note swr_value_scale"] = tuple(self.noted_numbers("swr_value_scale"))
        out.update({f"text {key[4:]}": value for key, value in notes.items() if key.startswith("swr.")})
        return out

    def start_index(self):
        noted = [int(word) for word in self.notes().get("swr_index", "").split()]
        return noted or [0] * (self.values.ndim - 1)

    def placed(self):
        """The place of a flat image in space of three coordinates, from the pixel with index zero."""
        noted, axes = self.noted_numbers("swr_placement"), self.values.ndim - 1
        if not noted:
            return []
        matrix = np.array(noted[:9]).reshape(3, 3) * np.array(noted[9:12])
        start = np.array((self.start_index() + [0, 0, 0])[:3], float)
        return [Affine(matrix[:, :axes], np.array(noted[12:]) + matrix @ start)]

    def picture(self):
        axes = self.values.ndim - 1
        direction = self.noted_numbers("swr_direction")
        matrix = (np.array(direction).reshape(axes, axes) if direction else np.eye(axes)) * np.array(self.spacing())
        first = np.array(self.noted_numbers("swr_first_pixel") or [0.0] * axes)
        scale = self.noted_numbers("swr_value_scale")
        texts = {key[4:]: value for key, value in self.notes().items() if key.startswith("swr.")}
        return Picture(self.values, self.placed() + [Affine(matrix, first)], tuple(scale) or (1.0, 0.0), ("",) * axes, texts)
