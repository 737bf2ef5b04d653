"""HDF5: ITK and h5py read right what swr writes, pastes into and grows, and swr reads and pastes into what they write."""

import os
import subprocess
import unittest

import h5py
import numpy as np

import foreign
from foreign import COMPONENTS, ITK_TOOL, SWR_TOOL, Image, joined

SWR = os.environ["SWR"]
SIZES = {2: [13, 7], 3: [13, 7, 5]}


class Hdf5(foreign.Test):
    def write(self, tool, files):
        jobs = []
        for number, (path, image) in enumerate(files):
            foreign.store_pixels(image.pixels, f"pixels.{number}")
            jobs.append(f"write path={path} raw=pixels.{number} {image.words()}")
        self.assert_no_error(foreign.run_jobs(tool, jobs), f"{tool} writes")

    def images(self, name):
        files = [(f"{name}_{component}_{n}.h5", Image(size, component)) for component in COMPONENTS for n, size in SIZES.items()]
        return files + [(f"{name}_vector.h5", Image(SIZES[3], "float32", 3, "vector"))]

    def test_itk_and_h5py_read_what_swr_writes(self):
        files = self.images("swr")
        self.write(SWR_TOOL, files)
        for (path, image), seen in zip(files, foreign.run_jobs(ITK_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen)
                with h5py.File(path) as file:
                    pixels = file["ITKImage/0/VoxelData"][()]
                self.assertEqual(pixels.dtype.name, image.component)
                self.assertEqual(foreign.crc(pixels.tobytes()), image.crc32())

    def test_swr_reads_what_itk_writes(self):
        files = self.images("itk")
        self.write(ITK_TOOL, files)
        for (path, image), seen in zip(files, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen)

    def paste(self, path, before, index):
        part = foreign.noise([4, 3, 2], "uint16", seed=2)
        foreign.store_pixels(part, "part.pixels")
        job = f"write path={path} raw=part.pixels component=uint16 components=1 kind=scalar paste={joined(index)}:4,3,2 existing=update"
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
        x, y, z = index
        after = before.copy()
        after[z:z + 2, y:y + 3, x:x + 4] = part.reshape(2, 3, 4)
        return after

    def test_pastes_into_files_of_h5py_change_those_pixels_alone(self):
        old = np.arange(5 * 7 * 13, dtype="uint16").reshape(5, 7, 13)
        for path, how in (("whole.h5", {}), ("slices.h5", {"chunks": (1, 7, 13)}), ("uneven.h5", {"chunks": (2, 7, 13)}), ("rows.h5", {"chunks": (1, 2, 13)})):
            with h5py.File(path, "w") as file:
                file.create_dataset("other", data=np.arange(4))
                file.create_dataset("data", data=old, **how).attrs["note"] = "stays"
            size = os.path.getsize(path)
            new = self.paste(path, old, [5, 3, 2])
            with self.subTest(path), h5py.File(path) as file:
                self.assertTrue(np.array_equal(file["data"][()], new))
                self.assertTrue(np.array_equal(file["other"][()], np.arange(4)))
                self.assertEqual(file["data"].attrs["note"], "stays")
                self.assertEqual(os.path.getsize(path), size)

    def test_plain_datasets_have_geometry_in_attributes(self):
        image = Image(SIZES[3], "uint16")
        self.write(SWR_TOOL, [("itk.h5", image)])
        subprocess.run([SWR, "copy", "itk.h5", "plain.h5", "--option", "hdf5.dataset=/a/volume"], check=True)
        with h5py.File("plain.h5") as file:
            data = file["a/volume"]
            self.assertEqual(foreign.crc(data[()].tobytes()), image.crc32())
            self.assertTrue(np.allclose(data.attrs["element_size_um"], [2500, 800, 700]))
            self.assertTrue(np.allclose(data.attrs["swr_origin"], image.origin))
        self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, ["read path=plain.h5"])[0])


if __name__ == "__main__":
    unittest.main()
