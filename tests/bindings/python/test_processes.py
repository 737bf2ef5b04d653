"""Threads that write at once, and processes that end: by exit, by fork, by a signal."""
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import swr


# an object that is never freed, as a daemon thread or a C extension may hold it
LEAK = "import ctypes; ctypes.pythonapi.Py_IncRef(ctypes.py_object(w))"


def run(code, **settings):
    return subprocess.Popen([sys.executable, "-c", "import swr, sys, os, time\n" + code],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings)


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_threads_put_at_once(path, noise):
    array = noise((64, 50, 40))
    errors = []
    with swr.Writer(path, array.shape, array.dtype) as writer:
        def work(number):
            try:
                for i in range(number, 64, 8):
                    writer[i, :25] = array[i, :25]
                    writer[i, 25:] = array[i, 25:].astype(">u2")
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
    assert not errors
    np.testing.assert_array_equal(swr.open(path)[...], array)


def test_other_threads_run_during_a_call():
    """The GIL is released: a thread counts while a large image is compressed in one call."""
    array = np.random.default_rng(1).integers(0, 255, (64, 512, 512), "u1")
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0.001)
    thread = threading.Thread(target=count)
    with swr.Writer("a.nii.gz", array.shape, array.dtype, compression=6) as writer:
        thread.start()
        writer[...] = array
        before_end = counted[0]
        stop.set()
        thread.join()
    assert before_end > 5


def test_several_processes_paste_at_once(noise):
    array = noise((40, 50, 60))
    swr.allocate("a.nrrd", array.shape, array.dtype)
    np.save("source.npy", array)
    code = """
import numpy as np
array, i = np.load("source.npy", mmap_mode="r"), int(sys.argv[1])
for z in range(i, 40, 4):
    with swr.Writer("a.nrrd", existing="update") as writer:
        writer[z] = array[z]
"""
    children = [subprocess.Popen([sys.executable, "-c", "import swr, sys\n" + code, str(i)])
                for i in range(4)]
    assert [child.wait(60) for child in children] == [0] * 4
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


@pytest.mark.parametrize("settings", ['(12, 10, 8), "u2"', 'existing="update"'])
@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
def test_an_interpreter_that_ends_leaves_the_old_file(path, settings, image):
    image(path)
    before = pathlib.Path(path).read_bytes()
    for end in ("", "sys.exit(0)", "1 / 0", LEAK):
        child = run(f"w = swr.Writer({path!r}, {settings})\nw[:5] = 1\n{end}")
        output, errors = child.communicate(timeout=60)
        assert child.returncode == ("1 / 0" == end), errors
        assert pathlib.Path(path).read_bytes() == before
        assert [p.name for p in pathlib.Path().iterdir()] == [path]


def test_a_child_of_fork_forgets_what_its_parent_writes_without_a_word():
    child = run('''
import numpy as np
series = swr.Appender("a.nrrd", (30, 20), "uint16")
writer = swr.Writer("b.nrrd", (3, 30, 20), "uint16")
series.append(np.ones((2, 30, 20), "uint16"))
series.flush()
child = os.fork()
if child == 0:
    del series, writer
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
writer[...] = 1
writer.close()
series.append(np.ones((30, 20), "uint16"))
series.close()
''')
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 0 and errors == ""
    for path in ("a.nrrd", "b.nrrd"):
        assert swr.open(path).shape == (3, 30, 20) and (swr.open(path)[...] == 1).all()


def test_a_child_of_fork_leaves_the_write_to_its_parent(image):
    array = image("a.nrrd")
    writer = swr.Writer("a.nrrd", existing="update")
    writer[:5] = 1
    child = os.fork()
    if child == 0:
        code = 3
        try:
            try:
                writer.close()
            except swr.StateError:
                code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    writer[5] = 2
    writer.close()
    array[:5], array[5] = 1, 2
    np.testing.assert_array_equal(swr.open("a.nrrd")[...], array)


@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz"])
@pytest.mark.parametrize("write", [
    'swr.write(PATH, source, (1000, 100, 100), "u2", divisions=1000)',
    'swr.write(PATH, source, (1000, 100, 100), "u2", divisions=1000, pull_threads=2)',
    'swr.write(PATH, (source(None) for _ in range(1000)), (1000, 100, 100), "u2")'])
