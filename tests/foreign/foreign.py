"""Images of known content, the two tools, and other programs' readers, all speaking of a file as a dict of facts.

Facts: size, spacing, origin (of the first pixel), direction (row-major), component, components, kind, crc32 of the packed pixels. A reader leaves out
what its program does not know.
"""

import json
import os
import subprocess
import unittest
import zlib
from dataclasses import dataclass, field, replace

import numpy as np

SWR_TOOL = os.environ["SWR_TOOL"]
ITK_TOOL = os.environ["ITK_TOOL"]
HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "..", "data", "itk")

COMPONENTS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
LISTS = {"size": int, "spacing": float, "origin": float, "direction": float, "index": int}

# A rotation about z and x that no program can mistake for the identity, a flip or a permutation.
_C, _S, _c, _s = np.cos(np.pi / 6), np.sin(np.pi / 6), np.cos(np.pi / 18), np.sin(np.pi / 18)
OBLIQUE = np.array([[_C, -_S, 0], [_S, _C, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, _c, -_s], [0, _s, _c]])
SPACING = [0.7, 0.8, 2.5, 1.5, 3.25]
ORIGIN = [-10.5, 20.25, 30.0, 0.0, 0.0]


def ask_node(jobs):
    """What the readers of node/read.mjs say of a file, for each job (reader, path)."""
    lines = "".join(json.dumps({"reader": reader, "path": path}) + "\n" for reader, path in jobs)
    program = ["node", os.path.join(HERE, "node", "read.mjs"), os.environ["SWR_NODE_MODULES"]]
    done = subprocess.run(program, input=lines, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"node ended with {done.returncode}; scripts/bootstrap installs the readers: {done.stderr[-2000:]}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(jobs), f"{len(jobs)} jobs, {len(answers)} answers: {done.stderr[-2000:]}"
    return answers


def oblique(dimensions):
    matrix = np.eye(dimensions)
    if dimensions == 2:
        matrix = np.array([[_C, -_S], [_S, _C]])
    elif dimensions > 2:
        matrix[:3, :3] = OBLIQUE
    return matrix.flatten().tolist()


@dataclass
class Image:
    size: list
    component: str = "int16"
    components: int = 1
    kind: str = "scalar"
    seed: int = 1
    spacing: list = None
    origin: list = None
    direction: list = None
    index: list = None
    pixels: np.ndarray = field(default=None, repr=False)  # slowest axis first, components last

    def __post_init__(self):
        n = len(self.size)
        self.spacing = self.spacing or SPACING[:n]
        self.origin = self.origin or ORIGIN[:n]
        self.direction = self.direction or oblique(n)
        if self.pixels is None:
            self.pixels = noise(self.size, self.component, self.components, self.seed)

    def crc32(self):
        return "%08x" % zlib.crc32(self.pixels.tobytes())

    def facts(self):
        return {
            "dimensions": str(len(self.size)), "size": list(self.size), "spacing": self.spacing, "origin": self.origin, "direction": self.direction,
            "component": self.component, "components": str(self.components), "kind": self.kind, "crc32": self.crc32(),
        }

    def words(self):
        """The description as a job's words. The job's origin is the position of index zero."""
        origin = np.array(self.origin)
        words = f"size={joined(self.size)} component={self.component} components={self.components} kind={self.kind}"
        if self.index:
            matrix = np.array(self.direction).reshape(len(self.size), -1)
            origin = origin - matrix @ (np.array(self.spacing) * np.array(self.index))
            words += f" index={joined(self.index)}"
        return words + f" spacing={joined(self.spacing)} origin={joined(origin)} direction={joined(self.direction)}"

    def pasted(self, index, part):
        """This image with `part` at `index`, which is relative to the first pixel."""
        box = tuple(slice(i, i + s) for i, s in zip(reversed(index), part.shape))
        pixels = self.pixels.copy()
        pixels[box] = part
        return replace(self, pixels=pixels)


def joined(values):
    return ",".join(repr(v) if isinstance(v, int) else repr(float(v)) for v in values)


def noise(size, component, components=1, seed=1):
    rng = np.random.default_rng(seed)
    shape = tuple(reversed(size)) + ((components,) if components > 1 else ())
    dtype = np.dtype(component)
    if dtype.kind == "f":
        return (rng.standard_normal(shape) * 1000).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def store_pixels(pixels, path):
    with open(path, "wb") as out:
        out.write(pixels.tobytes())


def run_jobs(tool, jobs):
    """One process for all jobs; a list of their facts, with "error" in those that failed."""
    done = subprocess.run([tool], input="\n".join(jobs) + "\n", capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise AssertionError(f"{tool} ended with {done.returncode} after {done.stdout.count('path:')} of {len(jobs)} jobs: {done.stdout[-300:]}{done.stderr[-2000:]}")
    answers = [parse_facts(block) for block in done.stdout.split("\n\n") if block.strip()]
    assert len(answers) == len(jobs), f"{len(jobs)} jobs, {len(answers)} answers"
    return answers


def parse_facts(block):
    facts = {}
    for line in block.strip().split("\n"):
        key, _, value = line.partition(":")
        facts[key] = [LISTS[key](v) for v in value.split()] if key in LISTS else value.strip()
    return facts


def capabilities():
    """The flags of each format, by its name in lower case."""
    facts = run_jobs(SWR_TOOL, ["formats"])[0]
    return {name.lower(): int(flags) for name, flags in facts.items() if name != "path"}


CAN_COMPRESS, CAN_STREAM_COMPRESSED, CAN_PASTE_COMPRESSED = 16, 32, 64


def format_of(path):
    if path.endswith((".mha", ".mhd")):
        return "MetaImage"
    return "NRRD" if path.endswith((".nrrd", ".nhdr")) else "NIfTI"


class Test(unittest.TestCase):
    maxDiff = None

    def assert_no_error(self, answers, what):
        failed = [f"{a['path']}: {a['error']}" for a in answers if "error" in a]
        self.assertEqual([], failed, what)

    def paste_noise(self, path, image, size, first, seed):
        """Pastes a box of noise; the image with it."""
        part = noise(size, image.component, image.components, seed=seed)
        store_pixels(part, "part.pixels")
        job = (
            f"write path={path} raw=part.pixels component={image.component} components={image.components} kind={image.kind} "
            f"paste={joined(first)}:{joined(size)} existing=update"
        )
        self.assert_no_error(run_jobs(SWR_TOOL, [job]), "swr pastes")
        return image.pasted(first, part)

    def extend_by_slices(self, path, image, count):
        """Makes the file longer along the slowest axis; the image with slices of zeros."""
        size = image.size[:-1] + [image.size[-1] + count]
        subprocess.run([os.environ["SWR"], "extend", path, "--size", joined(size)], check=True, capture_output=True)
        grown = np.zeros((size[-1],) + image.pixels.shape[1:], image.pixels.dtype)
        grown[: image.size[-1]] = image.pixels
        return Image(size, image.component, image.components, image.kind, pixels=grown)

    def assert_facts(self, expected, facts, skip=(), tolerance=1e-9):
        """Every fact that the reader gives is as expected; real numbers within a tolerance."""
        self.assertNotIn("error", facts)
        for key in ["size", "crc32"]:
            self.assertIn(key, facts)
        for key, value in expected.items():
            if key not in facts or key in skip:
                continue
            if key in ("spacing", "origin", "direction"):
                self.assertEqual(len(value), len(facts[key]), key)
                worst = max(abs(a - b) / max(1, abs(a)) for a, b in zip(value, facts[key]))
                self.assertLess(worst, tolerance, f"{key}: {value} expected, {facts[key]} read")
            else:
                self.assertEqual(value, facts[key], key)


# ---- other programs ----


def crc(data):
    return "%08x" % zlib.crc32(data)


def read_nibabel(path):
    import nibabel

    image = nibabel.load(path)
    values = np.asarray(image.dataobj.get_unscaled())
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine  # RAS to LPS
    shape = list(values.shape)
    components = 1
    if image.header["intent_code"] in (1005, 1007):  # planes of components, the fifth axis
        components = shape[4]
        values = np.moveaxis(values.reshape(shape[:3] + [components]), 3, 0)
        shape = shape[:3]
    elif values.dtype.names:
        components = len(values.dtype.names)
    elif values.dtype.kind == "c":
        components = 2
    facts = {"size": shape, "components": str(components), "crc32": crc(values.tobytes(order="F"))}
    if values.dtype.kind in "iuf":
        facts["component"] = values.dtype.newbyteorder("=").name
    n = min(len(shape), 3)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    facts["spacing"] = [float(v) for v in spacing[:n]] + [float(v) for v in image.header.get_zooms()[3 : len(shape)]]
    facts["origin"] = affine[:n, 3].tolist() + [0.0] * (len(shape) - n)
    direction = np.eye(len(shape))
    direction[:n, :n] = (affine[:3, :3] / spacing)[:n, :n]
    facts["direction"] = direction.flatten().tolist()
    return facts


def read_vtk(path):
    """Three dimensions; MetaImage without its direction, which VTK 9.1 does not read."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOImage import vtkMetaImageReader, vtkNIFTIImageReader

    reader = vtkMetaImageReader() if format_of(path) == "MetaImage" else vtkNIFTIImageReader()
    reader.SetFileName(path)
    reader.Update()
    output = reader.GetOutput()
    scalars = output.GetPointData().GetScalars()
    if scalars is None:
        return {"error": "VTK read no pixels"}
    values = vtk_to_numpy(scalars)
    facts = {
        "size": list(output.GetDimensions()), "spacing": list(output.GetSpacing()), "origin": list(output.GetOrigin()),
        "component": values.dtype.name, "components": str(scalars.GetNumberOfComponents()), "crc32": crc(values.tobytes()),
    }
    if format_of(path) == "NIfTI":
        form = reader.GetSFormMatrix() or reader.GetQFormMatrix()
        matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.array([[form.GetElement(i, j) for j in range(4)] for i in range(4)])
        facts["origin"] = matrix[:3, 3].tolist()
        facts["direction"] = matrix[:3, :3].flatten().tolist()
    return facts


UNU_TYPES = {
    "unsigned char": "uint8", "signed char": "int8", "unsigned short": "uint16", "short": "int16", "unsigned int": "uint32", "int": "int32",
    "unsigned long long int": "uint64", "long long int": "int64", "float": "float32", "double": "float64",
}


def read_unu(path):
    done = subprocess.run(["teem-unu", "save", "-f", "nrrd", "-e", "raw", "-i", path, "-o", "-"], capture_output=True)
    if done.returncode != 0:
        return {"error": done.stderr.decode(errors="replace")}
    header, _, pixels = done.stdout.partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in header.decode().split("\n") if ": " in line and not line.startswith("#"))
    size = [int(v) for v in fields["sizes"].split()]
    axes = [d for d in fields["space directions"].split()]
    facts = {"component": UNU_TYPES[fields["type"]], "crc32": crc(pixels), "components": "1"}
    if axes[0] == "none":
        facts["components"] = str(size.pop(0))
        axes.pop(0)
    columns = np.array([[float(v) for v in axis.strip("()").split(",")] for axis in axes]).T
    signs = np.eye(len(size))
    assert fields.get("space", "left-posterior-superior") == "left-posterior-superior", fields
    spacing = np.linalg.norm(columns, axis=0)
    facts["size"] = size
    facts["spacing"] = spacing.tolist()
    facts["direction"] = (signs @ columns / spacing).flatten().tolist()
    facts["origin"] = [float(v) for v in fields["space origin"].strip("()").split(",")]
    return facts


def check_nifti_tool(test, paths):
    done = subprocess.run(["nifti_tool", "-check_hdr", "-check_nim", "-infiles"] + paths, capture_output=True, text=True)
    test.assertEqual(0, done.returncode, done.stderr)
    test.assertEqual(2 * len(paths), done.stdout.count("IS GOOD"), done.stdout)


# ---- bare deflate streams ----


def compressed_stream(path):
    """The compressed pixels of a file as (kind, bytes), kind being "zlib" or "gzip"; for .nii.gz the whole file."""
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".nii.gz"):
        return "gzip", data
    folder = os.path.dirname(path)
    if format_of(path) == "MetaImage":
        header = data[: data.index(b"\n", data.index(b"ElementDataFile")) + 1]
        fields = dict(line.split(" = ", 1) for line in header.decode().strip().split("\n"))
        name = fields["ElementDataFile"].strip()
        if name == "LOCAL":
            return "zlib", data[len(header) : len(header) + int(fields["CompressedDataSize"])]
        with open(os.path.join(folder, name), "rb") as file:
            return "zlib", file.read()
    header, _, rest = data.partition(b"\n\n")
    for line in header.decode().split("\n"):
        if line.startswith("data file: "):
            with open(os.path.join(folder, line[11:].strip()), "rb") as file:
                return "gzip", file.read()
    return "gzip", rest
