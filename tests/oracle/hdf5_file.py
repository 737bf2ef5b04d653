"""HDF5 by h5py: ITK's layout, and plain datasets. Nothing of swr's is in here but the names of its notes."""

import h5py
import numpy as np

from picture import Affine, Picture
from pixel_file import PixelFile

ITK_DATASET = "/ITKImage/0/VoxelData"
ITK_TYPES = {"i1": "CHAR", "u1": "UCHAR", "i2": "SHORT", "u2": "USHORT", "i4": "INT", "u4": "UINT", "i8": "LONG", "u8": "ULONG", "f4": "FLOAT", "f8": "DOUBLE"}
# Of the image's place: in ITK's layout datasets, else attributes.
PLACES = {True: ("Spacing", "Origin", "Directions"), False: ("swr_spacing", "swr_origin", "swr_direction", "element_size_um")}
INDEX_NOTE, KIND_NOTE = "swr_index", "swr_kind"


def plain(value):
    """A value as it can be compared: its type, its shape, and its bytes or strings."""
    value = value.tolist() if isinstance(value, np.ndarray) and value.dtype.kind == "O" and not value.shape else value
    if isinstance(value, (str, bytes)):
        return "text", (), value.encode() if isinstance(value, str) else value
    array = np.asarray(value)
    if array.dtype.kind == "O":
        return "texts", array.shape, tuple(v if isinstance(v, bytes) else str(v).encode() for v in array.flat)
    return array.dtype.str, array.shape, array.tobytes()


def text_of(value):
    """As metadata shows it."""
    kind, _, content = plain(value)
    if kind in ("text", "texts"):
        return (content if kind == "text" else content[0]).decode(errors="replace")
    array = np.asarray(value)
    if array.dtype.kind == "S":
        return array.item().decode(errors="replace")
    return " ".join(repr(v).removesuffix(".0") for v in array.flatten().tolist())


