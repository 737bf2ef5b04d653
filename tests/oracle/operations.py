"""One run: a random file, and a few random changes of it with the command `swr`, each looked at afterwards."""

import collections
import json
import os
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np

import generate
import rules
import rules_linear
from generate import SUFFIXES
from metaimage import TYPES as META_TYPES
from metaimage import MetaImage
from picture import Affine, Picture

META_NAMES = {kind: name for name, kind in META_TYPES.items()}
UNSUPPORTED = 11
# Each holds every value of the one before.
WIDER = {"u1": ("i2", "f4", "i4"), "i1": ("i2", "f8"), "u2": ("i4", "f4"), "i2": ("i4", "f8"), "f4": ("f8",)}
NAMES = {"u1": "uint8", "i1": "int8", "u2": "uint16", "i2": "int16", "u4": "uint32", "i4": "int32", "u8": "uint64", "i8": "int64", "f4": "float32", "f8": "float64"}


@dataclass
class Step:
    """A change, and its result."""

    before: object
    box: rules.Box
    values: np.ndarray
    copied: bool
    retyped: bool
    path: str
    after: object = None

    def differences(self, after):
        """All that is wrong with a result."""
        if after.format == self.before.format:
            return rules.same_format_differences(self.before, after, self.box, self.values, self.copied, self.retyped)
        return rules.other_format_differences(self.before, after, self.box, self.values)


class Wrong(Exception):
    """A rule that does not hold."""


def kind_of(values):
    return values.dtype.newbyteorder("=").str[1:]


