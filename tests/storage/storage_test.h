// CMocka in C++, and helpers for files as strings.
#pragma once

#include <cstdlib>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"

// cmocka.h must come after these headers, and its macro fail() after all headers that have a
// function of that name.
// clang-format off
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

// Read in one call: reading single characters takes milliseconds in a program with a sanitizer.
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

inline bool is_windows() {
  return std::filesystem::path::preferred_separator == '\\';
}

// For tests with users, access rights, symbolic links and forked processes.
// Requires: the test has no objects yet. A test that is skipped does not destroy them.
inline void needs_posix() {
  if (is_windows()) skip();
}

// The status of the error that an action throws.
template <typename Action>
swr_status status_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.status();
  }
  return SWR_OK;
}

// All paths in a folder and below it, sorted.
inline std::vector<std::string> listing(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    names.push_back(entry.path().generic_string());
  std::ranges::sort(names);
  return names;
}

// Bytes without repetition.
inline std::string pattern(size_t bytes, unsigned seed) {
  std::string letters(bytes, '\0');
  uint32_t state = seed * 2654435761U + 1;
  for (char& letter : letters) {
    state = state * 1664525U + 1013904223U;
    letter = static_cast<char>(state >> 24);
  }
  return letters;
}

// Makes a new folder in memory, if there is one, the working directory: thousands of small files
// would slow down a disk.
class MemoryFolder {
 public:
  MemoryFolder() {
    // wine takes the folders in which other file systems are mounted for junctions.
    if (is_windows()) return;
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

// Runs the tests in a MemoryFolder. Returns the number of failures.
inline int run_in_memory(const char* group, std::initializer_list<CMUnitTest> tests) {
  const MemoryFolder home;
  return _cmocka_run_group_tests(group, tests.begin(), tests.size(), nullptr, nullptr);
}

}  // namespace swr
