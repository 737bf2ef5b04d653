"""What swr writes is read by ITK, VTK, nibabel and unu: pixels, spacing, origin, direction, for every pixel type."""

import gzip
import itertools
import os
import subprocess
import unittest
import zlib

import foreign
from foreign import CAN_COMPRESS, COMPONENTS, ITK_TOOL, SWR_TOOL, Image

SIZES = {2: [7, 5], 3: [7, 5, 4], 4: [6, 5, 3, 2]}
SUFFIXES = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii", ".hdr"]
COMPRESSED_SUFFIXES = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii.gz"]
# components, kind, types
SEVERAL = [
    (2, "vector", ["float32"]), (3, "vector", ["float32", "float64", "int16"]), (5, "vector", ["uint16"]), (3, "rgb", ["uint8"]), (4, "rgba", ["uint8"]),
    (2, "complex", ["float32", "float64"]), (6, "symmetric_tensor", ["float32"]), (3, "covariant_vector", ["float32"]),
]


def images():
    for n, component in itertools.product(SIZES, COMPONENTS):
        yield f"{component}_{n}", Image(SIZES[n], component)
    for components, kind, types in SEVERAL:
        for n, component in itertools.product([2, 3], types):
            if kind == "symmetric_tensor" and n == 2:
                continue
            yield f"{kind}{components}_{component}_{n}", Image(SIZES[n], component, components, kind)


def format_holds(suffix, image):
    """NIfTI has no covariant vectors."""
    return image.kind != "covariant_vector" or ".nii" not in suffix and suffix != ".hdr"


def jobs_for(suffix, compress):
    """(path, image, job) for each image that a format holds; several divisions, so that the file is really made of pieces."""
    for number, (name, image) in enumerate(images()):
        if not format_holds(suffix, image):
            continue
        path = f"{name}_{suffix[1:4]}{'_z' if compress else ''}{suffix}"
        foreign.store_pixels(image.pixels, f"{name}.pixels")
        words = f"write path={path} raw={name}.pixels {image.words()} divisions={1 + number % 4}"
        yield path, image, words + (" compress=6" if compress else "")


class Written(foreign.Test):
    """Everything is written once; each test is another program that reads it."""

    @classmethod
    def setUpClass(cls):
        table = foreign.capabilities()
        cls.files = []
        for suffix in SUFFIXES:
            cls.files += jobs_for(suffix, False)
        cls.compressed = []
        for suffix in COMPRESSED_SUFFIXES:
            if table[foreign.format_of(suffix).lower()] & CAN_COMPRESS:
                cls.compressed += jobs_for(suffix, True)
        cls.answers = foreign.run_jobs(SWR_TOOL, [job for _, _, job in cls.files + cls.compressed])

    def all_files(self):
        """(path, image, facts that the format can hold, tolerance of its real numbers)"""
        for path, image, _ in self.files + self.compressed:
            yield path, image, image.facts(), 2e-6 if foreign.format_of(path) == "NIfTI" else 1e-9

    def test_all_are_written(self):
        self.assert_no_error(self.answers, "swr writes")
        self.assertGreater(len(self.files), 200)

    def test_swr_reads_what_it_wrote(self):
        answers = foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _, _, _ in self.all_files()])
        for (path, _, facts, tolerance), read in zip(self.all_files(), answers):
            with self.subTest(path):
                self.assert_facts(facts, read, tolerance=tolerance)

    def test_itk_reads_all(self):
        answers = foreign.run_jobs(ITK_TOOL, [f"read path={path}" for path, _, _, _ in self.all_files()])
        for (path, image, facts, tolerance), read in zip(self.all_files(), answers):
            with self.subTest(path):
                # In MetaImage ITK takes all pixels of several components for vectors.
                skip = ["kind"] if foreign.format_of(path) == "MetaImage" else []
                self.assert_facts(facts, read, skip, tolerance)

    def test_nibabel_reads_nifti(self):
        read = 0
        for path, image, facts, tolerance in self.all_files():
            if foreign.format_of(path) != "NIfTI" or image.kind == "symmetric_tensor":  # stored in another order, which only ITK undoes
                continue
            with self.subTest(path):
                seen = foreign.read_nibabel(path)
                if image.components > 1 and len(image.size) == 2 and seen["size"][2:] == [1]:  # vectors have four spatial axes before theirs
                    seen["size"] = seen["size"][:2]
                    seen["spacing"], seen["origin"] = seen["spacing"][:2], seen["origin"][:2]
                    seen["direction"] = [seen["direction"][i] for i in (0, 1, 3, 4)]
                self.assert_facts(facts, seen, tolerance=tolerance)
                read += 1
        self.assertGreater(read, 80)

    def test_vtk_reads_three_dimensions(self):
        read = 0
        for path, image, facts, tolerance in self.all_files():
            if len(image.size) != 3 or not vtk_reads(path, image):
                continue
            with self.subTest(path):
                self.assert_facts(facts, foreign.read_vtk(path), tolerance=tolerance)
                read += 1
        self.assertGreater(read, 60)

    def test_unu_reads_nrrd(self):
        read = 0
        for path, _, facts, tolerance in self.all_files():
            if foreign.format_of(path) != "NRRD":
                continue
            with self.subTest(path):
                self.assert_facts(facts, foreign.read_unu(path), tolerance=tolerance)
                read += 1
        self.assertGreater(read, 80)

    def test_nifti_tool_finds_nothing_wrong(self):
        foreign.check_nifti_tool(self, [path for path, _, _, _ in self.all_files() if foreign.format_of(path) == "NIfTI"])

    def test_gunzip_programs_read_compressed_streams(self):
        inflated = {}
        for number, (path, image, _) in enumerate(self.compressed):
            kind, stream = foreign.compressed_stream(path)
            name = f"stream{number}.{kind}"
            with open(name, "wb") as out:
                out.write(stream)
            with self.subTest(path):
                data = gzip.decompress(stream) if kind == "gzip" else zlib.decompress(stream)
                inflated[name] = f"{len(data)} {foreign.crc(data)}"
                if image.components == 1:
                    self.assertTrue(data.endswith(image.pixels.tobytes()))
        self.assertEqual(len(self.compressed), len(inflated))
        for program in (["node", os.path.join(foreign.HERE, "inflate.js")], ["java", "-XX:+UseSerialGC", os.path.join(foreign.HERE, "Inflate.java")]):
            done = subprocess.run(program + list(inflated), capture_output=True, text=True)
            self.assertEqual(0, done.returncode, done.stderr)
            answers = dict(line.split(" ", 1) for line in done.stdout.strip().split("\n"))
            self.assertEqual(inflated, answers, program[0])
        gzips = [name for name in inflated if name.endswith(".gzip")]
        for program in (["gzip", "-t", "-S", ".gzip"], ["pigz", "-t", "-S", ".gzip"]):
            done = subprocess.run(program + gzips, capture_output=True, text=True)
            self.assertEqual((0, ""), (done.returncode, done.stderr), program)


def vtk_reads(path, image):
    """Whether VTK 9.1 reads what ITK writes in this format: its NRRD reader takes the fastest axis for components, its MetaImage reader crashes on
    integers of 64 bits, and it leaves NIfTI's tensors in their own order."""
    if foreign.format_of(path) == "MetaImage":
        return image.component not in ("int64", "uint64")
    return foreign.format_of(path) == "NIfTI" and image.kind != "symmetric_tensor"


if __name__ == "__main__":
    unittest.main()
