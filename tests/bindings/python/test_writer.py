"""Writing by assignment: what arrives in the file, and what is refused."""
import json
import pathlib
import re

import numpy as np
import pytest
import swr

SUFFIXES = [".mha", ".nrrd", ".nii", ".nii.gz", ".mrc", ".tif", ".vti"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_regions_in_any_order_make_the_image(suffix, noise):
    array = noise((12, 10, 8), "int16")
    with swr.Writer("a" + suffix, array.shape, array.dtype) as writer:
        for first in (9, 0, 6, 3):
            writer[first:first + 3] = array[first:first + 3]
    np.testing.assert_array_equal(swr.open("a" + suffix)[...], array)


def test_every_dtype_arrives(noise):
    for name in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64",
                 "float32", "float64", "complex64", "complex128"):
        array = noise((3, 4, 5), name)
        with swr.Writer("a.nrrd", array.shape, name) as writer:
            writer[...] = array
        read = swr.open("a.nrrd")
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read[...], array)


@pytest.mark.parametrize("dtype", [">u2", ">i4", ">f8", ">c8", "<u2"])
def test_arrays_of_either_byte_order_arrive(dtype, noise):
    array = noise((3, 4, 5), dtype)
    with swr.Writer("a.nrrd", array.shape, dtype) as writer:
        assert writer.dtype.isnative
        writer[...] = array
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


@pytest.mark.parametrize("shape_of", [
    lambda a: a[::2, ::-1, 1:], lambda a: a.transpose(2, 1, 0), np.asfortranarray,
    lambda a: np.broadcast_to(a[0], (5,) + a.shape[1:]), lambda a: a[..., ::-1]])
def test_arrays_in_any_layout_arrive(shape_of, noise):
    array = shape_of(noise((12, 10, 8)))
    with swr.Writer("a.nrrd", array.shape, array.dtype) as writer:
        writer[...] = array
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_read_only_arrays_arrive(noise):
    array = noise((3, 4, 5))
    array.flags.writeable = False
    with swr.Writer("a.nrrd", array.shape, array.dtype) as writer:
        writer[:2] = array[:2]
        writer[2] = array[2].tobytes() and array[2]
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_large_values_are_stored_in_blocks(noise, monkeypatch):
    """A value that must be converted is never copied as a whole."""
    from swr import writer as module
    monkeypatch.setattr(module, "BLOCK", 1000)
    array = noise((6, 50, 40), ">u2")
    puts = []
    put = module.Writer._put
    monkeypatch.setattr(module.Writer, "_put",
                        lambda self, first, part: (puts.append(part.nbytes), put(self, first, part)))
    with swr.Writer("a.nii.gz", array.shape, array.dtype) as writer:
        writer[...] = array
        writer[1, 3:5] = 7
    array[1, 3:5] = 7
    np.testing.assert_array_equal(swr.open("a.nii.gz")[...], array)
    assert max(puts) <= 1000 and len(puts) > 20


def test_a_plain_array_is_not_copied(noise, monkeypatch):
    from swr import writer as module
    monkeypatch.setattr(module, "BLOCK", 16)  # of what is copied
    taken = []
    memory_of = module.memory_of
    monkeypatch.setattr(module, "memory_of", lambda a: taken.append(a) or memory_of(a))
    array = noise((4, 5, 6))
    with swr.Writer("a.nrrd", array.shape, array.dtype) as writer:
        writer[...] = array
    assert len(taken) == 1 and np.shares_memory(taken[0], array)


@pytest.mark.parametrize("kind", ["scalar", "rgb"])
def test_an_image_is_assigned_in_blocks(kind, image, monkeypatch):
    from swr import image as module
    from swr import writer
    monkeypatch.setattr(writer, "BLOCK", 1000)
    read = []
    read_into = module.Image._read_into
    monkeypatch.setattr(module.Image, "_read_into", lambda self, box, array: (
        read.append(array.nbytes), read_into(self, box, array)))
    array = image("a.nrrd", (12, 10, 8, 3), "uint8", kind=kind)
    with swr.Writer("b.nii.gz" if kind == "scalar" else "b.mha", (14,) + array.shape[1:], "uint8",
                    kind=kind, fill=0) as target:
        target[1:13] = swr.open("a.nrrd")
        target[13:13] = swr.open("a.nrrd").read(np.s_[:0])
    assert read == [960] * 3
    back = swr.open(target.path)
    np.testing.assert_array_equal(back[1:13], array)
    assert not back[0].any() and not back[13].any()


