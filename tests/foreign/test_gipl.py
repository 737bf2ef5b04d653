"""GIPL files of swr are read right by ITK, also pasted and grown; and swr reads, and pastes into, those of ITK."""

import unittest

import numpy as np

import foreign
from foreign import ITK_TOOL, SWR_TOOL, Image, joined

SIZES = {2: [13, 7], 3: [13, 7, 5], 4: [6, 5, 4, 3]}
SPACING, ORIGIN = [0.7, 0.8, 2.5, 1.5], [-10.5, 20.25, 30.0, 0.5]
ALL_TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
TYPES_OF_ITK = ["uint8", "int8", "uint16", "int16", "float32", "float64"]
SUFFIXES = [".gipl", ".gipl.gz"]
GEOMETRY = 2e-6  # spacings have 32 bits


def image_of(size, component, seed=1):
    n = len(size)
    return Image(size, component, 1, "scalar", seed, spacing=SPACING[:n], origin=ORIGIN[:n], direction=np.eye(n).flatten().tolist())


def write_job(path, image, divisions):
    foreign.store_pixels(image.pixels, path + ".pixels")
    return f"write path={path} raw={path}.pixels {image.words()} divisions={divisions}"


class Gipl(foreign.Test):
    def test_itk_and_swr_read_what_swr_writes(self):
        files = [(f"{component}_{n}{suffix}", image_of(size, component)) for component in ALL_TYPES for n, size in SIZES.items() for suffix in SUFFIXES]
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [write_job(path, image, 1 + i % 4) for i, (path, image) in enumerate(files)]), "swr writes")
        for tool, readable in ((SWR_TOOL, files), (ITK_TOOL, [f for f in files if f[1].component in TYPES_OF_ITK and len(f[1].size) == 3])):
            for (path, image), seen in zip(readable, foreign.run_jobs(tool, [f"read path={path}" for path, _ in readable])):
                with self.subTest(f"{path} {tool[-8:]}"):
                    self.assert_facts(image.facts(), seen, ["kind"], GEOMETRY)

    def test_swr_reads_and_pastes_into_what_itk_writes(self):
        files = [(f"itk_{component}{suffix}", image_of(SIZES[3], component)) for component in TYPES_OF_ITK for suffix in SUFFIXES]
        self.assert_no_error(foreign.run_jobs(ITK_TOOL, [write_job(path, image, 1).replace(" divisions=1", "") for path, image in files]), "ITK writes")
        for (path, image), seen in zip(files, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen, ["kind"], GEOMETRY)
        jobs, expected = [], []
        for path, image in files:
            part = foreign.noise([4, 3, 2], image.component, seed=2)
            foreign.store_pixels(part, path + ".part")
            jobs.append(f"write path={path} raw={path}.part component={image.component} components=1 kind=scalar paste={joined([5, 3, 2])}:{joined([4, 3, 2])} existing=update")
            expected.append(image.pasted([5, 3, 2], part))
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, jobs), "swr pastes")
        for (path, _), image, seen in zip(files, expected, foreign.run_jobs(ITK_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest("pasted " + path):
                self.assert_facts(image.facts(), seen, ["kind"], GEOMETRY)

    def test_itk_reads_what_swr_grew(self):
        for suffix in SUFFIXES:
            path, image = "grown" + suffix, image_of(SIZES[3], "int16")
            self.assert_no_error(foreign.run_jobs(ITK_TOOL, [write_job(path, image, 1).replace(" divisions=1", "")]), "ITK writes")
            new = image_of([13, 7, 4], "int16", seed=2)
            foreign.store_pixels(new.pixels, "new.pixels")
            grown = image_of([13, 7, 8], "int16")
            grown.pixels = np.concatenate([image.pixels[:4], new.pixels])
            job = f"write path={path} raw=new.pixels {grown.words()} paste=0,0,4:13,7,4 existing=extend"
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr grows")
            with self.subTest(path):
                self.assert_facts(grown.facts(), foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0], ["kind"], GEOMETRY)


if __name__ == "__main__":
    unittest.main()
