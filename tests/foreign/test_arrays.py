"""NumPy's arrays: NumPy reads and maps what swr writes, pastes and grows, and swr reads and pastes into what NumPy writes; so does npyjs in JavaScript."""

import unittest

import numpy as np

import foreign
from foreign import COMPONENTS, SWR_TOOL

# npyjs's arrays: JavaScript has no complex numbers
ARRAYS = {"u1": "Uint8Array", "i1": "Int8Array", "u2": "Uint16Array", "i2": "Int16Array", "u4": "Uint32Array", "i4": "Int32Array", "u8": "BigUint64Array",
          "i8": "BigInt64Array", "f4": "Float32Array", "f8": "Float64Array", "c8": "Float32Array", "c16": "Float64Array"}
SIZES = [[7], [7, 5], [7, 5, 4], [6, 5, 3, 2], [3, 2, 2, 2, 2]]
# components, kind, types, NumPy's type if it has one for such pixels
SEVERAL = [(2, "vector", "float32", None), (3, "vector", "int16", None), (5, "vector", "uint16", None), (3, "rgb", "uint8", None), (4, "rgba", "uint8", None),
           (2, "complex", "float32", "complex64"), (2, "complex", "float64", "complex128")]


def images():
    """(name, size, component, components, kind, the array that NumPy has to see)"""
    for size in SIZES:
        for component in COMPONENTS:
            yield f"{component}_{len(size)}", size, component, 1, "scalar", foreign.noise(size, component)
    for components, kind, component, whole in SEVERAL:
        pixels = foreign.noise([7, 5, 4], component, components)
        yield f"{kind}{components}_{component}", [7, 5, 4], component, components, kind, pixels.view(whole)[..., 0] if whole else pixels


def words(path, name, size, component, components, kind):
    return f"write path={path} raw={name}.pixels size={foreign.joined(size)} component={component} components={components} kind={kind}"


def same(test, expected, got):
    test.assertEqual((expected.dtype, expected.shape), (got.dtype, got.shape))
    test.assertEqual(expected.tobytes(), got.tobytes())


def read_npyjs(paths):
    return foreign.ask_node([("npyjs", path) for path in paths])


def facts_of_npyjs(array, fortran=False):
    """What npyjs says of a file with this array, whose numbers are little-endian."""
    dtype = array.dtype.str[1:]
    numbers = array.size * (2 if array.dtype.kind == "c" else 1)
    stored = array.tobytes(order="F" if fortran else "C")
    return {"shape": list(array.shape), "dtype": dtype, "fortran": fortran, "numbers": numbers, "array": ARRAYS[dtype], "crc32": foreign.crc(stored)}


