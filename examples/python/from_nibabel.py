"""What programs do with nibabel, with swr: from_nibabel.py works in the current folder."""
import nibabel
import numpy as np
import swr


def geometry_of(affine, steps=()):
    """nibabel's affine (RAS; columns for axes x, y, z) as settings of swr (LPS; lists in the order z, y, x).

    steps: the spacing of the axes after z, such as the seconds between the volumes of a series.
    """
    lps = np.diag([-1, -1, 1, 1]) @ affine
    zooms = np.linalg.norm(lps[:3, :3], axis=0)
    direction = np.eye(3 + len(steps))
    direction[:3, :3] = lps[:3, :3] / zooms
    spacing, origin = [*zooms, *steps], [*lps[:3, 3], *np.zeros(len(steps))]
    return {"spacing": spacing[::-1], "origin": origin[::-1], "direction": direction[::-1, ::-1]}


def save(data, affine, path, steps=None):
    """Instead of nibabel.save(Nifti1Image(data, affine), path): data has axes x, y, z, or x, y, z, t."""
    further = np.ones(data.ndim - 3) if steps is None else steps
    swr.write(path, data.T, **geometry_of(affine, further))


def change(path, box, *first):
    """Instead of load, get_fdata, a changed array and save: only the box at x, y, z is written."""
    with swr.Writer(path, existing="update") as image:
        image[tuple(slice(i, i + n) for i, n in zip(first, box.shape))[::-1]] = box.T


if __name__ == "__main__":
    data = np.arange(20 * 30 * 40, dtype="int16").reshape(20, 30, 40)
    affine = np.array([[0, -0.5, 0, 10], [2, 0, 0, -20], [0, 0, 1.5, 30], [0, 0, 0, 1]])
    save(data, affine, "made.nii.gz")
    change("made.nii.gz", np.full((4, 5, 6), -1, "int16"), 10, 11, 12)
    data[10:14, 11:16, 12:18] = -1
    made = nibabel.load("made.nii.gz")
    assert np.array_equal(np.asanyarray(made.dataobj), data)
    assert np.allclose(made.affine, affine)

    series = np.arange(6 * 7 * 8 * 5, dtype="int16").reshape(6, 7, 8, 5)  # a series of 5 volumes
    save(series, affine, "series.nii.gz", steps=[2.5])
    change("series.nii.gz", np.full((2, 3, 4, 1), -1, "int16"), 1, 2, 3, 4)
    series[1:3, 2:5, 3:7, 4:5] = -1
    made = nibabel.load("series.nii.gz")
    assert np.array_equal(np.asanyarray(made.dataobj), series)
    assert np.allclose(made.affine, affine)
    assert np.allclose(made.header.get_zooms(), (2, 0.5, 1.5, 2.5))
    save(series, affine, "series.nii.gz")  # without steps: 1 between volumes
    assert np.allclose(nibabel.load("series.nii.gz").header.get_zooms(), (2, 0.5, 1.5, 1))
