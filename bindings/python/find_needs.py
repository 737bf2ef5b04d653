"""Prints the folder of Python.h, or fails with what is missing to build the Python package."""
import pathlib
import sys
import sysconfig

if sys.version_info < (3, 9):
    sys.exit(f"Python {sys.version_info[0]}.{sys.version_info[1]} is older than 3.9")
try:
    import cffi
except ImportError:
    sys.exit("cffi 1.15 is not installed (Debian: python3-cffi)")
if cffi.__version_info__ < (1, 15):
    sys.exit(f"cffi {cffi.__version__} is older than 1.15")
include = pathlib.Path(sysconfig.get_path("include"))
if not (include / "Python.h").exists():
    sys.exit("Python.h is not installed (Debian: python3-dev)")
print(include)
