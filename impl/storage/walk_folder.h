// The loop of system::list_folder(), which the tests' own system runs too.
#pragma once

#include <dirent.h>

#include <cerrno>
#include <cstring>

namespace swr::system {

inline int walk_folder(const char* path, void (*take)(void* user, const char* name), void* user) {
  struct Folder {
    DIR* open;
    ~Folder() {
      const int reason = errno;
      if (open) ::closedir(open);
      errno = reason;
    }
  } const folder{::opendir(path)};
  if (!folder.open) return -1;
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(folder.open);
    if (!entry) return errno == 0 ? 0 : -1;
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      take(user, entry->d_name);
  }
}

}  // namespace swr::system
