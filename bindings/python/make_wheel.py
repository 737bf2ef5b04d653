"""Packs the wheel: make_wheel.py ROOT NATIVE WHEEL. Its name says version, ABI and platform.

A wheel is a zip file with a RECORD of its files (packaging.python.org, "Binary distribution
format"). Same files, same bytes: the time of each entry is the earliest that zip has. The module
swr._members is made here, out of bindings/names.txt.
"""
import base64
import hashlib
import pathlib
import sys
import zipfile

METADATA = """\
Metadata-Version: 2.1
Name: swr
Version: {version}
Summary: Writes N-dimensional images that do not fit in memory, piece by piece
License: Apache-2.0
Requires-Python: >=3.9
Requires-Dist: cffi >=1.15
Requires-Dist: numpy >=1.20
Description-Content-Type: text/markdown

{readme}"""
WHEEL = """\
Wheel-Version: 1.0
Generator: swr
Root-Is-Purelib: false
Tag: {tag}
"""


def contents(root: pathlib.Path, native: pathlib.Path, wheel: pathlib.Path) -> dict:
    _, version, tag = wheel.stem.split("-", 2)
    python = root / "bindings" / "python"
    files = {f"swr/{path.name}": path.read_bytes()
             for path in sorted((python / "swr").iterdir())
             if path.suffix in (".py", ".pyi", ".typed")}
    files["swr/_members.py"] = members(root / "bindings" / "names.txt").encode()
    files[f"swr/{native.name}"] = native.read_bytes()
    info = f"swr-{version}.dist-info/"
    readme = (python / "README.md").read_text(encoding="utf-8")
    files[info + "METADATA"] = METADATA.format(version=version, readme=readme).encode()
    files[info + "WHEEL"] = WHEEL.format(tag=tag).encode()
    files[info + "LICENSE"] = (root / "LICENSE").read_bytes()
    files[info + "THIRD_PARTY.txt"] = (root / "bindings" / "THIRD_PARTY.txt").read_bytes()
    files[info + "RECORD"] = record(files, info).encode()
    return files


def members(names: pathlib.Path) -> str:
    """What Python calls the functions of C that do not follow the rule: the table's column."""
    lines = [line.split() for line in names.read_text().splitlines() if line.startswith("swr_")]
    if not lines:
        sys.exit(f"make_wheel: {names} has no names")
    entries = "".join(f'    "{words[0]}": "{words[3]}",\n' for words in lines
                      if words[3] not in ("=", "-"))
    return f'"""Made by make_wheel.py."""\nMEMBERS = {{\n{entries}}}\n'


def record(files: dict, info: str) -> str:
    lines = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join(lines) + f"{info}RECORD,,\n"


def main(root: str, native: str, wheel: str) -> None:
    files = contents(pathlib.Path(root), pathlib.Path(native), pathlib.Path(wheel))
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            archive.writestr(entry, data)


if __name__ == "__main__":
    main(*sys.argv[1:])
