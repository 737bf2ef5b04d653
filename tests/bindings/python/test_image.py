"""Reading, facts of the header, geometry, copies; nibabel as another reader."""
import pathlib
import pickle
import threading

import nibabel
import numpy as np
import pytest
import swr

FACTS = {"spacing": (4.0, 3.0, 2.0), "origin": (10.0, 20.0, 30.0), "value_scale": (2.0, -1.0)}


def test_lists_are_in_the_order_of_the_axes(image):
    """Axis 0 is the slowest of the file, which is z in ITK and the last one in nibabel."""
    array = image("a.nii", **FACTS)
    other = nibabel.load("a.nii")
    assert other.shape == array.shape[::-1]
    assert other.header.get_zooms() == (2, 3, 4)
    np.testing.assert_array_equal(np.asanyarray(other.dataobj.get_unscaled()), array.T)
    # NIfTI is RAS, swr LPS: x and y have the other sign
    np.testing.assert_allclose(other.affine[:3, 3], (-30, -20, 10))
    assert (other.dataobj.slope, other.dataobj.inter) == (2, -1)
    read = swr.open("a.nii")
    assert {name: getattr(read, name) for name in FACTS} == FACTS


def test_a_nibabel_image_becomes_a_file_without_a_copy(noise):
    data = np.asfortranarray(noise((8, 10, 12)))
    figures = swr.write("a.nii", data.T, divisions=1)
    assert figures["lent_direct"] == 1
    np.testing.assert_array_equal(np.asanyarray(nibabel.load("a.nii").dataobj), data)


def test_a_direction_has_rows_and_columns_in_the_order_of_the_axes(image):
    angle = np.radians(30)
    turn = np.eye(3)  # of y and x: axes 1 and 2 of the array
    turn[1:, 1:] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    image("a.nii", spacing=(4, 3, 2), direction=turn)
    np.testing.assert_allclose(swr.open("a.nii").direction, turn, atol=1e-6)
    expected = np.diag([-1, -1, 1]) @ turn[::-1, ::-1] @ np.diag([2, 3, 4])
    np.testing.assert_allclose(nibabel.load("a.nii").affine[:3, :3], expected, atol=1e-5)


def test_units_start_and_metadata_come_back(image):
    image("a.nrrd", units=("um", "mm", ""), start=(3, -4, 5),
          metadata={"wer": "ich", "Größe": "ä😀"})
    read = swr.open("a.nrrd")
    assert read.units == ("um", "mm", "") and read.start == (3, -4, 5)
    assert read.metadata == {"wer": "ich", "Größe": "ä😀"}


def test_metadata_that_is_no_utf8_goes_through(image):
    image("a.nrrd", metadata={"who": "xx"})
    data = pathlib.Path("a.nrrd").read_bytes()
    assert data.count(b"xx") == 1
    pathlib.Path("a.nrrd").write_bytes(data.replace(b"xx", b"\xe9\xff"))
    entries = swr.open("a.nrrd").metadata
    swr.write("b.nrrd", swr.open("a.nrrd")[...], metadata=entries)
    assert swr.open("b.nrrd").metadata == entries
    assert b"\xe9\xff" in pathlib.Path("b.nrrd").read_bytes()


def test_info_has_all_facts(image):
    image("a.nii.gz", **FACTS)
    facts = swr.info("a.nii.gz")
    assert facts["format"] == "NIfTI" and facts["shape"] == (12, 10, 8)
    assert facts["dtype"] == np.uint16 and facts["kind"] == "scalar"
    assert facts["encoding"] == "deflate" and facts["slotted"] and not facts["big_endian"]
    assert facts["spacing"] == FACTS["spacing"] and facts["metadata"] == {}
    assert pathlib.Path(facts["path"]).is_absolute()


def test_the_shape_of_chunks_is_in_the_order_of_the_axes(image):
    image("a.tif", (3, 40, 36), options={"chunk.shape": "32,16"})
    assert swr.open("a.tif").chunk_shape == swr.info("a.tif")["chunk_shape"] == (1, 32, 16)
    image("b.tif", (3, 40, 36, 3), kind="rgb", options={"chunk.shape": "1,32,16"})
    assert swr.open("b.tif").chunk_shape == (1, 32, 16)
    image("a.nii.gz")
    assert swr.open("a.nii.gz").chunk_shape is None


def test_an_image_is_an_array_of_numpy(image):
    array = image("a.nrrd")
    read = swr.open("a.nrrd")
    np.testing.assert_array_equal(np.asarray(read), array)
    assert np.asarray(read, "f4").dtype == np.float32
    assert (len(read), read.ndim, read.size, read.nbytes) == (12, 3, array.size, array.nbytes)
    assert "uint16" in repr(read)
    assert sum(1 for _ in read) == 12


def test_reading_into_an_array_makes_no_copy(image):
    array = image("a.nii.gz")
    read = swr.open("a.nii.gz")
    out = np.empty((3, 8), "u2")
    assert read.read(np.s_[2, 4:7], out) is out
    np.testing.assert_array_equal(out, array[2, 4:7])
    for wrong in (np.empty((3, 7), "u2"), np.empty((3, 8), "i2"), np.empty((8, 3), "u2").T,
                  np.empty((3, 8), ">u2"), np.frombuffer(bytes(48), "u2").reshape(3, 8)):
        with pytest.raises(swr.ArgumentError, match="packed, writable"):
            read.read(np.s_[2, 4:7], wrong)


