// Absolute paths without symbolic links and junctions.
#pragma once

#include <filesystem>
#include <system_error>

namespace swr {

// Of an existing file or folder.
std::filesystem::path real_path(const std::filesystem::path& path, std::error_code& failure);
// Names at the end need not exist; they stay as they are.
std::filesystem::path real_path_of_any(const std::filesystem::path& path, std::error_code& failure);

}  // namespace swr
