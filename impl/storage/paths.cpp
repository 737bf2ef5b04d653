#include "storage/paths.h"

#include <algorithm>

namespace swr {

namespace {

constexpr bool has_backslashes = std::filesystem::path::preferred_separator == '\\';
constexpr bool has_drives = has_backslashes;

}  // namespace

std::filesystem::path path_of(std::string_view path) {
  // cppcheck takes the iterators for a part of the result.
  // cppcheck-suppress danglingTemporaryLifetime
  return std::u8string(path.begin(), path.end());
}

std::string text_of(const std::filesystem::path& path) {
  const std::u8string name = path.u8string();
  return with_slashes({name.begin(), name.end()});
}

std::string with_slashes(std::string path) {
  if constexpr (has_backslashes) std::ranges::replace(path, '\\', '/');
  return path;
}

size_t root_bytes(std::string_view path) {
  if (path.starts_with('/')) return 1;
  return has_drives && path.size() > 2 && path.substr(1, 2) == ":/" ? 3 : 0;
}

}  // namespace swr
