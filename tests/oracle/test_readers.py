#!/usr/bin/python3
"""ITK, VTK, nibabel, NumPy, mrcfile, unu and nifti_tool read results of random changes to the values and the geometry that the oracle reads.

    SWR=... SWR_TOOL=... ITK_TOOL=... test_readers.py
"""

import os
import shutil
import subprocess
import sys
import unittest
import warnings

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "foreign"))
import foreign
import nifti
from nrrd import Nrrd
from operations import Run, Wrong
from rules_linear import HOLDS

SEED, RUNS = 3, 900


def results():
    """(path, file) of the last result of each run."""
    out = []
    for number in range(RUNS):
        folder = os.path.abspath(f"readers{number}")
        shutil.rmtree(folder, ignore_errors=True)
        run = Run(os.path.abspath(os.environ["SWR"]), SEED, number, folder)
        try:
            run.go()
        except Wrong:
            continue  # for test_changes.py to tell
        out.append((run.path, run.file))
    return out


def packed(values):
    """As programs hold pixels in memory: the components of each together."""
    return np.moveaxis(values, -1, 0).tobytes(order="F")


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = results()

    def of_format(self, name):
        return [(path, file) for path, file in self.files if file.format == name]

    def test_nibabel_reads_each_field_extension_and_value_of_nifti(self):
        import nibabel

        read = 0
        for path, file in self.of_format("NIfTI"):
            if file.pair and file.compressed_pair:
                continue  # nibabel looks for an .img
            if file.extensions and file.gap >= 16 and os.path.basename(path).startswith("image"):
                continue  # the generator's file, whose zeros before the pixels nibabel takes for an extension
            with self.subTest(path):
                image = nibabel.load(path)
                header = image.header
                for name, kind, count in nifti.FIELDS[file.version]:
                    if kind.endswith("s") or name in ("sizeof_hdr", "vox_offset", "quatern", "qoffset", "scl_slope", "scl_inter"):
                        continue  # texts are compared below; nibabel has other names for some
                    np.testing.assert_array_equal(np.ravel(header[name]), np.ravel(file.fields[name]), name)
                for name in ("descrip", "aux_file", "intent_name"):
                    self.assertEqual(file.fields[name], header[name].item(), name)
                self.assertEqual([(code, data.rstrip(b"\0")) for code, data in file.extensions], [(e.get_code(), raw_content(e)) for e in header.extensions])
                which = next((form for form in ("sform", "qform") if file.fields[form + "_code"] > 0), None)
                if which:
                    matrix, offset = file.form(which)
                    np.testing.assert_allclose(image.affine[:3, :3], matrix, atol=(1e-5 if which == "sform" else 4e-4) * np.abs(matrix).max())  # half turns are rounded
                    np.testing.assert_allclose(image.affine[:3, 3], offset, atol=1e-5)
                self.check_values(file, np.asarray(image.dataobj.get_unscaled()))
                read += 1
        self.assertGreater(read, 20)

    def check_values(self, file, got):
        values = file.values
        if got.dtype.names:
            got = np.stack([got[name] for name in got.dtype.names], axis=-1)
        elif got.dtype.kind == "c":
            got = np.stack([got.real, got.imag], axis=-1)
        np.testing.assert_array_equal(got.reshape(values.shape), values)

    def test_nifti_tool_finds_nothing_wrong(self):
        paths = [path for path, file in self.of_format("NIfTI") if file.version == 1]
        foreign.check_nifti_tool(self, paths)

    def test_unu_reads_each_field_and_value_of_nrrd(self):
        read = 0
        for path, file in self.of_format("NRRD"):
            with self.subTest(path):
                again = path + ".unu.nrrd"
                done = subprocess.run(["teem-unu", "save", "-f", "nrrd", "-e", "raw", "-i", path, "-o", again], capture_output=True, text=True)
                self.assertEqual(0, done.returncode, done.stderr)
                other = Nrrd.load(again)
                np.testing.assert_array_equal(file.values, other.values)
                self.assertEqual(teem_facts(file), teem_facts(other))
                read += 1
        self.assertGreater(read, 20)

    def test_numpy_loads_each_array(self):
        read = 0
        for path, file in self.of_format("NumPy"):
            with self.subTest(path):
                array = np.load(path)
                self.assertEqual(file.shape(), array.shape)
                values = array if file.fortran else array.T
                values = np.stack([values.real, values.imag], axis=-1) if array.dtype.kind == "c" else values
                if array.dtype.kind != "c":
                    values = np.moveaxis(values, 0, -1) if file.has_components else values[..., np.newaxis]
                np.testing.assert_array_equal(values, file.values)
                read += 1
        self.assertGreater(read, 20)

    def test_mrcfile_reads_values_and_places(self):
        import mrcfile

        read = 0
        for path, file in self.of_format("MRC"):
            if not file.has_mark() or file.get("mode") not in (1, 2, 4, 6):
                continue  # mrcfile has no other modes, and its own rule for bytes
            with self.subTest(path), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with mrcfile.open(path, permissive=True) as mrc:
                    data, spacing, origin = mrc.data.T, mrc.voxel_size, mrc.header.origin
                    values = np.stack([data.real, data.imag], axis=-1) if data.dtype.kind == "c" else data[..., np.newaxis]
                    np.testing.assert_array_equal(values.reshape(file.values.shape, order="F"), file.values)
                    for axis, letter in enumerate("xyz"[: min(3, len(file.size()))]):
                        if not (axis == 2 and file.is_stack_of_images()):  # of whose cell mrcfile has another rule
                            self.assertAlmostEqual(file.spacing(axis), float(spacing[letter]), places=5)
                        if file.states_origin():
                            self.assertEqual(file.affine().first[axis], float(origin[letter]))
                read += 1
        self.assertGreater(read, 30)

    def test_nibabel_reads_values_and_places_of_mgh(self):
        import nibabel

        read = 0
        for path, file in self.of_format("MGH"):
            if not file.get("goodRAS") or file.get("version") != 1:
                continue  # nibabel assumes other axes than FreeSurfer, and knows no intents
            with self.subTest(path):
                copy = path + (".again.mgz" if path.endswith("z") else ".again.mgh")  # nibabel does not know .mgh.gz
                shutil.copy(path, copy)
                image = nibabel.load(copy, mmap=False)
                np.testing.assert_array_equal(np.asarray(image.dataobj).reshape(file.values.shape), file.values)
                affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine
                np.testing.assert_allclose(affine[:3, :3], file.affine().matrix[:3, :3], atol=1e-5)
                np.testing.assert_allclose(affine[:3, 3], file.affine().first[:3], atol=1e-4)
                read += 1
        self.assertGreater(read, 20)

    def test_vtk_reads_values_and_places(self):
        from vtkmodules.util.numpy_support import vtk_to_numpy
        from vtkmodules.vtkIOLegacy import vtkStructuredPointsReader

        read = 0
        for path, file in self.of_format("VTK"):
            with self.subTest(path):
                reader = vtkStructuredPointsReader()
                reader.SetFileName(path)
                reader.Update()
                output = reader.GetOutput()
                data = output.GetPointData()
                values = vtk_to_numpy(data.GetScalars() or data.GetVectors())
                self.assertEqual(file.extent, output.GetDimensions())
                self.assertEqual((file.list("SPACING"), file.list("ORIGIN")), (list(output.GetSpacing()), list(output.GetOrigin())))
                np.testing.assert_array_equal(values.ravel(), np.moveaxis(file.values, -1, 0).ravel(order="F"))
                read += 1
        self.assertGreater(read, 20)

    def test_itk_reads_values_and_places(self):
        chosen = [(path, file) for path, file in self.files if itk_reads(file)]
        answers = foreign.run_jobs(foreign.ITK_TOOL, [f"read path={path}" for path, _ in chosen])
        read = {}
        for (path, file), facts in zip(chosen, answers):
            with self.subTest(path):
                self.assertNotIn("error", facts)
                picture = file.picture()
                self.assertEqual(list(picture.size), facts["size"])
                if picture.scale == (1.0, 0.0):
                    self.assertEqual(foreign.crc(packed(picture.values)), facts["crc32"])
                n = len(picture.size)
                matrix = np.array(facts["direction"]).reshape(n, n) * np.array(facts["spacing"])
                affine = picture.affines[0]
                bound = 1e-4 * np.abs(affine.matrix).max()  # ITK keeps only what is nearly orthonormal, and makes it so
                np.testing.assert_allclose(matrix, affine.matrix, atol=bound)
                np.testing.assert_allclose(facts["origin"], affine.first, atol=bound)
                read[file.format] = read.get(file.format, 0) + 1
        self.assertTrue(all(read.get(name, 0) > 10 for name in ("MetaImage", "NRRD", "NIfTI")), read)


