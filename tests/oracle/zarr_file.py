"""Zarr of version 3, by its specification (zarr-specs.readthedocs.io, v3/core and v3/codecs/sharding-indexed), with the codecs of numcodecs. A file is a chunk, or a shard of chunks."""

import itertools
import json
import os
import struct

import numcodecs
import numpy as np

CODECS = {"gzip": numcodecs.GZip, "zstd": numcodecs.Zstd, "blosc": numcodecs.Blosc}
ABSENT = 2**64 - 1  # of a chunk that a shard has not


def crc32c_table():
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        yield value


CRC32C = list(crc32c_table())


def crc32c(data):
    """Of RFC 3720, bit by bit for one byte after the other."""
    state = 0xFFFFFFFF
    for byte in data:
        state = state >> 8 ^ CRC32C[(state ^ byte) & 0xFF]
    return state ^ 0xFFFFFFFF


def metadata(folder):
    with open(os.path.join(folder, "zarr.json"), encoding="utf-8") as file:
        return json.load(file)


def arrays(folder):
    """The folders of the array, or of those of the group's first multiscale image, the largest first."""
    found = metadata(folder)
    if found["node_type"] == "array":
        return [folder]
    datasets = found["attributes"]["ome"]["multiscales"][0]["datasets"]
    return [os.path.join(folder, dataset["path"]) for dataset in datasets]


def places(shape, step):
    return itertools.product(*(range(-(-extent // part)) for extent, part in zip(shape, step)))


def box_of(place, step, shape):
    begin = [number * part for number, part in zip(place, step)]
    return tuple(slice(first, min(first + part, extent)) for first, part, extent in zip(begin, step, shape))


class Chunks:
    """Chunks of one shape: what the codecs of an array, or of its shards, say."""

    def __init__(self, codecs, shape, dtype):
        to_bytes, *self.codecs = codecs
        assert to_bytes["name"] == "bytes", to_bytes
        self.shape, order = shape, ">" if to_bytes.get("configuration", {}).get("endian") == "big" else "<"
        self.type = dtype.newbyteorder(order)

    def decode(self, stored):
        for codec in reversed(self.codecs):
            stored = CODECS[codec["name"]]().decode(stored)
        return np.frombuffer(stored, self.type).reshape(self.shape)


class Shards:
    """Each file has chunks, and at its begin or end an index: offset and length of each chunk, in C order."""

    def __init__(self, settings, shape, dtype, fill):
        self.shape, self.fill, self.type = shape, fill, dtype
        self.inner = Chunks(settings["codecs"], settings["chunk_shape"], dtype)
        assert all(whole % part == 0 for whole, part in zip(shape, self.inner.shape)), settings
        self.is_last = settings.get("index_location", "end") == "end"
        to_bytes, *checks = settings["index_codecs"]
        assert to_bytes["name"] == "bytes" and [check["name"] for check in checks] in ([], ["crc32c"]), settings
        self.order = ">" if to_bytes.get("configuration", {}).get("endian") == "big" else "<"
        self.checks = len(checks)

    def index(self, stored):
        count = int(np.prod([whole // part for whole, part in zip(self.shape, self.inner.shape)]))
        length = 16 * count + 4 * self.checks
        index = stored[len(stored) - length :] if self.is_last else stored[:length]
        assert len(index) == length, f"{len(stored)} bytes are no shard"
        if self.checks:
            assert struct.unpack("<I", index[-4:])[0] == crc32c(index[:-4]), "the checksum of the index is wrong"
        return np.frombuffer(index[: 16 * count], self.order + "u8").reshape(count, 2)

    def decode(self, stored):
        values = np.full(self.shape, self.fill, self.type)
        used = []
        for place, (offset, length) in zip(places(self.shape, self.inner.shape), self.index(stored).tolist()):
            if offset == ABSENT and length == ABSENT:
                continue
            used.append((offset, offset + length))
            assert used[-1][1] <= len(stored), "a chunk is outside of its shard"
            values[box_of(place, self.inner.shape, self.shape)] = self.inner.decode(stored[offset : offset + length])
        used.sort()
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(used)), "chunks of a shard share bytes"
        return values


def read(folder):
    found = metadata(folder)
    shape, step = found["shape"], found["chunk_grid"]["configuration"]["chunk_shape"]
    dtype, fill, codecs = np.dtype(found["data_type"]), found["fill_value"], found["codecs"]
    if codecs[0]["name"] == "sharding_indexed":
        assert len(codecs) == 1, codecs
        files = Shards(codecs[0]["configuration"], step, dtype, fill)
    else:
        files = Chunks(codecs, step, dtype)
    assert found["chunk_key_encoding"]["name"] == "default", found["chunk_key_encoding"]
    separator = found["chunk_key_encoding"].get("configuration", {}).get("separator", "/")
    values = np.full(shape, fill, dtype)
    for place in places(shape, step):
        path = os.path.join(folder, separator.join(["c", *map(str, place)]))
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            pixels = files.decode(file.read())
        box = box_of(place, step, shape)
        values[box] = pixels[tuple(slice(0, part.stop - part.start) for part in box)]
    return values
