"""A region that swr pastes into a file of another program is read right by ITK and the others, and nothing else has changed."""

import itertools
import os
import subprocess
import unittest

import foreign
from foreign import CAN_PASTE_COMPRESSED, ITK_TOOL, SWR_TOOL, Image, joined

# Image size, paste index, paste size.
BOXES = {2: ([23, 17], [5, 3], [9, 11]), 3: ([23, 17, 9], [5, 3, 2], [9, 11, 4]), 4: ([11, 9, 5, 3], [3, 2, 1, 1], [5, 4, 3, 2])}
PIXELS = [("uint8", 1, "scalar"), ("int16", 1, "scalar"), ("float64", 1, "scalar"), ("uint8", 3, "rgb"), ("float32", 3, "vector")]
PLAIN = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii", ".hdr"]
COMPRESSED = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii.gz"]


class Paste:
    """A file that another program made of `image`, and what it is to hold after the paste."""

    def __init__(self, path, image, index, size, divisions=2):
        self.path = path
        part = foreign.noise(size, image.component, image.components, seed=2)
        foreign.store_pixels(part, f"{path}.part")
        self.after = image.pasted(index, part)
        self.job = (
            f"write path={path} raw={path}.part component={image.component} components={image.components} kind={image.kind} "
            f"paste={joined(index)}:{joined(size)} existing=update divisions={divisions}"
        )


class Pasted(foreign.Test):
    def paste_and_compare(self, pastes, reader_tolerance):
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [p.job for p in pastes]), "swr pastes")
        for tool in (ITK_TOOL, SWR_TOOL):
            for paste, seen in zip(pastes, foreign.run_jobs(tool, [f"read path={p.path}" for p in pastes])):
                with self.subTest(paste.path):
                    self.assert_facts(paste.after.facts(), seen, ["kind"], reader_tolerance)
        self.assert_no_error(foreign.run_jobs(SWR_TOOL, [f"verify path={p.path}" for p in pastes]), "swr verifies")

    def itk_files(self, suffixes, compress):
        jobs, pastes = [], []
        for suffix, n, (component, components, kind) in itertools.product(suffixes, BOXES, PIXELS):
            if components > 1 and n == 4:
                continue
            size, index, part = BOXES[n]
            image = Image(size, component, components, kind)
            name = f"{kind}_{component}_{n}"
            foreign.store_pixels(image.pixels, f"{name}.pixels")
            path = f"{name}{'_z' if compress else ''}{suffix}"
            jobs.append(f"write path={path} raw={name}.pixels {image.words()}" + (" compress=1" if compress else ""))
            pastes.append(Paste(path, image, index, part, divisions=1 + len(pastes) % 4))
        self.assert_no_error(foreign.run_jobs(ITK_TOOL, jobs), "ITK writes")
        return pastes

    def test_paste_into_files_of_itk(self):
        self.paste_and_compare(self.itk_files(PLAIN, False), 2e-6)

    def can(self, name, flag):
        return foreign.capabilities()[name.lower()] & flag

    def test_paste_into_compressed_files_of_itk(self):
        suffixes = [s for s in COMPRESSED if self.can(foreign.format_of(s), CAN_PASTE_COMPRESSED)]
        if suffixes:
            self.paste_and_compare(self.itk_files(suffixes, True), 2e-6)

    def test_paste_into_files_of_nibabel_gzip_and_pigz(self):
        """Streams of several encoders and levels; gzip and pigz compress a file that ITK wrote."""
        import nibabel
        import numpy as np

        if not self.can("NIfTI", CAN_PASTE_COMPRESSED):
            return
        # Larger and smoother than the others, so that the streams have many blocks of each kind.
        size, index, part = [96, 80, 40], [30, 20, 11], [40, 30, 9]
        smooth = foreign.noise(size, "int16") >> 9
        image = Image(size, "int16", pixels=smooth)
        foreign.store_pixels(smooth, "smooth.pixels")
        self.assert_no_error(foreign.run_jobs(ITK_TOOL, [f"write path=smooth.nii raw=smooth.pixels {image.words()}"]), "ITK writes")
        affine = np.eye(4)
        affine[:3, :3] = np.array(image.direction).reshape(3, 3) * np.array(image.spacing)
        affine[:3, 3] = image.origin
        header = nibabel.Nifti1Header()
        header.set_data_dtype("int16")
        header.set_slope_inter(1, 0)
        nibabel.Nifti1Image(smooth.T, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine, header).to_filename("nibabel.nii.gz")
        paths = ["nibabel.nii.gz"]
        for name, command in {
            "gzip1": ["gzip", "-1"], "gzip6": ["gzip"], "gzip9": ["gzip", "-9"], "pigz": ["pigz", "-p", "2", "-b", "128"], "pigzi": ["pigz", "-i"], "zopfli": ["pigz", "-0"],
        }.items():
            with open("smooth.nii", "rb") as plain, open(f"{name}.nii.gz", "wb") as out:
                subprocess.run(command + ["-c"], stdin=plain, stdout=out, check=True)
            paths.append(f"{name}.nii.gz")
        self.paste_and_compare([Paste(path, image, index, part, divisions=3) for path in paths], 2e-6)
        done = subprocess.run(["gzip", "-t"] + paths, capture_output=True, text=True)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        for path in paths:
            with self.subTest(path):
                after = image.pasted(index, foreign.noise(part, "int16", seed=2))
                self.assert_facts(after.facts(), foreign.read_nibabel(path), tolerance=2e-6)

    def test_paste_into_big_endian_files(self):
        """unu writes the other byte order; the file keeps it."""
        size, index, part = BOXES[3]
        jobs, pastes = [], []
        for component in ("int16", "float32", "uint64"):
            image = Image(size, component)
            foreign.store_pixels(image.pixels, f"big_{component}.pixels")
            foreign.run_jobs(ITK_TOOL, [f"write path=little_{component}.nrrd raw=big_{component}.pixels {image.words()}"])
            path = f"big_{component}.nrrd"
            subprocess.run(["teem-unu", "save", "-f", "nrrd", "-e", "raw", "-en", "big", "-i", f"little_{component}.nrrd", "-o", path], check=True)
            pastes.append(Paste(path, image, index, part))
        self.paste_and_compare(pastes, 1e-9)
        for paste in pastes:
            with self.subTest(paste.path):
                self.assert_facts(paste.after.facts(), foreign.read_unu(paste.path))
                with open(paste.path, "rb") as file:
                    self.assertIn(b"endian: big", file.read(600))


