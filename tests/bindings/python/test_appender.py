"""Frames that are appended: what the file has at each checkpoint, and after every end."""
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import swr

PATHS = ["a.mha", "a.nrrd", "a.nii", "a.nii.gz", "a.tif"]


@pytest.mark.parametrize("path", PATHS)
def test_frames_follow_each_other(path, noise):
    array = noise((9, 30, 20))
    with swr.Appender(path, (30, 20), "uint16", spacing=(4, 3, 2)) as series:
        series.append(array[0])
        series.append(array[1:4])
        series.append(array[4:7].astype(">u2"))
        series.append(array[7][:, ::-1][:, ::-1])
        series.append(array[8].tolist())
        assert series.frames == 9
    read = swr.open(path)
    np.testing.assert_array_equal(read[...], array)
    assert read.spacing == (4, 3, 2)
    assert series.statistics["frames_kept"] == 9


@pytest.mark.parametrize("path", PATHS)
def test_frames_go_after_those_of_the_file(path, image, noise):
    array, more = image(path), noise((3, 10, 8), seed=2)
    with swr.Appender(path, existing="extend") as series:
        assert (series.shape, series.dtype) == ((10, 8), array.dtype)
        series.append(more)
    np.testing.assert_array_equal(swr.open(path)[...], np.concatenate([array, more]))


def test_extend_creates_what_is_absent(noise):
    array = noise((3, 10, 8))
    with swr.Appender("a.nrrd", (10, 8), array.dtype, existing="extend") as series:
        series.append(array)
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_a_flush_puts_all_frames_into_the_file_and_an_image_follows(noise):
    array = noise((8, 30, 20))
    with swr.Appender("a.nrrd", (30, 20), "uint16") as series:
        series.append(array[:2])
        series.flush()
        read = swr.open("a.nrrd")
        for count in range(3, 9):
            series.append(array[count - 1])
            series.flush()
            assert read.shape[0] == count - 1
            read.refresh()
            assert read.shape == (count, 30, 20)
            np.testing.assert_array_equal(read[...], array[:count])
            assert series.statistics["frames_kept"] == count


def test_components_and_large_values(noise, monkeypatch):
    from swr import appender as module
    monkeypatch.setattr(module, "BLOCK", 1000)
    array = noise((9, 30, 20, 3), "uint8")
    with swr.Appender("a.mha", (30, 20, 3), "uint8", kind="rgb") as series:
        series.append(array[:, ::-1])  # in blocks of one frame
    read = swr.open("a.mha")
    assert read.kind == "rgb"
    np.testing.assert_array_equal(read[...], array[:, ::-1])


def test_what_is_no_frame_is_refused(noise):
    with swr.Appender("a.nrrd", (30, 20), "uint16") as series:
        for wrong in (noise((30, 21)), noise((20,)), noise((2, 2, 30, 20)), 3):
            with pytest.raises(swr.ArgumentError, match="neither a frame"):
                series.append(wrong)
        with pytest.raises(TypeError, match="float64 does not become uint16"):
            series.append(noise((30, 20), "float64"))
        series.append(noise((0, 30, 20)))
        assert series.frames == 0
    assert not list(pathlib.Path().iterdir())  # without a frame there is no file


def test_what_cannot_be_is_refused_at_once(image):
    array = image("a.nrrd")
    for arguments in (((), "u1"), ()):
        with pytest.raises(swr.ArgumentError):
            swr.Appender("a.nrrd", *arguments)
    with pytest.raises(swr.ExistsError):
        swr.Appender("a.nrrd", (10, 8), "u2", existing="fail")
    with pytest.raises(swr.MismatchError):
        with swr.Appender("a.nrrd", (10, 9), "u2", existing="extend") as series:
            series.append(np.zeros((10, 9), "u2"))
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