def test_pieces_of_a_large_image_are_read_alone(hole):
    """8 GiB, sparse; what is read is a few pixels."""
    hole("a.npy", (2048, 2048, 2048))
    with swr.Writer("a.npy", existing="update") as writer:
        writer[2000, 1000, 500:503] = [1, 2, 3]
    read = swr.open("a.npy")
    assert read.nbytes == 2**33
    assert read[2000, 1000, 499:504].tolist() == [0, 1, 2, 3, 0]
    assert read[-48][1000, 501] == 2


def test_threads_may_read_at_once(image):
    array = image("a.nii.gz", (64, 50, 40))
    read = swr.open("a.nii.gz")
    wrong = []

    def work(seed):
        numbers = np.random.default_rng(seed)
        for _ in range(50):
            z, y = numbers.integers(0, 60), numbers.integers(0, 40)
            if not np.array_equal(read[z:z + 4, y:y + 9], array[z:z + 4, y:y + 9]):
                wrong.append((z, y))
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_a_closed_image_keeps_its_facts(image):
    image("a.nrrd")
    with swr.open("a.nrrd") as read:
        pass
    assert read.shape == (12, 10, 8)
    with pytest.raises(swr.StateError, match="a.nrrd.*closed"):
        read[0]
    read.close()


def test_an_image_can_be_pickled(image, monkeypatch, folder):
    array = image("a.nrrd")
    data = pickle.dumps(swr.open("a.nrrd", memory_limit=1 << 20, threads=1))
    (folder / "other").mkdir()
    monkeypatch.chdir(folder / "other")
    np.testing.assert_array_equal(pickle.loads(data)[...], array)


@pytest.mark.parametrize("target", ["b.nrrd", "b.nii.gz", "b.mha", "b.tif"])
def test_a_copy_keeps_the_image(target, image):
    array = image("a.nrrd", spacing=(4, 3, 2), origin=(1, 2, 3))
    swr.copy("a.nrrd", target)
    read = swr.open(target)
    np.testing.assert_array_equal(read[...], array)
    np.testing.assert_allclose(read.spacing, (4, 3, 2))
    np.testing.assert_allclose(read.origin, (1, 2, 3), atol=1e-5)


def test_a_copy_of_a_region_stays_where_it_is_in_space(image):
    array = image("a.nrrd", spacing=(4, 3, 2), origin=(1, 2, 3), metadata={"a": "b"})
    swr.copy(pathlib.Path("a.nrrd"), "b.nrrd", region=np.s_[3:7, :, -2:], compression=6)
    read = swr.open("b.nrrd")
    np.testing.assert_array_equal(read[...], array[3:7, :, -2:])
    assert (read.start, read.origin, read.spacing) == ((3, 0, 6), (1, 2, 3), (4, 3, 2))
    assert read.encoding == "deflate" and read.metadata == {"a": "b"}


def test_a_copy_converts_if_it_is_told_how(image):
    array = image("a.nrrd")
    with pytest.raises(swr.MismatchError):
        swr.copy("a.nrrd", "b.nrrd", dtype="float32")
    swr.copy("a.nrrd", "b.nrrd", dtype="float32", conversion="exact")
    read = swr.open("b.nrrd")
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read[...], array)


def test_a_file_can_be_copied_onto_itself(image):
    array = image("a.nii.gz")
    swr.copy("a.nii.gz", "a.nii.gz", region=np.s_[2:5])
    np.testing.assert_array_equal(swr.open("a.nii.gz")[...], array[2:5])


def test_a_new_file_is_modelled_on_another(image, noise):
    image("a.nrrd", spacing=(4, 3, 2), metadata={"a": "b"})
    array = noise((12, 10, 8), seed=2)
    swr.write("b.nrrd", array, like=swr.open("a.nrrd"))
    read = swr.open("b.nrrd")
    assert read.spacing == (4, 3, 2) and read.metadata == {"a": "b"}
    np.testing.assert_array_equal(read[...], array)


def test_one_volume_of_a_series_keeps_its_place(image, noise):
    """The new image lacks the axis of time; `like` says which of its indices it is."""
    image("a.nii", (4, 12, 10, 8), spacing=(5, 4, 3, 2), origin=(100, 1, 2, 3))
    series = swr.open("a.nii")
    swr.write("b.nii", series[2], like=(series, np.s_[2:3]))
    read = swr.open("b.nii")
    assert read.spacing == (4, 3, 2) and read.origin == (1, 2, 3)
    np.testing.assert_array_equal(read[...], series[2])


def test_files_of_nibabel_are_read(noise):
    data = noise((5, 6, 7, 3), ">i2")
    nibabel.Nifti1Image(data, np.diag([2, 3, 4, 1])).to_filename("a.nii.gz")
    read = swr.open("a.nii.gz")
    np.testing.assert_array_equal(read[...], data.T)
    assert read.spacing[1:] == (4, 3, 2) and read.dtype.isnative
    with swr.Writer("a.nii.gz", existing="update") as writer:
        writer[1, 2] = 5
    data.T[1, 2] = 5
    np.testing.assert_array_equal(np.asanyarray(nibabel.load("a.nii.gz").dataobj), data)


def test_formats_say_what_they_can():
    table = {f.name: f for f in swr.formats()}
    assert ".nii.gz" in table["NIfTI"].suffixes and table["NIfTI"].most_dimensions == 7
    assert {"read", "paste", "paste_compressed", "holds_spacing"} <= table["NRRD"].capabilities
    assert "holds_spacing" not in table["NumPy"].capabilities


def test_verify_finds_damage(image):
    image("a.nii.gz", (40, 50, 60))
    swr.open("a.nii.gz").verify()
    data = bytearray(pathlib.Path("a.nii.gz").read_bytes())
    data[len(data) // 2] ^= 255
    pathlib.Path("a.nii.gz").write_bytes(data)
    with pytest.raises(swr.CorruptError):
        swr.open("a.nii.gz").verify()
