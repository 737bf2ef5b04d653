"""Workers of dask.distributed, which are processes, fill one file at the same time."""
import pathlib
import pickle

import dask.array as da
import distributed
import numpy as np
import pytest
import swr


@pytest.fixture(scope="module")
def client():
    """Three processes. They serve a test after the other: starting them takes seconds."""
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=None,
                                  local_directory="workers") as cluster:
        with distributed.Client(cluster) as client:
            yield client


@pytest.mark.parametrize("path, chunks", [("a.nrrd", (5, 17, 64)), ("a.tif", (8, 64, 64)),
                                          ("a.mha", (40, 16, 16)), ("a.nii.gz", (16, 64, 64))])
def test_workers_store_chunks_into_one_file(client, path, chunks, noise):
    array = noise((40, 64, 64))
    swr.allocate(path, array.shape, array.dtype, spacing=(3, 2, 1))
    da.from_array(array, chunks=chunks).store(swr.Target(path), lock=False)
    image = swr.open(path)
    np.testing.assert_array_equal(image[...], array)
    assert image.spacing[-2:] == (2, 1) and image.verify() == ""
    assert [p.name for p in pathlib.Path().iterdir() if p.name != "workers"] == [path]


def test_workers_read_an_image_and_paste_into_another(client, image):
    array, target = image("a.nii.gz", (40, 64, 64)), image("b.nrrd", (50, 64, 64))
    (da.from_array(swr.open("a.nii.gz"), chunks=(8, 64, 64)) // 2).store(
        swr.Target("b.nrrd"), regions=(slice(3, 43), slice(0, 64), slice(0, 64)), lock=False)
    target[3:43] = array // 2
    np.testing.assert_array_equal(swr.open("b.nrrd")[...], target)


def test_a_task_that_fails_keeps_what_others_stored(client):
    swr.allocate("a.nrrd", (40, 64, 64), "uint16", fill=7)

    def fail(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 3:
            raise RuntimeError("mine")
        return block + 1
    with pytest.raises(RuntimeError, match="mine"):
        da.zeros((40, 64, 64), dtype="uint16", chunks=(8, 64, 64)).map_blocks(
            fail, dtype="uint16").store(swr.Target("a.nrrd"), lock=False)
    slabs = swr.open("a.nrrd")[...].reshape(5, -1)
    assert all(len(set(slab)) == 1 and slab[0] in (1, 7) for slab in slabs)
    assert slabs[3, 0] == 7


def test_a_target_is_the_same_after_pickling(image):
    array = image("a.nrrd", dtype="int32")
    target = swr.Target("a.nrrd", source_dtype="float64", conversion="clamp", threads=1)
    target = pickle.loads(pickle.dumps(target))
    assert (target.shape, target.dtype, target.ndim, len(target)) == ((12, 10, 8), "float64", 3, 12)
    target[2, 3:5] = 1e30
    array[2, 3:5] = 2**31 - 1
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)
    assert repr(target) == f"<swr.Target {target.path!r} (12, 10, 8) float64>"


def test_a_target_changes_no_file_that_is_not_there_and_takes_what_fits(image):
    with pytest.raises(FileNotFoundError):
        swr.Target("absent.nrrd")
    image("a.nrrd")
    before = pathlib.Path("a.nrrd").read_bytes()
    with pytest.raises(ValueError):
        swr.Target("a.nrrd")[:5] = np.zeros((3, 10, 8), "uint16")
    assert pathlib.Path("a.nrrd").read_bytes() == before


def test_a_writer_is_no_target_of_other_processes():
    with swr.Writer("a.nrrd", (3, 4, 5), "uint8", fill=0) as writer:
        with pytest.raises(TypeError, match="swr.Target"):
            pickle.dumps(writer)
