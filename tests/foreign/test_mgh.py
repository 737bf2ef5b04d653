"""MGH files of swr are read right by nibabel, also pasted and grown; and swr reads those of nibabel, and keeps what follows their pixels."""

import gzip
import struct
import unittest

import nibabel
import numpy as np

import foreign
from foreign import SWR_TOOL, Image, joined

SIZES = {3: [13, 7, 5], 4: [6, 5, 4, 3]}
TYPES = ["uint8", "int16", "int32", "float32"]
SUFFIXES = [".mgh", ".mgz", ".mgh.gz"]
GEOMETRY = 4e-6  # numbers have 32 bits
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
# TR, flip angle, TE, TI, field of view, and a tag of FreeSurfer: the command line
TAIL = struct.pack(">5f", 2300.0, 0.15, 2.98, 900.0, 0.0) + struct.pack(">iq", 3, 12) + b"mri_convert\0"


def image_of(size, component, seed=1):
    return Image(size, component, 1, "scalar", seed, spacing=foreign.SPACING[:3] + [1.0] * (len(size) - 3))


def affine_of(image):
    n = len(image.size)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(image.direction).reshape(n, n)[:3, :3] @ np.diag(image.spacing[:3])
    matrix[:3, 3] = image.origin[:3]
    return LPS @ matrix


def read_nibabel(path):
    # nibabel does not know the suffix .mgh.gz, which is .mgz.
    with open(path, "rb") as file, open("read.mgz" if path.endswith("z") else "read.mgh", "wb") as copy:
        copy.write(file.read())
    image = nibabel.load(copy.name, mmap=False)
    pixels = np.asarray(image.dataobj)
    affine = LPS @ image.affine
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    n = pixels.ndim
    direction = np.eye(n)
    direction[:3, :3] = affine[:3, :3] / spacing
    return {
        "size": list(pixels.shape), "component": pixels.dtype.newbyteorder("=").name, "components": "1",
        "crc32": foreign.crc(pixels.astype(pixels.dtype.newbyteorder("=")).tobytes(order="F")), "spacing": spacing.tolist() + [1.0] * (n - 3),
        "origin": affine[:3, 3].tolist() + [0.0] * (n - 3), "direction": direction.flatten().tolist(),
    }


def load(path):
    with (gzip.open if path.endswith("z") else open)(path, "rb") as file:
        return file.read()


def tail_of(path, image):
    return load(path)[284 + image.pixels.nbytes :]


def write_with_nibabel(path, image, tail=b""):
    nibabel.save(nibabel.MGHImage(image.pixels.T, affine_of(image)), "nibabel.mgh")
    data = load("nibabel.mgh")[: 284 + image.pixels.nbytes] + tail
    with (gzip.open if path.endswith("z") else open)(path, "wb") as file:
        file.write(data)


class Mgh(foreign.Test):
    def write(self, job):
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), job)

    def test_nibabel_and_swr_read_what_swr_writes(self):
        files, jobs = [], []
        for component in TYPES:
            for n, size in SIZES.items():
                for number, suffix in enumerate(SUFFIXES):
                    path, image = f"{component}_{n}{suffix}", image_of(size, component)
                    foreign.store_pixels(image.pixels, path + ".pixels")
                    jobs.append(f"write path={path} raw={path}.pixels {image.words()} divisions={1 + number}")
                    files.append((path, image))
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, jobs), "swr writes")
        for (path, image), seen in zip(files, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen, [], GEOMETRY)
                self.assert_facts(image.facts(), read_nibabel(path), [], GEOMETRY)

    def test_swr_reads_what_nibabel_writes(self):
        for component in TYPES:
            for size in SIZES.values():
                for suffix in (".mgh", ".mgz"):
                    path, image = f"nibabel_{component}_{len(size)}{suffix}", image_of(size, component)
                    nibabel.save(nibabel.MGHImage(image.pixels.T, affine_of(image)), path)
                    seen = foreign.run_jobs(SWR_TOOL, [f"read path={path}", f"verify path={path}"])
                    with self.subTest(path):
                        self.assert_no_error(seen, "swr verifies")
                        self.assert_facts(image.facts(), seen[0], [], GEOMETRY)

    def test_what_follows_the_pixels_stays_when_swr_pastes(self):
        for suffix in SUFFIXES:
            path, image = "pasted" + suffix, image_of(SIZES[3], "int16")
            write_with_nibabel(path, image, TAIL)
            # A stream of another program is spliced, rewritten, and then changed in place.
            for turn in range(4):
                part = foreign.noise([4, 3, 2], "int16", seed=2 + turn)
                foreign.store_pixels(part, "part.pixels")
                at = [5 + turn, 3, 2]
                self.write(f"write path={path} raw=part.pixels component=int16 components=1 kind=scalar paste={joined(at)}:4,3,2 existing=update")
                image = image.pasted(at, part)
                with self.subTest(f"{path} {turn}"):
                    self.assert_facts(image.facts(), read_nibabel(path), ["kind"], GEOMETRY)
                    self.assertEqual(TAIL, tail_of(path, image))
                    self.assert_no_error(foreign.run_jobs(SWR_TOOL, [f"verify path={path}"]), "swr verifies")

    def test_what_follows_the_pixels_stays_when_an_image_grows(self):
        for suffix in SUFFIXES:
            for name, axis, at in (("end", 2, 5), ("begin", 2, 0), ("side", 0, 13), ("frames", 3, 3)):
                path, old = f"grown_{name}{suffix}", image_of(SIZES[4 if name == "frames" else 3], "float32")
                if suffix != ".mgh":
                    # of swr, where the end has a member of its own
                    write_with_nibabel("first.mgz", old, TAIL)
                    self.write_again("first.mgz", path, old)
                else:
                    write_with_nibabel(path, old, TAIL)
                self.grow(path, old, axis, at)

    def write_again(self, source, path, image):
        """The whole image by swr, which makes the stream one of its own."""
        with open(source, "rb") as file, open(path, "wb") as copy:
            copy.write(file.read())
        foreign.store_pixels(image.pixels, "whole.pixels")
        index = joined([0] * len(image.size))
        for _ in range(3):
            self.write(f"write path={path} raw=whole.pixels component=float32 components=1 kind=scalar paste={index}:{joined(image.size)} existing=update")

    def grow(self, path, old, axis, at):
        n = len(old.size)
        size = list(old.size)
        size[axis] = 2
        added = foreign.noise(size, "float32", seed=2)
        foreign.store_pixels(added, "added.pixels")
        slices = [old.pixels, added] if at else [added, old.pixels]
        whole = [old.size[i] + (2 if i == axis else 0) for i in range(n)]
        grown = image_of(whole, "float32")
        grown.pixels = np.concatenate(slices, axis=n - 1 - axis)
        # The new image begins two slices before the old one, whose place stays.
        index = [-2 if i == axis and at == 0 else 0 for i in range(n)]
        grown.index = index
        moved = np.array(grown.direction).reshape(n, n) @ (np.array(grown.spacing) * np.array(index))
        grown.origin = (np.array(grown.origin) + moved).tolist()
        begin = [index[i] + (at if i == axis else 0) for i in range(n)]
        self.write(f"write path={path} raw=added.pixels {grown.words()} paste={joined(begin)}:{joined(size)} existing=extend")
        with self.subTest(path):
            self.assert_facts(grown.facts(), read_nibabel(path), ["kind"], GEOMETRY)
            self.assertEqual(TAIL, tail_of(path, grown))


if __name__ == "__main__":
    unittest.main()
