#include "storage/real_path.h"

#include <array>
#include <string_view>

#include "storage/paths.h"
#include "storage/platform.h"

namespace swr {

namespace fs = std::filesystem;

// Not std::filesystem::canonical(), which follows no links on Windows.
fs::path real_path(const fs::path& path, std::error_code& failure) {
  failure.clear();
  std::array<char, system::longest_path + 1> real;
  const auto found = system::real_path(text_of(path).c_str(), real.data(), real.size());
  if (found) return path_of(std::string_view(real.data(), found.value));
  failure = std::make_error_code(found.reason);
  return {};
}

fs::path real_path_of_any(const fs::path& path, std::error_code& failure) {
  fs::path existing = fs::absolute(path, failure), rest;
  while (!failure) {
    fs::path real = real_path(existing, failure);
    if (!failure) return (rest.empty() ? real : real / rest).lexically_normal();
    const bool is_absent =
        failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory;
    if (!is_absent || !existing.has_relative_path()) break;
    failure.clear();
    rest = rest.empty() ? existing.filename() : existing.filename() / rest;
    existing = existing.parent_path();
  }
  return {};
}

}  // namespace swr
