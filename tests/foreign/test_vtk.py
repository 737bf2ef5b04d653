"""VTK's legacy files: VTK and ITK read right what swr writes, pastes into and grows, and swr reads what they write."""

import os
import subprocess
import unittest

import numpy as np

import foreign
import vtk_data
from foreign import COMPONENTS, ITK_TOOL, SWR_TOOL, Image, joined
from vtk_data import PIXELS, SIZES, facts_read_by, solid

SWR = os.environ["SWR"]


def image_of(size, component, components=1, kind="scalar", seed=1):
    return Image(size, component, components, kind, seed, direction=np.eye(len(size)).flatten().tolist())


def read_vtk(path):
    from vtkmodules.vtkIOLegacy import vtkStructuredPointsReader

    return facts_read_by(vtkStructuredPointsReader(), path)


def write_vtk(path, image, text=False, second=False):
    from vtkmodules.vtkIOLegacy import vtkStructuredPointsWriter

    writer = vtkStructuredPointsWriter()
    writer.SetFileName(path)
    writer.SetHeader("a title")
    writer.SetInputData(vtk_data.data_of(image, second=second))
    writer.SetFileTypeToASCII() if text else writer.SetFileTypeToBinary()
    writer.Write()


class Vtk(vtk_data.Test):
    def written(self):
        files = [(f"{kind}_{component}_{components}_{n}.vtk", image_of(size, component, components, kind)) for component, components, kind in PIXELS
                 for n, size in SIZES.items()]
        self.write(files)
        return files

    def test_vtk_reads_what_swr_writes(self):
        for path, image in self.written():
            with self.subTest(path):
                self.assert_facts(solid(image.facts()), read_vtk(path))

    def test_itk_reads_what_swr_writes(self):
        files = [(path, image) for path, image in self.written() if len(image.size) > 1]
        answers = foreign.run_jobs(ITK_TOOL, [f"read path={path}" for path, _ in files])
        for (path, image), seen in zip(files, answers):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen)

    def test_swr_reads_what_vtk_writes(self):
        for component in COMPONENTS:
            for text in (False, True):
                image = image_of(SIZES[3], component)
                path = f"vtk_{component}_{'text' if text else 'binary'}.vtk"
                if text and component.startswith("float"):
                    image.pixels = np.round(image.pixels)  # VTK writes few digits
                write_vtk(path, image, text)
                with self.subTest(path):
                    self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0])

    def test_swr_reads_what_itk_writes(self):
        files, jobs = [], []
        for component, components, kind in PIXELS:
            image = image_of(SIZES[3], component, components, kind)
            path = f"itk_{kind}_{component}_{components}.vtk"
            foreign.store_pixels(image.pixels, f"pixels.{path}")
            jobs.append(f"write path={path} raw=pixels.{path} {image.words()}")
            files.append((path, image))
        self.assert_no_error(foreign.run_jobs(ITK_TOOL, jobs), "ITK writes")
        for (path, image), seen in zip(files, foreign.run_jobs(SWR_TOOL, [f"read path={path}" for path, _ in files])):
            with self.subTest(path):
                self.assert_facts(image.facts(), seen)

    def test_pastes_are_read_right(self):
        image, part = image_of(SIZES[3], "int16"), foreign.noise([4, 3, 2], "int16", seed=2)
        foreign.store_pixels(part, "part.pixels")
        self.write([("own.vtk", image)])
        write_vtk("vtk.vtk", image)
        write_vtk("two.vtk", image, second=True)
        for path in ("own.vtk", "vtk.vtk", "two.vtk"):
            before = os.path.getsize(path)
            job = (f"write path={path} raw=part.pixels component=int16 components=1 kind=scalar paste={joined([5, 3, 2])}:{joined([4, 3, 2])} "
                   "existing=update")
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
            with self.subTest(path):
                self.assertEqual(before, os.path.getsize(path))
                self.assert_facts(solid(image.pasted([5, 3, 2], part).facts()), read_vtk(path))

    def test_grown_files_are_read_right(self):
        image = image_of(SIZES[3], "uint16")
        self.write([("own.vtk", image)])
        write_vtk("vtk.vtk", image)
        for path in ("own.vtk", "vtk.vtk"):
            done = subprocess.run([SWR, "extend", path, "--size", joined([13, 7, 12]), "-q"], capture_output=True, text=True)
            self.assertEqual(0, done.returncode, done.stderr)
            pixels = np.concatenate([image.pixels, np.zeros((7, 7, 13), "uint16")])
            grown = image_of([13, 7, 12], "uint16")
            grown.pixels = pixels
            with self.subTest(path):
                self.assert_facts(solid(grown.facts()), read_vtk(path))
                self.assert_facts(grown.facts(), foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0])


if __name__ == "__main__":
    unittest.main()