def test_the_value_may_change_after_the_assignment(noise):
    array = noise((4, 50, 60))
    slab = np.empty_like(array[0])
    with swr.Writer("a.nii.gz", array.shape, array.dtype) as writer:
        for i in range(4):
            slab[...] = array[i]
            writer[i] = slab
            slab[...] = 0
    np.testing.assert_array_equal(swr.open("a.nii.gz")[...], array)


@pytest.mark.parametrize("value", [300, -1, 1.5, float("nan"), 2**70, [1, 2, 256], 1j])
def test_a_number_that_does_not_fit_is_refused(value):
    with swr.Writer("a.nrrd", (2, 3), "uint8", fill=0) as writer:
        with pytest.raises((swr.ConversionError, TypeError)):
            writer[0] = value
        writer[0] = 255
    assert swr.open("a.nrrd")[...].tolist() == [[255] * 3, [0] * 3]


def test_numbers_that_fit_are_taken():
    with swr.Writer("a.nrrd", (7,), "float32") as writer:
        for i, value in enumerate([1, 2.5, True, np.float64(0.1), float("nan"), float("inf"),
                                   np.int64(3)]):
            writer[i] = value
        with pytest.raises(swr.ConversionError, match="1e\\+300"):
            writer[0] = 1e300
    expected = np.array([1, 2.5, 1, 0.1, np.nan, np.inf, 3], "float32")
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], expected)


def test_an_array_whose_type_would_lose_values_is_refused(noise):
    with swr.Writer("a.nrrd", (2, 3), "int16", fill=0) as writer:
        with pytest.raises(TypeError, match="float32 does not become int16.*astype"):
            writer[...] = noise((2, 3), "float32")
        writer[...] = noise((2, 3), "uint8")  # which int16 holds
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], noise((2, 3), "uint8"))


def test_what_is_no_array_of_numbers_is_refused():
    with swr.Writer("a.nrrd", (2, 3), "uint8", fill=0) as writer:
        for value in ("text", None, [[1, 2, 3], ["a", 2, 3]], np.zeros((2, 3), "M8[s]"), object()):
            with pytest.raises((TypeError, ValueError)):
                writer[...] = value
        with pytest.raises(TypeError, match="masked"):
            writer[...] = np.ma.masked_equal(np.arange(6).reshape(2, 3).astype("u1"), 3)


def test_a_value_of_another_shape_is_refused(noise):
    with swr.Writer("a.nrrd", (4, 5, 6), "uint16", fill=0) as writer:
        for shape in [(5, 5), (2, 5, 6), (4, 5, 6, 1)]:
            with pytest.raises(swr.ArgumentError, match="shape"):
                writer[0:3] = noise(shape)


def test_values_are_broadcast_as_numpy_does(noise):
    expected = np.zeros((4, 5, 6), "uint16")
    row, column, slab = noise((6,)), noise((5, 1)), noise((1, 5, 6))
    with swr.Writer("a.nrrd", expected.shape, "uint16") as writer:
        for target in (expected, writer):
            target[...] = 3
            target[1] = row
            target[2:4, :, :] = column
            target[0] = slab
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], expected)


def test_components_are_the_last_axis(noise):
    array = noise((3, 4, 5, 3), "uint8")
    with swr.Writer("a.mha", array.shape, "uint8", kind="rgb") as writer:
        assert writer.shape == array.shape
        writer[:, 1:3] = array[:, 1:3]
        writer[:, 0] = array[:, 0]
        writer[:, 3] = array[:, 3]
        with pytest.raises(swr.RegionError, match="components"):
            writer[..., 0] = 1
    read = swr.open("a.mha")
    assert (read.kind, read.shape) == ("rgb", array.shape)
    np.testing.assert_array_equal(read[...], array)
    np.testing.assert_array_equal(read[1, :, 2, 1:], array[1, :, 2, 1:])
    assert read[1, 2, 3, 0] == array[1, 2, 3, 0]


@pytest.mark.parametrize("kind, components", [("vector", 1), ("vector", 7), ("rgba", 4),
                                              ("covariant_vector", 3), ("symmetric_tensor", 6)])
def test_every_kind_comes_back(kind, components, noise):
    array = noise((3, 4, 5, components), "float32")
    swr.write("a.nrrd", array, kind=kind)
    read = swr.open("a.nrrd")
    assert (read.kind, read.shape) == (kind, array.shape)
    np.testing.assert_array_equal(read[...], array)