@pytest.mark.parametrize("form", [f.name for f in swr.formats() if "extend" in f.capabilities])
def test_every_format_that_can_grow_takes_frames(form, noise):
    """Walks the table of formats; again after the file exists."""
    entry = next(f for f in swr.formats() if f.name == form)
    array = noise((6, 5, 4)[-min(3, entry.most_dimensions):], "int16")
    for suffix in entry.suffixes:
        pathlib.Path(suffix[1:]).mkdir()
        path = f"{suffix[1:]}/a{suffix}"
        for frames, settings in ((array[:2], {}), (array[2:], {"existing": "extend"})):
            with swr.Appender(path, array.shape[1:], array.dtype, **settings) as series:
                for frame in frames:
                    series.append(frame)
        read = swr.open(path)
        assert read.format == form
        np.testing.assert_array_equal(read[...], array)


class Wrong(Exception):
    pass


def test_an_exception_in_with_keeps_the_frames(noise):
    array = noise((5, 30, 20))
    for thrown in (Wrong(), KeyboardInterrupt()):
        with pytest.raises(type(thrown)) as caught:
            with swr.Appender("a.nrrd", (30, 20), "uint16") as series:
                series.append(array)
                raise thrown
        assert caught.value is thrown
        np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_abandon_keeps_the_last_checkpoint(noise):
    array = noise((5, 30, 20))
    options = {"append.every_seconds": "86400"}
    with swr.Appender("a.nrrd", (30, 20), "uint16", options=options) as series:
        series.append(array[:2])
        series.flush()
        series.append(array[2:])
        series.abandon()
        assert series.closed and series.statistics["frames_kept"] == 2
        for call in (lambda: series.append(array), series.flush):
            with pytest.raises(swr.StateError):
                call()
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array[:2])


def child_of(code):
    head = """
import numpy as np, os, swr, sys
a = swr.Appender("a.nrrd", (30, 20), "uint16", options={"append.every_seconds": "86400"})
a.append(np.full((2, 30, 20), 1, "u2")); a.flush(); a.append(np.full((30, 20), 2, "u2"))
print("appended", flush=True)
"""
    return subprocess.Popen([sys.executable, "-c", head + code], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "1 / 0", "del a",
                                 "import ctypes; ctypes.pythonapi.Py_IncRef(ctypes.py_object(a))"])
def test_an_interpreter_that_ends_keeps_the_frames(end):
    child = child_of(end)
    child.communicate(timeout=60)
    assert child.returncode == (end == "1 / 0")
    assert swr.open("a.nrrd")[:, 0, 0].tolist() == [1, 1, 2]


def test_a_kill_keeps_the_last_checkpoint():
    child = child_of("os.kill(os.getpid(), 9)")
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert swr.open("a.nrrd")[:, 0, 0].tolist() == [1, 1]


def test_an_interrupt_keeps_the_frames():
    child = child_of("""
with a:
    while True: a.append(np.full((30, 20), 2, "u2"))
""")
    child.stdout.readline()
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT and "KeyboardInterrupt" in errors
    values = swr.open("a.nrrd")[:, 0, 0]
    assert len(values) > 3 and values[:2].tolist() == [1, 1] and (values[2:] == 2).all()


def test_a_child_of_fork_leaves_the_frames_to_its_parent(noise):
    array = noise((3, 30, 20))
    with swr.Appender("a.nrrd", (30, 20), "uint16") as series:
        series.append(array[0])
        series.flush()
        child = os.fork()
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        series.append(array[1:])
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_an_appender_that_is_forgotten_keeps_its_frames(noise):
    array = noise((3, 30, 20))
    with pytest.warns(ResourceWarning, match="a.nrrd"):
        series = swr.Appender("a.nrrd", (30, 20), "uint16")
        series.append(array)
        del series
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


def test_a_refused_checkpoint_is_raised_and_tried_again(noise):
    """Another writer makes the image longer: its frames are not overwritten."""
    array = noise((3, 30, 20))
    series = swr.Appender("a.nrrd", (30, 20), "uint16")
    series.append(array[0])
    series.flush()
    with swr.Writer("a.nrrd", (2, 30, 20), existing="extend") as writer:
        writer[1] = 5
    series.append(array[1])
    for call in (series.flush, series.close):
        with pytest.raises(swr.MismatchError):
            call()
        assert not series.closed
    series.abandon()
    read = swr.open("a.nrrd")
    assert read.shape[0] == 2 and (read[1] == 5).all()
