"""swr reads what ITK, unu, nibabel and VTK wrote as those programs read it themselves."""

import bz2
import itertools
import os
import subprocess
import unittest

import numpy as np

import foreign
from foreign import ITK_TOOL, SAMPLES, SWR_TOOL, Image, joined

SWR = os.environ["SWR"]
SUFFIXES = (".mha", ".mhd", ".nrrd", ".nhdr", ".nii", ".nii.gz", ".hdr", ".hdr.gz")


def write_bytes(path, data):
    with open(path, "wb") as out:
        out.write(data)


def nrrd_header(sizes, encoding):
    return f"NRRD0004\ntype: int16\ndimension: 3\nsizes: {sizes}\nendian: little\nencoding: {encoding}\n".encode()


class Samples(foreign.Test):
    def test_all_samples_read_as_itk_reads_them(self):
        paths = sorted(os.path.join(SAMPLES, name) for name in os.listdir(SAMPLES) if name.endswith(SUFFIXES))
        self.assertGreater(len(paths), 100)
        expected = foreign.run_jobs(ITK_TOOL, [f"read path={path}" for path in paths])
        self.assert_no_error(expected, "ITK reads")
        for facts, seen in zip(expected, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path in paths])):
            path = facts.pop("path")
            with self.subTest(os.path.basename(path)):
                turn_negative_axes(facts)
                # ITK calls all pixels of several components in MetaImage vectors, whatever they are.
                self.assert_facts(facts, seen, skip=["kind"] if foreign.format_of(path) == "MetaImage" else [], tolerance=2e-6)


def turn_negative_axes(facts):
    """ITK keeps a negative spacing of a MetaImage file; swr turns it into a positive one along the opposite direction."""
    n = len(facts["size"])
    for axis, step in enumerate(facts["spacing"]):
        if step < 0:
            facts["spacing"][axis] = -step
            for row in range(n):
                facts["direction"][row * n + axis] *= -1


