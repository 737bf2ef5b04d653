"""What a program calls instead of SimpleITK. Lists of SimpleITK are in the order x, y, z, those of swr z, y, x."""
import numpy as np
import swr


def geometry_of(image):
    """The geometry of a SimpleITK image as settings of swr."""
    n = len(image.GetSpacing())
    return {"spacing": image.GetSpacing()[::-1], "origin": image.GetOrigin()[::-1],
            "direction": np.reshape(image.GetDirection(), (n, n))[::-1, ::-1]}


def write(array, image, path):
    """Instead of GetImageFromArray, CopyInformation and WriteImage."""
    swr.write(path, array, **geometry_of(image))


def read(path):
    """Instead of ReadImage and GetArrayFromImage: with the value scale applied, as SimpleITK does."""
    image = swr.open(path)
    slope, intercept = image.value_scale
    return image[...] * slope + intercept


def extract(path, index, size):
    """Instead of an ImageFileReader with SetExtractIndex and SetExtractSize: reads this box alone."""
    return swr.open(path)[tuple(slice(i, i + n) for i, n in zip(index, size))[::-1]]


def paste(path, box, index):
    """Instead of ReadImage, Paste and WriteImage: only the box at x, y, z is written."""
    with swr.Writer(path, existing="update") as image:
        image[tuple(slice(i, i + n) for i, n in zip(index, box.shape[::-1]))[::-1]] = box


class Turned:
    """The geometry of a SimpleITK image: its direction has the axes in its columns, row after row."""
    def GetSpacing(self): return (0.5, 0.75, 2.0)
    def GetOrigin(self): return (-10.0, 20.0, 30.0)
    def GetDirection(self): return (0.0, -1.0, 0.0, 0.8, 0.0, -0.6, 0.6, 0.0, 0.8)


def fields_of(path):
    """The header of a MetaImage, which is text: where ITK and SimpleITK look."""
    with open(path, "rb") as file:
        head = file.read().split(b"ElementDataFile")[0].decode()
    return dict(line.split(" = ", 1) for line in head.splitlines())


if __name__ == "__main__":
    array = np.arange(6 * 7 * 8, dtype="int16").reshape(6, 7, 8)  # z, y, x, as GetArrayFromImage gives it
    write(array, Turned(), "made.mha")
    fields = {name: [float(n) for n in text.split()] for name, text in fields_of("made.mha").items()
              if name in ("DimSize", "ElementSpacing", "Offset", "TransformMatrix")}
    assert fields["DimSize"] == [8, 7, 6]
    assert fields["ElementSpacing"] == [0.5, 0.75, 2] and fields["Offset"] == [-10, 20, 30]
    # MetaImage has one axis after the other: the columns of the direction
    assert np.allclose(fields["TransformMatrix"], np.reshape(Turned().GetDirection(), (3, 3)).T.flatten())

    assert np.array_equal(read("made.mha"), array)
    swr.write("scaled.nii", array, value_scale=(2, -1))
    assert np.array_equal(read("scaled.nii"), 2 * array - 1)
    assert np.array_equal(extract("made.mha", (1, 2, 3), (4, 3, 2)), array[3:5, 2:5, 1:5])
    paste("made.mha", np.full((2, 3, 4), -1, "int16"), (1, 2, 3))
    array[3:5, 2:5, 1:5] = -1
    assert np.array_equal(swr.open("made.mha")[...], array)
    assert {name: list(values[::-1]) for name, values in geometry_of(Turned()).items() if name != "direction"} == {
        "spacing": fields["ElementSpacing"], "origin": fields["Offset"]}
    assert np.allclose(swr.open("made.mha").direction, geometry_of(Turned())["direction"])