class Region(foreign.Test):
    """swr copy --region: the part knows its place in space and in the whole."""

    SWR = os.environ.get("SWR", "swr")
    INDEX, SIZE = [5, 3, 2], [9, 11, 4]

    def swr(self, *arguments):
        done = subprocess.run([self.SWR, *arguments], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, f"swr {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def setUp(self):
        self.image = Image(BOXES[3][0], "int16")
        foreign.store_pixels(self.image.pixels, "whole.pixels")
        self.assert_no_error(
            foreign.run_jobs(ITK_TOOL, [f"write path=whole{s} raw=whole.pixels {self.image.words()}" for s in (".mha", ".nrrd", ".nii")]), "ITK writes"
        )

    def test_copied_region_lies_where_it_lay(self):
        jobs = []
        for whole, part in itertools.product((".mha", ".nrrd", ".nii"), (".mha", ".mhd", ".nrrd", ".nhdr", ".nii", ".nii.gz")):
            name = f"part_of_{whole[1:]}_as_{part[1:].replace('.', '_')}{part}"  # ITK takes x.nii for x.nii.gz if both are there
            self.swr("copy", f"whole{whole}", name, "--region", f"{joined(self.INDEX)}:{joined(self.SIZE)}", "--quiet")
            jobs.append(f"roi path={name} whole=whole{whole}")
        for answer in foreign.run_jobs(ITK_TOOL, jobs):
            with self.subTest(answer["path"]):
                self.assertNotIn("error", answer)
                self.assertEqual(str(9 * 11 * 4), answer["same"])

    def test_copied_region_pastes_back_without_being_told_where(self):
        for suffix in (".mha", ".nrrd", ".nii"):
            with self.subTest(suffix):
                self.swr("copy", f"whole{suffix}", f"back{suffix}", "--region", f"{joined(self.INDEX)}:{joined(self.SIZE)}", "--quiet")
                blank = Image(self.image.size, "int16", seed=3)
                foreign.store_pixels(blank.pixels, "blank.pixels")
                foreign.run_jobs(ITK_TOOL, [f"write path=blank{suffix} raw=blank.pixels {blank.words()}"])
                self.swr("paste", f"back{suffix}", f"blank{suffix}", "--quiet")
                box = tuple(slice(i, i + s) for i, s in zip(reversed(self.INDEX), reversed(self.SIZE)))
                expected = blank.pasted(self.INDEX, self.image.pixels[box])
                self.assert_facts(expected.facts(), foreign.run_jobs(ITK_TOOL, [f"read path=blank{suffix}"])[0], tolerance=2e-6)


if __name__ == "__main__":
    unittest.main()
