"""TIFF stacks of swr are read right by ImageJ, libvips and geotiff.js: written, pasted into, grown, with ImageJ's description and OME-XML, classic and Big."""

import os
import subprocess
import unittest
import zlib

import numpy as np
import tifffile

import foreign
from foreign import SWR_TOOL, Image, joined

SWR = os.environ["SWR"]
IMAGEJ = "/usr/share/java/ij.jar"
PIXELS = [("uint8", 1, "scalar"), ("uint16", 1, "scalar"), ("float32", 1, "scalar"), ("uint8", 3, "rgb")]
OTHER_PIXELS = [("int8", 1, "scalar"), ("int16", 1, "scalar"), ("uint32", 1, "scalar"), ("int32", 1, "scalar"), ("float64", 1, "scalar"),
                ("uint16", 3, "rgb"), ("uint8", 4, "rgba")]
SIZES = {2: [13, 7], 3: [13, 7, 5], 4: [6, 5, 4, 3]}
SPACING = [0.7, 0.8, 2.5, 1.0]


def image_of(size, component, components, kind):
    n = len(size)
    return Image(size, component, components, kind, spacing=SPACING[:n], origin=[0.0] * n, direction=np.eye(n).flatten().tolist())


def pages_of(image):
    return int(np.prod(image.size[2:]))


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr[-1000:]}")
    return done.stdout


def read_imagej(paths):
    """(bits, [x, y, z, frames, channels], crc32, [length of a pixel along x, y, z], unit) of each file; None for one that it does not open."""
    text = run("java", "-Djava.awt.headless=true", "-XX:+UseSerialGC", "-cp", IMAGEJ, os.path.join(foreign.HERE, "ReadTiff.java"), *paths)
    answers = []
    for line in text.splitlines():
        words = line.split()
        if words == ["refused"]:
            answers.append(None)
        elif len(words) in (10, 11):  # it may have no unit
            answers.append((int(words[0]), [int(w) for w in words[1:6]], int(words[6]), [float(w) for w in words[7:10]], "".join(words[10:])))
    assert len(answers) == len(paths), text
    return answers


def read_geotiff(paths):
    return foreign.ask_node([("geotiff", path) for path in paths])


def read_vips(path, image):
    """All pages, one below the other."""
    run("vips", "rawsave", f"{path}[n=-1]", path + ".raw")
    return np.fromfile(path + ".raw", image.pixels.dtype)


class TiffReaders(foreign.Test):
    def written(self):
        """(path, image), fresh, then pasted into, then grown twice."""
        files, jobs = [], []
        for component, components, kind in PIXELS + OTHER_PIXELS:
            for n, size in SIZES.items():
                for suffix in (".tif", ".btf", ".ome.tif"):
                    image = image_of(size, component, components, kind)
                    path = f"{kind}_{component}_{n}{suffix}"
                    foreign.store_pixels(image.pixels, "new.pixels." + path)
                    jobs.append(f"write path={path} raw=new.pixels.{path} {image.words()} divisions={n}")
                    files.append((path, image))
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, jobs), "swr writes")
        return files

    def changed(self, path, image):
        """The file's image after a paste and two growths; and the copy of the file, whose name says that it was changed."""
        part = foreign.noise([4, 3, 2], image.component, image.components, seed=2)
        foreign.store_pixels(part, "part.pixels")
        target = "changed_" + path
        with open(path, "rb") as source, open(target, "wb") as copy:
            copy.write(source.read())
        job = (f"write path={target} raw=part.pixels component={image.component} components={image.components} kind={image.kind} "
               f"paste={joined([5, 3, 2])}:{joined([4, 3, 2])} existing=update")
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
        for depth in (8, 12):
            run(SWR, "extend", target, "--size", f"13,7,{depth}", "-q")
        pixels = np.zeros((12,) + image.pixels.shape[1:], image.pixels.dtype)
        pixels[:5] = image.pasted([5, 3, 2], part).pixels
        return target, Image([13, 7, 12], image.component, image.components, image.kind, pixels=pixels)

    def all_files(self):
        files = self.written()
        files += [self.changed(path, image) for path, image in files if len(image.size) == 3]
        # those of another program, which grow by pages at their end
        for component in ("uint8", "uint16", "float32"):
            image = image_of(SIZES[3], component, 1, "scalar")
            options = {"resolution": (10 / 0.7, 10 / 0.8), "metadata": {"spacing": 0.25, "unit": "cm", "axes": "ZYX"}}
            tifffile.imwrite(f"tifffile_{component}.tif", image.pixels, imagej=True, **options)
            tifffile.imwrite(f"tifffile_{component}.ome.tif", image.pixels, photometric="minisblack", metadata={"axes": "ZYX"})
            for path in (f"tifffile_{component}.tif", f"tifffile_{component}.ome.tif"):
                files.append(self.changed(path, image))
        return files

    def test_imagej(self):
        """It has no BigTIFF, and of 32-bit integers, float64 and several components its own idea."""
        with_description = [(path, image) for path, image in self.all_files()
                            if not path.endswith(".btf") and (image.component, image.components, image.kind) in PIXELS]
        for (path, image), seen in zip(with_description, read_imagej([path for path, _ in with_description])):
            with self.subTest(path):
                self.assertIsNotNone(seen)
                bits, size, crc, spacing, unit = seen
                self.assertEqual(8 * image.pixels.dtype.itemsize * image.components, bits)
                self.assertEqual(image.size[:2], size[:2])
                self.assertEqual(pages_of(image), int(np.prod(size[2:])))
                self.assertEqual(zlib.crc32(np.ascontiguousarray(image.pixels).tobytes()), crc)
                if ".ome." in path:
                    continue  # which it does not read
                if image.components == 1:
                    self.assertEqual((image.size[2:] + [1, 1])[:2] + [1], size[2:])
                self.assertEqual("cm", unit)
                count = min(len(image.size), 3)
                np.testing.assert_allclose(spacing[:count], np.array(SPACING[:count]) / 10, rtol=1e-8)

    def test_imagej_refuses_bigtiff(self):
        """As the documentation says."""
        image = image_of(SIZES[3], "uint8", 1, "scalar")
        foreign.store_pixels(image.pixels, "big.pixels")
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [f"write path=big.btf raw=big.pixels {image.words()}"]), "swr writes")
        self.assertEqual([None], read_imagej(["big.btf"]))

    def test_geotiff(self):
        files = self.all_files()
        for (path, image), seen in zip(files, read_geotiff([path for path, _ in files])):
            with self.subTest(path):
                self.assertNotIn("error", seen)
                self.assertEqual(image.size[:2] + [pages_of(image)], seen["size"])
                self.assertEqual("%08x" % zlib.crc32(image.pixels.astype("<f8").tobytes()), seen["values"])

    def test_vips(self):
        """It refuses float64."""
        for path, image in self.all_files():
            with self.subTest(path):
                if image.component == "float64":
                    self.assertRaises(AssertionError, read_vips, path, image)
                    continue
                self.assertEqual(image.pixels.tobytes(), read_vips(path, image).tobytes())


if __name__ == "__main__":
    unittest.main()
