// Paths as text. Inside the library they are UTF-8, and their names are separated by slashes on
// every system.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace swr {

// Between paths and those of the C++ library, which may have another encoding. text_of() writes
// slashes.
std::filesystem::path path_of(std::string_view path);
std::string text_of(const std::filesystem::path& path);

// The path with slashes where the system also has another separator ("\" on Windows).
std::string with_slashes(std::string path);

// The number of bytes of the root at the beginning of an absolute path: 1 for "/a", 3 for "C:/a";
// 0 for a relative path. Requires: the path has slashes.
size_t root_bytes(std::string_view path);

}  // namespace swr