def test_pixels_that_no_image_has_are_refused():
    for dtype in ("bool", "float16", "U3", "M8[s]", "object", "complex256", [("a", "u1")]):
        with pytest.raises((swr.ArgumentError, TypeError)):
            swr.Writer("a.nrrd", (2, 3), dtype)
    with pytest.raises(swr.ArgumentError, match="none of.*vector"):
        swr.Writer("a.nrrd", (2, 3), "uint8", kind="colour")
    with pytest.raises(swr.ArgumentError):
        swr.Writer("a.nrrd", (2, 3, 4), "uint8", kind="rgb")
    assert not list(pathlib.Path().iterdir())


@pytest.mark.parametrize("shape", [(), (0, 3), (-1, 3), (2**63, 2), (2**40, 2**40), (1,) * 17,
                                   (2**62, 2**62, 2**62)])
def test_sizes_that_no_image_has_are_refused(shape):
    with pytest.raises(swr.RegionError):
        swr.Writer("a.nrrd", shape, "uint8")
    assert not list(pathlib.Path().iterdir())


def test_an_image_larger_than_the_disk_is_refused_or_sparse():
    """16 EiB of pixels: whatever the file system says, nothing stays."""
    with pytest.raises(swr.Error):
        with swr.Writer("a.nrrd", (2**40, 2**22), "float64") as writer:
            writer[0, 0] = 1
    assert not list(pathlib.Path().iterdir())


def test_holes_are_refused_unless_there_is_a_fill():
    with pytest.raises(swr.IncompleteError, match="a.nrrd"):
        with swr.Writer("a.nrrd", (4, 5, 6), "uint8") as writer:
            writer[1] = 1
    assert not pathlib.Path("a.nrrd").exists()
    with swr.Writer("a.nrrd", (4, 5, 6), "uint8", fill=9) as writer:
        writer[1] = 1
    assert swr.open("a.nrrd")[:, 0, 0].tolist() == [9, 1, 9, 9]


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz", "a.mha"])
def test_update_changes_the_region_and_nothing_else(path, image):
    array = image(path, spacing=(3, 2, 1))
    with swr.Writer(path, existing="update") as writer:
        assert (writer.shape, writer.dtype) == (array.shape, array.dtype)
        writer[-2:, 3, ::1] = array[:2, 4]
        writer[0, 0, 0] = 5
    array[-2:, 3] = array[:2, 4]
    array[0, 0, 0] = 5
    read = swr.open(path)
    np.testing.assert_array_equal(read[...], array)
    assert read.spacing == (3, 2, 1)


def test_update_finds_the_start_index_of_the_file(image):
    array = image("a.nrrd", start=(5, -3, 100))
    with swr.Writer("a.nrrd", array.shape, array.dtype, existing="update") as writer:
        writer[2] = 1
    array[2] = 1
    read = swr.open("a.nrrd")
    assert read.start == (5, -3, 100)
    np.testing.assert_array_equal(read[...], array)


def test_extend_makes_the_image_larger(image, noise):
    array, more = image("a.nrrd"), noise((3, 10, 8), seed=2)
    with swr.Writer("a.nrrd", (15, 10, 8), existing="extend") as writer:
        writer[12:] = more
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], np.concatenate([array, more]))


def test_a_new_image_needs_shape_and_dtype():
    for arguments in ({}, {"shape": (2, 3)}, {"dtype": "u1"}, {"existing": "update"}):
        with pytest.raises(swr.ArgumentError, match="shape and dtype"):
            swr.Writer("a.nrrd", **arguments)


def test_conversion_is_the_librarys(noise):
    values = np.array([[-1.0, 0.5, 1.5, 300.0, np.nan]])
    with swr.Writer("a.nrrd", (1, 5), "uint8", source_dtype="float64", conversion="clamp") as w:
        assert w.dtype == np.float64
        w[...] = values
    assert swr.open("a.nrrd")[0].tolist() == [0, 0, 2, 255, 0]
    with pytest.raises(swr.ConversionError):
        with swr.Writer("a.nrrd", (1, 5), "uint8", source_dtype="float64",
                        conversion="exact") as w:
            w[...] = values
    assert swr.open("a.nrrd")[0].tolist() == [0, 0, 2, 255, 0]


