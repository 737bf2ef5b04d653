"""write(): arrays, functions, iterables and files as sources; what they throw."""
import pathlib
import threading

import h5py
import numpy as np
import pytest
import swr


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz", "a.mha", "a.mrc", "a.npy"])
def test_a_function_is_asked_for_every_piece_once(path, noise):
    array = noise((12, 10, 8), "int16")
    asked = []

    def source(key):
        asked.append(key)
        return array[key]
    figures = swr.write(path, source, array.shape, array.dtype, divisions=5)
    assert [key[0] for key in asked] == [slice(i, min(i + 3, 12)) for i in (0, 3, 6, 9)]
    assert figures["pulls"] == figures["pieces"] == 4
    np.testing.assert_array_equal(swr.open(path)[...], array)


def test_arrays_are_sources(noise):
    array = noise((12, 10, 8))
    np.save("source.npy", array)
    for source in (array, array.astype(">u2"), array[:, ::-1], np.load("source.npy", mmap_mode="r"),
                   np.asfortranarray(array)):
        swr.write("a.nii.gz", source)
        np.testing.assert_array_equal(swr.open("a.nii.gz")[...], source)


def test_a_dataset_of_h5py_is_a_source(noise):
    array = noise((12, 10, 8), ">i2")
    with h5py.File("source.h5", "w") as file:
        data = file.create_dataset("data", data=array, chunks=(3, 5, 8), compression=1)
        swr.write("a.nii.gz", data, divisions=5)
        with swr.Writer("b.nrrd", (13, 10, 8), ">i2", fill=0) as writer:
            writer[1:] = data
    np.testing.assert_array_equal(swr.open("a.nii.gz")[...], array)
    np.testing.assert_array_equal(swr.open("b.nrrd")[1:], array)


def test_a_function_may_return_any_layout(noise):
    array = noise((40, 10, 8), ">f4")
    for change in (lambda a: a, np.asfortranarray, lambda a: a.astype("f4"), np.ndarray.tolist):
        swr.write("a.nrrd", lambda key: change(array[key]), array.shape, "f4", divisions=20)
        np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_plain_arrays_are_lent_without_a_copy(noise):
    array = noise((12, 10, 8))
    figures = swr.write("a.nrrd", array, divisions=4)
    assert figures["lent"] == figures["lent_direct"] == 4
    assert swr.write("a.nrrd", array[:, ::-1], divisions=4)["lent"] == 0


def test_a_slow_source_is_copied_so_that_it_can_continue(noise):
    import time
    array = noise((40, 10, 8))

    def source(key):
        time.sleep(0.002)
        return array[key]
    figures = swr.write("a.nrrd", source, array.shape, array.dtype, divisions=40)
    assert figures["lent"] == 8  # the first ones, which tell
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_several_threads_may_pull(noise):
    array = noise((64, 50, 40))
    threads = set()
    both = threading.Barrier(2, timeout=30)
    calls = iter(range(64))

    def source(key):
        threads.add(threading.get_ident())
        if next(calls) < 2:
            both.wait()  # passes only if two are here at a time
        return array[key]
    for path in ("a.nrrd", "a.nii.gz"):
        calls = iter(range(64))
        swr.write(path, source, array.shape, array.dtype, divisions=64, pull_threads=2)
        np.testing.assert_array_equal(swr.open(path)[...], array)
    assert len(threads) >= 2


@pytest.mark.parametrize("slabs", [
    lambda a: (s for s in a), lambda a: [a[:5], a[5:6], a[6:]], lambda a: iter([a]),
    lambda a: [a[0], a[1:].astype(">u2")] , lambda a: [s.tolist() for s in a]])
def test_slabs_follow_each_other(slabs, noise):
    array = noise((12, 10, 8))
    figures = swr.write("a.nii.gz", slabs(array), array.shape, array.dtype)
    assert figures["bytes_in"] == array.nbytes
    np.testing.assert_array_equal(swr.open("a.nii.gz")[...], array)


@pytest.mark.parametrize("slabs, error, why", [
    (lambda a: a[:7], swr.IncompleteError, "ended after 7 of 12"),
    (lambda a: [a, a[0]], swr.SourceRegionError, "12 of 12"),
    (lambda a: [a[:, :5]], swr.SourceRegionError, "no slab"),
    (lambda a: [a[0, 0]], swr.SourceRegionError, "does not follow")])
def test_slabs_that_are_not_the_image_are_refused(slabs, error, why, noise):
    array = noise((12, 10, 8))
    with pytest.raises(error, match=why):
        swr.write("a.nrrd", iter(slabs(array)), array.shape, array.dtype)
    assert not list(pathlib.Path().iterdir())


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_a_region_is_pasted(path, image, noise):
    array, box = image(path, spacing=(3, 2, 1)), noise((3, 4, 2), seed=2)
    key = np.s_[2:5, -6:-2, 3:5]
    swr.write(path, box, region=key)
    array[key] = box
    np.testing.assert_array_equal(swr.open(path)[...], array)
    asked = []
    swr.write(path, lambda key: asked.append(key) or array[key] // 2, region=np.s_[1:4],
              divisions=3)
    assert [key[0] for key in asked] == [slice(1, 2), slice(2, 3), slice(3, 4)]
    array[1:4] //= 2
    read = swr.open(path)
    np.testing.assert_array_equal(read[...], array)
    assert read.spacing == (3, 2, 1)


