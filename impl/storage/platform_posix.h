// Translates between POSIX and the types of platform.h, for the platforms that are POSIX systems
// and for the platform of the fault tests.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "storage/platform.h"

namespace swr::system::on_posix {

inline std::errc last_reason() {
  return std::errc{errno};
}

inline Result result_of(int returned) {
  return {returned < 0 ? last_reason() : std::errc{}};
}

inline ResultOf<size_t> count_of(ssize_t returned) {
  if (returned < 0) return {0, last_reason()};
  return {static_cast<size_t>(returned)};
}

inline ResultOf<Handle> handle_of(int fd) {
  if (fd < 0) return {Handle::none, last_reason()};
  return {Handle{fd}};
}

inline int fd_of(Handle file) {
  return static_cast<int>(file);
}

inline int flags_of(Links links) {
  return links == Links::no_follow ? O_NOFOLLOW : 0;
}

// O_NONBLOCK: opening a named pipe must not block; it has no effect on regular files.
inline int flags_of(Access access, Links links) {
  return (access == Access::change ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | flags_of(links);
}

inline constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
inline constexpr int new_file_flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NONBLOCK;

inline int allows(const char* path, Wish wish) {
  return ::faccessat(AT_FDCWD, path, wish == Wish::change_file ? W_OK : W_OK | X_OK, AT_EACCESS);
}

inline ResultOf<size_t> real_path_of(const char* path, char* buffer, size_t bytes) {
  const std::unique_ptr<char, decltype(&::free)> found(::realpath(path, nullptr), ::free);
  if (!found) return {0, last_reason()};
  const size_t length = ::strlen(found.get());
  if (length > bytes) return {0, std::errc::filename_too_long};
  ::memcpy(buffer, found.get(), length);
  return {length};
}

inline Facts::Kind kind_of(uint32_t mode) {
  if (S_ISREG(mode)) return Facts::Kind::file;
  if (S_ISDIR(mode)) return Facts::Kind::folder;
  return S_ISLNK(mode) ? Facts::Kind::link : Facts::Kind::other;
}

inline struct flock one_byte(Lock kind, int64_t byte) {
  struct flock range {};
  range.l_type = kind == Lock::none ? F_UNLCK : kind == Lock::shared ? F_RDLCK : F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return range;
}

inline Result walk_folder(const char* path, void (*take)(void* user, const char* name),
                          void* user) {
  struct Folder {
    DIR* open;
    ~Folder() {
      if (open) ::closedir(open);
    }
  } const folder{::opendir(path)};
  if (!folder.open) return {last_reason()};
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(folder.open);
    if (!entry) return {last_reason()};
    if (::strcmp(entry->d_name, ".") != 0 && ::strcmp(entry->d_name, "..") != 0)
      take(user, entry->d_name);
  }
}

}  // namespace swr::system::on_posix