class Arrays(foreign.Test):
    @classmethod
    def setUpClass(cls):
        cls.images = list(images())
        jobs = []
        for number, (name, size, component, components, kind, array) in enumerate(cls.images):
            foreign.store_pixels(np.ascontiguousarray(array), f"{name}.pixels")
            jobs.append(words(f"{name}.npy", name, size, component, components, kind) + f" divisions={1 + number % 4}")
        cls.answers = foreign.run_jobs(SWR_TOOL, jobs)

    def test_numpy_reads_and_maps_what_swr_writes(self):
        self.assert_no_error(self.answers, "swr writes")
        for name, _, _, _, _, array in self.images:
            with self.subTest(name):
                same(self, array, np.load(f"{name}.npy"))
                same(self, array, np.load(f"{name}.npy", mmap_mode="r"))
                with open(f"{name}.npy", "rb") as file:
                    version = np.lib.format.read_magic(file)
                    self.assertEqual((1, 0), version)
                    np.lib.format.read_array_header_1_0(file)
                    self.assertEqual(0, file.tell() % 64)

    def test_npyjs_reads_what_swr_writes(self):
        self.assert_no_error(self.answers, "swr writes")
        for (name, *_, array), seen in zip(self.images, read_npyjs([f"{name}.npy" for name, *_ in self.images])):
            with self.subTest(name):
                self.assertEqual(facts_of_npyjs(array), seen)

    def test_npyjs_reads_what_swr_pasted_and_grew(self):
        """Of swr's own files with each number of axes, and of NumPy's in either order of the axes. It has no big-endian numbers."""
        expected = {}
        for component in COMPONENTS:
            for size in SIZES:
                path = f"pasted_{component}_{len(size)}.npy"
                expected[path] = facts_of_npyjs(self.pasted_and_grown(path, size, component, "own"))
            for fortran in (False, True):
                path = f"pasted_{component}_{'f' if fortran else 'c'}.npy"
                grown = self.pasted_and_grown(path, [7, 5, 4], component, "f" if fortran else "c")
                expected[path] = facts_of_npyjs(grown.T if fortran else grown, fortran)
        for (path, facts), seen in zip(expected.items(), read_npyjs(list(expected))):
            with self.subTest(path):
                self.assertEqual(facts, seen)

    def pasted_and_grown(self, path, size, component, maker):
        """The array of a file of swr ("own") or NumPy ("c", "f"), after its last slice was written again, and two more were added."""
        old, new = foreign.noise(size, component), foreign.noise(size[:-1] + [3], component, seed=2)
        if maker == "own":
            foreign.store_pixels(old, "old.pixels")
            made = foreign.run_jobs(SWR_TOOL, [f"write path={path} raw=old.pixels size={foreign.joined(size)} component={component} components=1 kind=scalar"])
            self.assert_no_error(made, "swr writes")
        else:
            np.save(path, np.asfortranarray(old.T) if maker == "f" else old)
        grown, first = size[:-1] + [size[-1] + 2], [0] * (len(size) - 1) + [size[-1] - 1]
        foreign.store_pixels(new, "new.pixels")
        job = (f"write path={path} raw=new.pixels size={foreign.joined(grown)} component={component} "
               f"paste={foreign.joined(first)}:{foreign.joined(size[:-1] + [3])} existing=extend")
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes and grows")
        return np.concatenate([old[:-1], new])

    def test_swr_reads_what_it_wrote(self):
        answers = foreign.run_jobs(SWR_TOOL, [f"read path={name}.npy" for name, *_ in self.images])
        for (name, size, component, components, kind, array), read in zip(self.images, answers):
            with self.subTest(name):
                self.assert_facts({"size": size, "component": component, "components": str(components), "kind": kind, "crc32": foreign.crc(array.tobytes())}, read)

    def test_swr_reads_what_numpy_writes(self):
        cases = []
        for version in [(1, 0), (2, 0), (3, 0)]:
            for order in "<>":
                for component in COMPONENTS + ["complex64", "complex128"]:
                    for fortran in (False, True):
                        base = np.dtype(component)
                        if base.kind == "c":
                            pixels = foreign.noise([7, 5, 4], {8: "float32", 16: "float64"}[base.itemsize], 2).view(base)[..., 0]
                        else:
                            pixels = foreign.noise([7, 5, 4], component)
                        array = pixels.astype(base.newbyteorder(order))
                        path = f"numpy_{version[0]}{'le' if order == '<' else 'be'}_{component}_{'f' if fortran else 'c'}.npy"
                        with open(path, "wb") as file:
                            np.lib.format.write_array(file, np.asfortranarray(array) if fortran else array, version)
                        # In Fortran's order swr's first axis is the array's first.
                        size, sequence = ([4, 5, 7], pixels.tobytes(order="F")) if fortran else ([7, 5, 4], pixels.tobytes())
                        cases.append((path, size, sequence))
        answers = foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _, _ in cases])
        for (path, size, sequence), read in zip(cases, answers):
            with self.subTest(path):
                self.assert_facts({"size": size, "crc32": foreign.crc(sequence)}, read)

    def test_swr_reads_floats_of_16_bits_as_float32(self):
        every = np.arange(1 << 16, dtype="<u2").view("<f2").reshape(256, 256)
        for order in "<>":
            np.save(f"half_{order == '<'}.npy", every.astype(every.dtype.newbyteorder(order)))
        answers = foreign.run_jobs(SWR_TOOL, [f"read path=half_{little}.npy" for little in (True, False)])
        for read in answers:
            self.assert_facts({"size": [256, 256], "component": "float32", "crc32": foreign.crc(every.astype("<f4").tobytes())}, read)

    def test_numpy_reads_what_swr_pasted_and_grew_in_its_files(self):
        for order in "<>":
            for fortran in (False, True):
                for room in (True, False):
                    with self.subTest(f"{order} {fortran} {room}"):
                        self.paste_and_grow(order, fortran, room)

    def paste_and_grow(self, order, fortran, room):
        size = [7, 5, 9]
        old, new = foreign.noise(size, "uint16", seed=1), foreign.noise([7, 5, 4], "uint16", seed=2)
        array = old.astype(np.dtype("uint16").newbyteorder(order))
        stored = array.T if fortran else array
        with open("change.npy", "wb") as file:
            np.lib.format.write_array(file, np.asfortranarray(stored) if fortran else stored)
        if not room:
            self.take_room("change.npy")
        foreign.store_pixels(new, "new.pixels")
        # Two of the four slices are new ones.
        job = "write path=change.npy raw=new.pixels size=7,5,11 component=uint16 paste=0,0,7:7,5,4 existing=extend"
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr grows")
        expected = np.concatenate([old[:7], new])
        got = np.load("change.npy", mmap_mode="r")
        self.assertEqual(fortran, got.flags.f_contiguous)
        same(self, expected, np.ascontiguousarray((got.T if fortran else got).astype("uint16")))

    def take_room(self, path):
        """A header without blanks, as the format allows."""
        with open(path, "rb") as file:
            data = file.read()
        begin = 10
        length = int.from_bytes(data[8:10], "little")
        text = data[begin : begin + length].rstrip()
        with open(path, "wb") as file:
            file.write(data[:8] + len(text + b"\n").to_bytes(2, "little") + text + b"\n" + data[begin + length :])

    def test_numpy_pastes_through_a_map_of_a_file_of_swr(self):
        name, size, component, components, kind, array = self.images[2 * len(COMPONENTS) + 2]
        foreign.run_jobs(SWR_TOOL, [words("mapped.npy", name, size, component, components, kind)])
        mapped = np.load("mapped.npy", mmap_mode="r+")
        mapped[1:3, 2, :] = 77
        mapped.flush()
        expected = array.copy()
        expected[1:3, 2, :] = 77
        read = foreign.run_jobs(SWR_TOOL, ["read path=mapped.npy"])[0]
        self.assertEqual(foreign.crc(expected.tobytes()), read["crc32"])

    def test_what_is_no_image_is_refused_by_name(self):
        cases = {
            "structure": np.zeros(3, dtype=[("x", "<f4"), ("y", "<f4")]), "text": np.array(["a", "b"]),
            "time": np.zeros(3, "M8[s]"), "empty": np.zeros((0, 3)), "scalar": np.array(3.0), "object": np.array([None, 1], dtype=object),
        }
        for name, array in cases.items():
            np.save(f"{name}.npy", array)
        for name, answer in zip(cases, foreign.run_jobs(SWR_TOOL, [f"read path={name}.npy" for name in cases])):
            with self.subTest(name):
                self.assertIn(f"{name}.npy", answer.get("error", "nothing"))


if __name__ == "__main__":
    unittest.main()
