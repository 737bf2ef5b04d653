#include "storage/unnamed_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/error.h"
#include "storage/identity.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/system.h"

namespace swr {

namespace {

constexpr int most_tries = 100;

// Not open where the file system, or an old kernel, has no such files, or could not give it a name
// later.
File open_nameless(const std::string& beside, mode_t mode) {
  std::string kept = beside;
  const int fd = system::open(folder_of(beside).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, mode);
  if (fd < 0) return {};
  File file(fd, std::move(kept));
  struct stat facts;
  if (system::stat(text("/proc/self/fd/", fd).c_str(), &facts) != 0) return {};
  return file;
}

// False if somebody who looks for abandoned files was faster, and removes it. Where there are no
// locks nobody looks.
bool lock_temporary(const File& file, const std::string& name) {
  while (system::lock(file.descriptor(), system::Lock::exclusive, lock_of_life, false) != 0) {
    const int reason = errno;
    if (reason == EINTR) continue;
    if (reason == EAGAIN || reason == EACCES) return false;
    if (reason == ENOLCK || reason == EOPNOTSUPP || reason == ENOSYS || reason == EINVAL) break;
    SystemFailure(reason).fail(file.path(), "lock its new file");
  }
  return is_named(identity_of(file), name);
}

}  // namespace

UnnamedFile make_unnamed_file(const std::string& beside, mode_t mode, const char* what) {
  if (File file = open_nameless(beside, mode); file.is_open()) return {std::move(file), {}};
  for (int tries = 0; tries < most_tries; ++tries) {
    std::string kept = beside, name = temporary_name(beside);
    const int fd = system::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
      const int reason = errno;
      if (reason == EEXIST || reason == EINTR) continue;
      SystemFailure(reason).fail(beside, what);
    }
    File file(fd, std::move(kept));
    try {
      if (lock_temporary(file, name)) return {std::move(file), std::move(name)};
    } catch (...) {
      system::unlink(name.c_str());
      throw;
    }
  }
  SystemFailure(EEXIST).fail(beside, "find a free name in its folder");
}

}  // namespace swr
