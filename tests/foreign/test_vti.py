"""VTK's XML image data: VTK and vtk.js, which parse it each on their own, read right what swr writes, pastes into and grows, and swr reads what VTK
writes. A reader of Python's own XML library, which knows nothing of VTK's, looks at the files of swr too."""

import itertools
import json
import os
import struct
import subprocess
import unittest
import xml.etree.ElementTree

import numpy as np

import foreign
import vtk_data
from foreign import COMPONENTS, SWR_TOOL, Image, joined
from vtk_data import SIZES, facts_read_by, solid

SWR = os.environ["SWR"]
PIXELS = vtk_data.PIXELS + [("float32", 2, "complex"), ("uint16", 3, "rgb")]
TYPES = {component: component.replace("uint", "UInt") if component.startswith("u") else component.capitalize() for component in COMPONENTS}


def read_vtk(path):
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    return facts_read_by(vtkXMLImageDataReader(), path)


def read_xml(path):
    with open(path, "rb") as file:
        data = file.read()
    tag = data.index(b">", data.index(b"<AppendedData")) + 1
    begin = data.index(b"_", tag) + 1
    root = xml.etree.ElementTree.fromstring(data[:tag] + b"</AppendedData></VTKFile>")
    image = root.find("ImageData")
    array = image.find("Piece/PointData/DataArray")
    extent = [int(word) for word in image.get("WholeExtent").split()]
    bytes_of_array, = struct.unpack_from("<Q", data, begin)
    pixels = data[begin + 8 : begin + 8 + bytes_of_array]
    xml.etree.ElementTree.fromstring(data[: begin - 1] + data[begin + 8 + bytes_of_array :])  # the end tags
    return {
        "size": [last - first + 1 for first, last in zip(extent[::2], extent[1::2])],
        "spacing": [float(word) for word in image.get("Spacing").split()], "origin": [float(word) for word in image.get("Origin").split()],
        "direction": [float(word) for word in (image.get("Direction") or "1 0 0 0 1 0 0 0 1").split()],
        "component": {name: component for component, name in TYPES.items()}[array.get("type")],
        "components": array.get("NumberOfComponents"), "crc32": foreign.crc(pixels),
    }


# vtk.js's arrays: it keeps the low halves of 64-bit integers.
ARRAYS = {**{component: component.replace("uint", "Uint") if component.startswith("u") else component.capitalize() for component in COMPONENTS},
          "int64": "Int32", "uint64": "Uint32"}


def facts_of_vtk_js(image):
    pixels = image.pixels
    if image.component in ("int64", "uint64"):
        pixels = pixels.astype(image.component.replace("64", "32"))
    facts = solid(image.facts())
    del facts["component"]
    return {**facts, "first": [0, 0, 0], "array": ARRAYS[image.component] + "Array", "crc32": foreign.crc(pixels.tobytes())}


def write_vtk(path, image, wide=False, big_endian=False, vectors=False, second=False, block=0, mode="raw", compressor="ZLib"):
    """block: bytes of the blocks that are compressed; 0 if nothing is. mode: "raw" or "base64", which are appended; "binary" or "ascii"."""
    from vtkmodules.vtkIOXML import vtkXMLImageDataWriter

    writer = vtkXMLImageDataWriter()
    writer.SetFileName(path)
    writer.SetInputData(vtk_data.data_of(image, vectors, second))
    {"binary": writer.SetDataModeToBinary, "ascii": writer.SetDataModeToAscii}.get(mode, writer.SetDataModeToAppended)()
    writer.SetEncodeAppendedData(mode == "base64")
    if block:
        getattr(writer, "SetCompressorTypeTo" + compressor)()
        writer.SetBlockSize(block)
    else:
        writer.SetCompressorTypeToNone()
    writer.SetHeaderTypeToUInt64() if wide else writer.SetHeaderTypeToUInt32()
    writer.SetByteOrderToBigEndian() if big_endian else writer.SetByteOrderToLittleEndian()
    writer.Write()


def write_pieces(path, source, pieces):
    from vtkmodules.vtkIOXML import vtkXMLImageDataWriter

    writer = vtkXMLImageDataWriter()
    writer.SetFileName(path)
    writer.SetInputConnection(source.GetOutputPort())
    writer.SetDataModeToAppended()
    writer.EncodeAppendedDataOff()
    writer.SetCompressorTypeToNone()
    writer.SetNumberOfPieces(pieces)
    writer.Write()


