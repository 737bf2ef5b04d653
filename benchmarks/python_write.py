#!/usr/bin/python3
"""Writers for Python as contestants (CMakeLists.txt): an array of uint16 is written slab by slab, in key=value arguments.

    size=X,Y,Z out=FILE [slabs=256] [data=FILE] [deflate=LEVEL] [chunk=X,Y,Z] mode=MODE
    memmap    numpy.lib.format.open_memmap() and assignments     tofile    a header of NumPy's, and tofile() of each slab
    tifffile  TiffWriter.write() of a generator of pages         gdal      a band for each page
    vips      vips_tiffsave() of an image in memory              h5py      slabs of a contiguous dataset, or of chunks
    zarr      slabs of an array of version 2

With a level, tifffile, gdal, vips, h5py (and shuffle) and zarr compress.
"""

import ctypes
import os
import resource
import sys
import time

import numpy as np
from numpy.lib import format as npy


class Source:
    """As the source of the others: rows of a pattern of 8 MiB, or of a file, so that making a slab is a copy."""

    def __init__(self, x, y, z, words):
        self.shape = (z, y, x)
        self.level = int(words.get("deflate", "0"))
        self.chunk = tuple(map(int, words["chunk"].split(",")))[::-1] if "chunk" in words else None
        if "data" in words:
            values = np.fromfile(words["data"], "<u2")
            self.pattern = values[: len(values) // x * x].reshape(-1, x)
            return
        rows = max(1, (8 << 20) // (2 * x))
        self.pattern = (np.arange(rows * x, dtype=np.uint32) * 2654435761 >> 20).astype("<u2").reshape(rows, x)

    def fill(self, slab, z):
        rows = slab.reshape(-1, self.shape[2])
        done = 0
        while done < len(rows):
            at = (z * self.shape[1] + done) % len(self.pattern)
            more = min(len(rows) - done, len(self.pattern) - at)
            rows[done : done + more] = self.pattern[at : at + more]
            done += more

    def slabs(self, count):
        z, y, x = self.shape
        bounds = [z * i // count for i in range(count + 1)]
        for low, high in zip(bounds, bounds[1:]):
            slab = np.empty((high - low, y, x), "<u2")
            self.fill(slab, low)
            yield low, high, slab


def write_memmap(source, path, slabs):
    array = npy.open_memmap(path, "w+", "<u2", source.shape)
    bounds = [len(array) * i // slabs for i in range(slabs + 1)]
    for low, high in zip(bounds, bounds[1:]):
        source.fill(array[low:high], low)
    array.flush()


def write_tofile(source, path, slabs):
    with open(path, "wb") as out:
        npy.write_array_header_1_0(out, {"descr": "<u2", "fortran_order": False, "shape": source.shape})
        for _, _, slab in source.slabs(slabs):
            slab.tofile(out)


def write_tifffile(source, path, slabs):
    import tifffile

    pages = (page for _, _, slab in source.slabs(slabs) for page in slab)
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        how = {"compression": "zlib", "compressionargs": {"level": source.level}} if source.level else {}
        tiff.write(pages, shape=source.shape, dtype="uint16", photometric="minisblack", **how)


def write_gdal(source, path, slabs):
    from osgeo import gdal

    gdal.UseExceptions()
    z, y, x = source.shape
    how = ["COMPRESS=DEFLATE", f"ZLEVEL={source.level}", "NUM_THREADS=2"] if source.level else []
    file = gdal.GetDriverByName("GTiff").Create(path, x, y, z, gdal.GDT_UInt16, ["INTERLEAVE=BAND", "BIGTIFF=YES"] + how)
    for low, high, slab in source.slabs(slabs):
        for number in range(low, high):
            file.GetRasterBand(number + 1).WriteRaster(0, 0, x, y, slab[number - low])
    file.FlushCache()
    del file


def write_vips(source, path, slabs):
    z, y, x = source.shape
    whole = np.empty(source.shape, "<u2")
    source.fill(whole, 0)
    vips = ctypes.CDLL("libvips.so.42")
    vips.vips_image_new_from_memory.restype = ctypes.c_void_p
    if vips.vips_init(b"bench"):
        raise OSError("libvips does not start")
    ushort = 2  # VIPS_FORMAT_USHORT
    image = ctypes.c_void_p(vips.vips_image_new_from_memory(
        whole.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(whole.nbytes), x, y * z, 1, ushort))
    vips.vips_image_set_int(image, b"page-height", y)
    deflate = 2  # VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE
    how = (b"compression", deflate, b"level", source.level) if source.level else ()
    if vips.vips_tiffsave(image, path.encode(), b"bigtiff", 1, *how, None):
        raise OSError("libvips does not write")


def write_h5py(source, path, slabs):
    import h5py

    with h5py.File(path, "w") as file:
        how = {"compression": "gzip", "compression_opts": source.level, "shuffle": True, "chunks": source.chunk} if source.level else {}
        data = file.create_dataset("data", source.shape, "<u2", **how)
        for low, high, slab in source.slabs(slabs):
            data[low:high] = slab


def write_zarr(source, path, slabs):
    import numcodecs
    import zarr

    codec = numcodecs.Zlib(source.level) if source.level else None
    array = zarr.open(path, mode="w", shape=source.shape, chunks=source.chunk, dtype="<u2", compressor=codec, dimension_separator="/")
    for low, high, slab in source.slabs(slabs):
        array[low:high] = slab


def bytes_of(path):
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def main():
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    x, y, z = map(int, words["size"].split(","))
    path, slabs = words["out"], min(int(words.get("slabs", "256")), z)
    source = Source(x, y, z, words)
    begin = time.monotonic()
    globals()["write_" + words["mode"]](source, path, slabs)
    seconds = time.monotonic() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"RESULT seconds={seconds} bytes={2 * x * y * z} file={bytes_of(path)} peak={peak}")


if __name__ == "__main__":
    main()
