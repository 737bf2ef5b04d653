"""Others read the smaller versions that swr makes, and find in them what numpy makes of the pixels; also after pastes and growth."""

import os
import random
import subprocess
import unittest

import numpy as np
import tifffile
import zarr
from osgeo import gdal

import foreign
from foreign import SWR_TOOL, Image
from levels import levels_of

SWR = os.environ["SWR"]
SEED = int(os.environ.get("SWR_TEST_SEED", "1"))
PIXELS = [("uint8", 1, "scalar"), ("uint16", 1, "scalar"), ("int16", 1, "scalar"), ("float32", 1, "scalar"), ("uint8", 3, "rgb"), ("uint16", 3, "rgb")]
gdal.UseExceptions()


class Pyramids(foreign.Test):
    def write(self, path, image, levels, method, *options):
        options = [f"pyramid.levels={levels}", f"pyramid.method={method}", *options]
        foreign.store_pixels(image.pixels, "image.pixels")
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [f"write path=raw.nrrd raw=image.pixels {image.words()}"]), "swr writes")
        words = [word for option in options for word in ("--option", option)]
        return subprocess.run([SWR, "copy", "raw.nrrd", path, "-q", *words], check=True, capture_output=True, text=True)

    def paste(self, path, image, seed):
        size, first = [max(1, n // 3) for n in image.size], [n // 4 for n in image.size]
        return self.paste_noise(path, image, size, first, seed)

    def assert_tiff_levels(self, path, image, count, method):
        expected = levels_of(image.pixels, (1, 2), count, method)
        words = subprocess.run(["tiffinfo", "-D", path], capture_output=True, text=True)
        self.assertEqual("", words.stderr.replace("\n", ""))
        with tifffile.TiffFile(path) as file:
            if path.endswith(".ome.tif"):  # of files with ImageJ's description, tifffile lists the directories alone
                levels = [level.asarray() for level in file.series[0].levels]
                self.assertEqual(count + 1, len(levels), "levels of tifffile")
                for number, (level, model) in enumerate(zip(levels, [image.pixels, *expected])):
                    self.assertEqual(model.tobytes(), level.astype(model.dtype).tobytes(), f"tifffile, level {number}")
            offsets = [page.subifds for page in file.pages]
        for page, places in enumerate(offsets):
            for place, model in zip(places, expected):
                seen = gdal.Open(f"GTIFF_DIR:off:{place}:{path}").ReadAsArray()
                seen = np.moveaxis(seen, 0, -1) if image.components > 1 else seen
                self.assertEqual(model[page].tobytes(), seen.astype(model.dtype).tobytes(), "GDAL")
        for number, model in enumerate(expected):
            subprocess.run(["vips", "rawsave", f"{path}[n=-1,subifd={number}]", "level.raw"], check=True, capture_output=True)
            with open("level.raw", "rb") as file:
                self.assertEqual(model.tobytes(), file.read(), "libvips")

    def test_levels_of_tiff_are_what_others_read(self):
        """Fresh, pasted into, and grown."""
        draw = random.Random(SEED)
        for number, (component, components, kind) in enumerate(PIXELS * 2):
            image = Image([draw.randint(40, 150), draw.randint(40, 120), draw.randint(2, 4)], component, components, kind, seed=SEED + number)
            path = f"{number}_{component}_{components}" + draw.choice([".tif", ".btf", ".ome.tif"])
            method, count = draw.choice(["mean", "nearest"]), draw.randint(1, 4)
            shape = f"chunk.shape={16 * draw.randint(1, 3)},{16 * draw.randint(1, 3)}"
            with self.subTest(path, method=method, levels=count):
                self.write(path, image, count, method, *([shape] if draw.random() < 0.7 else []))
                self.assert_tiff_levels(path, image, count, method)
                pasted = self.paste(path, image, number)
                self.assert_tiff_levels(path, pasted, count, method)
                self.assert_tiff_levels(path, self.extend_by_slices(path, pasted, 3), count, method)

    def test_levels_of_ngff_are_what_others_read(self):
        """zarr-python reads them; scale and translation are those of the centres."""
        draw = random.Random(SEED)
        for number, (component, components, kind) in enumerate(PIXELS):
            image = Image([draw.randint(30, 70), draw.randint(30, 60), draw.randint(3, 9)], component, components, kind, seed=SEED + number, direction=[1, 0, 0, 0, 1, 0, 0, 0, 1])
            method, count = draw.choice(["mean", "nearest"]), draw.randint(1, 3)
            path = f"{number}.zarr"
            expected = levels_of(image.pixels, (0, 1, 2), count, method)
            with self.subTest(path, method=method, levels=count):
                subprocess.run(["rm", "-rf", path], check=True)
                self.write(path, image, count, method, f"chunk.shape={draw.randint(5, 40)},{draw.randint(5, 40)},{draw.randint(1, 4)}")
                group = zarr.open_group(path, mode="r")
                multiscale = group.attrs["multiscales"][0]
                self.assertEqual(method, multiscale["type"])
                self.assertEqual([str(level) for level in range(count + 1)], [dataset["path"] for dataset in multiscale["datasets"]])
                for level, (dataset, model) in enumerate(zip(multiscale["datasets"], [image.pixels, *expected])):
                    found = group[dataset["path"]][...]
                    found = np.moveaxis(found, 0, -1) if components > 1 else found
                    self.assertEqual(model.tobytes(), found.tobytes(), f"zarr-python, level {level}")
                    scale, translation = (step[step["type"]][-3:] for step in dataset["coordinateTransformations"])
                    # The size of an axis that has one pixel left is not halved.
                    factors = []
                    for size in reversed(image.size):
                        factor = 1
                        for _ in range(level):
                            factor, size = (factor * 2, (size + 1) // 2) if size > 1 else (factor, size)
                        factors.append(factor)
                    spacing, origin = np.array(image.spacing[::-1]), np.array(image.origin[::-1])
                    np.testing.assert_allclose(scale, spacing * factors)
                    np.testing.assert_allclose(translation, origin + spacing * (np.array(factors) - 1) / 2)

    def test_random_pastes_and_growth_change_the_levels_of_ngff(self):
        """zarr-python reads the image and all levels after each; the metadata of the group stay."""
        draw, rng = random.Random(SEED), np.random.default_rng(SEED)
        for number in range(24):
            component = draw.choice(["uint8", "int16", "uint16", "float32"])
            count = draw.randint(1, 2)
            # Large enough for all axes to be halved in every level: where one was not, it is not when it grows.
            image = Image([draw.randint(1 + count, 40) for _ in range(3)], component, seed=SEED + number, direction=[1, 0, 0, 0, 1, 0, 0, 0, 1])
            method = draw.choice(["mean", "nearest"])
            path, model = f"changed{number}.zarr", image.pixels
            subprocess.run(["rm", "-rf", path], check=True)
            self.write(path, image, count, method, "chunk.shape=" + ",".join(str(draw.randint(1, 12)) for _ in range(3)))
            with open(os.path.join(path, ".zattrs"), "rb") as file:
                attributes = file.read()
            for step in range(6):
                size = [draw.randint(1, extent) for extent in model.shape]
                begin = [draw.randint(0, extent - part) for extent, part in zip(model.shape, size)]
                grows = step % 3 == 1
                if grows:
                    axis = draw.randrange(3)
                    begin[axis] = model.shape[axis]
                    wider = list(model.shape)
                    wider[axis] += size[axis]
                    grown = np.zeros(wider, model.dtype)
                    grown[tuple(slice(0, extent) for extent in model.shape)] = model
                    model = grown
                box = rng.integers(0, 100, size).astype(model.dtype)
                model[tuple(slice(first, first + length) for first, length in zip(begin, size))] = box
                np.save("box.npy", box)
                at = ",".join(str(first) for first in begin[::-1])
                done = subprocess.run([SWR, "paste", "box.npy", path, "--at", at, "-q", *(["--extend"] if grows else [])], capture_output=True, text=True)
                self.assertEqual(0, done.returncode, done.stderr)
                group = zarr.open_group(path, mode="r")
                for level, expected in enumerate([model, *levels_of(model, (0, 1, 2), count, method)]):
                    with self.subTest(path, step=step, level=level, method=method):
                        found = group[str(level)][...]
                        self.assertEqual(expected.shape, found.shape)
                        self.assertEqual(expected.tobytes(), found.tobytes())
                with open(os.path.join(path, ".zattrs"), "rb") as file:
                    self.assertEqual(attributes, file.read())

    def test_raw_tiles_beside_foreign_levels_are_pasted_into(self):
        """tifffile lists the lengths of raw tiles once for the second and all further pages."""
        pixels = foreign.noise([60, 40, 5], "uint16", 1, SEED)
        with tifffile.TiffWriter("raw.ome.tif") as file:
            file.write(pixels, subifds=1, tile=(16, 16), metadata={"axes": "ZYX"})
            file.write(pixels[:, ::2, ::2], subfiletype=1, tile=(16, 16))
        with tifffile.TiffFile("raw.ome.tif") as file:
            lists = {page.aspage().tags["TileByteCounts"].valueoffset for page in file.pages}
            self.assertLess(len(lists), len(file.pages))
        part = Image([33, 7, 2], "uint16", seed=SEED + 1)
        np.save("part.npy", part.pixels)
        paste = subprocess.run([SWR, "paste", "part.npy", "raw.ome.tif", "--at", "5,20,3"], capture_output=True, text=True)
        self.assertEqual(0, paste.returncode, paste.stderr)
        self.assertIn("smaller versions", paste.stderr)
        expected = pixels.copy()
        expected[3:5, 20:27, 5:38] = part.pixels.reshape(2, 7, 33)
        with tifffile.TiffFile("raw.ome.tif") as file:
            self.assertEqual(expected.tobytes(), file.asarray().tobytes())
            self.assertEqual(pixels[:, ::2, ::2].tobytes(), file.series[0].levels[1].asarray().tobytes())
            self.assertEqual(lists, {page.aspage().tags["TileByteCounts"].valueoffset for page in file.pages})

    def test_levels_of_other_programs_are_left_with_a_warning_and_block_an_erasure(self):
        image = Image([64, 48, 2], "uint16")
        with tifffile.TiffWriter("foreign.ome.tif") as file:
            file.write(image.pixels, subifds=1, tile=(16, 16), metadata={"axes": "ZYX"})
            file.write(image.pixels[:, ::2, ::2], subfiletype=1, tile=(16, 16))
        with open("foreign.ome.tif", "rb") as file:
            before = file.read()
        redact = subprocess.run([SWR, "redact", "foreign.ome.tif", "--region", "4,4,0:9,9,1"], capture_output=True, text=True)
        self.assertNotEqual(0, redact.returncode)
        self.assertIn("smaller versions", redact.stderr)
        with open("foreign.ome.tif", "rb") as file:
            self.assertEqual(before, file.read())
        foreign.store_pixels(image.pixels[:1, :9, :9], "part.pixels")
        foreign.run_jobs(SWR_TOOL, ["write path=part.nrrd raw=part.pixels component=uint16 components=1 kind=scalar size=9,9,1"])
        paste = subprocess.run([SWR, "paste", "part.nrrd", "foreign.ome.tif", "--at", "4,4,0"], capture_output=True, text=True)
        self.assertEqual(0, paste.returncode, paste.stderr)
        self.assertIn("smaller versions", paste.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
