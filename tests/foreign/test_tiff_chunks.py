"""swr reads compressed strips and tiles of libtiff and GDAL, whatever was done to them, and pastes into them; others read what swr compresses."""

import os
import random
import subprocess
import unittest

import numpy as np
import tifffile
from osgeo import gdal

import foreign
from foreign import ITK_TOOL, SWR_TOOL, Image

SWR = os.environ["SWR"]
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

    def read_by_gdal(self, path, image):
        pages = int(np.prod(image.size[2:]))
        planes = np.stack([gdal.Open(f"GTIFF_DIR:{page + 1}:{path}").ReadAsArray() for page in range(pages)])
        if image.components > 1:
            planes = np.moveaxis(planes, 1, -1)
        return planes.astype(image.pixels.dtype).reshape(image.pixels.shape)

    def assert_others_read(self, path, image, itk=False, has_tifffile=True):
        """libtiff, GDAL and libvips; tifffile and ITK where they know the codec and the shape."""
        words = subprocess.run(["tiffinfo", "-D", path], capture_output=True, text=True)
        self.assertEqual("", words.stderr.replace("\n", ""))
        self.assertEqual(image.pixels.tobytes(), self.as_read_by_libtiff(path, image).pixels.tobytes(), "libtiff")
        if image.component != "int8":  # GDAL 3.6 has bytes without a sign alone
            self.assertEqual(image.pixels.tobytes(), self.read_by_gdal(path, image).tobytes(), "GDAL")
        if image.kind != "vector" and image.component not in ("int8", "float64"):  # libvips has no float64 in TIFF
            subprocess.run(["vips", "rawsave", f"{path}[n=-1]", path + ".raw"], check=True, capture_output=True)
            with open(path + ".raw", "rb") as file:
                self.assertEqual(image.pixels.tobytes(), file.read(), "libvips")
        if has_tifffile:
            self.assertEqual(image.pixels.tobytes(), np.ascontiguousarray(tifffile.imread(path)).astype(image.pixels.dtype).tobytes(), "tifffile")
        # ITK 5.2 reads no float64, and 32-bit integers as zeros
        if itk and image.component not in ("float64", "int32", "uint32") and image.kind != "vector":
            seen = foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0]
            self.assertNotIn("error", seen)
            self.assertEqual(image.crc32(), seen["crc32"], "ITK")

    def paste(self, path, image, seed):
        """A box of noise; the image with it."""
        size = [max(1, n // 2) for n in image.size]
        first = [n // 4 for n in image.size]
        return self.paste_noise(path, image, size, first, seed)

    def test_others_read_what_swr_compresses(self):
        """Fresh, pasted into, and grown."""
        draw = random.Random(SEED)
        for number, (component, components, kind) in enumerate(PIXELS * 2):
            image = image_of([draw.randint(20, 90), draw.randint(20, 70), draw.randint(2, 4)], component, components, kind, SEED + number)
            write_raw("raw.tif", image)
            codec, has_predictor = draw.choice(["deflate", "zstd"]), draw.random() < 0.5
            options = ["--option", "chunk.filter=predictor"] if has_predictor else []
            shape = draw.choice([None, f"{16 * draw.randint(1, 3)},{16 * draw.randint(1, 3)}", f"{image.size[0]},{draw.randint(1, 30)}"])
            if shape:
                options += ["--option", f"chunk.shape={shape}"]
            path = f"{number}_{component}_{components}_{codec}" + draw.choice([".tif", ".btf", ".ome.tif"])
            subprocess.run([SWR, "copy", "raw.tif", path, "--compress", codec, "-q", *options], check=True, capture_output=True)
            is_tiled = bool(shape) and int(shape.split(",")[0]) < image.size[0]
            has_tifffile = codec == "deflate" and not (has_predictor and component.startswith("float"))
            itk = codec == "deflate" and not is_tiled
            with self.subTest(path, options=options):
                self.assert_others_read(path, image, itk, has_tifffile)
                pasted = self.paste(path, image, number)
                self.assert_others_read(path, pasted, itk, has_tifffile)
                self.assert_others_read(path, self.extend_by_slices(path, pasted, 3), itk, has_tifffile)

    def test_pastes_into_files_of_others_are_read_right(self):
        draw = random.Random(SEED)
        for number, (component, components, kind) in enumerate(PIXELS * 2):
            image = image_of([draw.randint(20, 90), draw.randint(20, 70), draw.randint(2, 4)], component, components, kind, SEED + number)
            write_raw("raw.tif", image)
            codec = draw.choice(["zip", "zip:2", "zstd", "zstd:2", "none"])
            words = ["-c", codec, *draw.choice([[], ["-L"], ["-8"], ["-B"]])]
            # raw strips are no chunks
            if codec == "none" or draw.random() < 0.5:
                words += ["-t", "-w", str(16 * draw.randint(1, 4)), "-l", str(16 * draw.randint(1, 4))]
            else:
                words += ["-s", "-r", str(draw.randint(1, 80))]
            if components > 1 and component == "uint8" and draw.random() < 0.7:  # tiffcp does it with 8 bits only
                words += ["-p", "separate"]
            path = f"tiffcp_{number}_{component}_{components}.tif"
            subprocess.run(["tiffcp", *words, "raw.tif", path], check=True, capture_output=True)
            with self.subTest(path, words=words):
                for seed in range(3):
                    image = self.paste(path, image, seed)
                    if "separate" not in words:  # tiffcp 4.5 cannot put planes together
                        self.assertEqual(image.pixels.tobytes(), self.as_read_by_libtiff(path, image).pixels.tobytes())
                    if component != "int8":
                        self.assertEqual(image.pixels.tobytes(), self.read_by_gdal(path, image).tobytes())
        for driver, options in [("GTiff", ["COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=32"]), ("GTiff", ["COMPRESS=ZSTD", "PREDICTOR=2"]),
                                ("COG", ["COMPRESS=DEFLATE", "BLOCKSIZE=128"]), ("GTiff", ["TILED=YES", "SPARSE_OK=TRUE"])]:
            image = image_of([300, 200], "uint16", 1, "scalar", SEED)
            if "SPARSE_OK=TRUE" in options:
                image = Image([300, 200], "uint16", 1, "scalar", pixels=np.zeros((200, 300), "uint16"))
            memory = gdal.GetDriverByName("MEM").Create("", *image.size, 1, gdal.GDT_UInt16)
            memory.GetRasterBand(1).WriteArray(image.pixels)
            path = f"{driver}_{len(options)}_{options[0]}.tif"
            gdal.GetDriverByName(driver).CreateCopy(path, memory, options=options)
            with self.subTest(path, options=options):
                for seed in range(3):
                    image = self.paste(path, image, seed)
                    self.assertEqual(image.pixels.tobytes(), gdal.Open(path).ReadAsArray().tobytes())
        image = image_of([50, 40, 3], "uint16", 1, "scalar", SEED)
        tifffile.imwrite("tifffile.tif", image.pixels, photometric="minisblack", compression="zlib", rowsperstrip=7)
        for seed in range(3):
            image = self.paste("tifffile.tif", image, seed)
            self.assertEqual(image.pixels.tobytes(), tifffile.imread("tifffile.tif").tobytes())

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
