"""MRC files of swr are read right by mrcfile and ITK, also pasted and grown; and swr reads those of mrcfile."""

import unittest
import warnings

import mrcfile
import numpy as np

import foreign
from foreign import ITK_TOOL, SWR_TOOL, Image, joined

SIZES = {2: [13, 7], 3: [13, 7, 5], 4: [6, 5, 4, 3]}
SPACING, ORIGIN = [0.7, 0.8, 2.5, 1.0], [-10.5, 20.25, 30.0, 0.0]
PIXELS = [("int8", 1, "scalar"), ("int16", 1, "scalar"), ("uint16", 1, "scalar"), ("float32", 1, "scalar"), ("float32", 2, "complex")]
SUFFIXES = [".mrc", ".mrcs", ".map", ".rec", ".st", ".mrc.gz"]
GEOMETRY = 2e-6  # of numbers in 32 bits


def image_of(size, component, components=1, kind="scalar", seed=1):
    n = len(size)
    return Image(size, component, components, kind, seed, spacing=SPACING[:n], origin=ORIGIN[:n], direction=np.eye(n).flatten().tolist())


def read_mrcfile(path):
    with mrcfile.open(path, permissive=False) as mrc:
        data, header = np.ascontiguousarray(mrc.data), mrc.header
        n = data.ndim
        voxel = mrc.voxel_size
        facts = {"size": list(reversed(data.shape)), "crc32": foreign.crc(data.tobytes())}
        facts["spacing"] = [float(voxel[axis]) for axis in "xyz"[: min(n, 3)]] + [1.0] * (n - 3)
        facts["origin"] = [float(header.origin[axis]) for axis in "xyz"[: min(n, 3)]] + [0.0] * (n - 3)
        facts["components"] = "2" if data.dtype.kind == "c" else "1"
        if data.dtype.kind != "c":
            facts["component"] = data.dtype.newbyteorder("=").name
        assert header.dmax < header.dmin or data.dtype == np.int8, "statistics that nobody made"
        return facts


class Mrc(foreign.Test):
    def written(self):
        """(path, image) of every type, dimension and suffix, in several pieces."""
        files, jobs = [], []
        for component, components, kind in PIXELS:
            for n, size in SIZES.items():
                for number, suffix in enumerate(SUFFIXES):
                    image = image_of(size, component, components, kind)
                    path = f"{kind}_{component}_{n}{suffix}"
                    foreign.store_pixels(image.pixels, "new.pixels." + path)
                    jobs.append(f"write path={path} raw=new.pixels.{path} {image.words()} divisions={1 + number % 4}")
                    files.append((path, image))
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, jobs), "swr writes")
        return files

    def test_mrcfile_reads_what_swr_writes(self):
        for path, image in self.written():
            with self.subTest(path):
                self.assert_facts(image.facts(), read_mrcfile(path), ["direction", "dimensions", "kind"], GEOMETRY)

    def test_volumes_are_valid(self):
        for path, image in self.written():
            if path.endswith(".gz") or (len(image.size) == 3 and path.endswith((".mrcs", ".st"))):
                continue  # mrcfile wants mz = 1 of stacks, and then loses the spacing between images
            if image.component == "int8":
                continue  # the range of all bytes, by which ITK sees that they have a sign, is not that of the pixels
            with self.subTest(path), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.assertTrue(mrcfile.validate(path))

    def test_itk_reads_what_swr_writes(self):
        files = [(path, image) for path, image in self.written() if path.endswith(".mrc") and len(image.size) == 3]
        answers = foreign.run_jobs(ITK_TOOL, [f"read path={path}" for path, _ in files])
        for (path, image), seen in zip(files, answers):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen, ["kind"], GEOMETRY)

    def test_pastes_and_growth_are_read_right(self):
        for suffix in (".mrc", ".mrcs", ".mrc.gz"):
            image = image_of(SIZES[3], "int16")
            path = "changed" + suffix
            with mrcfile.new(path, overwrite=True, compression="gzip" if suffix.endswith(".gz") else None) as mrc:
                mrc.set_data(image.pixels)
                if suffix == ".mrcs":
                    mrc.set_image_stack()
                mrc.voxel_size = tuple(SPACING[:3])
                mrc.header.origin = tuple(ORIGIN[:3])
            part = foreign.noise([4, 3, 2], "int16", seed=2)
            foreign.store_pixels(part, "part.pixels")
            job = f"write path={path} raw=part.pixels component=int16 components=1 kind=scalar paste={joined([5, 3, 2])}:{joined([4, 3, 2])} existing=update"
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
            with self.subTest(path):
                facts = image.pasted([5, 3, 2], part).facts()
                self.assert_facts(facts, read_mrcfile(path), ["direction", "dimensions", "kind"], GEOMETRY)

    def test_swr_reads_what_mrcfile_writes(self):
        for order in "<>":
            for component, components, kind in PIXELS:
                image = image_of(SIZES[3], component, components, kind)
                pixels = image.pixels.view("complex64")[..., 0] if components == 2 else image.pixels
                path = f"{kind}_{component}_{'big' if order == '>' else 'little'}.mrc"
                with mrcfile.new(path, overwrite=True) as mrc:
                    mrc.set_data(pixels.astype(pixels.dtype.newbyteorder(order)))
                    mrc.voxel_size = tuple(SPACING[:3])
                    mrc.header.origin = tuple(ORIGIN[:3])
                seen = foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0]
                with self.subTest(path):
                    self.assert_facts(image.facts(), seen, [], GEOMETRY)


if __name__ == "__main__":
    unittest.main()
