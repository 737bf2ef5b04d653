"""TIFF stacks of swr are read right by tifffile, libtiff, GDAL and ITK, also pasted and grown; and swr reads, pastes into and grows those of others."""

import itertools
import os
import subprocess
import unittest
from xml.etree import ElementTree

import numpy as np
import tifffile
from osgeo import gdal

import foreign
from foreign import ITK_TOOL, SWR_TOOL, Image, joined

SWR = os.environ["SWR"]
COMPONENTS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
PIXELS = [(component, 1, "scalar") for component in COMPONENTS] + [
    ("uint8", 3, "rgb"), ("uint16", 3, "rgb"), ("uint8", 4, "rgba"), ("float32", 3, "vector"), ("int16", 2, "vector"),
]
SIZES = {2: [13, 7], 3: [13, 7, 5], 4: [6, 5, 4, 3]}
SUFFIXES = [".tif", ".btf"]
SPACING = [0.7, 0.8, 2.5, 1.0]
ITK_SPACING = 1e-6  # it takes resolutions as float32
gdal.UseExceptions()


def image_of(size, component, components=1, kind="scalar", seed=1):
    n = len(size)
    return Image(size, component, components, kind, seed, spacing=SPACING[:n], origin=[0.0] * n, direction=np.eye(n).flatten().tolist())


def read_tifffile(path):
    with tifffile.TiffFile(path) as file:
        data = file.asarray()
        page = file.pages[0]
        if page.planarconfig == 2:
            data = np.moveaxis(data, 1, -1)
        x, y = (page.tags[name].value for name in ("XResolution", "YResolution"))
        z = file.imagej_metadata.get("spacing", 0) if file.is_imagej else 0
        spacing = [10 * x[1] / x[0], 10 * y[1] / y[0], 10 * z]
        return {"pixels": data, "spacing": spacing, "pages": len(file.pages)}


def read_gdal(path, pages):
    """All pages; GDAL calls them subdatasets."""
    planes = []
    for page in range(pages):
        planes.append(gdal.Open(f"GTIFF_DIR:{page + 1}:{path}").ReadAsArray())
    return np.stack(planes)


def read_libtiff(path, pages):
    """The pixels of what tiffcp writes again, one directory after the other, as strips of a single row."""
    subprocess.run(["tiffcp", "-c", "none", "-r", "1", path, path + ".copy"], check=True, capture_output=True)
    with tifffile.TiffFile(path + ".copy") as file:
        assert len(file.pages) == pages
        pixels = np.stack([page.asarray() for page in file.pages])
        return np.moveaxis(pixels, 1, -1) if file.pages[0].planarconfig == 2 else pixels


def write_tifffile(path, image, **options):
    photometric = "rgb" if image.kind in ("rgb", "rgba") else "minisblack"
    planar = options.get("planarconfig") == "separate"
    data = np.moveaxis(image.pixels, -1, 1) if planar else image.pixels
    big, order = options.pop("big", False), options.pop("order", "<")
    imagej = options.pop("imagej", False)
    if not imagej:
        options["photometric"] = photometric
    if image.kind == "rgba":
        options["extrasamples"] = ["unassalpha"]
    with tifffile.TiffWriter(path, bigtiff=big, byteorder=order, imagej=imagej) as file:
        file.write(data, **options)


