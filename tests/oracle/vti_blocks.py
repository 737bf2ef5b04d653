"""VTK's XML image data whose appended pixels are compressed in blocks, by VTK's file formats (docs.vtk.org). swr reads them."""

import struct
import zlib

import numpy as np

TYPES = {"uint8": "UInt8", "int8": "Int8", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32", "float32": "Float32", "float64": "Float64"}


def write(path, pixels, block, big=False, wide=False):
    """pixels: up to three axes, the slowest first. block: bytes of each block but the last one, which VTK fills with whole pixels."""
    order, width = ">" if big else "<", "Q" if wide else "I"
    block = max(1, block // pixels.itemsize) * pixels.itemsize
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    blocks = [zlib.compress(data[at : at + block]) for at in range(0, len(data), block)]
    numbers = [len(blocks), block, len(data) % block, *map(len, blocks)]
    size = [*pixels.shape[::-1], 1, 1][:3]
    extent = " ".join(f"0 {axis - 1}" for axis in size)
    head = f"""<?xml version="1.0"?>
<VTKFile type="ImageData" version="1.0" byte_order="{'Big' if big else 'Little'}Endian" header_type="{'UInt64' if wide else 'UInt32'}" compressor="vtkZLibDataCompressor">
<ImageData WholeExtent="{extent}" Origin="0 0 0" Spacing="1 1 1" swr_dimensions="{pixels.ndim}"><Piece Extent="{extent}">
<PointData Scalars="scalars"><DataArray type="{TYPES[pixels.dtype.name]}" Name="scalars" format="appended" offset="0"/></PointData>
</Piece></ImageData>
<AppendedData encoding="raw">
_"""
    with open(path, "wb") as file:
        file.write(head.encode() + struct.pack(f"{order}{len(numbers)}{width}", *numbers) + b"".join(blocks) + b"\n</AppendedData>\n</VTKFile>\n")