class OtherWriters(foreign.Test):
    """Each test writes files with another program and tells what is in them."""

    def check(self, files, tolerance=1e-9, skip=()):
        answers = foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path in files])
        for (path, facts), seen in zip(files.items(), answers):
            with self.subTest(path):
                self.assert_facts(facts, seen, skip, tolerance)

    def test_unu_writes_encodings_byte_orders_and_detached_files(self):
        image = Image([7, 5, 4], "int32")
        foreign.store_pixels(image.pixels, "unu.pixels")
        foreign.run_jobs(ITK_TOOL, [f"write path=unu_in.nrrd raw=unu.pixels {image.words()}"])
        files = {}
        encodings = [(encoding, order) for encoding in ("raw", "gzip", "bzip2", "hex") for order in ("little", "big")] + [("ascii", "little")]
        for suffix, (encoding, order) in itertools.product(("nrrd", "nhdr"), encodings):
            path = f"unu_{encoding}_{order}.{suffix}"
            subprocess.run(["teem-unu", "save", "-f", "nrrd", "-e", encoding, "-en", order, "-i", "unu_in.nrrd", "-o", path], check=True)
            files[path] = image.facts()
        self.check(files)

    def test_bzip2_of_many_blocks_and_streams_is_read(self):
        """Back and forth too: the stream has no place to start from but its begin."""
        image = Image([200, 150, 20], "int16")
        data = image.pixels.tobytes()
        half = len(data) // 2
        streams = {"bzip2_one": bz2.compress(data, 1), "bzip2_two": bz2.compress(data[:half]) + bz2.compress(data[half:])}
        for name, stream in streams.items():
            write_bytes(f"{name}.nrrd", nrrd_header("200 150 20", "bzip2") + b"\n" + stream)
            for z in (15, 3, 16):
                subprocess.run([SWR, "copy", f"{name}.nrrd", "box.nrrd", "--region", f"5,6,{z}:40,30,2", "-q"], check=True)
                box = foreign.run_jobs(SWR_TOOL, ["read path=box.nrrd"])[0]
                self.assertEqual(foreign.crc(image.pixels[z : z + 2, 6:36, 5:45].tobytes()), box["crc32"])
            write_bytes(f"{name}.short.nrrd", nrrd_header("200 150 20", "bzip2") + b"\n" + stream[: half // 2])
            self.assertIn("CORRUPT", foreign.run_jobs(SWR_TOOL, [f"read path={name}.short.nrrd"])[0]["error"])
        self.assertEqual([image.crc32()] * 2, [facts["crc32"] for facts in foreign.run_jobs(SWR_TOOL, [f"read path={name}.nrrd" for name in streams])])

    def test_pixels_that_were_gzipped_after_the_header_was_written_are_found(self):
        """x.raw is not there, but x.raw.gz is: what gzip makes of it, and teem reads so too."""
        image = Image([7, 5, 4], "int16")
        fields = "ObjectType = Image\nNDims = 3\nBinaryData = True\nDimSize = 7 5 4\nElementType = MET_SHORT\nElementDataFile = packed.raw\n"
        write_bytes("packed.mhd", fields.encode())
        write_bytes("packed.nhdr", nrrd_header("7 5 4", "raw") + b"data file: packed.raw\n")
        write_bytes("packed.raw", image.pixels.tobytes())
        subprocess.run(["gzip", "-f", "packed.raw"], check=True)
        for path in ("packed.mhd", "packed.nhdr"):
            with self.subTest(path):
                seen = foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0]
                self.assertNotIn("error", seen)
                self.assertEqual(image.crc32(), seen["crc32"])

    def test_metaimage_as_text_is_read_as_itk_reads_it(self):
        """No program here writes it, but ITK reads it."""
        for component, name in (("int16", "MET_SHORT"), ("float32", "MET_FLOAT"), ("uint8", "MET_UCHAR")):
            image = Image([7, 5, 4], component, direction=np.eye(3).flatten().tolist())
            fields = f"NDims = 3\nBinaryData = False\nOffset = {joined(image.origin)}\nElementSpacing = {joined(image.spacing)}\nDimSize = 7 5 4\n"
            with open(f"text_{component}.mha", "w") as out:
                out.write("ObjectType = Image\n" + fields.replace(",", " ") + f"ElementType = {name}\nElementDataFile = LOCAL\n")
                out.write("\n".join(" ".join(repr(v) for v in row) for row in image.pixels.reshape(-1, 7).tolist()) + "\n")
            path = f"text_{component}.mha"
            with self.subTest(path):
                self.assert_facts(image.facts(), foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0])
                self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0])

    def test_unu_writes_other_spaces(self):
        """The same place in space, told in RAS and LAS, comes back in LPS."""
        image = Image([7, 5, 4], "uint8")
        columns = (np.array(image.direction).reshape(3, 3) * np.array(image.spacing)).T
        files = {}
        for space, signs in (("right-anterior-superior", [-1, -1, 1]), ("left-anterior-superior", [1, -1, 1])):
            path = f"{space}.nrrd"
            vectors = " ".join("(" + ",".join(repr(float(v)) for v in column * signs) + ")" for column in columns)
            origin = ",".join(repr(float(v)) for v in np.array(image.origin) * signs)
            with open("plain.nrrd", "wb") as out:
                header = f"NRRD0004\ntype: uint8\ndimension: 3\nspace: {space}\nsizes: 7 5 4\nspace directions: {vectors}\nspace origin: ({origin})\n"
                out.write((header + "encoding: raw\n\n").encode() + image.pixels.tobytes())
            subprocess.run(["teem-unu", "save", "-f", "nrrd", "-e", "gzip", "-i", "plain.nrrd", "-o", path], check=True)
            files[path] = image.facts()
        self.check(files)

    def test_nibabel_writes_both_versions_byte_orders_and_pairs(self):
        import nibabel

        files = {}
        for kind, suffixes in ((nibabel.Nifti1Image, (".nii", ".nii.gz")), (nibabel.Nifti2Image, (".nii", ".nii.gz")), (nibabel.Nifti1Pair, (".hdr", ".hdr.gz"))):
            for order in "<>":
                for component in ("uint8", "int16", "float64"):
                    image = Image([7, 5, 4], component)
                    name = f"nibabel_{kind.__name__}_{component}_{'little' if order == '<' else 'big'}"
                    for suffix in suffixes:
                        self.save(kind, image, order, name + suffix)
                        files[name + suffix] = image.facts()
        self.check(files, tolerance=2e-6)
        self.check_wide(nibabel)

    def test_nibabel_writes_analyze_pairs(self):
        """What nibabel makes of the place in space is SPM's way, and ITK's is another; sizes, spacing and values are the same to all."""
        import nibabel

        files = {}
        for kind in (nibabel.AnalyzeImage, nibabel.Spm99AnalyzeImage, nibabel.Spm2AnalyzeImage):
            for order, component, suffix in itertools.product("<>", ("uint8", "int16", "int32", "float32", "float64"), (".hdr", ".hdr.gz")):
                image = Image([7, 5, 4], component, direction=np.eye(3).flatten().tolist(), origin=[0.0, 0.0, 0.0])
                path = f"{kind.__name__}_{component}_{'little' if order == '<' else 'big'}{suffix}"
                header = kind.header_class(endianness=order)
                header.set_data_dtype(np.dtype(component).newbyteorder(order))
                affine = np.diag([-image.spacing[0], *image.spacing[1:], 1.0])
                affine[:3, 3] = [10.5, 20.25, 30.0]
                kind(image.pixels.T, affine, header).to_filename(path)
                files[path] = image.facts()
        self.check(files, tolerance=2e-6)
        for path, facts in files.items():
            if path.endswith(".hdr"):
                with self.subTest(f"ITK {path}"):
                    self.assert_facts(facts, foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0], ["origin", "direction"], 2e-6)

    def save(self, kind, image, order, path):
        affine = np.eye(4)
        affine[:3, :3] = np.array(image.direction).reshape(3, 3) * np.array(image.spacing)
        affine[:3, 3] = image.origin
        header = kind.header_class(endianness=order)
        header.set_data_dtype(np.dtype(image.component).newbyteorder(order))
        header.set_slope_inter(1, 0)
        header.set_xyzt_units("mm")
        written = kind(image.pixels.T, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine, header)
        written.to_filename(path)

    def check_wide(self, nibabel):
        """Only version 2 has axes above 32767."""
        image = Image([40000, 3], "int16", spacing=[0.5, 0.5], origin=[1.0, 2.0], direction=[1.0, 0.0, 0.0, 1.0])
        affine = np.diag([-0.5, -0.5, 1.0, 1.0])
        affine[:2, 3] = [-1.0, -2.0]
        nibabel.Nifti2Image(image.pixels.T, affine).to_filename("nibabel_wide.nii")
        self.check({"nibabel_wide.nii": image.facts()}, tolerance=2e-6)

    def test_vtk_writes_metaimage_and_nifti(self):
        from vtkmodules.util.numpy_support import numpy_to_vtk
        from vtkmodules.vtkCommonDataModel import vtkImageData
        from vtkmodules.vtkIOImage import vtkMetaImageWriter, vtkNIFTIImageWriter

        files = {}
        for component in ("uint8", "int16", "float32", "float64"):
            image = Image([7, 5, 4], component, origin=[1.0, 2.0, 3.0], direction=np.eye(3).flatten().tolist())
            data = vtkImageData()
            data.SetDimensions(*image.size)
            data.SetSpacing(*image.spacing)
            data.SetOrigin(*image.origin)
            data.GetPointData().SetScalars(numpy_to_vtk(image.pixels.ravel(), deep=True))
            for path, writer, compression in (
                (f"vtk_{component}.mhd", vtkMetaImageWriter(), False), (f"vtk_{component}_z.mhd", vtkMetaImageWriter(), True), (f"vtk_{component}.nii", vtkNIFTIImageWriter(), None),
            ):
                writer.SetInputData(data)
                writer.SetFileName(path)
                if compression is not None:
                    writer.SetCompression(compression)
                writer.Write()
                facts = image.facts()
                if path.endswith(".nii"):  # VTK gives its origin in RAS, and no form without a matrix
                    del facts["origin"], facts["direction"]
                files[path] = facts
        self.check(files, tolerance=2e-6)


if __name__ == "__main__":
    unittest.main()