def test_an_array_is_converted_as_write_is_told(noise, image):
    values = np.array([[-1.0, 0.5, 1.5, 300.0, np.nan]], ">f8")
    swr.write("a.nrrd", values, dtype="uint8", conversion="clamp")
    assert swr.open("a.nrrd")[0].tolist() == [0, 0, 2, 255, 0]
    swr.write("a.nrrd", values[:, 2:3], region=np.s_[:, :1], conversion="clamp")
    assert swr.open("a.nrrd")[0].tolist() == [2, 0, 2, 255, 0]
    with pytest.raises(TypeError, match="float64 does not become uint8"):
        swr.write("a.nrrd", values, dtype="uint8")


def test_grey_becomes_rgb_where_the_arrays_are_said_to_be_grey(noise):
    array = noise((3, 4, 5), "uint8")
    for call in (lambda: swr.write("a.mha", lambda key: array[key], (3, 4, 5, 3), "uint8",
                                   kind="rgb", source_components=1, conversion="exact"),
                 lambda: assign()):
        def assign():
            with swr.Writer("a.mha", (3, 4, 5, 3), "uint8", kind="rgb", source_components=1,
                            conversion="exact") as writer:
                assert writer.shape == array.shape
                writer[...] = array
        call()
        np.testing.assert_array_equal(swr.open("a.mha")[...],
                                      np.repeat(array[..., np.newaxis], 3, -1))


