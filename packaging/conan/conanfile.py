"""The recipe of Conan 2: conan create packaging/conan. The source is the tree it is in."""
import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir
from conan.tools.gnu import PkgConfigDeps

# An option of the recipe: the CMake option, and what it requires.
LIBRARIES = {
    "blosc": ("SWR_USE_BLOSC", ["c-blosc/[>=1.21 <2]"]),
    "bzip2": ("SWR_USE_BZIP2", ["bzip2/[>=1.0.8 <2]"]),
    "hdf5": ("SWR_WITH_HDF5", ["hdf5/[>=1.10.5 <2]"]),
    "isal": ("SWR_USE_ISAL", ["isa-l/[>=2.30 <3]"]),
    "libdeflate": ("SWR_USE_LIBDEFLATE", ["libdeflate/[>=1.14 <2]"]),
    "lz4": ("SWR_USE_LZ4", ["lz4/[>=1.9 <2]"]),
    "lzma": ("SWR_USE_LZMA", ["xz_utils/[>=5.2 <6]"]),
    "tools": ("SWR_BUILD_TOOLS", ["cli11/[>=2.3 <3]", "libpng/[>=1.6 <2]"]),
    "zstd": ("SWR_USE_ZSTD", ["zstd/[>=1.5 <2]"]),
}
SOURCES = ("CMakeLists.txt", "LICENSE", "capi/*", "cmake/*", "impl/*", "pkgconfig/*",
           "tools/*")


class Swr(ConanFile):
    name = "swr"
    description = "Writes N-dimensional images that do not fit in memory, piece by piece"
    license = "Apache-2.0"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], **{name: [True, False] for name in LIBRARIES}}
    default_options = {"shared": True, **{name: name == "libdeflate" for name in LIBRARIES}}

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self._root, "CMakeLists.txt"))
        self.version = re.search(r"project\(swr VERSION ([0-9.]+)", text)[1]

    def export_sources(self):
        for pattern in SOURCES:
            copy(self, pattern, self._root, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("zlib/[>=1.2.11 <2]")
        self.requires("expat/[>=2.4 <3]")
        self.requires("nlohmann_json/[>=3.11 <4]")
        for name, (_, packages) in LIBRARIES.items():
            if getattr(self.options, name):
                for package in packages:
                    self.requires(package)

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.22 <5]")
        self.tool_requires("pkgconf/[>=2 <3]")

    def generate(self):
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for name, (option, _) in LIBRARIES.items():
            toolchain.cache_variables[option] = bool(getattr(self.options, name))
        for option in ("SWR_BUILD_TESTING", "SWR_BUILD_EXAMPLES", "SWR_BUILD_ITK_PLUGIN"):
            toolchain.cache_variables[option] = False
        toolchain.cache_variables["SWR_STRICT"] = True
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        for folder in ("cmake", "pkgconfig"):  # Conan writes its own
            rmdir(self, os.path.join(self.package_folder, "lib", folder))

    def package_info(self):
        self.cpp_info.libs = ["swr"]
        self.cpp_info.set_property("cmake_file_name", "swr")
        self.cpp_info.set_property("cmake_target_name", "swr::swr")
        self.cpp_info.set_property("pkg_config_name", "swr")
        if not self.options.shared and self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread", "m", "stdc++"]
