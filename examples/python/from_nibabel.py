"""What programs do with nibabel, with swr: from_nibabel.py works in the current folder."""
import nibabel
import numpy as np
import swr


def geometry_of(affine):
    """nibabel's affine (RAS; columns for axes x, y, z) as settings of swr (LPS; lists in the order z, y, x)."""
    lps = np.diag([-1, -1, 1, 1]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    direction = lps[:3, :3] / spacing
    return {"spacing": spacing[::-1], "origin": lps[:3, 3][::-1], "direction": direction[::-1, ::-1]}


def save(data, affine, path):
    """Instead of nibabel.save(Nifti1Image(data, affine), path): data has axes x, y, z."""
    swr.write(path, data.T, **geometry_of(affine))


def change(path, box, x, y, z):
    """Instead of load, get_fdata, a changed array and save: only the box is written."""
    with swr.Writer(path, existing="update") as image:
        image[z:z + box.shape[2], y:y + box.shape[1], x:x + box.shape[0]] = box.T


if __name__ == "__main__":
    data = np.arange(20 * 30 * 40, dtype="int16").reshape(20, 30, 40)
    affine = np.array([[0, -0.5, 0, 10], [2, 0, 0, -20], [0, 0, 1.5, 30], [0, 0, 0, 1]])
    save(data, affine, "made.nii.gz")
    change("made.nii.gz", np.full((4, 5, 6), -1, "int16"), 10, 11, 12)
    data[10:14, 11:16, 12:18] = -1
    made = nibabel.load("made.nii.gz")
    assert np.array_equal(np.asanyarray(made.dataobj), data)
    assert np.allclose(made.affine, affine)