def test_a_region_of_an_image_that_does_not_start_at_zero_is_pasted(image):
    array = image("a.nrrd", start=(7, -8, 9))
    swr.write("a.nrrd", array[:2] // 3, region=np.s_[4:6])
    array[4:6] = array[:2] // 3
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_a_region_that_is_no_box_is_refused(image, noise):
    array = image("a.nrrd")
    for region in (np.s_[3], np.s_[5:5], np.s_[::2]):
        with pytest.raises(swr.RegionError):
            swr.write("a.nrrd", noise((1, 10, 8)), region=region)
    with pytest.raises(swr.ArgumentError, match=r"\(2, 10, 8\) for a region of \(1, 10, 8\)"):
        swr.write("a.nrrd", noise((2, 10, 8)), region=np.s_[3:4])
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


class Wrong(Exception):
    pass


@pytest.mark.parametrize("thrown", [Wrong("mine"), KeyboardInterrupt(), SystemExit(3),
                                    MemoryError(), GeneratorExit()])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_what_a_source_throws_is_thrown_and_the_old_file_stays(path, threads, thrown, image):
    array = image(path)
    before = pathlib.Path(path).read_bytes()

    def source(key):
        if key[0].start >= 6:
            raise thrown
        return array[key] // 2
    for region in (None, np.s_[1:]):
        with pytest.raises(type(thrown)) as caught:
            swr.write(path, source, array.shape, array.dtype, region=region, divisions=12,
                      pull_threads=threads)
        assert caught.value is thrown
        assert pathlib.Path(path).read_bytes() == before
    assert [p.name for p in pathlib.Path().iterdir()] == [path]


def test_a_generator_that_throws_leaves_the_old_file(image):
    array = image("a.nrrd")
    before = pathlib.Path("a.nrrd").read_bytes()

    def slabs():
        yield array[:3] // 2
        raise Wrong
    with pytest.raises(Wrong):
        swr.write("a.nrrd", slabs(), array.shape, array.dtype)
    assert pathlib.Path("a.nrrd").read_bytes() == before


@pytest.mark.parametrize("answer, error, why", [
    (lambda a: a[:1], swr.SourceRegionError, r"\(1, 10, 8\) for \[0:3, 0:10, 0:8\]"),
    (lambda a: a.astype("f8"), TypeError, "float64 does not become uint16"),
    (lambda a: None, swr.SourceRegionError, r"shape \(\)"), (lambda a: 3, swr.SourceRegionError, "shape"),
    (lambda a: a.tolist() and [[[70000] * 8] * 10] * 3, swr.ConversionError, "70000")])
def test_what_is_not_the_piece_is_refused(answer, error, why, noise):
    array = noise((12, 10, 8))
    with pytest.raises(error, match=why):
        swr.write("a.nrrd", lambda key: answer(array[key]), array.shape, array.dtype, divisions=4)
    assert not list(pathlib.Path().iterdir())


def test_progress_is_told_and_an_exception_of_it_cancels(image, noise):
    array = image("a.nrrd")
    before = pathlib.Path("a.nrrd").read_bytes()
    told = []
    swr.write("b.nrrd", array, divisions=4, progress=lambda *numbers: told.append(numbers))
    assert told[-1] == (4, 4, array.nbytes, array.nbytes) and len(told) == 4

    def stop(*_):
        raise Wrong
    for call in (lambda: swr.write("a.nrrd", array // 2, divisions=4, progress=stop),
                 lambda: swr.copy("b.nrrd", "a.nrrd", divisions=4, progress=stop)):
        with pytest.raises(Wrong):
            call()
        assert pathlib.Path("a.nrrd").read_bytes() == before


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_a_writer_in_its_own_callback_is_refused(path, noise):
    answers = []

    def progress(*_):
        for call in (lambda: writer.__setitem__(0, 1), writer.close, writer.abandon):
            try:
                call()
                answers.append("done")
            except swr.StateError:
                answers.append("refused")
    array = noise((4, 50, 60))
    with swr.Writer(path, array.shape, array.dtype, progress=progress) as writer:
        writer[:2] = array[:2]
        writer[2:] = array[2:]
    assert len(answers) >= 3 and set(answers) == {"refused"}
    np.testing.assert_array_equal(swr.open(path)[...], array)


def test_warnings_of_the_library_are_logged(noise, caplog):
    swr.write("a.nrrd", noise((4, 5, 6)), spacing=(1, 2, 3))
    with caplog.at_level("INFO", "swr"):
        swr.copy("a.nrrd", "a.npy", options={"geometry": "drop"})
    assert any(r.name == "swr" and r.levelname == "WARNING" and "spacing" in r.getMessage()
               for r in caplog.records)


def test_an_image_as_a_source_is_copied_with_its_header(image):
    array = image("a.nrrd", spacing=(3, 2, 1), metadata={"who": "me"})
    swr.write("b.nii.gz", swr.open("a.nrrd"))
    read = swr.open("b.nii.gz")
    assert read.spacing == (3, 2, 1)
    np.testing.assert_array_equal(read[...], array)
    with pytest.raises(TypeError, match="copy"):
        swr.write("b.nrrd", swr.open("a.nrrd"), kind="rgb")
