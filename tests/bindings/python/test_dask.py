"""dask.array.store() into a Writer, and arrays of dask out of an Image."""
import dask
import dask.array as da
import numpy as np
import pytest
import swr


@pytest.fixture(autouse=True)
def four_threads():
    with dask.config.set(scheduler="threads", num_workers=4):
        yield


@pytest.mark.parametrize("lock", [False, True])
@pytest.mark.parametrize("chunks", [(16, 64, 64), (16, 24, 40), (64, 7, 64)])
@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz", "a.mha", "a.tif"])
def test_store_makes_the_image(path, chunks, lock, noise):
    array = noise((40, 64, 64))
    blocks = da.from_array(array, chunks=chunks)
    with swr.Writer(path, blocks.shape, blocks.dtype) as writer:
        blocks.store(writer, lock=lock)
    np.testing.assert_array_equal(swr.open(path)[...], array)


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_store_pastes_a_region(path, image, noise):
    array, box = image(path, (40, 64, 64)), noise((10, 30, 64), seed=2)
    with swr.Writer(path, existing="update") as writer:
        da.from_array(box, chunks=(3, 10, 50)).store(
            writer, regions=(slice(5, 15), slice(20, 50), slice(0, 64)), lock=False)
    array[5:15, 20:50] = box
    np.testing.assert_array_equal(swr.open(path)[...], array)


def test_an_exception_in_a_task_leaves_the_old_file(image):
    array = image("a.nii.gz", (40, 64, 64))
    with open("a.nii.gz", "rb") as file:
        before = file.read()

    def fail(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 3:
            raise RuntimeError("mine")
        return block // 2
    blocks = da.from_array(array, chunks=(8, 64, 64)).map_blocks(fail, dtype="u2")
    with pytest.raises(RuntimeError, match="mine"):
        with swr.Writer("a.nii.gz", existing="update") as writer:
            blocks.store(writer, lock=False)
    with open("a.nii.gz", "rb") as file:
        assert file.read() == before


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_an_image_is_a_lazy_array(path, image):
    array = image(path, (40, 64, 64))
    lazy = da.from_array(swr.open(path), chunks=(7, 30, 64))
    assert (lazy.shape, lazy.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(lazy.compute(), array)
    np.testing.assert_array_equal(lazy[3, ::-2, 5:9].compute(), array[3, ::-2, 5:9])


def test_chunks_are_slabs_of_a_bounded_size(hole):
    hole("a.npy", (4000, 512, 512), "uint16")
    read = swr.open("a.npy")
    assert read.chunks == (16, 512, 512)
    assert all(c[1:] == (512, 512) and c[0] % 16 == 0 for c in [da.from_array(read).chunksize])
    hole("b.npy", (3, 40000, 2000), "uint16")
    assert swr.open("b.npy").chunks == (1, 2097, 2000)


def test_the_name_of_a_lazy_array_changes_with_the_file(image, noise):
    image("a.nrrd")
    names = {da.from_array(swr.open("a.nrrd")).name, da.from_array(swr.open("a.nrrd")).name}
    assert len(names) == 1
    swr.write("a.nrrd", noise((12, 10, 8), seed=3))
    assert da.from_array(swr.open("a.nrrd")).name not in names


def test_an_image_goes_through_dask_into_another(image):
    array = image("a.nii.gz", (40, 64, 64))
    blocks = da.from_array(swr.open("a.nii.gz"), chunks=(8, 64, 64)) // 3
    with swr.Writer("b.nrrd", blocks.shape, blocks.dtype) as writer:
        blocks.store(writer, lock=False)
    np.testing.assert_array_equal(swr.open("b.nrrd")[...], array // 3)


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_lazy_arrays_are_sources_and_each_chunk_is_computed_once(path, noise):
    array = noise((40, 64, 64))
    computed = []

    def count(block):
        computed.append(block.shape)
        return block
    blocks = da.from_array(array, chunks=(16, 40, 64)).map_blocks(count, dtype="u2", meta=array)
    swr.write(path, blocks, spacing=(3, 2, 1))
    np.testing.assert_array_equal(swr.open(path)[...], array)
    assert swr.open(path).spacing == (3, 2, 1) and len(computed) == 6
    with swr.Writer(path, existing="update") as writer:
        writer[2:42:1] = blocks[:38] // 2
        writer[0] = blocks[5]
    expected = array.copy()
    expected[2:], expected[0] = array[:38] // 2, array[5]
    np.testing.assert_array_equal(swr.open(path)[...], expected)
