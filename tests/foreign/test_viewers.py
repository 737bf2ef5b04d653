"""What swr writes is read by niivue, the viewer of most web pages and editors, and by nrrd-js: sizes, geometry and the value of each pixel. Both take
a header apart by hand, so that a blank too many in it, or a line that they cannot place, ends in wrong numbers rather than in an error."""

import dataclasses
import os
import subprocess
import unittest
import zlib

import numpy as np

import foreign
from foreign import SWR_TOOL, Image

SWR = os.environ["SWR"]
COMPONENTS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]  # those that niivue has in every format
SIZES = {3: [7, 5, 4], 4: [6, 5, 3, 2]}
SUFFIXES = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii"]
COMPRESSED_SUFFIXES = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii.gz"]


def jobs_for(paths):
    return [("niivue", path) for path in paths] + [("nrrd-js", path) for path in paths if foreign.format_of(path) == "NRRD"]


def named(name, compress, suffix):
    """No two have one file of pixels."""
    return f"{name}_{suffix[1:4]}{'_z' if compress else ''}{suffix}"


def image_of(size, component, seed=1):
    image = Image(size, component, seed=seed)
    image.pixels.flat[0] = 1  # of a MetaImage, niivue drops the first bytes of the pixels where they are line ends
    image.pixels.flat[-1] = 0  # niivue has no last pixel, but zero, where pixels are integers of 32 bits
    return image


def run_swr(*arguments):
    done = subprocess.run([SWR, *arguments, "-q"], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"swr {arguments} ended with {done.returncode}: {done.stderr}")


def enlarged(image, size):
    """The image with zeros where it grows at its high sides."""
    pixels = np.zeros(size[::-1], image.component)
    pixels[tuple(slice(0, n) for n in image.pixels.shape)] = image.pixels
    return dataclasses.replace(image, size=list(size), pixels=pixels)


class Viewers(foreign.Test):
    def assert_read(self, files):
        """Each of (path, image) is read to the image by all that can read it."""
        images = dict(files)
        jobs = jobs_for([path for path, _ in files])
        for (reader, path), seen in zip(jobs, foreign.ask_node(jobs)):
            with self.subTest(reader=reader, path=path):
                self.assert_seen(images[path], reader, path, seen)
        return len(jobs)

    def assert_seen(self, image, reader, path, seen):
        self.assertNotIn("error", seen)
        self.assertEqual(list(image.size), seen["size"])
        self.assertEqual("%08x" % zlib.crc32(image.pixels.astype("<f8").tobytes()), seen["values"])
        n = len(image.size)
        direction = np.array(image.direction).reshape(n, n)
        if reader == "nrrd-js":
            self.assert_near((direction * image.spacing).T, seen["directions"], 1e-9)
            self.assert_near(image.origin, seen["origin"], 1e-9)
        elif n == 3:  # niivue takes apart matrices of three dimensions only
            self.assert_near(image.spacing, seen["spacing"], 2e-6)
            affine = np.eye(4)
            affine[:3, :3] = direction * image.spacing
            affine[:3, 3] = image.origin
            self.assert_near(np.diag([-1, -1, 1, 1]) @ affine, seen["affine"], 2e-6)  # RAS

    def assert_near(self, expected, seen, tolerance):
        np.testing.assert_allclose(np.array(seen, float), np.array(expected, float), rtol=tolerance, atol=20 * tolerance)

    def write(self, files, compress=False):
        jobs = []
        for number, (path, image) in enumerate(files):
            foreign.store_pixels(image.pixels, f"{path}.pixels")
            jobs.append(f"write path={path} raw={path}.pixels {image.words()} divisions={1 + number % 3}" + (" compress=6" if compress else ""))
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, jobs), "swr writes")

    def test_all_types_are_read(self):
        for compress, suffixes in ((False, SUFFIXES), (True, COMPRESSED_SUFFIXES)):
            files = [
                (named(f"{component}_{n}", compress, suffix), image_of(SIZES[n], component))
                for suffix in suffixes for n in SIZES for component in COMPONENTS
            ]
            self.write(files, compress)
            self.assertEqual(len(files) + 2 * len(SIZES) * len(COMPONENTS), self.assert_read(files))

    def test_volumes_of_freesurfer_are_read(self):
        files = [(f"{component}{suffix}", image_of(SIZES[3], component)) for suffix in (".mgh", ".mgz") for component in ("uint8", "int16", "int32", "float32")]
        self.write(files)
        self.assertEqual(len(files), self.assert_read(files))

    def test_files_that_have_grown_are_read(self):
        """Sizes of more digits take their room from the filler of the header, where it has any."""
        for compress, suffixes in ((False, SUFFIXES), (True, COMPRESSED_SUFFIXES)):
            files = [(named("grown", compress, suffix), image_of([7, 5, 4], "int16", 3)) for suffix in suffixes]
            self.write(files, compress)
            for depth in (11, 100, 1000):
                files = [(path, enlarged(image, [7, 5, depth])) for path, image in files]
                for path, _ in files:
                    run_swr("extend", path, "--size", f"7,5,{depth}")
                self.assert_read(files)

    def test_files_whose_filler_is_used_up_are_read(self):
        """The filler of a header is cut to a few bytes, so that some of these files grow into the last of it, and some are written again."""
        grown = []
        for suffix, head in ((".mha", b"swr_pad = ."), (".nrrd", b"# .")):
            self.write([(f"whole{suffix}", image_of([7, 5, 4], "uint16", 4))])
            with open(f"whole{suffix}", "rb") as file:
                data = file.read()
            lines = data[: -2 * 140].split(b"\n")
            for dots in range(7):
                filler = head + b"." * dots
                places = [number for number, line in enumerate(lines) if line.startswith(head)]
                self.assertTrue(places, "a new file has filler in its header")
                kept = [filler if number == places[0] else line for number, line in enumerate(lines) if number not in places[1:]]
                path = f"filler{dots}{suffix}"
                with open(path, "wb") as file:
                    file.write(b"\n".join(kept) + data[-2 * 140 :])
                grown.append((path, enlarged(image_of([7, 5, 4], "uint16", 4), [7, 5, 12345])))
                run_swr("extend", path, "--size", "7,5,12345")
        self.assert_read(grown)

    def test_pasted_files_are_read(self):
        """Compressed pixels that are changed in place."""
        files = []
        for suffix in COMPRESSED_SUFFIXES:
            path, image = named("pasted", True, suffix), image_of([40, 30, 20], "int16", 5)
            self.write([(path, image)], True)
            part = foreign.noise([9, 11, 4], "int16", seed=6)
            foreign.store_pixels(part, f"{path}.part")
            job = f"write path={path} raw={path}.part component=int16 paste=5,3,2:9,11,4 existing=update"
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
            files.append((path, image.pasted([5, 3, 2], part)))
        self.assert_read(files)


if __name__ == "__main__":
    unittest.main()
