"""Ctrl-C ends calls that wait for another write."""
import os
import pathlib
import signal
import threading
import time

import numpy as np
import pytest
import swr

FRAME = np.zeros((512, 512), "uint8")  # eight take half of a memory limit of 4 MiB


@pytest.fixture
def other():
    """Another write of a.nii.gz, which holds its lock."""
    swr.write("a.nii.gz", FRAME[np.newaxis])
    with swr.Writer("a.nii.gz", existing="update") as writer:
        yield writer
        if not writer.closed:
            writer.abandon()


def interrupted(call, other):
    """Ctrl-C while the call waits; if that does not end it, the end of the other write does."""
    done = threading.Event()

    def interrupt():
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        if not done.wait(20):
            other.abandon()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            call()
        assert not other.closed, "it waited until the other write had ended"
    finally:
        done.set()
        thread.join()


def test_an_interrupt_ends_a_wait_for_the_lock(other):
    before = pathlib.Path("a.nii.gz").read_bytes()
    settings = {"existing": "update", "options": {"lock": "wait"}}
    interrupted(lambda: swr.Writer("a.nii.gz", **settings), other)
    interrupted(lambda: swr.write("a.nii.gz", FRAME[np.newaxis], **settings), other)
    assert pathlib.Path("a.nii.gz").read_bytes() == before
    other.abandon()
    swr.write("a.nii.gz", FRAME[np.newaxis] + 1, **settings)


def test_an_interrupt_ends_a_wait_for_room_or_a_checkpoint_and_appending_goes_on(other):
    before = pathlib.Path("a.nii.gz").read_bytes()
    with swr.Appender("a.nii.gz", existing="extend", memory_limit=4 << 20,
                      options={"lock": "wait"}) as series:
        for _ in range(8):
            series.append(FRAME)
        interrupted(lambda: series.append(FRAME), other)
        assert series.frames == 8
        interrupted(series.flush, other)
        interrupted(series.close, other)
        assert pathlib.Path("a.nii.gz").read_bytes() == before
        other.abandon()
        series.append(FRAME)
    assert swr.open("a.nii.gz").shape[0] == 10