class Hdf5(PixelFile):
    """places: the numbers of PLACES that the file has. entries: metadata in the file's order. others: values of datasets and attributes beside the image, by
    path; an attribute's path has a blank before its name. chunks: whole slices, or None."""

    format = "HDF5"

    def __init__(self, dataset=ITK_DATASET):
        self.dataset, self.places, self.entries, self.others = dataset, {}, {}, {}
        self.byte_order, self.is_complex, self.kind, self.index = "<", False, None, None
        self.chunked, self.newest = False, False
        self.values = None

    def is_itk(self):
        return self.dataset == ITK_DATASET

    def array(self):
        """As the file has it: the slowest axis first."""
        values = np.moveaxis(self.values, -1, 0)
        if self.is_complex:
            pairs = np.ascontiguousarray(self.values)
            values = pairs.view(pairs.dtype.str.replace("f4", "c8").replace("f8", "c16"))[..., 0]
            return values.transpose().astype(values.dtype.newbyteorder(self.byte_order))
        values = values.transpose().astype(values.dtype.newbyteorder(self.byte_order))
        return values if self.kind else values[..., 0]

    def save(self, path):
        array = self.array()
        how = {"chunks": (1,) + array.shape[1:]} if self.chunked and array.ndim > 1 else {}
        with h5py.File(path, "w", libver="latest" if self.newest else "earliest", track_order=True) as file:
            group = self.dataset.rpartition("/")[0]
            if self.is_itk():
                entries = file.create_group(group + "/MetaData", track_order=True)
                file[group + "/Dimension"] = np.array(self.values.shape[:-1], "u8")
                file.create_dataset(group + "/VoxelType", data=[ITK_TYPES[self.values.dtype.str[1:]]], dtype=h5py.string_dtype("ascii"))
                for name, numbers in self.places.items():
                    file[f"{group}/{name}"] = numbers
                for name, value in self.entries.items():
                    self.save_entry(entries, name, value)
                if self.index is not None:
                    self.save_entry(entries, INDEX_NOTE, " ".join(map(str, self.index)))
            data = file.create_dataset(self.dataset, data=array, track_order=True, **how)
            if self.kind:
                data.attrs[KIND_NOTE] = self.kind
            if not self.is_itk():
                for name, value in {**self.places, **self.entries}.items():
                    data.attrs[name] = value
                if self.index is not None:
                    data.attrs[INDEX_NOTE] = " ".join(map(str, self.index))
            for name, value in self.others.items():
                where, _, attribute = name.partition(" ")
                if attribute:
                    file.require_group(where).attrs[attribute] = value
                else:
                    file[where] = value

    @staticmethod
    def save_entry(group, name, value):
        if isinstance(value, str):
            group.create_dataset(name, data=[value], dtype=h5py.string_dtype("ascii" if value.isascii() else "utf-8"))
        else:
            group[name] = value

    @staticmethod
    def load(path):
        self = Hdf5()
        with h5py.File(path, "r") as file:
            found = {}
            file.visititems(lambda name, item: found.update({"/" + name: item}))
            datasets = {name: item for name, item in found.items() if isinstance(item, h5py.Dataset)}
            if ITK_DATASET not in datasets:
                self.dataset = next(name for name, item in datasets.items() if len(item.shape) > 1 and item.dtype.kind != "O")
            data = datasets[self.dataset]
            self.chunked = data.chunks is not None
            self.take_pixels(data)
            self.take_rest(file, found, data)
        return self

    def take_pixels(self, data):
        values = data[()]
        self.byte_order = ">" if data.dtype.byteorder == ">" or (data.dtype.fields and data.dtype["r"].byteorder == ">") else "<"
        values = values.astype(values.dtype.newbyteorder("="))
        self.is_complex = values.dtype.kind == "c"
        kind = data.attrs.get(KIND_NOTE)
        self.kind = kind.decode() if isinstance(kind, bytes) else kind
        if self.is_complex:
            values = np.stack([values.real, values.imag], axis=-1)
        elif not self.kind and not (self.is_itk() and len(data.parent["Dimension"]) < values.ndim):
            values = values[..., np.newaxis]
        elif not self.kind:
            self.kind = "vector"
        self.values = np.moveaxis(values.transpose(), 0, -1)

    def take_rest(self, file, found, data):
        group = self.dataset.rpartition("/")[0]
        for name in PLACES[self.is_itk()]:
            where = data.parent if self.is_itk() else data.attrs
            if name in where:
                self.places[name] = where[name][()] if self.is_itk() else where[name]
        entries = group + "/MetaData"
        own = {self.dataset} | {f"{group}/{name}" for name in ("Dimension", "VoxelType", *PLACES[True])} if self.is_itk() else {self.dataset}
        for path, item in found.items():
            if self.is_itk() and path.rpartition("/")[0] == entries:
                is_text = item.dtype.kind == "O" and item.size == 1
                self.entries[path.rpartition("/")[2]] = np.ravel(item[()])[0].decode() if is_text else item[()]
            elif isinstance(item, h5py.Dataset) and path not in own:
                self.others[path] = item[()]
            if path not in own and path != entries:
                self.others.update({f"{path} {name}": value for name, value in item.attrs.items()})
        self.others.update({f"/ {name}": value for name, value in file.attrs.items()})
        if not self.is_itk():
            self.entries = {name: value for name, value in data.attrs.items() if name not in PLACES[False] + (KIND_NOTE,)}
        index = self.entries.pop(INDEX_NOTE, None)
        self.index = None if index is None else [int(word) for word in text_of(index).split()]

    def facts(self):
        out = {"dataset": self.dataset, "type": self.values.dtype.str[1:], "complex": self.is_complex, "kind": self.kind, "order": self.byte_order, "chunked": self.chunked}
        out.update({f"size[{axis}]": size for axis, size in enumerate(self.values.shape)})
        for name, numbers in self.places.items():
            out.update({f"{name}[{i}]": float(number) for i, number in enumerate(np.ravel(numbers))})
        out.update({f"key {name}": plain(value) for name, value in self.entries.items()})
        out.update({f"other {name}": plain(value) for name, value in self.others.items() if name not in ("/ITKVersion", "/HDFVersion")})
        if self.index is not None:
            out["key swr_index"] = tuple(self.index)
        return out

    def start_index(self):
        return self.index or [0] * (self.values.ndim - 1)

    def affine(self):
        """None if the file says nothing of the place."""
        axes = self.values.ndim - 1
        spacing = self.places.get("Spacing", self.places.get("swr_spacing"))
        if spacing is None and "element_size_um" in self.places:
            spacing = np.array(self.places["element_size_um"], float)[::-1] / 1000
        origin = self.places.get("Origin", self.places.get("swr_origin"))
        directions = self.places.get("Directions", self.places.get("swr_direction"))
        if spacing is None and origin is None and directions is None:
            return None
        matrix = np.eye(axes) if directions is None else np.array(directions, float).reshape(axes, axes).T
        return Affine(matrix * (np.ones(axes) if spacing is None else np.array(spacing, float)), np.zeros(axes) if origin is None else np.array(origin, float))

    def picture(self):
        axes = self.values.ndim - 1
        affine = self.affine()
        texts = {name: text_of(value) for name, value in self.entries.items() if plain(value)[0] not in ("texts",) or len(plain(value)[2]) == 1}
        return Picture(self.values, [affine] if affine else [], texts=texts, units=("",) * axes, otherwise=None if affine else Affine(np.eye(axes), np.zeros(axes)))
