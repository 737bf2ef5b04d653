"""Zarr of version 3, by its specification (zarr-specs.readthedocs.io, v3/core), with the codecs of numcodecs. Chunks are files; there are no shards."""

import itertools
import json
import os

import numcodecs
import numpy as np

CODECS = {"gzip": numcodecs.GZip, "zstd": numcodecs.Zstd, "blosc": numcodecs.Blosc}


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


def read(folder):
    found = metadata(folder)
    shape, chunk = found["shape"], found["chunk_grid"]["configuration"]["chunk_shape"]
    to_bytes, *codecs = found["codecs"]
    assert to_bytes["name"] == "bytes", to_bytes
    order = ">" if to_bytes.get("configuration", {}).get("endian") == "big" else "<"
    assert found["chunk_key_encoding"]["name"] == "default", found["chunk_key_encoding"]
    separator = found["chunk_key_encoding"].get("configuration", {}).get("separator", "/")
    values = np.full(shape, found["fill_value"], np.dtype(found["data_type"]))
    for place in itertools.product(*(range(-(-extent // step)) for extent, step in zip(shape, chunk))):
        path = os.path.join(folder, separator.join(["c", *map(str, place)]))
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            stored = file.read()
        for codec in reversed(codecs):
            stored = CODECS[codec["name"]]().decode(stored)
        pixels = np.frombuffer(stored, values.dtype.newbyteorder(order)).reshape(chunk)
        begin = [number * step for number, step in zip(place, chunk)]
        box = tuple(slice(first, min(first + step, extent)) for first, step, extent in zip(begin, chunk, shape))
        values[box] = pixels[tuple(slice(0, part.stop - part.start) for part in box)]
    return values
