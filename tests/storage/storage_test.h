// CMocka from C++, and files as strings.
#pragma once

#include <cstdlib>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"

// cmocka.h needs the others in front of it, and its macro fail() all that has a function of that
// name. clang-format off
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
extern "C" {
#include <cmocka.h>
}
// clang-format on

namespace swr {

inline std::span<const std::byte> bytes_of(std::string_view letters) {
  return std::as_bytes(std::span(letters));
}

// Read in one call: a sanitized program takes milliseconds for a file of which it gets each letter.
inline std::string content(const std::string& path) {
  std::error_code none;
  const auto bytes = std::filesystem::file_size(path, none);
  if (none) return {};
  std::string letters(bytes, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(letters.data(), static_cast<std::streamsize>(bytes));
  letters.resize(static_cast<size_t>(in.gcount()));
  return letters;
}

inline void put(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

inline void fresh_folder(const std::string& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
}

// What an action comes to.
template <typename Action>
swr_status status_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.status();
  }
  return SWR_OK;
}

// What lies in a folder, and below, with full paths.
inline std::vector<std::string> listing(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    names.push_back(entry.path().string());
  std::ranges::sort(names);
  return names;
}

// Letters that look alike nowhere.
inline std::string pattern(size_t bytes, unsigned seed) {
  std::string letters(bytes, '\0');
  uint32_t state = seed * 2654435761U + 1;
  for (char& letter : letters) {
    state = state * 1664525U + 1013904223U;
    letter = static_cast<char>(state >> 24);
  }
  return letters;
}

// A folder of its own in memory, where there is one, as the working directory: thousands of small
// files are not the disk's business.
class MemoryFolder {
 public:
  MemoryFolder() {
    char name[] = "/dev/shm/swr-test-XXXXXX";
    if (const char* made = ::mkdtemp(name)) {
      folder_ = made;
      std::filesystem::current_path(folder_);
    }
  }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  ~MemoryFolder() {
    if (folder_.empty()) return;
    std::filesystem::current_path("/");
    std::filesystem::remove_all(folder_);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace swr
