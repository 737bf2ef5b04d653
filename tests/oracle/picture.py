"""What an image file means, whatever its format: values, and where in space each of them lies.

Coordinates are LPS in millimetres, then seconds (or hertz, ppm, rad/s) for axes outside space, one coordinate for each such axis.
"""

from dataclasses import dataclass, field

import numpy as np

# How many millimetres or seconds a unit has, by its usual name. Frequencies and shifts are taken as they are.
UNIT_SIZES = {
    "m": 1e3, "cm": 10.0, "mm": 1.0, "um": 1e-3, "nm": 1e-6, "in": 25.4, "s": 1.0, "ms": 1e-3, "us": 1e-6, "Hz": 1.0, "ppm": 1.0, "rad/s": 1.0, "": 1.0,
}


@dataclass
class Affine:
    """position of index i = matrix @ i + first; one row for each coordinate."""

    matrix: np.ndarray
    first: np.ndarray

    def positions(self, size):
        grid = np.stack(np.meshgrid(*[np.arange(s, dtype=float) for s in size], indexing="ij"), axis=-1)
        return grid @ self.matrix.T + self.first

    def resolution(self):
        """The shortest distance of neighbours: what errors are measured by."""
        lengths = np.linalg.norm(self.matrix, axis=0)
        return lengths[lengths > 0].min() if (lengths > 0).any() else 1.0


@dataclass
class Picture:
    values: np.ndarray  # shape: the size, fastest axis first, then the components
    affines: list = field(default_factory=list)  # those that the file gives; [] if it gives none
    scale: tuple = (1.0, 0.0)  # real = slope * stored + intercept
    units: tuple = ()  # of the axes of the image, where the file states one, else ""
    texts: dict = field(default_factory=dict)  # metadata: what a header says in words
    otherwise: Affine = None  # what is assumed where the file gives none

    @property
    def size(self):
        return self.values.shape[:-1]

    @property
    def components(self):
        return self.values.shape[-1]

    def real(self):
        return self.values.astype(np.longdouble) * self.scale[0] + self.scale[1]


def of_one_number_of_axes(a, b):
    """Both, without axes of size 1 at the end that the other does not have: formats differ in whether they can say that there is one."""
    return without_last_singles(a, len(b.size)), without_last_singles(b, len(a.size))


def without_last_singles(picture, least):
    axes = len(picture.size)
    keep = axes
    while keep > least and picture.size[keep - 1] == 1:
        keep -= 1
    if keep == axes:
        return picture

    def cut(affine):
        rows = np.ones(len(affine.first), bool)
        for axis in range(keep, axes):
            if axis >= 3 and axis < len(rows):
                rows[axis] = False  # the coordinate of that axis alone
        return Affine(affine.matrix[rows][:, :keep], affine.first[rows])

    values = picture.values.reshape(picture.size[:keep] + (picture.components,))
    otherwise = picture.otherwise and cut(picture.otherwise)
    return Picture(values, [cut(a) for a in picture.affines], picture.scale, tuple(picture.units[:keep]), picture.texts, otherwise)


def same_values(a, b):
    return bool(((a == b) | ((a != a) & (b != b))).all())


def value_differences(before, after):
    """Why the real values are not the same, as a list of sentences."""
    if before.size != after.size or before.components != after.components:
        return [f"size {before.size} of {before.components} components became {after.size} of {after.components}"]
    if np.array_equal(before.scale, after.scale, equal_nan=True):
        if same_values(before.values, after.values):
            return []
        where = np.argwhere(~((before.values == after.values) | ((before.values != before.values) & (after.values != after.values))))
        at = tuple(where[0])
        return [f"{len(where)} values differ, the first at {at[:-1]}: {before.values[at]} became {after.values[at]}"]
    a, b = before.real(), after.real()
    tolerance = 1e-6 * (np.abs(a) + abs(before.scale[1])) + 1e-30
    differs = ~((np.abs(a - b) <= tolerance) | (a == b) | ((a != a) & (b != b)))
    if not differs.any():
        return []
    at = tuple(np.argwhere(differs)[0])
    return [f"{differs.sum()} real values differ, the first at {at[:-1]}: {a[at]} became {b[at]}; the scale was {before.scale} and is {after.scale}"]


def position_differences(before, after, tolerance):
    """Why pixels do not lie where they did; and neighbours of the last ones, so that the spacing of a single slice counts."""
    if not before.affines:
        return []
    if not after.affines:
        return ["the positions are gone"]
    after_affine = after.affines[0]
    problems = []
    for affine in before.affines:
        grid = tuple(size + 1 for size in before.size)
        a, b = affine.positions(grid), after_affine.positions(grid)
        rows = min(a.shape[-1], b.shape[-1])
        unit = affine.resolution()
        bound = tolerance * (np.abs(a[..., :rows]).max(initial=0) + unit)
        worst = np.abs(a[..., :rows] - b[..., :rows]).max(initial=0)
        if worst <= bound:
            return []
        index = np.unravel_index(np.abs(a[..., :rows] - b[..., :rows]).sum(-1).argmax(), grid)
        problems.append(f"pixel {tuple(map(int, index))} was at {a[index].tolist()} and is at {b[index].tolist()}, {worst:.3g} away")
    return problems[:1]