class Vti(vtk_data.Test):
    def assert_vtk_js_reads(self, files):
        for (path, image), seen in zip(files, foreign.ask_node([("vtk.js", path) for path, _ in files])):
            expected = facts_of_vtk_js(image)
            with self.subTest(path):
                self.assertNotIn("error", seen)
                for name in ("size", "first", "array", "components", "crc32"):
                    self.assertEqual(expected[name], seen[name], name)
                for name in ("spacing", "origin", "direction"):
                    np.testing.assert_allclose(seen[name], expected[name], rtol=1e-12, atol=1e-12, err_msg=name)

    def test_vtk_and_xml_read_what_swr_writes(self):
        files = [(f"{kind}_{component}_{components}_{n}.vti", Image(size, component, components, kind)) for component, components, kind in PIXELS
                 for n, size in SIZES.items()]
        files.append(("index.vti", Image(SIZES[3], "int16", index=[3, -4, 5])))
        self.write(files)
        for path, image in files:
            with self.subTest(path):
                self.assert_facts(solid(image.facts()), read_vtk(path))
                self.assert_facts(solid(image.facts()), read_xml(path))
        self.assert_vtk_js_reads(files)

    def test_metadata_are_strings_of_vtk(self):
        from vtkmodules.vtkIOXML import vtkXMLImageDataReader, vtkXMLImageDataWriter

        header = "NRRD0005\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nencoding: raw\nPatient:=Zo\u00eb\\nB\nStudy <&\":= 1 2\n\n"
        with open("told.nrrd", "wb") as file:
            file.write(header.encode() + bytes(range(8)))
        self.copy("told.nrrd", "told.vti")
        reader = vtkXMLImageDataReader()
        reader.SetFileName("told.vti")
        reader.Update()
        fields = reader.GetOutput().GetFieldData()
        strings = {fields.GetArrayName(i): fields.GetAbstractArray(i).GetValue(0) for i in range(fields.GetNumberOfArrays())}
        self.assertEqual({"Patient": "Zo\u00eb\nB", "Study <&\"": "1 2"}, {name: text.strip() for name, text in strings.items()})
        self.assertNotIn("error", foreign.ask_node([("vtk.js", "told.vti")])[0])
        fields.RemoveArray("Study <&\"")  # VTK 9.1 writes names as they are, which is no XML
        writer = vtkXMLImageDataWriter()
        writer.SetInputData(reader.GetOutput())
        writer.SetDataModeToAscii()
        writer.SetFileName("of_vtk.vti")
        writer.Write()
        self.copy("of_vtk.vti", "again.vti")
        with open("again.vti", "rb") as file:
            self.assertIn(b"90 111 -61 -85 10 66 0", file.read())
        said = json.loads(subprocess.run([SWR, "info", "again.vti", "--json"], capture_output=True, check=True).stdout)
        self.assertEqual({"Patient": "Zo\u00eb\nB"}, said["metadata"])

    def copy(self, source, target):
        done = subprocess.run([SWR, "copy", source, target, "-q", "--strict"], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_swr_reads_what_vtk_writes(self):
        number = 0
        for component, components, kind in PIXELS:
            if kind == "complex" or (kind == "rgb" and component != "uint8"):
                continue  # VTK's arrays do not say so
            for wide in (False, True):
                for big_endian in (False, True):
                    image = Image(SIZES[3], component, components, kind)
                    number += 1
                    path = f"vtk_{number}.vti"
                    write_vtk(path, image, wide, big_endian, vectors=kind == "vector" and components == 3)
                    with self.subTest(path, component=component, wide=wide, big_endian=big_endian):
                        self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0])

    def test_swr_reads_blocks_that_vtk_compresses(self):
        for component, components in (("uint8", 1), ("int16", 3), ("float64", 2)):
            blocks = (64, 1000, 1 << 20)  # they end within rows; the last one holds all
            for block, compressor in itertools.product(blocks, ("ZLib", "LZ4", "LZMA")):
                for wide, big_endian in ((False, False), (True, True)):
                    image = Image(SIZES[3], component, components, "scalar" if components == 1 else "vector")
                    path = f"blocks_{compressor}_{component}_{block}_{wide}.vti"
                    write_vtk(path, image, wide, big_endian, block=block, compressor=compressor)
                    with self.subTest(path):
                        with open(path, "rb") as file:
                            self.assertIn(f"vtk{compressor}DataCompressor".encode(), file.read(1000))
                        self.assert_facts(image.facts(), foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0])
                        self.assert_facts(image.facts(), read_vtk(path))

    def test_swr_reads_text_and_base64_of_vtk(self):
        from vtkmodules.vtkIOXML import vtkXMLImageDataReader

        numbers = [(component, 1, "scalar") for component in COMPONENTS] + [("float32", 3, "vector"), ("uint8", 3, "rgb")]
        kinds = [(mode, block) for mode in ("binary", "base64") for block in (0, 1000)] + [("ascii", 0)]
        for number, (component, components, kind) in enumerate(numbers):
            for mode, block in kinds:
                image = Image(SIZES[3], component, components, kind, seed=number)
                path = f"{mode}_{block}_{component}_{components}.vti"
                write_vtk(path, image, number % 2 > 0, number % 3 > 0, vectors=kind == "vector", second=components == 1, block=block, mode=mode,
                          compressor=("ZLib", "LZ4", "LZMA")[number % 3])
                with self.subTest(path):
                    read = facts_read_by(vtkXMLImageDataReader(), path)  # what the text says, which has not all digits
                    if mode != "ascii":
                        self.assertEqual(image.crc32(), read["crc32"])
                    self.assert_facts({**image.facts(), "crc32": read["crc32"]}, foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0])

    def test_what_is_in_base64_is_copied_and_not_changed(self):
        image = Image(SIZES[3], "int16")
        for mode, block in (("ascii", 0), ("binary", 0), ("base64", 500)):
            path = f"kept_{mode}.vti"
            write_vtk(path, image, block=block, mode=mode)
            with open(path, "rb") as file:
                before = file.read()
            copy = f"copy_{mode}.vti"
            done = subprocess.run([SWR, "copy", path, copy, "-q"], capture_output=True, text=True)
            self.assertEqual(0, done.returncode, done.stderr)
            for words in (["extend", path, "--size", "13,7,12"], ["paste", copy, path]):
                done = subprocess.run([SWR, *words, "-q"], capture_output=True, text=True)
                self.assertNotEqual(0, done.returncode)
                self.assertIn("copy the image to another file" if mode != "ascii" else "text", done.stderr)
            with open(path, "rb") as file:
                self.assertEqual(before, file.read())
            self.assert_facts(solid(image.facts()), read_vtk(copy))

    def test_swr_reads_pieces_of_vtk(self):
        from vtkmodules.vtkImagingCore import vtkRTAnalyticSource

        source = vtkRTAnalyticSource()
        source.SetWholeExtent(0, 4, 0, 6, 1, 13)
        write_pieces("pieces.vti", source, 3)
        with open("pieces.vti", "rb") as file:
            self.assertEqual(3, file.read().count(b"<Piece "))
        seen = foreign.run_jobs(SWR_TOOL, ["read path=pieces.vti"])[0]
        expected = read_vtk("pieces.vti")
        expected["origin"] = [0.0, 0.0, 1.0]  # of the first pixel
        self.assert_facts(expected, seen)

    def test_pastes_are_read_right(self):
        image, part = Image(SIZES[3], "int16"), foreign.noise([4, 3, 2], "int16", seed=2)
        foreign.store_pixels(part, "part.pixels")
        self.write([("own.vti", image)])
        write_vtk("vtk.vti", image)
        write_vtk("big.vti", image, wide=True, big_endian=True)
        write_vtk("two.vti", image, second=True)
        for path in ("own.vti", "vtk.vti", "big.vti", "two.vti"):
            before = os.path.getsize(path)
            job = (f"write path={path} raw=part.pixels component=int16 components=1 kind=scalar paste={joined([5, 3, 2])}:{joined([4, 3, 2])} "
                   "existing=update")
            self.assert_no_error(foreign.run_jobs(SWR_TOOL, [job]), "swr pastes")
            with self.subTest(path):
                self.assertEqual(before, os.path.getsize(path))
                self.assert_facts(solid(image.pasted([5, 3, 2], part).facts()), read_vtk(path))
        pasted = image.pasted([5, 3, 2], part)
        self.assert_vtk_js_reads([(path, pasted) for path in ("own.vti", "vtk.vti")])
        self.assertIn("error", foreign.ask_node([("vtk.js", "big.vti")])[0])  # it has little-endian numbers alone

    def test_grown_files_are_read_right(self):
        image = Image(SIZES[3], "uint16")
        self.write([("own.vti", image)])
        write_vtk("vtk.vti", image)
        for path in ("own.vti", "vtk.vti"):
            done = subprocess.run([SWR, "extend", path, "--size", joined([13, 7, 12]), "-q"], capture_output=True, text=True)
            self.assertEqual(0, done.returncode, done.stderr)
            grown = Image([13, 7, 12], "uint16")
            grown.pixels = np.concatenate([image.pixels, np.zeros((7, 7, 13), "uint16")])
            with self.subTest(path):
                self.assert_facts(solid(grown.facts()), read_vtk(path))
                self.assert_facts(solid(grown.facts()), read_xml(path))
            self.assert_vtk_js_reads([(path, grown)])


if __name__ == "__main__":
    unittest.main()
