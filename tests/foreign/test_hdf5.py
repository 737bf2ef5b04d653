"""HDF5: ITK, h5py and h5dump read right what swr writes, pastes into and grows, and swr reads, pastes into and grows what they write."""

import hashlib
import json
import os
import subprocess
import unittest

import h5py
import numpy as np

import foreign
from foreign import COMPONENTS, ITK_TOOL, SWR_TOOL, Image, joined

SWR = os.environ["SWR"]
SIZES = {1: [13], 2: [13, 7], 3: [13, 7, 5], 4: [13, 7, 5, 3], 5: [13, 7, 5, 3, 2]}
ITK_DATASET = "/ITKImage/0/VoxelData"


def images(name):
    """(path, image): all types, numbers of axes and kinds."""
    out = [(f"{name}_{component}.h5", Image(SIZES[3], component)) for component in COMPONENTS]
    out += [(f"{name}_{n}d.h5", Image(size, "int16")) for n, size in SIZES.items()]
    return out + [(f"{name}_{kind}_{component}.h5", Image(SIZES[n], component, components, kind))
                  for n, component, components, kind in ((3, "float32", 3, "vector"), (2, "uint8", 3, "rgb"), (3, "uint8", 4, "rgba"), (4, "float64", 2, "vector"))]


def ask_purehdf(datasets):
    """What PureHDF says of each (path, dataset)."""
    environment = {**os.environ, "DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1", "MSBUILDDISABLENODEREUSE": "1"}
    project = os.path.join(foreign.HERE, "dotnet", "ReadHdf5.csproj")
    work = os.path.abspath("purehdf")
    built = subprocess.run(["dotnet", "build", project, "-c", "Release", "-nologo", "-v", "q", "-o", f"{work}/out", f"-p:BaseIntermediateOutputPath={work}/obj/"],
                           env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    lines = "".join(f"{path} {dataset}\n" for path, dataset in datasets)
    done = subprocess.run(["dotnet", f"{work}/out/ReadHdf5.dll"], input=lines, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Hdf5(foreign.Test):
    def write(self, tool, files):
        jobs = []
        for number, (path, image) in enumerate(files):
            foreign.store_pixels(image.pixels, f"pixels.{number}")
            jobs.append(f"write path={path} raw=pixels.{number} {image.words()}")
        self.assert_no_error(foreign.run_jobs(tool, jobs), f"{tool} writes")

    def assert_read_by_others(self, path, image, dataset=ITK_DATASET):
        """By h5py, by h5dump, and, if it is in ITK's layout, by ITK."""
        with h5py.File(path) as file:
            pixels = file[dataset][()]
        self.assertEqual(pixels.dtype, image.pixels.dtype)
        np.testing.assert_array_equal(pixels, image.pixels)
        subprocess.run(["h5dump", "-d", dataset, "-b", "LE", "-o", "dumped", path], check=True, capture_output=True)
        with open("dumped", "rb") as dumped:
            self.assertEqual(foreign.crc(dumped.read()), image.crc32())
        if dataset == ITK_DATASET:
            self.assert_facts(image.facts(), foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0], skip=("kind",))

    def test_others_read_what_swr_writes(self):
        files = images("swr")
        self.write(SWR_TOOL, files)
        for path, image in files:
            with self.subTest(path):
                self.assert_read_by_others(path, image)
                whole = subprocess.run(["h5dump", path], capture_output=True, text=True, check=True)
                self.assertEqual("", whole.stderr)

    def test_swr_reads_what_itk_writes(self):
        files = images("itk")
        self.write(ITK_TOOL, files)
        for (path, image), seen in zip(files, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen, skip=("kind",))

    def test_swr_reads_what_h5py_writes(self):
        paths = []
        for component in COMPONENTS:
            for order in "<>":
                for n, size in SIZES.items():
                    path = f"h5py_{component}_{'le' if order == '<' else 'be'}_{n}.h5"
                    paths.append((path, Image(size, component)))
                    with h5py.File(path, "w") as file:
                        file["data"] = paths[-1][1].pixels.astype(np.dtype(component).newbyteorder(order))
        for (path, image), seen in zip(paths, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in paths])):
            with self.subTest(path):
                self.assertNotIn("error", seen)
                self.assertEqual((image.size, image.component, image.crc32()), (seen["size"], seen["component"], seen["crc32"]))

    def test_swr_reads_chunks_of_h5py(self):
        rng = np.random.default_rng(3)
        scalars = Image([40, 30, 20], "int16").pixels
        smooth = np.cumsum(rng.integers(-2, 3, (20, 30, 40)), axis=2).astype(">i4")
        vectors = rng.standard_normal((9, 8, 7, 5)).astype("f4")
        every = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        made = [("auto.h5", scalars, {"chunks": True}), ("gzip.h5", smooth, {"chunks": (7, 8, 9), "compression": "gzip"}),
                ("every.h5", smooth, {"chunks": (7, 31, 9), "maxshape": (None, None, None), **every}), ("sum.h5", scalars, {"chunks": (20, 30, 1), "fletcher32": True}),
                ("larger.h5", scalars, {"chunks": (64, 64, 64), "maxshape": (None, None, None), **every}), ("vectors.h5", vectors, {"chunks": (4, 8, 3, 2), **every}),
                ("whole_vectors.h5", vectors, {"chunks": (4, 3, 3, 5), **every}), ("line.h5", smooth[0, 0], {"chunks": (7,), **every}),
                ("longer.h5", scalars, {"chunks": (32, 30, 40), "maxshape": (None, 30, 40)})]
        for path, pixels, how in made:
            for version in ("earliest", "latest"):
                with h5py.File(path, "w", libver=version) as file:
                    data = file.create_dataset("data", data=pixels, **how)
                    if "vectors" in path:
                        data.attrs["swr_kind"] = "vector"
                with self.subTest(path, version=version):
                    self.assert_pixels(path, pixels)
        with h5py.File("missing.h5", "w") as file:
            data = file.create_dataset("data", (8, 8, 8), "<u2", chunks=(4, 4, 4), fillvalue=777, **every)
            data[2:4, 5, 1:7] = 5
            missing = data[()]
        self.assert_pixels("missing.h5", missing)
        with h5py.File("skipped.h5", "w") as file:  # a filter that did not help is skipped
            data = file.create_dataset("data", (4, 4, 4), "<u2", chunks=(2, 4, 4), compression="gzip", shuffle=True)
            data[2:] = 5
            data.id.write_direct_chunk((0, 0, 0), scalars[:2, :4, :4].astype("<u2").tobytes(), filter_mask=3)
        self.assert_pixels("skipped.h5", np.concatenate([scalars[:2, :4, :4], np.full((2, 4, 4), 5, "i2")]))

    def test_h5wasm_and_purehdf_read_what_swr_writes(self):
        """Also after pastes and growth. PureHDF has no code of libhdf5."""
        files = []
        for number, component in enumerate(COMPONENTS):
            for how in ([], ["--compress", "deflate"], ["--compress", "deflate:9", "--option", "chunk.filter=shuffle"]):
                path, dataset = f"others{len(files)}.h5", ITK_DATASET if number % 2 else "/entry/data"
                pixels, shape = Image(SIZES[3], component).pixels, [4, 1 + number % 7, 2]
                np.save("in.npy", pixels)
                words = [*how, "--option", f"chunk.shape={joined(shape)}"] if how else []
                words += [] if number % 2 else ["--option", f"hdf5.dataset={dataset}"]
                subprocess.run([SWR, "copy", "in.npy", path, *words, "-q"], check=True, capture_output=True)
                pixels = self.paste(path, pixels, [5, 3, 2])
                if how:
                    self.extend(path, [13, 7, 9])
                    pixels = np.concatenate([pixels, np.zeros((4, 7, 13), component)])
                filters = ["shuffle", "deflate"] if "--option" in how else ["deflate"] if how else []
                files.append((path, dataset, pixels, shape[::-1] if how else None, filters))
        by_h5wasm = foreign.ask_node([("h5wasm", f"{path}::{dataset}") for path, dataset, *_ in files])
        by_purehdf = ask_purehdf([(path, dataset) for path, dataset, *_ in files])
        for (path, dataset, pixels, chunks, filters), wasm, pure in zip(files, by_h5wasm, by_purehdf):
            with self.subTest(path):
                self.assertEqual({"shape": list(pixels.shape), "dtype": "<" + pixels.dtype.char.replace("l", "q").replace("L", "Q"), "chunks": chunks, "filters": filters,
                                  "values": foreign.crc(pixels.astype("<f8").tobytes())}, wasm)
                self.assertEqual({"shape": list(pixels.shape), "sha256": hashlib.sha256(pixels.tobytes()).hexdigest()}, pure)

    def assert_pixels(self, path, pixels):
        seen = foreign.run_jobs(SWR_TOOL, [f"read path={path}", f"verify path={path}"])
        self.assert_no_error(seen, path)
        self.assertEqual(foreign.crc(pixels.astype(pixels.dtype.newbyteorder("=")).tobytes()), seen[0]["crc32"])

    def paste(self, path, before, index):
        """Pastes a box of noise, and returns what the pixels are then."""
        part = foreign.noise([4, 3, 2], before.dtype.name, seed=2)
        foreign.store_pixels(part, "part.pixels")
        job = f"write path={path} raw=part.pixels component={before.dtype.name} components=1 kind=scalar paste={joined(index)}:4,3,2 existing=update"
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
        x, y, z = index
        after = before.copy()
        after[z:z + 2, y:y + 3, x:x + 4] = part.reshape(2, 3, 4)
        return after

    def test_pastes_and_growth_of_own_files_are_read_right(self):
        for component in ("uint8", "int16", "float64"):
            image = Image(SIZES[3], component)
            path = f"own_{component}.h5"
            self.write(SWR_TOOL, [(path, image)])
            size = os.path.getsize(path)
            image.pixels = self.paste(path, image.pixels, [5, 3, 2])
            self.assertEqual(size, os.path.getsize(path))
            self.assert_read_by_others(path, image)
            self.extend(path, [13, 7, 12])
            grown = Image([13, 7, 12], component)
            grown.pixels = np.concatenate([image.pixels, np.zeros((7, 7, 13), component)])
            self.assertEqual(size + 7 * 7 * 13 * grown.pixels.itemsize, os.path.getsize(path))
            self.assert_read_by_others(path, grown)
            self.extend(path, [15, 7, 12])  # written again
            wider = Image([15, 7, 12], component)
            wider.pixels = np.concatenate([grown.pixels, np.zeros((12, 7, 2), component)], axis=2)
            self.assert_read_by_others(path, wider)
            with h5py.File(path, "r+") as file:  # the library can still change the file
                file.attrs["note"] = "of h5py"
                file["more"] = np.arange(1000)
            self.assert_facts(wider.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0])

    def extend(self, path, size):
        done = subprocess.run([SWR, "extend", path, "--size", joined(size), "-q"], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_pastes_into_files_of_h5py_change_those_pixels_alone(self):
        old = np.arange(5 * 7 * 13).reshape(5, 7, 13)
        layouts = (("whole", {}), ("slices", {"chunks": (1, 7, 13)}), ("uneven", {"chunks": (2, 7, 13)}), ("rows", {"chunks": (1, 2, 13)}), ("boxes", {"chunks": (1, 7, 6)}))
        for name, how in layouts:
            for kind in ("<u2", ">u2", ">f8"):
                path = f"{name}_{kind[1:]}_{'be' if kind[0] == '>' else 'le'}.h5"
                with h5py.File(path, "w") as file:
                    file.create_dataset("other", data=np.arange(4))
                    file.create_dataset("data", data=old.astype(kind), **how).attrs["note"] = "stays"
                with open(path, "rb") as file:
                    before = file.read()
                new = self.paste(path, old.astype(kind).astype(np.dtype(kind).newbyteorder("=")), [5, 3, 2])
                with self.subTest(path), h5py.File(path) as file:
                    np.testing.assert_array_equal(file["data"][()], new)
                    np.testing.assert_array_equal(file["other"][()], np.arange(4))
                    self.assertEqual((file["data"].dtype, file["data"].attrs["note"]), (np.dtype(kind), "stays"))
                    self.assertEqual(os.path.getsize(path), len(before))

    def assert_refused(self, path, words, component, components=1):
        """A paste is, and the file keeps its bytes."""
        with open(path, "rb") as file:
            before = file.read()
        foreign.store_pixels(foreign.noise([4, 3, 2 * components], component), "part.pixels")
        kind = "vector" if components > 1 else "scalar"
        job = f"write path={path} raw=part.pixels component={component} components={components} kind={kind} paste=5,3,2:4,3,2 existing=update"
        self.assertIn(words, foreign.run_jobs(SWR_TOOL, [job])[0].get("error", ""))
        with open(path, "rb") as file:
            self.assertEqual(before, file.read())

    def test_chunks_that_swr_cannot_write_are_refused_before_they_are_touched(self):
        old = np.arange(5 * 7 * 13).reshape(5, 7, 13)
        kinds = (("lzf", "<u2", {"compression": "lzf"}, "compressed with LZF"), ("half", "<f2", {"compression": "gzip"}, "floating numbers of 16 bits"))
        for name, kind, how, words in kinds:
            with h5py.File(f"{name}.h5", "w") as file:
                file.create_dataset("data", data=old.astype(kind), chunks=(2, 4, 5), **how)
            with self.subTest(name):
                self.assert_refused(f"{name}.h5", words, "uint16" if kind == "<u2" else "float32")
        with h5py.File("parts.h5", "w") as file:
            file.create_dataset("data", data=np.zeros((5, 7, 13, 3), "f4"), chunks=(2, 4, 5, 2), compression="gzip").attrs["swr_kind"] = "vector"
        self.assert_refused("parts.h5", "the components of its pixels are in several chunks", "float32", 3)

    def test_chunks_that_share_bytes_are_refused(self):
        with h5py.File("shared.h5", "w") as file:
            data = file.create_dataset("data", data=np.arange(5 * 7 * 13).reshape(5, 7, 13), dtype="<u2", chunks=(2, 4, 5), compression="gzip")
            first, second = (data.id.get_chunk_info(number).byte_offset.to_bytes(8, "little") for number in (1, 2))
        with open("shared.h5", "rb") as file:
            whole = file.read()
        self.assertEqual(whole.count(first), 1)
        with open("shared.h5", "wb") as file:
            file.write(whole.replace(first, second))
        self.assert_refused("shared.h5", "have the same bytes of the file", "uint16")

    def test_others_read_chunks_that_swr_writes_pastes_into_and_grows(self):
        options = ({"chunk.filter": "shuffle"}, {"chunk.shape": "5,4,3"}, {"chunk.shape": "5,4,3", "chunk.filter": "shuffle", "hdf5.dataset": "/entry/data"})
        for number, (chosen, component) in enumerate((chosen, component) for chosen in options for component in ("uint8", "int16", "float64")):
            path, image = f"chunks_{number}.h5", Image(SIZES[3], component)
            dataset = chosen.get("hdf5.dataset", ITK_DATASET)
            self.write(SWR_TOOL, [("raw.h5", image)])
            words = [word for key, value in chosen.items() for word in ("--option", f"{key}={value}")]
            subprocess.run([SWR, "copy", "raw.h5", path, "--compress", "deflate", "-q", *words], check=True)
            with self.subTest(path):
                with h5py.File(path) as file:
                    data = file[dataset]
                    self.assertEqual((data.compression, data.shuffle, data.maxshape), ("gzip", "chunk.filter" in chosen, (None, 7, 13)))
                    self.assertEqual(data.chunks, (3, 4, 5) if "chunk.shape" in chosen else (1, 7, 13))
                self.assert_read_by_others(path, image, dataset)
                image.pixels = self.paste(path, image.pixels, [5, 3, 2])
                self.assert_read_by_others(path, image, dataset)
                self.extend(path, [13, 7, 12])
                grown = Image([13, 7, 12], component)
                grown.pixels = np.concatenate([image.pixels, np.zeros((7, 7, 13), component)])
                self.assert_read_by_others(path, grown, dataset)
                with h5py.File(path, "r+") as file:  # the library can still change the file
                    file[dataset].resize((14, 7, 13))
                    file[dataset][13] = 5
                    file["more"] = np.arange(1000)
                checked = subprocess.run(["h5dump", path], capture_output=True, text=True, check=True)
                self.assertEqual("", checked.stderr)

    def test_compressed_files_of_itk_are_pasted_into_and_grown(self):
        for component in ("uint8", "int16", "float32"):
            path, image = f"itk_{component}.h5", Image(SIZES[3], component)
            foreign.store_pixels(image.pixels, "pixels")
            self.assert_no_error(foreign.run_jobs(ITK_TOOL, [f"write path={path} raw=pixels compress=1 {image.words()}"]), "ITK writes")
            with h5py.File(path) as file:
                self.assertEqual(file[ITK_DATASET].compression, "gzip")
            image.pixels = self.paste(path, image.pixels, [5, 3, 2])
            with self.subTest(path):
                self.assert_read_by_others(path, image)

    def test_random_pastes_and_growth_of_chunks_are_what_a_model_says(self):
        rng = np.random.default_rng(5)
        hows = ({"compression": "gzip"}, {"compression": "gzip", "shuffle": True, "fletcher32": True}, {"fletcher32": True}, {}, {"compression": "gzip", "fillvalue": 7})
        forms = [(version, how, chunks, limit) for version in ("earliest", "v108", "v110", "latest") for how in hows
                 for chunks in ((2, 8, 16), (1, 20, 30), (7, 20, 9)) for limit in (None, 40)]
        for number, (version, how, chunks, limit) in enumerate(forms):
            model = rng.integers(0, 5, (9, 20, 30)).astype(("<u2", ">f4")[number % 2])
            with h5py.File("model.h5", "w", libver=(version, "latest"), userblock_size=512 if number % 5 == 0 else None) as file:
                file.create_group("group").attrs["note"] = "stays"
                data = file.create_dataset("data", model.shape, model.dtype, chunks=chunks, maxshape=(limit, 20, 30) if limit else None, **how)
                if number % 3 == 0:
                    model[:4] = how.get("fillvalue", 0)  # these chunks are not stored
                data[4:] = model[4:]
                if number % 3:
                    data[:4] = model[:4]
                file["other"] = np.arange(100)
            for step in range(3):
                size = [int(rng.integers(1, length + 1)) for length in model.shape]
                begin = [int(rng.integers(0, length - part + 1)) for length, part in zip(model.shape, size)]
                if step == 1 and limit:
                    begin[0] = len(model)
                    model = np.concatenate([model, np.zeros((size[0], 20, 30), model.dtype)])
                box = rng.integers(0, 50000, size).astype(model.dtype)
                model[tuple(slice(first, first + length) for first, length in zip(begin, size))] = box
                np.save("box.npy", box)
                done = subprocess.run([SWR, "paste", "box.npy", "model.h5", "--at", joined(begin[::-1]), "--option", "hdf5.dataset=data", "--extend", "-q"], capture_output=True, text=True)
                self.assertEqual(0, done.returncode, done.stderr)
                with self.subTest(number=number, step=step), h5py.File("model.h5") as file:
                    np.testing.assert_array_equal(file["data"][()], model)
                    self.assertEqual((file["group"].attrs["note"], file["other"][99]), ("stays", 99))

    def test_files_of_h5py_that_grow_keep_what_is_beside_the_image(self):
        old = np.arange(5 * 7 * 13, dtype=">i4").reshape(5, 7, 13)
        for name, how in (("contiguous", {}), ("slices", {"chunks": (1, 7, 13)})):
            path = f"grows_{name}.h5"
            with h5py.File(path, "w") as file:
                file.attrs["made by"] = "h5py"
                file.create_dataset("g/data", data=old, **how).attrs["unit"] = "HU"
                file["g/axis"] = np.arange(7.0)
            self.extend(path, [13, 7, 6])
            with self.subTest(path), h5py.File(path) as file:
                np.testing.assert_array_equal(file["g/data"][:5], old)
                self.assertEqual(file["g/data"].shape, (6, 7, 13))
                np.testing.assert_array_equal(file["g/axis"][()], np.arange(7.0))
                units = [value.decode() if isinstance(value, bytes) else value for value in (file.attrs["made by"], file["g/data"].attrs["unit"])]
                self.assertEqual(["h5py", "HU"], units)

    def test_damage_is_told_in_one_line(self):
        """The library itself says nothing, not even when the program ends."""
        self.write(SWR_TOOL, [("whole.h5", Image(SIZES[3], "uint16"))])
        with open("whole.h5", "rb") as file:
            whole = file.read()
        refused = 0
        for at in range(40, 3000, 37):
            with open("damaged.h5", "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
            done = subprocess.run([SWR, "info", "damaged.h5"], capture_output=True, text=True)
            self.assertIn(done.returncode, (0, 9, 10, 11, 12), at)
            if done.returncode:
                refused += 1
                self.assertRegex(done.stderr, r"\Aswr: damaged\.h5: [^\n]*\n\Z")
            else:
                self.assertEqual("", done.stderr, at)
        self.assertGreater(refused, 20)

    def test_plain_datasets_have_geometry_in_attributes(self):
        image = Image(SIZES[3], "uint16")
        self.write(SWR_TOOL, [("itk.h5", image)])
        subprocess.run([SWR, "copy", "itk.h5", "plain.h5", "--option", "hdf5.dataset=/a/volume"], check=True)
        self.assert_read_by_others("plain.h5", image, "/a/volume")
        with h5py.File("plain.h5") as file:
            data = file["a/volume"]
            self.assertTrue(np.allclose(data.attrs["element_size_um"], [2500, 800, 700]))
            self.assertTrue(np.allclose(data.attrs["swr_origin"], image.origin))
        self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, ["read path=plain.h5"])[0])
        self.extend("plain.h5", [13, 7, 6])
        grown = Image([13, 7, 6], "uint16")
        grown.pixels = np.concatenate([image.pixels, np.zeros((1, 7, 13), "uint16")])
        self.assert_read_by_others("plain.h5", grown, "/a/volume")


if __name__ == "__main__":
    unittest.main()
