// Files and folders that the command itself opens and makes, as the operating system has them:
// files_posix.cpp, files_windows.cpp.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace swr::tool {

// Between names of the command line and paths of the C++ library. On Windows names are UTF-8 with
// slashes, and paths may be longer than 260 characters.
std::filesystem::path path_of(const std::string& name);
std::string text_of(const std::filesystem::path& path);

// How many names (hard links) the file has; 0 if that is unknown.
uint64_t name_count(const std::filesystem::path& path);
// Opens a new file to write, for reading by everyone; nullptr if it cannot be made, or is there
// (EEXIST); errno says why.
std::FILE* create_file(const std::string& name);

// An open file or folder.
class Descriptor {
 public:
  enum class For { reading, creating };
  // Throws a Failure if it cannot be opened. A file that is created is this user's own.
  Descriptor(const std::string& path, For what);
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

// Whether the path leads to the open file.
bool is_file_of(int descriptor, const std::string& path);
// The name of the open file; "" if it is unknown.
std::string name_of(int descriptor);
// Waits until there is something to read, or the end, but not longer than half a second. False if
// there is nothing yet.
bool is_ready(int descriptor);

// The folder for scratch folders: $TMPDIR, or else /var/tmp; on Windows, that of the user.
std::string temporary_folder();
// Makes a folder for this user alone, in `parent`, and locks it; `path` becomes its name, which
// begins with `prefix`. Returns the lock, which the caller closes, or -1; errno is EAGAIN if
// another process took the folder for a dead one.
int make_private_folder(const std::string& parent, std::string_view prefix, std::string& path);
// Removes the files whose names contain `of_ours`, and the folder if it is empty then.
void remove_private_folder(const std::string& path, std::string_view of_ours) noexcept;
// Removes the private folder of a process that was killed, if all its files have names that contain
// `of_ours`.
void remove_dead_folder(const std::string& path, std::string_view of_ours) noexcept;

}  // namespace swr::tool