def raw_content(extension):
    content = extension._raw if hasattr(extension, "_raw") else extension._content
    return bytes(content).rstrip(b"\0")


def teem_facts(file):
    """What teem keeps when it writes a file again. It has names of its own for types, spaces and kinds, drops units and minima, and reads ASCII alone."""
    out = {}
    for name, value in file.facts().items():
        if name.startswith(("comment", "units", "file ")) or name in ("magic", "type", "encoding", "endian", "data file", "number", "space", "min", "max"):
            continue
        if isinstance(value, str) and not name.startswith("key"):
            value = value.encode("ascii", "ignore").decode().strip('"')
        if isinstance(value, tuple):
            value = tuple(float("%.12g" % v) for v in value)
        elif isinstance(value, float):
            value = "NaN" if value != value else float("%.12g" % value)
        elif name.startswith("kinds"):
            value = value.lower()
        if not (name.startswith("thicknesses") and value in ("NaN", "nan")):  # teem drops a field of nothing but these
            out[name] = value
    return out


def itk_reads(file):
    """Whether ITK reads the file in the same way: three axes that are orthogonal, millimetres, one transform, a space that it turns right."""
    if file.format in HOLDS:
        return False  # tests/foreign has these
    picture = file.picture()
    if len(picture.size) != 3 or not picture.affines or any(unit not in ("", "mm") for unit in picture.units):
        return False
    if not all(np.allclose(a.matrix, picture.affines[0].matrix, atol=1e-4) and np.allclose(a.first, picture.affines[0].first, atol=1e-4) for a in picture.affines):
        return False  # ITK has a rule of its own which one it takes
    matrix = picture.affines[0].matrix
    if matrix.shape != (3, 3):
        return False
    lengths = np.linalg.norm(matrix, axis=0)
    if np.abs(matrix.T @ matrix / np.outer(lengths, lengths) - np.eye(3)).max() > 1e-5:
        return False
    if file.format == "NIfTI":
        if not np.isfinite(picture.values).all() or not np.allclose(lengths, file.fields["pixdim"][1:4], rtol=1e-4):
            return False  # the NIfTI library reads 0 where a value is not finite, and ITK needs pixdim to be the lengths
        return file.version == 1 and file.fields["intent_code"] not in (1005, 2001)
    if file.format == "NRRD":
        kinds = [word.lower() for word in file.axis_words("kinds") or []]
        known = all(kind in ("domain", "space", "vector", "list", "rgb-color", "complex", "covariant-vector", "???") for kind in kinds)
        turned = (file.find("space") or "").lower() in ("left-posterior-superior", "right-anterior-superior", "lps", "ras")
        return known and turned and file.find("space origin") is not None and file.component_axis() in (None, 0) and file.find("space units") is None
    return file.find("ElementSpacing") is not None or file.find("ElementSize") is None


if __name__ == "__main__":
    unittest.main()
