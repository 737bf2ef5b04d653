"""Writes the C source of the module swr._swr: make_cffi.py COMPILER INCLUDE OUTPUT.

The declarations come from the public header INCLUDE/swr/swr.h as the preprocessor leaves it, so
there is no second list of functions. A header that cffi cannot parse ends the build.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import cffi

# What C calls in Python (swr/_bridge.py defines it), and SOURCE.
CALLBACKS = """
extern "Python" int32_t swr_python_pull(swr_piece *, void *);
extern "Python" int32_t swr_python_progress(int64_t, int64_t, int64_t, int64_t, void *);
extern "Python" int32_t swr_python_cancel(void *);
extern "Python" void swr_python_log(swr_log_level, const char *, void *);
swr_status swr_python_copy(swr_writer *, swr_reader *);
"""
# The library knows swr_reader_pull by its address, and cffi would pass that of a wrapper.
SOURCE = """
#include <swr/swr.h>
static swr_status swr_python_copy(swr_writer *writer, swr_reader *reader) {
  return swr_write(writer, swr_reader_pull, reader);
}
"""


def declarations(compiler: str, include: str) -> str:
    """The header without comments and macros. cffi knows the types of stdint.h by name."""
    with tempfile.TemporaryDirectory() as empty:
        pathlib.Path(empty, "stdint.h").touch()
        # -undef: neither C++ nor attributes of a compiler
        command = [compiler, "-E", "-P", "-undef", "-nostdinc", "-I", empty, "-I", include, "-x",
                   "c", "-"]
        done = subprocess.run(command, input="#include <swr/swr.h>\n", text=True, check=True,
                              stdout=subprocess.PIPE)
    return done.stdout


def main(compiler: str, include: str, output: str) -> None:
    text = declarations(compiler, include)
    limit = re.search(r"^#define SWR_MAX_DIMENSIONS (\d+)$",
                      pathlib.Path(include, "swr", "types.h").read_text(), re.MULTILINE)
    if not limit:
        sys.exit("make_cffi: types.h does not define SWR_MAX_DIMENSIONS")
    ffi = cffi.FFI()
    try:
        ffi.cdef(text)
    except Exception as error:  # pycparser's errors have no common type
        sys.exit(f"make_cffi: cffi cannot parse swr.h: {error}")
    ffi.cdef(CALLBACKS + f"#define SWR_MAX_DIMENSIONS {limit[1]}\n")
    ffi.set_source("swr._swr", SOURCE)
    ffi.emit_c_code(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
