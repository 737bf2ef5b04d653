"""swr reads the arrays that zarr-python and GDAL write; they and zarrita, the reader of web viewers, read its own."""

import os
import random
import shutil
import subprocess
import unittest

import numcodecs
import numpy as np
import zarr
from osgeo import gdal

import foreign
from foreign import SWR_TOOL, Image, joined

SWR = os.environ["SWR"]
SEED = int(os.environ.get("SWR_TEST_SEED", "1"))
COMPRESSORS = [
    None, numcodecs.Zlib(1), numcodecs.Zlib(9), numcodecs.GZip(3), numcodecs.Zstd(1), numcodecs.LZ4(),
    numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE), numcodecs.Blosc("zstd", 1, numcodecs.Blosc.BITSHUFFLE),
    numcodecs.Blosc("zlib", 1, numcodecs.Blosc.NOSHUFFLE), numcodecs.Blosc("lz4", 0), numcodecs.Blosc("blosclz", 9),
]
gdal.UseExceptions()


def image_of(size, component, seed):
    """Runs, slopes and noise: all of them compress in another way. A part is 3, the fill value of the arrays."""
    noise = foreign.noise(size, component, 1, seed)
    smooth = np.indices(noise.shape).sum(axis=0).astype(noise.dtype)
    pixels = np.where(np.indices(noise.shape)[0] % 3 == 0, noise, smooth).astype(noise.dtype)
    pixels[: (len(pixels) + 1) // 2, ...] = 3
    return Image(size, component, pixels=pixels)


class Zarr(foreign.Test):
    def assert_all_read(self, files):
        answers = foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])
        for (path, image), seen in zip(files, answers):
            with self.subTest(path):
                self.assertNotIn("error", seen)
                self.assertEqual(list(image.size), seen["size"][: len(image.size)])
                self.assertEqual(image.component, seen["component"])
                self.assertEqual(image.crc32(), seen["crc32"])

    def test_arrays_of_zarr_python_are_read_in_every_form(self):
        draw = random.Random(SEED)
        files = []
        for number in range(220):
            dimensions = draw.randint(1, 4)
            image = image_of([draw.randint(1, 30) for _ in range(dimensions)], draw.choice(foreign.COMPONENTS), SEED + number)
            shape = image.pixels.shape
            path = f"form{number}.zarr"
            array = zarr.open(
                path, mode="w", shape=shape, chunks=tuple(draw.randint(max(1, extent // 4), extent + 5) for extent in shape),
                dtype=image.pixels.dtype.newbyteorder(draw.choice("<>")), compressor=COMPRESSORS[number % len(COMPRESSORS)],
                order=draw.choice("CF"), dimension_separator=draw.choice("./"), fill_value=3, write_empty_chunks=draw.random() < 0.5)
            array[...] = image.pixels
            files.append((path, image))
        self.assert_all_read(files)

    def test_an_image_of_ngff_is_placed_by_its_group(self):
        image = image_of([9, 8, 7], "uint16", SEED)
        group = zarr.open_group("image.ome.zarr", mode="w")
        array = group.create_dataset("scale0/image", shape=(7, 8, 9), chunks=(3, 3, 3), dtype="<u2", dimension_separator="/")
        array[...] = image.pixels
        axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
        transformations = [{"type": "scale", "scale": [2500.0, 800.0, 700.0]}, {"type": "translation", "translation": [30000.0, 20250.0, -10500.0]}]
        group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "scale0/image", "coordinateTransformations": transformations}]}]
        seen = foreign.run_jobs(SWR_TOOL, ["read path=image.ome.zarr"])[0]
        image.direction = np.eye(3).flatten().tolist()
        self.assert_facts(image.facts(), seen)

    def test_arrays_of_gdal_are_read(self):
        files = []
        for number, component in enumerate(["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]):
            image = image_of([37, 23], component, SEED + number)
            source = gdal.GetDriverByName("MEM").Create("", 37, 23, 1, gdal.GetDataTypeByName({"uint8": "Byte"}.get(component, component.capitalize().replace("Ui", "UI"))))
            source.GetRasterBand(1).WriteArray(image.pixels)
            for compress in ["NONE", "ZLIB", "GZIP", "BLOSC", "ZSTD", "LZ4"]:
                folder = f"gdal{number}{compress}.zarr"
                shutil.rmtree(folder, ignore_errors=True)  # of an earlier run, which GDAL does not replace
                gdal.GetDriverByName("Zarr").CreateCopy(folder, source, options=[f"COMPRESS={compress}", "BLOCKSIZE=8,16", "ARRAY_NAME=pixels"])
                files.append((os.path.join(folder, "pixels"), image))
        self.assert_all_read(files)

    def files_of(self, folder):
        held = {}
        for place, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(place, name), "rb") as file:
                    held[os.path.relpath(os.path.join(place, name), folder)] = file.read()
        return held

    def paste(self, box, path, begin, *words):
        np.save("box.npy", box)
        return subprocess.run([SWR, "paste", "box.npy", path, "--at", joined(begin[::-1]), "-q", *words], capture_output=True, text=True)

    def test_random_pastes_and_growth_of_arrays_are_what_a_model_says(self):
        draw, rng = random.Random(SEED), np.random.default_rng(SEED)
        for number in range(60):
            dimensions = draw.randint(1, 4)
            image = image_of([draw.randint(1, 24) for _ in range(dimensions)], draw.choice(foreign.COMPONENTS), SEED + number)
            model, path = image.pixels, f"changed{number}.zarr"
            order, separator = draw.choice("CF"), draw.choice("./")
            chunks = tuple(draw.randint(1, extent + 3) for extent in model.shape)
            array = zarr.open(
                path, mode="w", shape=model.shape, chunks=chunks, dtype=model.dtype.newbyteorder(draw.choice("<>")), compressor=COMPRESSORS[number % len(COMPRESSORS)],
                order=order, dimension_separator=separator, fill_value=3, write_empty_chunks=draw.random() < 0.5)
            array[...] = model
            array.attrs["note"] = "stays"
            for step in range(3):
                size = [draw.randint(1, extent) for extent in model.shape]
                begin = [draw.randint(0, extent - part) for extent, part in zip(model.shape, size)]
                if step == 1:
                    axis = draw.randrange(dimensions)
                    begin[axis] = model.shape[axis]
                    wider = list(model.shape)
                    wider[axis] += size[axis]
                    grown = np.zeros(wider, model.dtype)
                    grown[tuple(slice(0, extent) for extent in model.shape)] = model
                    model = grown
                box = rng.integers(0, 100, size).astype(model.dtype)
                place = tuple(slice(first, first + length) for first, length in zip(begin, size))
                model[place] = box
                before = self.files_of(path)
                done = self.paste(box, path, begin, *(["--extend"] if step == 1 else []))
                self.assertEqual(0, done.returncode, done.stderr)
                with self.subTest(number=number, step=step):
                    after = self.files_of(path)
                    opened = zarr.open(path, mode="r")
                    np.testing.assert_array_equal(opened[...], model)
                    self.assertEqual((opened.attrs["note"], opened.order, opened.chunks, opened.fill_value), ("stays", order, chunks, 3))
                    if step == 1:
                        continue
                    changed = {name for name in after if before.get(name) != after[name]}
                    covered = {separator.join(map(str, key)) for key in np.ndindex(*(-(-extent // chunk) for extent, chunk in zip(model.shape, chunks)))
                               if all(number * chunk < part.stop and (number + 1) * chunk > part.start for number, chunk, part in zip(key, chunks, place))}
                    self.assertLessEqual(changed, covered)
                    self.assertLessEqual(set(before), set(after))

    def test_arrays_of_gdal_are_pasted_into_and_read_by_it(self):
        for number, compress in enumerate(["NONE", "ZLIB", "GZIP", "BLOSC", "ZSTD", "LZ4"]):
            image = image_of([37, 23], "int16", SEED + number)
            source = gdal.GetDriverByName("MEM").Create("", 37, 23, 1, gdal.GDT_Int16)
            source.GetRasterBand(1).WriteArray(image.pixels)
            folder = f"pasted{compress}.zarr"
            shutil.rmtree(folder, ignore_errors=True)
            gdal.GetDriverByName("Zarr").CreateCopy(folder, source, options=[f"COMPRESS={compress}", "BLOCKSIZE=8,16", "ARRAY_NAME=pixels"])
            box = foreign.noise([11, 9], "int16", 1, SEED)
            image.pixels[6:15, 5:16] = box
            done = self.paste(box, os.path.join(folder, "pixels"), [6, 5])
            self.assertEqual(0, done.returncode, done.stderr)
            with self.subTest(compress):
                root = gdal.OpenEx(folder, gdal.OF_MULTIDIM_RASTER).GetRootGroup()
                np.testing.assert_array_equal(root.OpenMDArray("pixels").ReadAsArray(), image.pixels)

    def test_zarrita_reads_what_swr_pastes_into_and_grows(self):
        draw, jobs, expected = random.Random(SEED), [], []
        for number in range(24):
            version, codec = "23"[number % 2], draw.choice(["none", "deflate:1", "zstd:3", "blosc:5"])
            image = image_of([draw.randint(2, 20) for _ in range(3)], "int16", SEED + number)
            path = f"grown{number}.zarr"
            np.save("in.npy", image.pixels)
            words = ["--compress", codec, "--option", "chunk.shape=7,5,3", "--option", f"zarr.version={version}", "-q"]
            subprocess.run([SWR, "copy", "in.npy", path, *words], check=True, capture_output=True)
            box = foreign.noise([image.size[0] + 3, 2, 4], "int16", 1, number)
            done = self.paste(box, path, [image.size[2] - 1, 0, 0], "--extend")
            self.assertEqual(0, done.returncode, done.stderr)
            model = np.zeros((image.size[2] + 3, image.size[1], image.size[0] + 3), "int16")
            model[: image.size[2], :, : image.size[0]] = image.pixels
            model[image.size[2] - 1 :, :2] = box
            jobs.append(("zarrita", path))
            expected.append({"shape": list(model.shape), "values": foreign.crc(model.astype("<f8").tobytes())})
        for (_, path), facts, seen in zip(jobs, expected, foreign.ask_node(jobs)):
            with self.subTest(path):
                self.assertEqual(facts, {key: seen.get(key, seen) for key in facts})

    def test_arrays_that_swr_cannot_write_are_refused_before_they_are_touched(self):
        for name, kind, words in (("half", "<f2", "floating numbers of 16 bits"), ("truth", "?", "true or false")):
            zarr.open(f"{name}.zarr", mode="w", shape=(9, 8), chunks=(4, 4), dtype=kind)[...] = 1
            before = self.files_of(f"{name}.zarr")
            done = self.paste(np.zeros((2, 2), "f4" if name == "half" else "u1"), f"{name}.zarr", [1, 1])
            with self.subTest(name):
                self.assertNotEqual(0, done.returncode)
                self.assertIn(words, done.stderr)
                self.assertEqual(before, self.files_of(f"{name}.zarr"))

    def test_zarr_python_and_gdal_read_what_swr_writes(self):
        draw = random.Random(SEED)
        codecs = ["none", "deflate:1", "deflate:9", "zstd:1", "zstd:6", "lz4:1", "blosc:5"]
        for number in range(70):
            dimensions = draw.randint(1, 5)
            image = image_of([draw.randint(1, 20) for _ in range(dimensions)], draw.choice(foreign.COMPONENTS), SEED + number)
            codec, path = codecs[number % len(codecs)], f"written{number}.zarr"
            np.save("in.npy", image.pixels)
            shape = ",".join(str(draw.randint(1, 24)) for _ in range(dimensions))
            with self.subTest(f"{number}: {image.component} {image.size} in {shape}, {codec}"):
                words = ["--compress", codec, "--option", f"chunk.shape={shape}", "-q"]
                subprocess.run([SWR, "copy", "in.npy", path, *words], check=True, capture_output=True)
                opened = zarr.open(path, mode="r")
                is_array = isinstance(opened, zarr.Array)
                self.assertEqual(dimensions in (2, 3, 4), not is_array)
                array = opened if is_array else opened["0"]
                np.testing.assert_array_equal(array[...], image.pixels)
                self.assertEqual(image.pixels.dtype, array.dtype)
                if image.component in ("int8", "uint64", "int64"):
                    continue  # GDAL 3.6 has no such arrays
                root = gdal.OpenEx(path, gdal.OF_MULTIDIM_RASTER).GetRootGroup()
                seen = root.OpenMDArray(root.GetMDArrayNames()[0]).ReadAsArray()
                np.testing.assert_array_equal(seen, image.pixels)

    def test_zarrita_reads_what_swr_writes(self):
        draw = random.Random(SEED)
        jobs, expected = [], []
        for number in range(60):
            version = "23"[number % 2]
            codec = draw.choice(["none", "deflate:1", "zstd:3", "blosc:5"] + ["lz4:1"] * (version == "2"))
            dimensions = draw.randint(1, 5)
            image = image_of([draw.randint(1, 20) for _ in range(dimensions)], draw.choice(foreign.COMPONENTS), SEED + number)
            path, shape = f"zarrita{number}.zarr", [draw.randint(max(1, extent // 4), extent) for extent in image.size]
            np.save("in.npy", image.pixels)
            words = ["--compress", codec, "--option", f"chunk.shape={','.join(map(str, shape))}", "--option", f"zarr.version={version}", "-q"]
            subprocess.run([SWR, "copy", "in.npy", path, *words], check=True, capture_output=True)
            self.assertEqual(version == "2", not os.path.exists(f"{path}/zarr.json"))
            jobs.append(("zarrita", path))
            expected.append({
                "shape": list(image.pixels.shape), "dtype": image.component, "chunks": shape[::-1], "values": foreign.crc(image.pixels.astype("<f8").tobytes()),
                "version": ("0.4" if version == "2" else "0.5") if dimensions in (2, 3, 4) else "",
            })
        for (_, path), facts, seen in zip(jobs, expected, foreign.ask_node(jobs)):
            with self.subTest(path):
                self.assertEqual(facts, {key: seen.get(key, seen) for key in facts})

    def assert_zarrita_reads(self, expected):
        """`expected`: for each path the pixels, slowest axis first."""
        answers = foreign.ask_node([("zarrita", path) for path in expected])
        for (path, pixels), seen in zip(expected.items(), answers):
            with self.subTest(path):
                facts = {"shape": list(pixels.shape), "values": foreign.crc(pixels.astype("<f8").tobytes())}
                self.assertEqual(facts, {key: seen.get(key, seen) for key in facts})

    def make_shards(self, image, path, draw):
        """Returns the shape of the chunks."""
        chunk = [draw.randint(max(1, extent // 4), extent) for extent in image.size]
        shard = [draw.randint(1, 4) * extent for extent in chunk]
        np.save("in.npy", image.pixels)
        words = ["--compress", draw.choice(["none", "deflate:1", "zstd:3", "blosc:5"]), "--option", f"chunk.shape={joined(chunk)}",
                 "--option", f"zarr.shard={draw.choice([joined(shard)] * 3 + ['auto'])}", "-q"]
        subprocess.run([SWR, "copy", "in.npy", path, *words], check=True, capture_output=True)
        return chunk

    def test_zarrita_reads_shards_that_swr_writes(self):
        draw, expected = random.Random(SEED), {}
        for number in range(40):
            image = image_of([draw.randint(1, 20) for _ in range(draw.randint(1, 5))], draw.choice(foreign.COMPONENTS), SEED + number)
            self.make_shards(image, f"shards{number}.zarr", draw)
            expected[f"shards{number}.zarr"] = image.pixels
        self.assert_zarrita_reads(expected)

    def test_zarrita_reads_shards_that_swr_pastes_into_and_grows(self):
        draw, rng, expected = random.Random(SEED), np.random.default_rng(SEED), {}
        for number in range(12):
            image = image_of([draw.randint(4, 24) for _ in range(3)], "int16", SEED + number)
            model, path = image.pixels, f"shardy{number}.zarr"
            self.make_shards(image, path, draw)
            for step in range(6):
                size = [draw.randint(1, extent) if step % 3 == 0 else draw.randint(1, 1 + extent // 4) for extent in model.shape]
                begin = [draw.randint(0, extent - part) for extent, part in zip(model.shape, size)]
                if step == 4:
                    axis = draw.randrange(3)
                    begin[axis] = model.shape[axis]
                    model = np.pad(model, [(0, size[axis] if each == axis else 0) for each in range(3)])
                box = rng.integers(-30000, 30000, size).astype("int16")
                model[tuple(slice(first, first + length) for first, length in zip(begin, size))] = box
                done = self.paste(box, path, begin, *(["--extend"] if step == 4 else []))
                self.assertEqual(0, done.returncode, done.stderr)
                kept = f"step{number}.{step}.zarr"
                shutil.rmtree(kept, ignore_errors=True)  # of an earlier run
                shutil.copytree(path, kept)
                expected[kept] = model.copy()
        self.assert_zarrita_reads(expected)

    def test_shards_with_their_index_in_front_are_refused_before_they_are_touched(self):
        image = image_of([13, 7, 5], "uint16", SEED)
        np.save("in.npy", image.pixels)
        subprocess.run([SWR, "copy", "in.npy", "front.zarr", "--option", "zarr.shard=auto", "-q"], check=True, capture_output=True)
        with open("front.zarr/0/zarr.json", encoding="utf-8") as file:
            header = file.read()
        with open("front.zarr/0/zarr.json", "w", encoding="utf-8") as file:
            file.write(header.replace('"index_location": "end"', '"index_location": "start"'))
        before = self.files_of("front.zarr")
        done = self.paste(np.zeros((2, 2, 2), "uint16"), "front.zarr", [1, 1, 1])
        self.assertNotEqual(0, done.returncode)
        self.assertIn("index of its shards is at their beginning", done.stderr)
        self.assertEqual(before, self.files_of("front.zarr"))

    def test_ngff_zarr_finds_the_metadata_valid(self):
        jobs, expected = [], []
        for version, ngff in (("2", "0.4"), ("3", "0.5")):
            for axes in ("yx", "zyx", "tzyx"):
                image = image_of([7, 8, 9, 3][:len(axes)], "uint16", SEED)
                image.spacing, image.origin = [0.5, 0.75, 2.5, 4.0][:len(axes)], [-10.5, 20.25, 30.0, 1.0][:len(axes)]
                image.index, image.direction = [0] * len(axes), np.eye(len(axes)).flatten().tolist()
                foreign.store_pixels(image.pixels, "valid.raw")
                path = f"valid{version}{axes}.zarr"
                foreign.run_jobs(SWR_TOOL, [f"write path=valid.nii existing=replace raw=valid.raw {image.words()}"])
                subprocess.run([SWR, "copy", "valid.nii", path, "--option", f"zarr.version={version}", "-q"], check=True, capture_output=True)
                jobs.append(("ngff-zarr", path))
                level = {"shape": image.size[::-1], "dtype": "uint16", "scale": image.spacing[::-1], "translation": image.origin[::-1]}
                expected.append({"version": ngff, "axes": list(axes), "levels": [level]})
        for (_, path), facts, seen in zip(jobs, expected, foreign.ask_node(jobs)):
            with self.subTest(path):
                self.assertEqual(facts, seen)

    def test_the_place_of_an_image_is_in_ngff(self):
        image = image_of([9, 8, 7], "uint16", SEED)
        image.spacing, image.origin, image.direction = [0.5, 0.75, 2.5], [-10.5, 20.25, 30.0], np.eye(3).flatten().tolist()
        image.index = [100, -20, 4]
        foreign.store_pixels(image.pixels, "placed.raw")
        foreign.run_jobs(SWR_TOOL, ["write path=placed.nii raw=placed.raw " + image.words()])
        for version in "23":
            subprocess.run([SWR, "copy", "placed.nii", "placed.zarr", "--option", f"zarr.version={version}", "--existing", "replace", "-q"], check=True, capture_output=True)
            seen = foreign.ask_node([("zarrita", "placed.zarr")])[0]
            self.assertEqual("0.4" if version == "2" else "0.5", seen["version"])
            self.assertEqual([("z", "space", "millimeter"), ("y", "space", "millimeter"), ("x", "space", "millimeter")],
                             [(axis["name"], axis["type"], axis["unit"]) for axis in seen["axes"]])
            self.assertEqual([{"type": "scale", "scale": [2.5, 0.75, 0.5]}, {"type": "translation", "translation": [30.0, 20.25, -10.5]}], seen["transformations"])
            read = foreign.run_jobs(SWR_TOOL, ["read path=placed.zarr"])[0]
            self.assert_facts(image.facts(), read)
            if version == "2":
                self.assertEqual("0.4", zarr.open("placed.zarr", mode="r").attrs["multiscales"][0]["version"])

    def test_axes_are_in_their_unit(self):
        image = image_of([9, 8, 7], "uint16", SEED)
        group = zarr.open_group("um.zarr", mode="w")
        group.create_dataset("0", data=image.pixels, chunks=(7, 8, 9), dimension_separator="/")
        axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
        scale, translation = {"type": "scale", "scale": [2.0, 0.5, 0.325]}, {"type": "translation", "translation": [0.0, -12.5, 100.0]}
        group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": [scale, translation]}]}]
        for version in "23":
            subprocess.run([SWR, "copy", "um.zarr", "copied.zarr", "--option", f"zarr.version={version}", "--existing", "replace", "-q"], check=True, capture_output=True)
            seen = foreign.ask_node([("zarrita", "copied.zarr")])[0]
            self.assertEqual(["micrometer"] * 3, [axis["unit"] for axis in seen["axes"]])
            self.assertEqual([scale, translation], seen["transformations"])
            np.save("box.npy", image.pixels[:2])
            held = self.files_of("copied.zarr")
            subprocess.run([SWR, "paste", "box.npy", "copied.zarr", "--at", "0,0,5", "-q"], check=True, capture_output=True)
            subprocess.run([SWR, "extend", "copied.zarr", "--size", "9,8,12", "-q"], check=True, capture_output=True)
            after = self.files_of("copied.zarr")
            name = ".zattrs" if version == "2" else "zarr.json"
            self.assertEqual(held[name], after[name])
            if version == "2":
                multiscale = zarr.open("copied.zarr", mode="r").attrs["multiscales"][0]
                self.assertEqual(("micrometer", 0.5), (multiscale["axes"][1]["unit"], multiscale["datasets"][0]["coordinateTransformations"][0]["scale"][1]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