def test_a_check_says_what_a_write_would_do(image):
    array = image("a.nrrd")
    before = pathlib.Path("a.nrrd").read_bytes()
    new = swr.check("b.nrrd", array.shape, array.dtype, divisions=4)
    assert (new["method"], new["pieces"], new["piece_bytes"]) == ("create", 4, array.nbytes // 4)
    assert 0 < new["memory_need"] < 1 << 28
    assert swr.check("a.nrrd", region=np.s_[2:5])["method"] == "in_place"
    with pytest.raises(swr.ExistsError):
        swr.check("a.nrrd", array.shape, array.dtype, existing="fail")
    assert pathlib.Path("a.nrrd").read_bytes() == before and not pathlib.Path("b.nrrd").exists()


def test_names_may_have_umlauts_and_be_paths(noise):
    array = noise((2, 3, 4))
    pathlib.Path("Größe").mkdir()
    for path in ("Größe/ä😀.nrrd", pathlib.Path("Größe") / "ö.nii.gz", "ü.mha".encode(),
                 b"not\xffutf8.mha"):
        swr.write(path, array)
        np.testing.assert_array_equal(swr.open(path)[...], array)
        with swr.Writer(path, existing="update") as writer:
            writer[0] = 1
    with pytest.raises(swr.ArgumentError, match="zero byte"):
        swr.write("a\0.nrrd", array)
    assert len(list(pathlib.Path("Größe").iterdir())) == 2


def test_a_closed_writer_refuses_and_closes_again(noise):
    writer = swr.Writer("a.nrrd", (2, 3), "uint8")
    writer[...] = 1
    writer.close()
    writer.close()
    writer.abandon()
    assert writer.closed and "closed" in repr(writer)
    for index in (0, slice(0, 0)):
        with pytest.raises(swr.StateError):
            writer[index] = 1
    assert writer.statistics["method"] == "create"


def test_a_writer_that_is_forgotten_writes_nothing():
    import gc
    with pytest.warns(ResourceWarning, match="a.nrrd"):
        writer = swr.Writer("a.nrrd", (2, 3), "uint8")
        writer[...] = 1
        del writer
        gc.collect()
    assert not list(pathlib.Path().iterdir())


def test_an_interrupted_write_goes_on_without_asking_again(noise):
    array = noise((12, 5, 6), "uint8")
    asked = []

    def source(index):
        if len(asked) == 2 and not again:
            raise RuntimeError("no more beam")
        asked.append(index)
        return array[index]

    for again in (False, True):
        try:
            swr.write("a.nrrd", source, shape=array.shape, dtype=array.dtype, divisions=4,
                      resume="job 7")
        except RuntimeError:
            assert not again
    assert len(asked) == 4
    assert np.array_equal(swr.open("a.nrrd")[...], array)
    with pytest.raises(swr.Error, match="resume"):
        swr.Writer("b.nrrd", array.shape, array.dtype, resume="job 7")


def test_shapes_of_chunks_are_in_the_order_of_the_axes(noise):
    array = noise((40, 50, 60), "uint16")
    def shapes(options):
        swr.write("a.zarr", array, existing="replace", options=options)
        for name in (".zarray", "zarr.json"):
            path = pathlib.Path("a.zarr/0") / name
            if path.exists():
                return json.loads(path.read_text())
    assert shapes({"chunk.shape": "4,5,6"})["chunks"] == [4, 5, 6]
    assert shapes({"chunk.shape": "5,6"})["chunks"] == [1, 5, 6]
    sharded = shapes({"chunk.shape": "4,5,6", "zarr.shard": "8,10,30"})
    assert sharded["chunk_grid"]["configuration"]["chunk_shape"] == [8, 10, 30]
    assert sharded["codecs"][0]["configuration"]["chunk_shape"] == [4, 5, 6]
    assert shapes({"zarr.shard": "auto"})["zarr_format"] == 3


def test_settings_reach_the_library(noise):
    array = noise((40, 50, 60), "uint8") // 16
    sizes = {}
    for level in (0, 1, 9):
        swr.write("a.nrrd", array, compression=level, threads=1, memory_limit=4 << 20, sync=True,
                  options={"deflate.slot": "65536"})
        sizes[level] = pathlib.Path("a.nrrd").stat().st_size
        assert swr.open("a.nrrd").encoding == ("deflate" if level else "none")
    assert sizes[9] < sizes[1] < sizes[0]
    swr.write("a.tif", array, compression=("deflate", 3), options={"chunk.shape": "32,16"})
    assert swr.open("a.tif").encoding == "deflate"
    assert np.array_equal(swr.open("a.tif")[...], array)
    for wrong in ({"compression": 10}, {"compression": "deflate"},
                  {"compression": ("zip", 3)}, {"compression": ("deflate", 0)}, {"existing": "keep"},
                  {"conversion": "floor"}, {"options": {"no.such": "1"}}, {"format": "NoSuch"},
                  {"memory_limit": 2**70}, {"threads": -1}, {"spacing": (1, 2)},
                  {"spacing": (1, 0, 1)}, {"units": ("mm", "mm", "ells")},
                  {"direction": np.zeros((3, 3))}, {"start": (1, 2)}, {"start": (2**63, 0, 0)},
                  {"value_scale": (0, 1)}, {"metadata": {"": "x"}}):
        with pytest.raises(swr.Error):
            swr.write("b.nrrd", array, **wrong)
    with pytest.raises(TypeError, match="unknown setting 'spacings'"):
        swr.write("b.nrrd", array, spacings=(1, 2, 3))
    assert not pathlib.Path("b.nrrd").exists()


@pytest.mark.parametrize("form", [f.name for f in swr.formats()])
def test_every_format_is_written_pasted_and_read(form, noise):
    """Walks the table of formats: int16 pixels, in as many axes as the format and 3 allow."""
    entry = next(f for f in swr.formats() if f.name == form)
    if not {"read", "stream", "paste"} <= entry.capabilities:
        pytest.skip("cannot")
    array = noise((6, 5, 4)[-min(3, entry.most_dimensions):], "int16")
    for suffix in entry.suffixes:
        pathlib.Path(suffix[1:]).mkdir()
        path = f"{suffix[1:]}/a{suffix}"
        with swr.Writer(path, array.shape, array.dtype) as writer:
            writer[...] = array
        with swr.Writer(path, existing="update") as writer:
            writer[2:4, 1] = 7
        expected = array.copy()
        expected[2:4, 1] = 7
        read = swr.open(path)
        assert read.format == form
        np.testing.assert_array_equal(read[...], expected)
        read.verify()
        read.close()


def test_readme_lists_every_setting():
    readme = pathlib.Path(__file__).parents[3] / "bindings/python/README.md"
    listed = readme.read_text("utf-8").split("settings of the C API by name:")[1].split("The header")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == set(swr._settings.NAMES)


def test_masked_pixels_alone_are_stored(noise):
    old, new = noise((6, 5, 4)), noise((6, 5, 4)) + 1
    mask = np.arange(old.size).reshape(old.shape) % 3 == 0
    with swr.Writer("a.nrrd", old.shape, old.dtype) as writer:
        writer[...] = old
    with swr.Writer("a.nrrd", existing="update") as writer:
        writer.put_masked(np.s_[1:, :, 1:], new[1:, :, 1:], mask[1:, :, 1:])
        with pytest.raises(ValueError):
            writer.put_masked(..., 0, mask[1:])
    expected = old.copy()
    expected[1:, :, 1:][mask[1:, :, 1:]] = new[1:, :, 1:][mask[1:, :, 1:]]
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], expected)
