#include "storage/system.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "storage/walk_folder.h"

namespace swr::system {

namespace {

int facts_from(int folder, const char* path, int flags, Facts* result) {
  struct statx found;
  if (::statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return -1;
  result->device = uint64_t{found.stx_dev_major} << 32 | found.stx_dev_minor;
  result->inode = found.stx_ino;
  if (found.stx_mask & STATX_BTIME) {
    // Unsigned: a damaged file system may tell any time.
    const auto seconds = static_cast<uint64_t>(found.stx_btime.tv_sec);
    result->birth = static_cast<int64_t>(seconds * 1'000'000'000 + found.stx_btime.tv_nsec);
  } else {
    result->birth = 0;
  }
  result->size = static_cast<int64_t>(found.stx_size);
  result->mode = found.stx_mode;
  result->owner = found.stx_uid;
  result->group = found.stx_gid;
  result->links = found.stx_nlink;
  return 0;
}

struct flock one_byte(Lock kind, off_t byte) {
  struct flock range {};
  range.l_type = kind == Lock::none ? F_UNLCK : kind == Lock::shared ? F_RDLCK : F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return range;
}

void first_line(const char* path, char* line, size_t bytes) {
  line[0] = '\0';
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t got = ::read(fd, line, bytes - 1);
  ::close(fd);
  line[got > 0 ? got : 0] = '\0';
  line[::strcspn(line, "\n")] = '\0';
}

// What a program prints goes to the descriptors 0 to 2. A program that has closed them must not
// print into an image.
int above_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return moved;
}

}  // namespace

int open(const char* path, int flags, mode_t mode) {
  return above_standard(::open(path, flags, mode));
}

int close(int fd) {
  return ::close(fd);
}

ssize_t pread(int fd, void* buffer, size_t bytes, off_t offset) {
  return ::pread(fd, buffer, bytes, offset);
}

ssize_t pwrite(int fd, const void* buffer, size_t bytes, off_t offset) {
  return ::pwrite(fd, buffer, bytes, offset);
}

ssize_t pwrite_through(int fd, const void* buffer, size_t bytes, off_t offset) {
  constexpr int rwf_dontcache = 0x80;  // Linux 6.14; not in the headers of older systems
  const iovec vector{const_cast<void*>(buffer), bytes};
  const ssize_t put = ::pwritev2(fd, &vector, 1, offset, rwf_dontcache);
  if (put >= 0 || (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)) return put;
  return ::pwrite(fd, buffer, bytes, offset);
}

int fsync(int fd) {
  return ::fsync(fd);
}

int ftruncate(int fd, off_t size) {
  return ::ftruncate(fd, size);
}

void will_need(int fd, off_t offset, off_t bytes) {
  static_cast<void>(::posix_fadvise(fd, offset, bytes, POSIX_FADV_WILLNEED));
}

int fallocate(int fd, off_t offset, off_t bytes) {
  return ::fallocate(fd, 0, offset, bytes);
}

int fstat(int fd, struct stat* result) {
  return ::fstat(fd, result);
}

int stat(const char* path, struct stat* result) {
  return ::stat(path, result);
}

int access(const char* path, int mode) {
  return ::faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

int rename(const char* from, const char* to) {
  return ::rename(from, to);
}

int rename_new(const char* from, const char* to) {
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return -1;
  // The file system does not know the flag. A second name is never given over an existing one.
  if (::link(from, to) != 0) return -1;
  if (::unlink(from) == 0) return 0;
  const int reason = errno;
  ::unlink(to);
  errno = reason;
  return -1;
}

int link(const char* from, const char* to) {
  return ::link(from, to);
}

int link_open(int fd, const char* to) {
  char open_file[40];
  ::snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", fd);
  return ::linkat(AT_FDCWD, open_file, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

int unlink(const char* path) {
  return ::unlink(path);
}

int mkdir(const char* path, mode_t mode) {
  return ::mkdir(path, mode);
}

int rmdir(const char* path) {
  return ::rmdir(path);
}

int list_folder(const char* path, void (*take)(void* user, const char* name), void* user) {
  return walk_folder(path, take, user);
}

int fchmod(int fd, mode_t mode) {
  return ::fchmod(fd, mode);
}

int fchown(int fd, uid_t owner, gid_t group) {
  return ::fchown(fd, owner, group);
}

ssize_t listxattr(const char* path, char* names, size_t bytes) {
  return ::listxattr(path, names, bytes);
}

ssize_t getxattr(const char* path, const char* name, void* value, size_t bytes) {
  return ::getxattr(path, name, value, bytes);
}

ssize_t fgetxattr(int fd, const char* name, void* value, size_t bytes) {
  return ::fgetxattr(fd, name, value, bytes);
}

int fsetxattr(int fd, const char* name, const void* value, size_t bytes) {
  return ::fsetxattr(fd, name, value, bytes, 0);
}

int fremovexattr(int fd, const char* name) {
  return ::fremovexattr(fd, name);
}

int duplicate(int fd) {
  return ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

int facts(int fd, Facts* result) {
  return facts_from(fd, "", AT_EMPTY_PATH, result);
}

int facts(const char* path, Facts* result) {
  return facts_from(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, result);
}

int lock(int fd, Lock kind, off_t byte, bool wait) {
  struct flock range = one_byte(kind, byte);
  return ::fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range);
}

int is_locked(int fd, off_t byte) {
  struct flock range = one_byte(Lock::exclusive, byte);
  if (::fcntl(fd, F_OFD_GETLK, &range) != 0) return -1;
  return range.l_type == F_UNLCK ? 0 : 1;
}

void machine_name(char* name, size_t bytes) {
  char id[64], host[HOST_NAME_MAX + 1] = "";
  first_line("/etc/machine-id", id, sizeof id);
  ::gethostname(host, sizeof host - 1);
  ::snprintf(name, bytes, "%s@%s", id, host);
}

void boot_name(char* name, size_t bytes) {
  first_line("/proc/sys/kernel/random/boot_id", name, bytes);
}

uint32_t process() {
  return static_cast<uint32_t>(::getpid());
}

uint32_t effective_user() {
  return ::geteuid();
}

}  // namespace swr::system