def test_an_interrupt_during_a_pull_leaves_the_old_file(path, write, image):
    image(path)
    before = pathlib.Path(path).read_bytes()
    child = run("""
import numpy as np
def source(key):
    print("pull", flush=True)
    time.sleep(0.05)
    return np.zeros((1, 100, 100), "u2")
PATH = %r
%s
""" % (path, write))
    child.stdout.readline()
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode == -signal.SIGINT and "KeyboardInterrupt" in errors
    assert pathlib.Path(path).read_bytes() == before
    assert [p.name for p in pathlib.Path().iterdir()] == [path]


def test_an_interrupt_ends_a_copy(hole):
    """No callback of the application is called then: the package's own sees the signal."""
    hole("a.npy", (4000, 1000, 1000))
    child = run("""
print("begun", flush=True)
swr.copy("a.npy", "b.nii.gz", compression=9, threads=1)
""")
    child.stdout.readline()
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT and "KeyboardInterrupt" in errors
    assert not pathlib.Path("b.nii.gz").exists()


def test_a_write_that_was_killed_is_rolled_back(image):
    image("a.nrrd")
    before = pathlib.Path("a.nrrd").read_bytes()
    child = run("""
w = swr.Writer("a.nrrd", existing="update")
w[:5] = 1
os.kill(os.getpid(), 9)
""")
    child.communicate(timeout=60)
    assert child.returncode == -9
    assert swr.recover("a.nrrd") == 1
    assert swr.recover("a.nrrd") == 0
    assert pathlib.Path("a.nrrd").read_bytes() == before


def test_forgotten_writers_and_images_hold_nothing(image):
    """Open files are counted: a thousand writers and readers, some with an unfinished write."""
    import gc
    import warnings
    array = image("a.nrrd")
    gc.collect()
    count = len(os.listdir("/proc/self/fd"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        for _ in range(300):
            swr.open("a.nrrd")[0]
            writer = swr.Writer("b.nrrd", array.shape, array.dtype)
            writer[0] = 1
            try:
                swr.write("c.nrrd", lambda key: 1 / 0, array.shape, array.dtype)
            except ZeroDivisionError:
                pass
            del writer
        gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= count + 2


def slabs(boxes):
    return [(box[0].start, box[0].stop) for box in boxes]


def test_split_gives_boxes_that_end_with_chunks():
    shape = (64, 40, 50)
    swr.allocate("a.zarr", shape, "uint16", start=(7, 0, -3), options={"chunk.shape": "10,20,25"})
    boxes = swr.split("a.zarr", 4)
    assert slabs(boxes) == [(0, 20), (20, 40), (40, 60), (60, 64)]
    assert all(box[1:] == np.s_[0:40, 0:50] for box in boxes)
    for number, box in enumerate(boxes):
        with swr.Writer("a.zarr", existing="update") as writer:
            writer[box] = number
    assert swr.open("a.zarr")[:, 39, 49].tolist() == [0] * 20 + [1] * 20 + [2] * 20 + [3] * 4
    assert slabs(swr.split("a.zarr", 4, options={"split.align": "none"})) == [
        (0, 16), (16, 32), (32, 48), (48, 64)]
    parts = swr.split("a.zarr", 2, region=np.s_[5:25, :8])
    assert parts == [np.s_[5:20, 0:8, 0:50], np.s_[20:25, 0:8, 0:50]]
    assert len(swr.split("a.zarr", 100)) == 7


def test_split_of_shards_of_a_file_to_be_and_of_formats_without_chunks():
    sharded = {"zarr.shard": "32,32,32", "chunk.shape": "8,8,8"}
    assert slabs(swr.split("new.zarr", 4, (80, 40, 40), "u1", options=sharded)) == [
        (0, 32), (32, 64), (64, 80)]
    assert slabs(swr.split("new.mha", 3, (10, 4, 4), "u1")) == [(0, 4), (4, 8), (8, 10)]
    assert not os.path.exists("new.zarr") and not os.path.exists("new.mha")
    with pytest.raises(swr.ArgumentError, match="pieces: 0"):
        swr.split("new.mha", 0, (10, 4, 4), "u1")
    with pytest.raises(swr.ArgumentError, match="shape and dtype"):
        swr.split("new.mha", 2)
