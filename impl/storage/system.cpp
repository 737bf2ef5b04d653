#include "storage/system.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

namespace swr::system {

int open(const char* path, int flags, mode_t mode) {
  return ::open(path, flags, mode);
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

int fallocate(int fd, off_t offset, off_t bytes) {
  return ::fallocate(fd, 0, offset, bytes);
}

int fstat(int fd, struct stat* result) {
  return ::fstat(fd, result);
}

int stat(const char* path, struct stat* result) {
  return ::stat(path, result);
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

int fsetxattr(int fd, const char* name, const void* value, size_t bytes) {
  return ::fsetxattr(fd, name, value, bytes, 0);
}

int fremovexattr(int fd, const char* name) {
  return ::fremovexattr(fd, name);
}

int flock(int fd, int operation) {
  return ::flock(fd, operation);
}

}  // namespace swr::system
