"""Indices select what they select in numpy; what is no box is refused."""
import numpy as np
import pytest
import swr

KEYS = [np.s_[...], np.s_[0], np.s_[-1], np.s_[3:7], np.s_[-3:], np.s_[:-3], np.s_[2, 3, 4],
        np.s_[2, ..., 4], np.s_[..., 1:3], np.s_[:, -4:-1], np.s_[5:5], np.s_[7:3], np.s_[3:1000],
        np.s_[-1000:2], np.s_[1:4, 2, -3:], np.s_[()], np.s_[np.int64(3), np.uint8(1):4],
        np.s_[::1], np.s_[0, 0, 0, ...]]


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_reading_selects_what_numpy_selects(path, key, image):
    array = image(path)
    got = swr.open(path)[key]
    np.testing.assert_array_equal(got, array[key])
    assert np.shape(got) == np.shape(array[key]) and got.dtype == array.dtype
    if np.ndim(got):
        got[...] = 0  # it is the reader's own


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_assigning_selects_what_numpy_selects(key, image, noise):
    array = image("a.nrrd")
    value = noise(np.shape(array[key]), seed=2)
    with swr.Writer("a.nrrd", existing="update") as writer:
        writer[key] = value
    array[key] = value
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


@pytest.mark.parametrize("key, why", [
    (np.s_[::2], "step 2"), (np.s_[::-1], "step -1"), (np.s_[:, 8:2:-3], "axis 1.*step -3"),
    (np.s_[12], "index 12 is outside its size 12"), (np.s_[-13], "index -13"),
    (np.s_[0, 0, 0, 0], "4 indices"), (np.s_[..., ...], "one ellipsis"),
    (np.s_[[1, 2]], "list is no index"), (np.s_[None], "NoneType is no index"),
    (np.s_[True], "bool is no index"), (np.s_[np.zeros((12, 10, 8), bool)], "ndarray is no index"),
    (np.s_[1.5], "float is no index"), (np.s_["a"], "str is no index")])
def test_what_is_no_box_is_refused(key, why, image):
    array = image("a.nrrd")
    read = swr.open("a.nrrd")
    with pytest.raises(IndexError, match=why) as caught:
        read[key]
    assert isinstance(caught.value, swr.RegionError)
    with swr.Writer("a.nrrd", existing="update") as writer:
        with pytest.raises(swr.RegionError, match=why):
            writer[key] = 1
    np.testing.assert_array_equal(read[...], array)


def test_boxes_are_counted_from_the_first_pixel_whatever_its_index(image):
    array = image("a.nrrd", start=(100, -7, 3))
    read = swr.open("a.nrrd")
    np.testing.assert_array_equal(read[2:4, -1, :3], array[2:4, -1, :3])


@pytest.mark.parametrize("size, most", [((5, 4, 3), 1), ((5, 4, 3), 7), ((5, 4, 3), 12),
                                        ((5, 4, 3), 25), ((5, 4, 3), 1000), ((1, 1), 1), ((), 5)])
def test_blocks_cover_a_box_once_in_order(size, most):
    from swr._boxes import blocks
    numbers = np.arange(int(np.prod(size))).reshape(size)
    parts = [numbers[block] for block in blocks(size, most)]
    assert all(part.size <= most for part in parts)
    seen = np.concatenate([part.ravel() for part in parts])
    assert seen.tolist() == numbers.ravel().tolist()
