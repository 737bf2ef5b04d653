"""An exception for each kind of error; the old file after each; the package against the header."""
import inspect
import pathlib
import re

import numpy as np
import pytest
import swr
from swr._swr import ffi, lib
from swr._words import member_of, words_of

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


def test_messages_of_the_library_say_from_where_they_count_axes():
    with pytest.raises(swr.UnsupportedError, match=r"has 8 along axis 2 \(0 is the fastest\)"):
        swr.check("a.zarr", (16, 16, 16), "u1",
                  options={"chunk.shape": "3,4,4", "zarr.shard": "8,8,8"})
    with pytest.raises(swr.UnsupportedError, match=r"unit s of axis 0 \(the fastest\)"):
        swr.check("a.mrc", (4, 4, 4), "int16", units=("", "", "s"))
    with pytest.raises(swr.RegionError, match=r"^axis 0: "):  # what Python finds out itself
        swr.check("a.mha", (4, 5), "u1", region=np.s_[9, :])


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


ROOT = pathlib.Path(__file__).parents[3]


def rows_of_names():
    """bindings/names.txt: the function of C and its member in Python, or "-" or "="."""
    lines = (ROOT / "bindings/names.txt").read_text().splitlines()
    return {line.split()[0]: line.split()[3] for line in lines if line.startswith("swr_")}


def names_of_the_package():
    """Functions and classes, their members, arguments and settings."""
    from swr import _settings
    names = set(_settings.NAMES) | set(dir(swr)) | set(swr.Format._fields)
    for kind in (swr.Writer, swr.Appender, swr.Image):
        names |= set(dir(kind)) | set(re.findall(r"self\.([a-z_]+)", inspect.getsource(kind)))
    for function in (swr.write, swr.copy, swr.open, swr.check, swr.split):
        names |= set(inspect.signature(function).parameters)
    return {name for name in names if not name.startswith("_")} | {"__version__"}


def test_the_package_calls_every_function_of_the_header_or_says_why_not():
    folder = pathlib.Path(swr.__file__).parent
    code = "".join(p.read_text() for p in folder.glob("*.py"))
    rows = rows_of_names()
    functions = [n for n in dir(lib) if re.match("swr_(?!python_)", n)]
    assert len(functions) > 80
    called = set(re.findall(r"\b_?lib\.(swr_\w+)", code))
    left_out = {name for name, member in rows.items() if member == "-" and hasattr(lib, name)}
    assert {name for name in functions if name not in called} <= left_out
    there = names_of_the_package()
    members = {name: member_of(name) for name in functions if name in called - left_out}
    assert not {name: member for name, member in members.items() if member not in there}


def test_every_enumerator_of_the_header_has_its_name():
    from swr import _names, _types
    named = {"SWR_OK", "SWR_CANCELLED", "SWR_MAX_DIMENSIONS", "SWR_COMPONENT_UNKNOWN",
             "SWR_LOG_INFO", "SWR_LOG_WARNING"}  # the levels are those of logging
    for prefix, names in (("EXISTING", _names.EXISTING), ("CONVERSION", _names.CONVERSION),
                          ("KIND", _names.KIND), ("METHOD", _names.METHOD),
                          ("STATISTIC", _names.STATISTIC)):
        named |= {f"SWR_{prefix}_{name.upper()}" for name in names}
    named |= {"SWR_" + (name if name.startswith("holds_") else "can_" + name).upper()
              for name in _names.CAPABILITY}
    for name in set(dir(lib)) - named:
        if not name.startswith("SWR_") or name.endswith("FORCE_INT32"):
            continue
        if name.startswith("SWR_ERROR_"):
            words = name[len("SWR_ERROR_"):].split("_")
            assert hasattr(swr, "".join(w.capitalize() for w in words) + "Error"), name
        elif name.startswith("SWR_UNIT_"):
            short = ffi.string(lib.swr_unit_name(getattr(lib, name)))
            assert lib.swr_unit_from_name(short) == getattr(lib, name), name
        else:  # component types are dtypes
            assert _types.component_of(np.dtype(name[4:].lower())) == getattr(lib, name), name


def test_messages_have_the_words_of_python():
    """Every function and enumerator in a text of the engine."""
    there, found = names_of_the_package(), 0
    for path in (ROOT / "impl").rglob("*.cpp"):
        for text in re.findall(r'"([^"\n]*)"', path.read_text()):
            for word in re.findall(
                    r"\bswr_[a-z_]+|\bSWR_(?:EXISTING|CONVERSION|METHOD|KIND)_\w+", text):
                if word.startswith("swr_") and not hasattr(lib, word):
                    continue
                found += 1
                said = words_of("v.mha: x " + text)
                assert word not in said and "--" not in said, said
                if word.startswith("swr_"):
                    assert member_of(word) in said and member_of(word) in there, said
    assert found >= 8
    assert (words_of("swr_finish: in /swr_begin and swr_put.mha, SWR_EXISTING_EXTEND, swr_index, "
                     "swr_set_paste_region(), SWR_ERROR_NOT_FOUND, SWR_METHOD_SPLICE (swr_set_sync)")
            == 'swr_finish: in /swr_begin and swr_put.mha, existing="extend", swr_index, region, '
               'NotFoundError, "splice" (sync)')


def test_errors_and_warnings_speak_python(image):
    image("a.nrrd")
    with pytest.raises(swr.MismatchError, match=r"no conversion is set \(conversion\)"):
        swr.copy("a.nrrd", "b.nrrd", dtype="uint8")
    with pytest.raises(swr.ArgumentError, match='with existing="extend", not'):
        with swr.Appender("a.nrrd", existing="update") as appender:
            appender.append(np.zeros((10, 8), "uint16"))


def test_what_is_public_is_documented():
    for name in swr.__all__:
        thing = getattr(swr, name)
        assert thing.__doc__, name
        for member in vars(thing).values() if isinstance(thing, type) else ():
            if inspect.isfunction(member) and not member.__name__.startswith("_"):
                assert member.__doc__, (name, member)