class Run:
    """Everything random in it comes from the seed and the number."""

    def __init__(self, swr, seed, number, folder):
        self.swr, self.folder = swr, folder
        self.rng = generate.Random([seed, number])
        self.commands, self.steps, self.methods = [], [], collections.Counter()
        self.next_name = 0

    def go(self):
        os.makedirs(self.folder)
        name = self.rng.choice(list(generate.GENERATORS))
        file, self.path = generate.GENERATORS[name](self.rng, os.path.join(self.folder, "image"))
        file.save(self.path)
        self.file = generate.load(self.path)
        self.keep_start()
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            changes = [self.to_other, self.to_other, self.bare_copy, self.volume]
            if not self.has_late_components():
                changes += [self.copy, self.copy, self.copy, self.crop, self.recompress, self.retype]
            if not self.is_text():
                changes += [self.paste, self.paste, self.grow, self.grow, self.paste_beyond, self.paste_real_values, self.redact]
            change = self.rng.choice(changes)
            try:
                change()
            except Wrong:
                raise
            except Exception as error:  # the result cannot even be read
                raise Wrong(f"{type(error).__name__}: {error}") from error

    def keep_start(self):
        """What the commands begin with, to repeat them by hand."""
        start = os.path.join(self.folder, "start")
        os.makedirs(start)
        for name in os.listdir(self.folder):
            if name != "start":
                shutil.copy(os.path.join(self.folder, name), start)

    # ---- the command ----

    def call(self, *words, allowed=()):
        command = [self.swr, *map(str, words)]
        self.commands.append(" ".join(os.path.relpath(w, self.folder) if w.startswith(self.folder) else w for w in ["swr", *command[1:]]))
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60)
        if done.returncode != 0 and done.returncode not in allowed:
            raise Wrong(f"exit code {done.returncode}: {done.stderr.strip()}")
        return done

    def write(self, *words, allowed=()):
        done = self.call(*words, "--threads", "1", "--json", allowed=allowed)
        if done.returncode == 0:
            self.methods[self.file.format, words[0], json.loads(done.stdout)["method"]] += 1
        return done

    def new_path(self, suffix):
        self.next_name += 1
        return os.path.join(self.folder, f"result{self.next_name}{suffix}")

    def axes(self):
        """How many axes swr sees: it may drop those of size 1 at the end."""
        size = self.file.picture().size
        if len(size) > 1 and size[-1] == 1:
            return json.loads(self.call("info", self.path, "--json").stdout)["dimensions"]
        return len(size)

    def start(self):
        start = self.file.start_index()
        return start + [0] * (len(self.file.picture().size) - len(start))

    def random_box(self, axes):
        size = self.file.picture().size[:axes]
        low = [self.rng.integer(0, s - 1) for s in size]
        return low, [self.rng.integer(1, s - l) for s, l in zip(size, low)]

    def box_text(self, low, size, between=":"):
        return ",".join(str(a + b) for a, b in zip(self.start(), low)) + between + ",".join(map(str, size))

    def settle(self, box, values, path=None, copied=False, retyped=False):
        """Looks at the result, which is what the next change begins with."""
        step = Step(self.file, box, values, copied, retyped, path or self.path)
        step.after = generate.load(step.path)
        problems = step.differences(step.after)
        if problems:
            raise Wrong("\n".join(problems))
        self.steps.append(step)
        self.path, self.file = step.path, step.after
        if self.rng.chance(0.15):
            self.check_info()

    def check_info(self):
        """What swr says of the file is what the oracle reads."""
        said = json.loads(self.call("info", self.path, "--json").stdout)
        matrix, spacing, index = np.array(said["direction"]), np.array(said["spacing"]), np.array(said["index"], float)
        picture = rules.without_last_singles(self.file.picture(), said["dimensions"])
        if list(picture.size) != said["size"] or picture.components != said["components"]:
            raise Wrong(f"info says size {said['size']} of {said['components']} components; it is {picture.size} of {picture.components}")
        start = self.start()[: len(index)]
        if said["index"] != start or not np.allclose([said["slope"], said["intercept"]], picture.scale, rtol=1e-6):
            raise Wrong(f"info says index {said['index']}, scale {said['slope']} {said['intercept']}; it is {start}, {picture.scale}")
        place = Affine(matrix * spacing, np.array(said["origin"]) + matrix @ (spacing * index))
        if rules.can_hold_place("MetaImage", picture):
            problems = rules.position_differences(picture, Picture(picture.values, [place]), 3e-6)
            if problems:
                raise Wrong("info says otherwise: " + problems[0])

    # ---- changes ----

    def source(self, size):
        """A file of its own with random pixels of the image's type, in an order that swr has."""
        picture = self.file.picture()
        values = self.rng.values(size, picture.components, kind_of(picture.values))
        file = MetaImage()
        file.lines = [("ObjectType", "Image"), ("NDims", str(len(size))), ("BinaryData", "True"), ("DimSize", " ".join(map(str, size))),
                      ("Comment", "of the source"), ("SourceKey", "of the source"),  # none of it belongs in the file that is pasted into
                      ("ElementNumberOfChannels", str(picture.components)), ("ElementType", META_NAMES[kind_of(values)]), ("ElementDataFile", "LOCAL")]
        file.values = values
        self.next_name += 1
        path = os.path.join(self.folder, f"source{self.next_name}.mha")
        file.save(path)
        shutil.copy(path, os.path.join(self.folder, "start"))
        return path, values

    def paste(self):
        axes = self.axes()
        low, size = self.random_box(axes)
        as_volume = axes > 1 and self.rng.chance(0.3)  # a source without the last axis
        if as_volume:
            size[-1] = 1
        path, pixels = self.source(size[:-1] if as_volume else size)
        self.write("paste", path, self.path, "--at", self.box_text(low, [], ""))
        values = self.file.picture().values.copy()
        rest = (1,) * (values.ndim - 1 - axes)
        values[tuple(slice(l, l + s) for l, s in zip(low, size))] = pixels.reshape(tuple(size) + rest + pixels.shape[-1:])
        self.settle(rules.Box(self.file), values)

    def paste_real_values(self):
        """A source of another value scale: the real values go along, and become stored ones by the scale of the file that is pasted into."""
        picture, axes = self.file.picture(), self.axes()
        kind = kind_of(picture.values)
        if picture.components > 1 or kind in ("u4", "u8", "i8") or abs(picture.scale[0]) < 1e-3:
            return self.paste()
        low, size = self.random_box(axes)
        path, _ = self.source(size)
        stored = self.rng.rng.integers(0, 100, tuple(size) + (1,))
        slope, offset = self.rng.choice([2.0, 0.5, -1.0, 0.1]), self.rng.choice([0.0, -1024.0, 3.25])
        source = MetaImage.load(path)
        source.set("ElementType", "MET_DOUBLE")
        source.lines.insert(5, ("ElementToIntensityFunctionSlope", str(slope)))
        source.lines.insert(5, ("ElementToIntensityFunctionOffset", str(offset)))
        source.values = (stored * picture.scale[0] + picture.scale[1] - offset) / slope
        source.save(path)
        shutil.copy(path, os.path.join(self.folder, "start"))
        self.write("paste", path, self.path, "--at", self.box_text(low, [], ""), "--convert", "clamp")
        box = tuple(slice(l, l + s) for l, s in zip(low, size))
        got = generate.load(self.path).picture().values[box]
        wanted = stored.reshape(got.shape)
        far = ~np.isclose(got.astype(float), wanted, rtol=1e-5, atol=1e-3 if kind in ("f4", "f8") else 0)
        if far.any():
            at = tuple(np.argwhere(far)[0])
            raise Wrong(f"pasted real values: stored {wanted[at]} should be in the file and {got[at]} is; its scale is {picture.scale}, the source's ({slope}, {offset})")
        values = picture.values.copy()
        values[box] = got
        self.settle(rules.Box(self.file), values)

    def is_text(self):
        """Pixels that are written as text can only be read."""
        return self.file.format != "NIfTI" and self.file.is_text()

    def paste_beyond(self):
        """The image grows where the box goes beyond it."""
        axes = self.axes()
        old = self.file.picture().values
        low = [self.rng.integer(-1, s) for s in old.shape[:axes]]
        size = [self.rng.integer(1, 3) for _ in low]
        below = [max(0, -l) for l in low]
        grown = [b + max(s, l + n) for b, s, l, n in zip(below, old.shape, low, size)]
        more = old.ndim - 1 - axes
        path, pixels = self.source(size)
        fill = self.rng.integer(0, 100)
        words = ["paste", path, self.path, "--at", self.box_text(low, [], ""), "--extend", "--fill", fill, *self.dropping()]
        if self.refused(self.write(*words, allowed=self.refusals_of_growth())):
            return
        values = np.full(tuple(grown) + old.shape[axes:], fill, old.dtype)
        values[tuple(slice(b, b + s) for b, s in zip(below, old.shape))] = old
        box = tuple(slice(b + l, b + l + s) for b, l, s in zip(below, low, size))
        values[box] = pixels.reshape(tuple(size) + (1,) * more + pixels.shape[-1:])
        self.settle(rules.Box(self.file, [-b for b in below] + [0] * more, grown + [1] * more), values)

    def redact(self):
        axes = self.axes()
        low, size = self.random_box(axes)
        self.write("redact", self.path, "--region", self.box_text(low, size))
        values = self.file.picture().values.copy()
        values[tuple(slice(l, l + s) for l, s in zip(low, size))] = 0
        self.settle(rules.Box(self.file), values)

    def grow(self):
        axes = self.axes()
        size = list(self.file.picture().size)
        below, above = [0] * len(size), [0] * len(size)
        if self.rng.chance(0.6):
            above[axes - 1] = self.rng.integer(1, 3)  # in place, where that is possible
        else:
            for axis in range(axes):
                below[axis], above[axis] = self.rng.choice([0, 0, 1, 2]), self.rng.choice([0, 0, 1, 2])
            if not any(below + above):
                above[0] = 1
        grown = [b + s + a for b, s, a in zip(below, size, above)]
        words = ["extend", self.path, "--size", ",".join(map(str, grown[:axes])), *self.dropping()]
        if any(below):
            words += ["--index", ",".join(str(s - b) for s, b in zip(self.start()[:axes], below))]
        if self.refused(self.write(*words, allowed=self.refusals_of_growth())):
            return
        old = self.file.picture().values
        values = np.zeros(tuple(grown) + old.shape[-1:], old.dtype)
        values[tuple(slice(b, b + s) for b, s in zip(below, size))] = old
        self.settle(rules.Box(self.file, [-b for b in below], grown), values)

    def refusals_of_growth(self):
        """A list of files has no room for another one."""
        return (UNSUPPORTED,) if self.file.format != "NIfTI" and self.file.listed else ()

    def refused(self, done):
        """Then nothing has changed."""
        if done.returncode:
            after = generate.load(self.path)
            problems = rules.fact_differences(self.file.facts(), after.facts()) + rules.value_differences(self.file.picture(), after.picture())
            if problems:
                raise Wrong("\n".join(["a change that was refused left something:", *problems]))
        return done.returncode != 0

    def dropping(self, target=None):
        """Lets go what the format does not hold of the place."""
        return ["--option", "geometry=drop"] if (target or self.file.format) in rules_linear.HOLDS else []

    def compression(self, suffix):
        """Words that ask for one, where the suffix leaves it open."""
        if suffix in (".nii", ".nii.gz", ".hdr.gz") or generate.format_of(suffix) in rules_linear.HOLDS or self.rng.chance(0.4):
            return []
        return ["--compress", self.rng.choice(["none", "deflate:1"])]

    def copy(self):
        suffix = self.rng.choice(SUFFIXES[self.file.format])
        path = self.new_path(suffix)
        self.write("copy", self.path, path, *self.compression(suffix))
        old = self.path
        self.settle(rules.Box(self.file), self.file.picture().values, path, copied=True)
        if self.rng.chance(0.3):
            self.call("compare", old, path)  # says with 0 that they are the same

    def has_late_components(self):
        """Copies of such NRRD files have their components first, where every reader expects them, and so other words per axis."""
        return self.file.format == "NRRD" and self.file.component_axis() not in (None, 0)

    def bare_copy(self):
        """Pixels, place and scale, and nothing else of the header."""
        suffix = self.rng.choice(SUFFIXES[self.file.format])
        path = self.new_path(suffix)
        picture = self.file.picture()
        # A new header of MRC cannot say of bytes that they have no sign.
        allowed = (UNSUPPORTED,) if self.file.format == "MRC" and kind_of(picture.values) == "u1" and picture.components == 1 else ()
        if self.write("copy", self.path, path, "--no-metadata", *self.compression(suffix), *self.dropping(), allowed=allowed).returncode:
            return
        problems = rules.bare_differences(self.file, generate.load(path))
        if problems:
            raise Wrong("\n".join(problems))

    def volume(self):
        """One image of a series, as a file of its own."""
        axes = self.axes()
        before = self.file.picture()
        if axes < 4:
            return self.bare_copy()
        number = self.rng.integer(0, before.size[axes - 1] - 1)
        path = self.new_path(self.rng.choice(SUFFIXES[self.file.format]))
        turned = any(a.matrix[3:, : axes - 1].any() for a in before.affines)  # an axis of the volume may have no length without the last coordinate
        allowed = (UNSUPPORTED,) if turned else ()
        if self.write("copy", self.path, path, "--volume", self.start()[axes - 1] + number, *self.dropping(), allowed=allowed).returncode:
            return
        low = [0] * (axes - 1) + [number]
        whole = rules.without_last_singles(before, axes)
        box = rules.Box(self.file, low + [0] * (len(before.size) - axes), list(before.size[: axes - 1]) + [1] * (len(before.size) - axes + 1))
        wanted = rules.without_last_singles(rules.moved_picture(whole, box, whole.values[..., number : number + 1, :]), axes - 1)
        result = generate.load(path)
        got = rules.without_last_singles(result.picture(), axes - 1)
        problems = rules.value_differences(wanted, got) or rules.position_differences(wanted, got, 3e-6)
        problems += rules.text_differences(wanted, got, result)
        if problems:
            raise Wrong("\n".join(problems))

    def recompress(self):
        fixed = self.file.format in rules_linear.HOLDS or (self.file.format == "NIfTI" and ".nii" in self.path)
        words = [] if fixed else ["--compress", self.rng.choice(["none", "deflate:1"])]
        if ".hdr" in self.path:
            words = ["--compress", "deflate:1" if self.file.compressed_pair else "none"]
        self.write("copy", self.path, self.path, *words)
        self.settle(rules.Box(self.file), self.file.picture().values, copied=True)

    def crop(self, target=None):
        axes = self.axes()
        low, size = self.random_box(axes)
        suffix = self.rng.choice(SUFFIXES[target or self.file.format])
        path = self.new_path(suffix)
        words = ["--region", self.box_text(low, size), *self.compression(suffix), *self.dropping(target)]
        done = self.write("copy", self.path, path, *words, allowed=self.refusals(target))
        if done.returncode:
            return
        values = self.file.picture().values[tuple(slice(l, l + s) for l, s in zip(low, size))]
        more = values.ndim - 1 - axes
        self.settle(rules.Box(self.file, low + [0] * more, size + [1] * more), values, path, copied=True)

    def to_other(self):
        target = self.rng.choice([name for name in SUFFIXES if name != self.file.format])
        if self.rng.chance(0.4):
            return self.crop(target)
        suffix = self.rng.choice(SUFFIXES[target])
        path = self.new_path(suffix)
        done = self.write("copy", self.path, path, *self.compression(suffix), *self.dropping(target), allowed=self.refusals(target))
        if done.returncode == 0:
            self.settle(rules.Box(self.file), self.file.picture().values, path, copied=True)

    def refusals(self, target):
        """The exit codes that are right, since the target cannot hold the image."""
        picture = self.file.picture()
        if target == "NIfTI" and not rules.fits_nifti(picture):
            return (UNSUPPORTED,)
        return () if target is None or rules_linear.surely_fits(target, picture, self.axes()) else (UNSUPPORTED,)

    def retype(self):
        picture = self.file.picture()
        wider = WIDER.get(kind_of(picture.values))
        if not wider or picture.components > 1:
            return self.copy()
        kind = self.rng.choice(wider)
        path = self.new_path(self.rng.choice(SUFFIXES[self.file.format]))
        allowed = () if kind in rules_linear.PIXELS.get(self.file.format, (kind,)) else (UNSUPPORTED,)
        if self.write("copy", self.path, path, "--type", NAMES[kind], "--convert", "exact", allowed=allowed).returncode:
            return
        self.settle(rules.Box(self.file), picture.values.astype(kind), path, copied=True, retyped=True)