class Tiff(foreign.Test):
    def written(self):
        """(path, image) of every type, dimension and class, in several pieces."""
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

    def assert_pixels(self, expected, pixels):
        pixels = np.asarray(pixels)
        self.assertEqual(expected.dtype.newbyteorder("="), pixels.dtype.newbyteorder("="))
        self.assertEqual(expected.tobytes(), np.ascontiguousarray(pixels).astype(expected.dtype).tobytes())

    def assert_read(self, path, image, itk=True):
        """Every program reads these pixels."""
        pages = int(np.prod(image.size[2:]))
        self.assert_pixels(image.pixels, read_tifffile(path)["pixels"])
        self.assertEqual(pages, read_tifffile(path)["pages"])
        self.assert_pixels(image.pixels, read_libtiff(path, pages))
        planes = read_gdal(path, pages)
        if image.components > 1:
            planes = np.moveaxis(planes, 1, -1)  # bands first
        if image.component != "int8":  # GDAL 3.6 has bytes without a sign alone
            self.assert_pixels(image.pixels, planes)
        # ITK 5.2 reads no float64, and 32-bit integers as zeros
        if itk and image.component not in ("float64", "int32", "uint32") and len(image.size) < 4 and image.kind != "vector":
            seen = foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0]
            self.assertNotIn("error", seen)
            self.assertEqual(image.size, seen["size"][: len(image.size)])
            self.assertEqual(image.crc32(), seen["crc32"])

    def test_others_read_what_swr_writes(self):
        for path, image in self.written():
            with self.subTest(path):
                self.assert_read(path, image)

    def test_spacing_is_read_right(self):
        for path, image in self.written():
            with self.subTest(path):
                count = min(len(image.size), 3)
                np.testing.assert_allclose(read_tifffile(path)["spacing"][:count], SPACING[:count], rtol=1e-9)
                if image.kind == "scalar" and image.component in ("uint8", "uint16", "int16", "float32") and count < 4:
                    seen = foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0]
                    np.testing.assert_allclose(seen["spacing"][:2], SPACING[:2], rtol=ITK_SPACING)

    def test_pixels_are_one_stretch(self):
        for path, image in self.written():
            with self.subTest(path):
                mapped = tifffile.memmap(path, mode="r")
                self.assertEqual(image.pixels.tobytes(), mapped.tobytes())
                self.assertEqual(4096, mapped.offset)

    def test_ome_is_read_right(self):
        for component in COMPONENTS:
            for n, size in SIZES.items():
                image = image_of(size, component)
                path = f"{component}_{n}.ome.tif"
                foreign.store_pixels(image.pixels, "ome.pixels")
                job = f"write path={path} raw=ome.pixels {image.words()} divisions=2"
                self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr writes")
                if n == 3:
                    subprocess.run([SWR, "extend", path, "--size", "13,7,12"], check=True, capture_output=True)
                    grown = np.zeros((12, 7, 13), component)
                    grown[:5] = image.pixels
                    image = Image([13, 7, 12], component, pixels=grown)
                with self.subTest(path), tifffile.TiffFile(path) as file:
                    self.assertTrue(file.is_ome)
                    self.assert_pixels(image.pixels, file.asarray())
                    pixels = ElementTree.fromstring(file.ome_metadata)[0][0]
                    sizes = [int(pixels.get("Size" + axis)) for axis in "XYZT"]
                    self.assertEqual(image.size + [1] * (4 - n), sizes)
                    for axis, length in zip("XYZ", SPACING[:n]):
                        self.assertEqual(length, float(pixels.get("PhysicalSize" + axis)))
                        self.assertEqual("mm", pixels.get("PhysicalSize" + axis + "Unit"))

    def test_ome_is_in_the_unit_of_each_axis(self):
        pixels = image_of(SIZES[4], "uint16").pixels
        lengths = {"PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "\u00b5m", "PhysicalSizeY": 325.0, "PhysicalSizeYUnit": "nm",
                   "PhysicalSizeZ": 2.5, "PhysicalSizeZUnit": "mm", "TimeIncrement": 40.0, "TimeIncrementUnit": "ms"}
        tifffile.imwrite("units.ome.tif", pixels, photometric="minisblack", metadata={"axes": "TZYX", **lengths})
        subprocess.run([SWR, "copy", "units.ome.tif", "copied.ome.tif", "--existing", "replace", "-q"], check=True, capture_output=True)
        for size in (3, 5):
            subprocess.run([SWR, "extend", "copied.ome.tif", "--size", f"6,5,4,{size}", "-q"], check=True, capture_output=True)
            with tifffile.TiffFile("copied.ome.tif") as file:
                stated = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
            self.assertEqual(lengths, {name: stated[name] for name in lengths})

    def test_stacks_of_tifffile_are_read_right_after_growth(self):
        pixels = image_of(SIZES[3], "uint16").pixels
        for comment in ("", "c" * 5000):
            for first, depth in itertools.product((2, 5) if comment else (1, 2, 5), (6, 7, 40)):
                path = f"tifffile_{first}_{depth}_{len(comment)}.tif"
                metadata = {"axes": "ZYX", "comment": comment} if comment else {}
                tifffile.imwrite(path, pixels[:first], photometric="minisblack", metadata=metadata)
                subprocess.run([SWR, "extend", path, "--size", f"13,7,{depth}", "--fill", "9"], check=True, capture_output=True)
                grown = np.full((depth, 7, 13), 9, "uint16")
                grown[:first] = pixels[:first]
                with self.subTest(path):
                    self.assertEqual(grown.tobytes(), tifffile.imread(path).tobytes())

    def test_ome_of_tifffile_is_read_and_grown(self):
        for component in ("uint8", "uint16", "float32"):
            image = image_of(SIZES[3], component)
            path = f"tifffile_{component}.ome.tif"
            lengths = {f"PhysicalSize{axis}": 1000 * length for axis, length in zip("XYZ", SPACING)}
            tifffile.imwrite(path, image.pixels, photometric="minisblack", metadata={"axes": "ZYX", **lengths})
            self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0], [], 1e-9)
            for depth in (8, 12):
                subprocess.run([SWR, "extend", path, "--size", f"13,7,{depth}"], check=True, capture_output=True)
            grown = np.zeros((12, 7, 13), component)
            grown[:5] = image.pixels
            with self.subTest(path), tifffile.TiffFile(path) as file:
                self.assert_pixels(grown, file.asarray())
                self.assertEqual("12", ElementTree.fromstring(file.ome_metadata)[0][0].get("SizeZ"))

    def files_of_tifffile(self):
        """(path, image) of stacks in all ways of storing raw strips."""
        ways = {
            "plain": {}, "big": {"big": True}, "motorola": {"order": ">"}, "strips": {"rowsperstrip": 2}, "bare": {"metadata": None},
            "counted": {"metadata": None, "subfiletype": 2},
        }
        files = []
        for component, components, kind in PIXELS[:11]:
            for name, options in ways.items():
                files.append((f"{name}_{kind}_{component}.tif", image_of(SIZES[3], component, components, kind), dict(options)))
        files.append(("planar_rgb_uint8.tif", image_of(SIZES[3], "uint8", 3, "rgb"), {"planarconfig": "separate"}))
        for component in ("uint8", "uint16", "float32"):
            options = {"imagej": True, "resolution": (1 / 0.7, 1 / 0.8), "metadata": {"spacing": 2.5, "unit": "mm", "axes": "ZYX"}}
            files.append((f"imagej_{component}.tif", image_of(SIZES[3], component), options))
        for path, image, options in files:
            write_tifffile(path, image, **options)
        return [(path, image) for path, image, _ in files]

    def test_swr_reads_what_tifffile_writes(self):
        for path, image in self.files_of_tifffile():
            seen = foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0]
            with self.subTest(path):
                skip = [] if path.startswith("imagej") else ["spacing"]
                self.assert_facts(image.facts(), seen, skip, 1e-6)

    def test_swr_reads_what_gdal_writes(self):
        for component in ("uint8", "uint16", "int16", "float32", "float64"):
            image = image_of(SIZES[2], component)
            path = f"gdal_{component}.tif"
            kind = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "int16": gdal.GDT_Int16, "float32": gdal.GDT_Float32, "float64": gdal.GDT_Float64}
            file = gdal.GetDriverByName("GTiff").Create(path, *image.size, 1, kind[component])
            file.GetRasterBand(1).WriteArray(image.pixels)
            file = None
            with self.subTest(path):
                self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0], ["spacing"])

    def test_pastes_and_growth_are_read_right(self):
        own = [(path, image) for path, image in self.written() if len(image.size) == 3]
        for path, image in own + self.files_of_tifffile():
            part = foreign.noise([4, 3, 2], image.component, image.components, seed=2)
            foreign.store_pixels(part, "part.pixels")
            job = (
                f"write path={path} raw=part.pixels component={image.component} components={image.components} kind={image.kind} "
                f"paste={joined([5, 3, 2])}:{joined([4, 3, 2])} existing=update"
            )
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
            pasted = image.pasted([5, 3, 2], part)
            itk = not path.startswith("planar")  # ITK 5.2 takes planes for pixels
            with self.subTest(path + " pasted"):
                self.assert_read(path, pasted, itk)
            for depth in (8, 12):
                subprocess.run([SWR, "extend", path, "--size", f"13,7,{depth}"], check=True, capture_output=True)
            grown = np.zeros((12,) + pasted.pixels.shape[1:], pasted.pixels.dtype)
            grown[:5] = pasted.pixels
            with self.subTest(path + " grown"):
                self.assert_read(path, Image([13, 7, 12], image.component, image.components, image.kind, pixels=grown), itk)

    def test_labels_of_imagej_stay_with_their_slices(self):
        """In either byte order; the new file is little-endian. Where slices come in front, the labels would be those of others."""
        said = {"Labels": ["one", "zwei", "\u03b3"], "Ranges": (0.0, 100.0), "Info": "of the heart"}
        for order in "<>":
            tifffile.imwrite("labels.tif", np.arange(60, dtype="uint16").reshape(3, 4, 5), imagej=True, byteorder=order, metadata={"axes": "ZYX", **said})
            copy = subprocess.run([SWR, "copy", "labels.tif", "copy.tif", "-q"], capture_output=True, text=True)
            part = subprocess.run([SWR, "copy", "labels.tif", "part.tif", "--region", "0,0,1:5,4,2"], capture_output=True, text=True)
            grown = subprocess.run([SWR, "extend", "labels.tif", "--size", "5,4,5", "-q"], capture_output=True, text=True)
            self.assertEqual([0] * 3, [done.returncode for done in (copy, part, grown)], copy.stderr + part.stderr + grown.stderr)
            for path in ("copy.tif", "labels.tif"):
                with self.subTest(path, order=order), tifffile.TiffFile(path) as file:
                    self.assertEqual(said, {name: file.imagej_metadata[name] for name in said})
            with tifffile.TiffFile("part.tif") as file:
                self.assertNotIn("Labels", file.imagej_metadata)
            self.assertIn("tag 50839", part.stderr)

    def test_seventy_thousand_pages_are_read(self):
        """More pages than 16 bits count."""
        size = [5, 3, 70000]
        image = image_of(size, "uint8")
        foreign.store_pixels(image.pixels, "many.pixels")
        for path in ("many.tif", "many.btf"):
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [f"write path={path} raw=many.pixels {image.words()}"]), "swr writes")
            subprocess.run([SWR, "extend", path, "--size", "5,3,70001"], check=True, capture_output=True)
            grown = np.concatenate([image.pixels, np.zeros((1, 3, 5), "uint8")])
            with tifffile.TiffFile(path) as file:
                self.assertEqual(70001, len(file.pages))
                self.assertEqual(grown.tobytes(), file.asarray().tobytes())
            seen = foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0]
            self.assertEqual(Image([5, 3, 70001], "uint8", pixels=grown).crc32(), seen["crc32"])


if __name__ == "__main__":
    unittest.main()
