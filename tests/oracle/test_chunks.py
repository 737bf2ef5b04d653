#!/usr/bin/python3
"""Random pastes into and growths of images in chunks, against a model in numpy.

    SWR=/path/to/swr test_chunks.py [--seed N] [--runs N] [--run K] [--jobs N]

Each run makes a new image of a random form (shape, type, chunks, shards, codec, filter, smaller versions) and changes it a few times with the command. Pixels come from NumPy files, or from
VTK's compressed blocks (vti_blocks.py), which are read and cannot be changed. After each change other programs (tifffile, h5py, zarr-python, and zarr_file.py for version 3) read the image and its smaller versions, which must be those of the model. A run that fails prints its commands.
"""

import argparse
import collections
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

import h5py
import numpy as np
import tifffile
import zarr

import vti_blocks
import zarr_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "foreign"))
from levels import levels_of

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
CHANGES = 6


class Wrong(Exception):
    pass


def joined(numbers):
    """As the command has them: the fastest axis first."""
    return ",".join(str(number) for number in reversed(list(numbers)))


class Form:
    """How an image is stored. halved: which axes the smaller versions have fewer pixels along, from the fastest one."""

    suffix, version, dimensions, codecs, filters, halved, grows_anywhere = "", None, (1, 4), ("deflate",), (None,), 0, False

    def chunk(self, draw, shape):
        return [draw.randint(1, extent + 2) for extent in shape]

    def shard(self, draw, chunk):
        """None: each chunk is a file, or a part of one as the format has it."""
        return None

    def filters_of(self, dtype):
        return self.filters

    def versions(self, path, shape, count):
        """The image and its smaller versions, as another program reads them."""
        raise NotImplementedError


class Zarr(Form):
    suffix, halved, grows_anywhere, codecs = ".zarr", 3, True, ("none", "deflate", "zstd", "blosc")

    def __init__(self, version):
        self.version = version

    def shard(self, draw, chunk):
        return [part * draw.randint(1, 3) for part in chunk] if self.version == "3" and draw.random() < 0.5 else None

    def versions(self, path, shape, count):
        if self.version == "3":
            return [zarr_file.read(found) for found in zarr_file.arrays(path)]
        if not os.path.exists(os.path.join(path, ".zgroup")):
            return [zarr.open(path, mode="r")[...]]
        group = zarr.open_group(path, mode="r")
        return [group[dataset["path"]][...] for dataset in group.attrs["multiscales"][0]["datasets"]]


class Tiff(Form):
    suffix, dimensions, halved, filters = ".tif", (2, 4), 2, (None, "predictor")

    def chunk(self, draw, shape):
        return [1] * (len(shape) - 2) + [16 * draw.randint(1, 3), 16 * draw.randint(1, 3)]

    def filters_of(self, dtype):
        return self.filters if dtype.kind != "f" else (None,)  # Debian's tifffile does not undo predictor 3

    def versions(self, path, shape, count):
        with tifffile.TiffFile(path) as file:
            pages = list(file.pages)
            stacks = [[page.asarray() for page in pages]]
            stacks += [[page.pages[level].asarray() for page in pages] for level in range(count)]
        return [np.stack(stack).reshape(shape[:-2] + stack[0].shape) for stack in stacks]


class Hdf5(Form):
    suffix, filters = ".h5", (None, "shuffle")

    def versions(self, path, shape, count):
        with h5py.File(path, "r") as file:
            return [file["ITKImage/0/VoxelData"][...]]


FORMS = {"Zarr 2": Zarr("2"), "Zarr 3": Zarr("3"), "TIFF": Tiff(), "HDF5": Hdf5()}


