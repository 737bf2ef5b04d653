"""An exception for each kind of error; the old file after each; the package against the header."""
import inspect
import pathlib
import re

import numpy as np
import pytest
import swr
from swr._swr import lib

BASES = {"ArgumentError": ValueError, "NotFoundError": FileNotFoundError, "RegionError": IndexError,
         "ExistsError": FileExistsError, "IoError": OSError, "MemoryError": MemoryError,
         "ConversionError": ValueError, "StateError": RuntimeError}


def test_every_status_has_an_exception_of_its_name():
    statuses = [n for n in dir(lib) if n.startswith("SWR_ERROR_")] + ["SWR_CANCELLED"]
    assert len(statuses) >= 19
    from swr.errors import error_of
    for name in statuses:
        error = error_of(getattr(lib, name), "why")
        expected = "".join(w.capitalize() for w in name[4:].split("_") if w != "ERROR") + "Error"
        assert type(error).__name__ == expected and error.status == name[4:]
        assert isinstance(error, swr.Error) and str(error) == "why"
        assert getattr(swr, expected) is type(error) and expected in swr.__all__
        assert isinstance(error, BASES.get(expected, swr.Error))
    assert type(error_of(12345, "")) is swr.Error
    assert "file" in str(error_of(lib.SWR_ERROR_NOT_FOUND, ""))


def test_every_kind_of_error_can_be_met(image, noise):
    array = image("a.nrrd")
    pathlib.Path("text.nrrd").write_text("not an image at all")
    pathlib.Path("short.nrrd").write_bytes(pathlib.Path("a.nrrd").read_bytes()[:-1])
    pathlib.Path("folder.nrrd").mkdir()
    swr.write("b.nrrd", array.astype("u1"))
    before = pathlib.Path("a.nrrd").read_bytes()
    for kind, call in [
            (swr.NotFoundError, lambda: swr.open("none.nrrd")),
            (swr.CorruptError, lambda: swr.open("short.nrrd")),
            ((swr.FormatError, swr.CorruptError), lambda: swr.open("text.nrrd")),
            (swr.FormatError, lambda: swr.write("a.unknown", array)),
            ((swr.IoError, swr.NotFoundError), lambda: swr.write("no/such/folder.nrrd", array)),
            (swr.IoError, lambda: swr.write("a" * 300 + ".nrrd", array)),
            (swr.UnsupportedError, lambda: swr.write("folder.nrrd", array)),
            (swr.ExistsError, lambda: swr.write("a.nrrd", array, existing="fail")),
            (swr.ArgumentError, lambda: swr.write("a.nrrd", array, options={"no": "1"})),
            (swr.RegionError, lambda: swr.open("a.nrrd")[100]),
            (swr.UnsupportedError, lambda: swr.write("a.npy", array, spacing=(1, 2, 3))),
            (swr.MismatchError, lambda: swr.Writer("a.nrrd", (12, 10, 9), existing="update")),
            (swr.MemoryLimitError,
             lambda: swr.write("a.nrrd", noise((64, 512, 512), "u1"), divisions=1,
                               memory_limit=1 << 20)),
            (swr.ConversionError,
             lambda: swr.copy("a.nrrd", "b.nrrd", dtype="uint8", conversion="exact")),
            (swr.IncompleteError,
             lambda: swr.Writer("a.nrrd", array.shape, array.dtype).close())]:
        with pytest.raises(kind) as caught:
            call()
        assert len(str(caught.value)) > 10
        assert pathlib.Path("a.nrrd").read_bytes() == before


def test_busy_says_so(image):
    image("a.nii.gz")
    with swr.Writer("a.nii.gz", existing="update") as first:
        with pytest.raises(swr.BusyError):
            swr.Writer("a.nii.gz", existing="update")
        first[0] = 1
    with swr.Writer("a.nii.gz", existing="update") as again:
        again[1] = 1


def test_a_message_names_the_file(image):
    with pytest.raises(swr.NotFoundError, match="Größe.nrrd"):
        swr.open("Größe.nrrd")


@pytest.mark.parametrize("thrown", [ValueError("mine"), KeyboardInterrupt()])
@pytest.mark.parametrize("path", ["a.nrrd", "a.nii.gz", "a.tif"])
def test_an_exception_in_with_leaves_the_old_file(path, thrown, image):
    array = image(path)
    before = pathlib.Path(path).read_bytes()
    for settings in ({"existing": "update"}, {"shape": array.shape, "dtype": array.dtype},
                     {"shape": (20, 10, 8), "existing": "extend"}):
        with pytest.raises(type(thrown)) as caught:
            with swr.Writer(path, **settings) as writer:
                writer[:6] = 1
                writer[3:10, 2:4] = 9
                raise thrown
        assert caught.value is thrown
        assert pathlib.Path(path).read_bytes() == before
    assert [p.name for p in pathlib.Path().iterdir()] == [path]


def test_an_exception_in_with_leaves_no_new_file():
    with pytest.raises(ZeroDivisionError):
        with swr.Writer("a.nrrd", (2, 3), "u1") as writer:
            writer[...] = 1
            1 / 0
    assert not list(pathlib.Path().iterdir())


def test_the_package_calls_every_function_of_the_header_or_says_why_not():
    folder = pathlib.Path(swr.__file__).parent
    code = "".join(p.read_text() for p in folder.glob("*.py"))
    left_out = dict(line.split(None, 1) for line in (
        pathlib.Path(__file__).parents[3] / "bindings/python/left_out.txt").read_text().splitlines()
        if line and not line.startswith("#"))
    functions = [n for n in dir(lib) if re.match("swr_(?!python_)", n)]
    assert len(functions) > 80
    for name in functions:
        used = re.search(rf"\blib\.{name}\b|_lib\.{name}\b", code) is not None
        assert used != (name in left_out), f"{name}: not called, or in left_out.txt for nothing"
    assert set(left_out) <= set(functions) and all(len(why) > 5 for why in left_out.values())


def test_what_is_public_is_documented():
    for name in swr.__all__:
        thing = getattr(swr, name)
        assert thing.__doc__, name
        for member in vars(thing).values() if isinstance(thing, type) else ():
            if inspect.isfunction(member) and not member.__name__.startswith("_"):
                assert member.__doc__, (name, member)
