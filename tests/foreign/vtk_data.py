"""Images as VTK holds them, for the tests of its two formats."""

import numpy as np

import foreign
from foreign import COMPONENTS

SIZES = {1: [17], 2: [13, 7], 3: [13, 7, 5]}
PIXELS = [(component, 1, "scalar") for component in COMPONENTS] + [
    ("uint8", 3, "rgb"), ("uint8", 4, "rgba"), ("float32", 3, "vector"), ("uint8", 3, "vector"), ("int16", 2, "vector"), ("float64", 4, "vector"),
    ("float32", 6, "vector"),
]


def solid(facts):
    """The facts as VTK tells them, which has three dimensions of every image."""
    n = len(facts["size"])
    seen = {key: facts[key] for key in ("size", "spacing", "origin", "component", "components", "crc32")}
    for key, value in (("size", 1), ("spacing", 1.0), ("origin", 0.0)):
        seen[key] = list(seen[key]) + [value] * (3 - n)
    direction = np.eye(3)
    direction[:n, :n] = np.array(facts["direction"]).reshape(n, n)
    seen["direction"] = direction.flatten().tolist()
    return seen


def facts_read_by(reader, path):
    """What one of VTK's readers makes of the file."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    reader.SetFileName(path)
    reader.Update()
    output = reader.GetOutput()
    arrays = output.GetPointData()
    array = arrays.GetScalars() or arrays.GetVectors()
    if array is None or reader.GetErrorCode():
        return {"error": "VTK read no pixels"}
    values = vtk_to_numpy(array)
    matrix = output.GetDirectionMatrix()
    return {
        "size": list(output.GetDimensions()), "spacing": list(output.GetSpacing()), "origin": list(output.GetOrigin()),
        "direction": [matrix.GetElement(row, axis) for row in range(3) for axis in range(3)],
        "component": values.dtype.name, "components": str(array.GetNumberOfComponents()), "crc32": foreign.crc(values.tobytes()),
    }


def data_of(image, vectors=False, second=False):
    """The image as VTK's; `second` adds another array."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    data = vtkImageData()
    data.SetDimensions(image.size)
    data.SetSpacing(image.spacing)
    data.SetOrigin(image.origin)
    data.SetDirectionMatrix(*image.direction)
    array = numpy_to_vtk(image.pixels.reshape(-1, image.components), deep=True)
    array.SetName("of the heart")
    data.GetPointData().SetVectors(array) if vectors else data.GetPointData().SetScalars(array)
    if second:
        other = numpy_to_vtk(np.arange(image.pixels.size, dtype="float32"), deep=True)
        other.SetName("more")
        data.GetPointData().AddArray(other)
    return data


class Test(foreign.Test):
    def write(self, files, more=""):
        """swr writes each image, in pieces."""
        jobs = []
        for number, (path, image) in enumerate(files):
            foreign.store_pixels(image.pixels, f"pixels.{number}")
            jobs.append(f"write path={path} raw=pixels.{number} {image.words()} divisions={1 + number % 4}{more}")
        self.assert_no_error(foreign.run_jobs(foreign.SWR_TOOL, jobs), "swr writes")