class Run:
    def __init__(self, swr, seed, number, folder):
        self.swr, self.folder, self.commands, self.counts = swr, folder, [], collections.Counter()
        self.draw, self.rng = random.Random(f"{seed}/{number}"), np.random.default_rng([seed, number])
        self.name = list(FORMS)[number % len(FORMS)]
        self.form = FORMS[self.name]

    def call(self, *words):
        self.commands.append(" ".join(words))
        done = subprocess.run([self.swr, *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Wrong(f"{self.commands[-1]}: {done.stderr}")

    def noise(self, shape):
        values = self.rng.integers(0, self.draw.choice([2, 100]), shape)
        return values.astype(self.type)

    def store(self, name, pixels):
        """The file from which the command takes pixels."""
        path = os.path.join(self.folder, name)
        if pixels.ndim > 3 or self.draw.random() < 0.5:
            np.save(path, pixels)
            return name + ".npy"
        vti_blocks.write(path + ".vti", pixels, self.draw.choice([8, 100, 4096, 32768]), self.draw.random() < 0.5, self.draw.random() < 0.5)
        self.counts[("pixels", "in blocks of VTK", "images read")] += 1
        return name + ".vti"

    def create(self):
        form, draw = self.form, self.draw
        self.type = np.dtype(draw.choice(TYPES))
        shape = [draw.randint(1, 30) for _ in range(draw.randint(*form.dimensions))]
        self.model, self.path = self.noise(shape), "image" + form.suffix
        chunk = form.chunk(draw, shape)
        shard = form.shard(draw, chunk)
        options = ["chunk.shape=" + joined(chunk)] + (["zarr.shard=" + joined(shard)] if shard else [])
        self.stored = "in shards" if shard else "in chunks"
        options += [f"chunk.filter={filter}" for filter in [draw.choice(form.filters_of(self.type))] if filter]
        options += [f"zarr.version={form.version}"] if form.version else []
        self.levels, self.method = 0, draw.choice(["mean", "nearest"])
        self.axes = [axis for axis in range(len(shape)) if len(shape) - axis <= form.halved]
        # An axis that is too short to be halved in every level would not be when it grows.
        most = min(2, min([shape[axis] for axis in self.axes], default=1) - 1)
        if 2 <= len(shape) <= 3 and most > 0 and draw.random() < 0.6:
            self.levels = draw.randint(1, most)
            options += [f"pyramid.levels={self.levels}", f"pyramid.method={self.method}"]
        words = [word for option in options for word in ("--option", option)]
        self.call("copy", self.store("start", self.model), self.path, "-q", "--compress", draw.choice(form.codecs), *words)

    def change(self):
        draw, model = self.draw, self.model
        size = [draw.randint(1, extent) for extent in model.shape]
        begin = [draw.randint(0, extent - part) for extent, part in zip(model.shape, size)]
        words = []
        if draw.random() < 0.3:
            axis = draw.randrange(model.ndim) if self.form.grows_anywhere else 0
            begin[axis] = model.shape[axis] + draw.randint(0, 2)
            size[axis] = draw.randint(1, 5)
            grown = list(model.shape)
            grown[axis] = begin[axis] + size[axis]
            fill = draw.choice([0, 7])
            model = np.full(grown, fill, model.dtype)
            model[tuple(slice(0, extent) for extent in self.model.shape)] = self.model
            words = ["--extend", "--fill", str(fill)]
        box = self.noise(size)
        model[tuple(slice(first, first + length) for first, length in zip(begin, size))] = box
        self.call("paste", self.store("box", box), self.path, "--at", joined(begin), "-q", *words)
        self.model = model
        levels = "with levels" if self.levels else "without levels"
        self.counts[(self.name, f"{self.stored}, {levels}", "growths" if words else "pastes")] += 1

    def paste_into_blocks(self):
        """They are refused before the file is touched."""
        path = os.path.join(self.folder, "blocks.vti")
        pixels = self.noise([3, 4, 5])
        vti_blocks.write(path, pixels, 64)
        with open(path, "rb") as file:
            before = file.read()
        np.save(os.path.join(self.folder, "part.npy"), self.noise([1, 2, 2]))
        done = subprocess.run([self.swr, "paste", "part.npy", "blocks.vti", "--at", "1,1,1", "-q"], cwd=self.folder, capture_output=True, text=True)
        with open(path, "rb") as file:
            if done.returncode == 0 or file.read() != before:
                raise Wrong(f"a paste into compressed blocks ended with {done.returncode}: {done.stderr}")

    def check(self):
        expected = [self.model, *levels_of(self.model, self.axes, self.levels, self.method)]
        found = self.form.versions(os.path.join(self.folder, self.path), self.model.shape, self.levels)
        if len(found) != len(expected):
            raise Wrong(f"{len(found) - 1} smaller versions; {self.levels} are expected")
        for level, (version, model) in enumerate(zip(found, expected)):
            if version.shape != model.shape or version.dtype.newbyteorder("=") != model.dtype:
                raise Wrong(f"level {level} has {version.shape} of {version.dtype}; {model.shape} of {model.dtype} are expected")
            if not np.array_equal(version, model):
                raise Wrong(f"level {level} differs first at {np.argwhere(version != model)[0]}, the slowest axis first")

    def go(self):
        os.makedirs(self.folder)
        self.create()
        self.check()
        for _ in range(CHANGES):
            self.change()
            self.check()
        self.call("verify", self.path)
        self.paste_into_blocks()


def work(job):
    swr, seed, number, folder, keep = job
    shutil.rmtree(folder, ignore_errors=True)
    run = Run(swr, seed, number, folder)
    try:
        run.go()
    except Wrong as wrong:
        commands = "".join(f"    {line}\n" for line in run.commands)
        return f"run {number}, {run.name}: {wrong}\n  in {folder}:\n{commands}  again: test_chunks.py --seed {seed} --run {number}\n", run.counts
    if not keep:
        shutil.rmtree(folder)
    return None, run.counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=800)
    parser.add_argument("--run", type=int, help="this one alone; its folder stays")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    numbers = range(options.runs)
    if options.run is not None:
        numbers = [options.run]
    elif "SWR_TEST_SEED" in os.environ:  # half of the runs; another commit takes the other half
        half = int(os.environ["SWR_TEST_SEED"]) % 2
        numbers = [number for number in numbers if number // len(FORMS) % 2 == half]
    print(f"seed {options.seed}, {len(numbers)} runs", flush=True)
    begin = time.monotonic()
    swr = os.path.abspath(os.environ["SWR"])
    jobs = [(swr, options.seed, number, os.path.abspath(f"chunks{number}"), options.run is not None) for number in numbers]
    failed, counts = 0, collections.Counter()
    with multiprocessing.Pool(options.jobs) as pool:
        for report, count in pool.imap(work, jobs):
            counts += count
            if report:
                failed += 1
                print(report, flush=True)
    print(f"{failed} of {len(numbers)} runs failed; {sum(counts.values())} changes, {time.monotonic() - begin:.0f} s")
    for key, count in sorted(counts.items()):
        print(f"  {key[0]} {key[1]}: {count} {key[2]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
