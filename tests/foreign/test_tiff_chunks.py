"""swr reads compressed strips and tiles of libtiff and GDAL, whatever was done to them."""

import os
import random
import subprocess
import unittest

import numpy as np
import tifffile
from osgeo import gdal

import foreign
from foreign import SWR_TOOL, Image

SEED = int(os.environ.get("SWR_TEST_SEED", "1"))
PIXELS = [(component, 1, "scalar") for component in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]] + [
    ("uint8", 3, "rgb"), ("uint16", 3, "rgb"), ("uint8", 4, "rgba"), ("float32", 3, "vector"),
]
GDAL_TYPES = {
    "uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "int16": gdal.GDT_Int16, "uint32": gdal.GDT_UInt32, "int32": gdal.GDT_Int32,
    "float32": gdal.GDT_Float32, "float64": gdal.GDT_Float64,
}
gdal.UseExceptions()


def image_of(size, component, components, kind, seed):
    """Runs, slopes and noise: all of them compress in another way."""
    noise = foreign.noise(size, component, components, seed)
    smooth = np.indices(noise.shape).sum(axis=0).astype(noise.dtype)
    pixels = np.where(np.indices(noise.shape)[0] % 3 == 0, noise, smooth // np.asarray(5, noise.dtype)).astype(noise.dtype)
    return Image(size, component, components, kind, pixels=pixels)


def write_raw(path, image):
    options = {"photometric": "rgb" if image.kind in ("rgb", "rgba") else "minisblack", "metadata": None}
    if image.components > 1:
        options["planarconfig"] = "contig"
    if image.kind == "rgba":
        options["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(path, image.pixels, **options)


class TiffChunks(foreign.Test):
    def assert_all_read(self, files):
        answers = foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])
        self.assertEqual(len(files), len(answers))
        for (path, image), seen in zip(files, answers):
            with self.subTest(path):
                self.assertNotIn("error", seen)
                self.assertEqual(list(image.size), seen["size"][: len(image.size)])
                self.assertEqual(image.crc32(), seen["crc32"])

    def as_read_by_libtiff(self, path, image):
        """libtiff 4.5 swaps bytes once too often when it writes predictor 3 in the other byte order: it reads other pixels back itself."""
        subprocess.run(["tiffcp", "-c", "none", "-s", "-p", "contig", "-L", path, "back.tif"], check=True, capture_output=True)
        with tifffile.TiffFile("back.tif") as file:
            pixels = np.stack([page.asarray() for page in file.pages]).reshape(image.pixels.shape)
        return Image(image.size, image.component, image.components, image.kind, pixels=pixels)

    def test_what_tiffcp_writes_is_read(self):
        draw = random.Random(SEED)
        files = []
        for number, (component, components, kind) in enumerate(PIXELS * 8):
            image = image_of([draw.randint(2, 90), draw.randint(2, 70), draw.randint(2, 4)], component, components, kind, SEED + number)
            write_raw("raw.tif", image)
            predictors = ["", ":2"] + ([":3"] if component.startswith("float") else [])
            codec = draw.choice(["lzw", "zip", "zstd", "lzma", "packbits", "none"])
            if codec in ("lzw", "zip", "zstd", "lzma"):
                predictor = draw.choice(predictors)
                codec += predictor
            words = ["-c", codec]
            if draw.random() < 0.5:
                words += ["-t", "-w", str(16 * draw.randint(1, 4)), "-l", str(16 * draw.randint(1, 4))]
            else:
                words += ["-s", "-r", str(draw.randint(1, 80))]
            if components > 1 and component == "uint8" and draw.random() < 0.5:  # tiffcp does it with 8 bits only
                words += ["-p", "separate"]
            words += draw.choice([[], ["-B"], ["-L"], ["-8"]])
            path = f"{number}_{component}_{components}_{''.join(words).replace(':', 'p')}.tif"
            subprocess.run(["tiffcp", *words, "raw.tif", path], check=True, capture_output=True)
            files.append((path, self.as_read_by_libtiff(path, image) if codec.endswith(":3") and "-B" in words else image))
        self.assert_all_read(files)

    def test_what_gdal_writes_is_read(self):
        draw = random.Random(SEED)
        files = []
        for number, (component, components, kind) in enumerate(PIXELS * 4):
            if component not in GDAL_TYPES:
                continue
            image = image_of([draw.randint(2, 300), draw.randint(2, 200)], component, components, kind, SEED + number)
            driver = draw.choice(["GTiff", "GTiff", "COG"])
            codec = draw.choice(["LZW", "DEFLATE", "ZSTD"])
            options = [f"COMPRESS={codec}"]
            if driver == "COG":
                options += ["BLOCKSIZE=128", "PREDICTOR=" + draw.choice(["NO", "YES"])]
            else:
                options += ["PREDICTOR=" + draw.choice(["1", "2"] + (["3"] if component.startswith("float") else []))]
                options += draw.choice([[], ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=32"], [f"BLOCKYSIZE={draw.randint(1, 50)}"]])
                # libtiff 4.5 writes predictor 3 wrong in the other byte order
                options += draw.choice([[], ["BIGTIFF=YES"], [] if "PREDICTOR=3" in options else ["ENDIANNESS=BIG"]])
                options += ["INTERLEAVE=" + draw.choice(["BAND", "PIXEL"])]
            memory = gdal.GetDriverByName("MEM").Create("", *image.size, components, GDAL_TYPES[component])
            planes = np.moveaxis(image.pixels, -1, 0) if components > 1 else image.pixels[np.newaxis]
            for band in range(components):
                memory.GetRasterBand(band + 1).WriteArray(planes[band])
            path = f"gdal_{number}_{component}_{components}_{driver}.tif"
            gdal.GetDriverByName(driver).CreateCopy(path, memory, options=options)
            files.append((path, image))
        self.assert_all_read(files)

    def test_sparse_files_of_gdal_are_zeros_where_nothing_is_stored(self):
        files = []
        for name, options in {"raw": ["TILED=YES"], "strips": [], "lzw": ["TILED=YES", "COMPRESS=LZW"]}.items():
            pixels = np.zeros((300, 400), "uint16")
            pixels[100:120, 50:300] = 700
            file = gdal.GetDriverByName("GTiff").Create(f"sparse_{name}.tif", 400, 300, 1, gdal.GDT_UInt16, options=["SPARSE_OK=TRUE"] + options)
            file.GetRasterBand(1).WriteArray(pixels[100:120, 50:300], 50, 100)
            file = None
            files.append((f"sparse_{name}.tif", Image([400, 300], "uint16", 1, "scalar", pixels=pixels)))
        self.assert_all_read(files)


if __name__ == "__main__":
    unittest.main()
