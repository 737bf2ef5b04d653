"""What the two text headers, MetaImage's and NRRD's, have in common: lines, numbers, and where the pixels are."""

import os

import numpy as np


def numbers(text):
    """The words of a text as numbers; None if one is none."""
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return None


def number_text(value):
    return repr(float(value)) if float(value) != int(value) else str(int(value))


def beside(path, name):
    return name if os.path.isabs(name) else os.path.join(os.path.dirname(path), name)


def store_data(path, name, listed, data):
    """In the file of that name, or, for "LIST", in equal shares in the files that are listed."""
    share = len(data) // max(1, len(listed))
    for number, one in enumerate(listed or [name]):
        with open(beside(path, one), "wb") as out:
            out.write(data[number * share : (number + 1) * share] if listed else data)


def fetch_data(path, name, listed):
    data = b""
    for one in listed or [name]:
        with open(beside(path, one), "rb") as file:
            data += file.read()
    return data


def decode_pixels(data, dtype, size, components, component_axis):
    """Pixels of axes `size`, with the components as one more axis at `component_axis` (None: there is none)."""
    shape = list(size)
    if component_axis is not None:
        shape.insert(component_axis, components)
    count = int(np.prod(shape, dtype=object))
    assert len(data) >= count * dtype.itemsize, f"{len(data)} bytes of pixels instead of {count * dtype.itemsize}"
    values = np.frombuffer(data, dtype, count).astype(dtype.newbyteorder("=")).reshape(shape, order="F")
    return values[..., np.newaxis] if component_axis is None else np.moveaxis(values, component_axis, -1)


def pixels_as_text(values):
    """As NRRD's encoding "text" and MetaImage without BinaryData have them: numbers with white space between them, components together."""
    numbers = np.moveaxis(values, -1, 0).reshape(-1, order="F")
    return (" ".join(repr(v.item()) for v in numbers) + "\n").encode()


def pixels_of_text(data, dtype):
    words = data.split()
    return np.array([float(w) if dtype.kind == "f" else int(w) for w in words], dtype).tobytes()


def encode_pixels(values, dtype, component_axis):
    values = values[..., 0] if component_axis is None else np.moveaxis(values, -1, component_axis)
    return values.astype(dtype).tobytes(order="F")
