"""Each test runs in a folder of its own, which is removed afterwards."""
import shutil

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture
def hole():
    """hole(path, shape, dtype): a .npy file of zeros, which takes no space on the disk."""
    def make(path, shape, dtype="uint8"):
        np.lib.format.open_memmap(path, "w+", dtype, shape)
    return make


@pytest.fixture
def noise():
    """noise(shape, dtype): the same numbers each time; every pixel is another one, nearly."""
    def make(shape, dtype="uint16", seed=1):
        dtype = np.dtype(dtype)
        numbers = np.random.default_rng(seed)
        if dtype.kind == "c":
            return (numbers.random(shape) + 1j * numbers.random(shape)).astype(dtype)
        if dtype.kind == "f":
            return numbers.random(shape).astype(dtype)
        limits = np.iinfo(dtype)
        return numbers.integers(limits.min, limits.max, shape, dtype.newbyteorder("="),
                                endpoint=True).astype(dtype)
    return make


@pytest.fixture
def image(noise):
    """image(path, shape, ...): a file of noise, and its array."""
    import swr

    def make(path, shape=(12, 10, 8), dtype="uint16", **settings):
        array = noise(shape, dtype)
        swr.write(path, array, **settings)
        return array
    return make
