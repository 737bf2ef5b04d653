"""The programs of the guides (docs), in Python: guides.py runs them in the current folder."""
import multiprocessing

import numpy as np
import swr


def compute(region):
    """A source: the pixels of one piece, given as slices z, y, x."""
    z, y, x = np.ogrid[region]
    return (x + 2 * y + 3 * z).astype("uint16")


def stream():
    swr.write("volume.nii.gz", compute, (64, 256, 256), "uint16", spacing=(2, 0.5, 0.5))


def paste():
    with swr.Writer("volume.nii.gz", existing="update") as image:
        image[10:20, 100:164, 100:164] = 4095  # this box changes, and nothing else
    assert (swr.open("volume.nii.gz")[10:20, 100:164, 100:164] == 4095).all()


def append():
    with swr.Appender("series.mha", (256, 256), "uint16", existing="extend") as series:
        for number in range(10):
            series.append(np.full((256, 256), number, "uint16"))


def watch():
    live = swr.open("series.mha")
    append()                         # here or in another process: the file grows
    live.refresh()
    assert live.shape == (20, 256, 256)


def convert():
    swr.copy("volume.nii.gz", "volume.nrrd", region=np.s_[10:20], compression=9)
    swr.copy("volume.nii.gz", "bytes.mha", dtype="uint8", conversion="clamp")
    assert swr.open("bytes.mha").dtype == np.uint8


def paste_slab(number):
    with swr.Writer("shared.mha", existing="update") as image:
        image[16 * number:16 * (number + 1)] = number


def concurrent():
    swr.allocate("shared.mha", (64, 256, 256), "uint16")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(paste_slab, range(4))
    assert swr.open("shared.mha")[:, 0, 0].tolist() == sorted(16 * [0, 1, 2, 3])


def chunks():
    swr.write("cells.zarr", compute, (64, 256, 256), "uint16",
              spacing=(0.002, 0.0005, 0.0005), units="um",     # spacing in mm; the file has um
              options={"chunk.shape": "16,64,64", "pyramid.levels": "2"})
    with swr.Writer("cells.zarr", existing="update") as image:
        image[10:20, 100:164, 100:164] = 4095    # replaces the chunks that the box touches
    small = swr.open("cells.zarr", options={"pyramid.level": "1"})
    assert small.shape == (32, 128, 128) and small.spacing == (0.004, 0.001, 0.001)
    swr.copy("cells.zarr", "cells.ome.tif", compression=6,
             options={"chunk.shape": "128,128", "chunk.filter": "predictor", "pyramid.levels": "2"})
    swr.write("shards.zarr", swr.open("cells.zarr"), options={"zarr.shard": "auto"})
    assert (swr.open("shards.zarr")[12] == swr.open("cells.ome.tif")[12]).all()


def each_chunk():
    image = swr.open("cells.zarr")
    z, y, x = image.chunk_shape                  # None if the image is not in chunks
    total = sum(int(image[i:i + z, j:j + y, k:k + x].sum())     # each chunk is decoded once
                for i in range(0, 64, z) for j in range(0, 256, y) for k in range(0, 256, x))
    assert (z, y, x) == (16, 64, 64) and total == int(image[:].sum(dtype="uint64"))


def append_chunks():
    with swr.Appender("movie.zarr", (256, 256), "uint16", existing="replace",
                      options={"chunk.shape": "16,128,128"}) as movie:   # 16 frames, then y, x
        for number in range(10):
            movie.append(np.full((256, 256), number, "uint16"))
    assert (swr.open("movie.zarr")[:, 7, 7] == range(10)).all()


def paste_box(number, box):
    with swr.Writer("shared.zarr", existing="update") as image:
        image[box] = number


def concurrent_chunks():
    swr.allocate("shared.zarr", (64, 256, 256), "uint16", options={"chunk.shape": "16,64,64"})
    boxes = swr.split("shared.zarr", 4)          # each begins and ends where chunks do
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(paste_box, enumerate(boxes))
    assert swr.open("shared.zarr")[:, 0, 0].tolist() == sorted(16 * [0, 1, 2, 3])


def recover():
    count = swr.recover("volume.nii.gz")     # an error says why a write cannot be rolled back
    assert count == 0                        # no write had died


def tune():
    options = {"deflate.engine": "zlib"}
    swr.write("tuned.nii.gz", compute, (64, 256, 256), "uint16", memory_limit=16 << 20, threads=2,
              compression=1, sync=True, options=options)
    assert (swr.open("tuned.nii.gz")[5] == compute(np.s_[5:6, :256, :256])).all()


def tour():
    slab, box = 7, 9                 # or arrays
    with swr.Writer("a.nii.gz", shape=(40, 256, 256), dtype="uint16", spacing=(2, 0.5, 0.5)) as w:
        w[10:20] = slab                  # regions in any order; complete at the end of `with`
        w[:10] = w[20:] = 0
    with swr.Writer("a.nii.gz", existing="update") as w:
        w[30, 100:200, -64:] = box       # pastes: this box changes, and nothing else
    swr.write("b.mha", lambda region: compute(region), (64, 256, 256), "uint16")
    image = swr.open("a.nii.gz")         # reads the header
    image[10:20]                         # reads these slices and nothing else
    swr.copy("a.nii.gz", "c.nrrd", region=np.s_[10:20], compression=9)
    assert (swr.open("c.nrrd")[...] == 7).all() and image[30, 150, -1] == 9


def dask_store():
    import dask.array

    blocks = dask.array.zeros((40, 256, 256), dtype="uint16", chunks=(8, 256, 256))
    with swr.Writer("a.nii.gz", blocks.shape, blocks.dtype) as w:
        blocks.store(w, lock=False)                      # dask.array; chunks of any shape, in any order
    lazy = dask.array.from_array(swr.open("a.nii.gz"))
    assert lazy.max().compute() == 0


def store(blocks, path):
    swr.allocate(path, blocks.shape, blocks.dtype)
    blocks.store(swr.Target(path), lock=False)


def dask_processes():
    import dask.array

    store(dask.array.full((40, 64, 64), 5, dtype="uint16", chunks=(8, 64, 64)), "stored.nrrd")
    assert (swr.open("stored.nrrd")[...] == 5).all()
    store(dask.array.full((40, 64, 64), 6, dtype="uint16", chunks=(8, 40, 64)), "stored.zarr")
    assert (swr.open("stored.zarr")[...] == 6).all()


if __name__ == "__main__":
    for guide in (tour, dask_store, dask_processes, stream, paste, append, watch, convert,
                  concurrent, chunks, each_chunk, append_chunks, concurrent_chunks, recover, tune):
        guide()
