// The system calls that storage makes, each as POSIX has it: -1 and errno on failure. They stand in
// a file of their own so that a test can link another one in its place, whose n-th call fails or
// whose writes are lost.
#pragma once

#include <sys/types.h>

#include <cstddef>

struct stat;

namespace swr::system {

int open(const char* path, int flags, mode_t mode);
int close(int fd);
ssize_t pread(int fd, void* buffer, size_t bytes, off_t offset);
ssize_t pwrite(int fd, const void* buffer, size_t bytes, off_t offset);
// The same, on its way to the disk at once and out of the cache when it is there, where the system
// knows how: for what fsync() will wait for anyway.
ssize_t pwrite_through(int fd, const void* buffer, size_t bytes, off_t offset);
int fsync(int fd);  // a file's data and size, or a folder's entries
int ftruncate(int fd, off_t size);
int fallocate(
    int fd, off_t offset,
    off_t bytes);  // Linux fallocate with mode 0; errno EOPNOTSUPP where the file system cannot
int fstat(int fd, struct stat* result);
int stat(const char* path, struct stat* result);
int rename(const char* from, const char* to);
int rename_new(const char* from, const char* to);  // fails with EEXIST if `to` exists
int link(const char* from, const char* to);
int link_open(int fd,
              const char* to);  // gives an open file a name; for one that was opened without
int unlink(const char* path);
int mkdir(const char* path, mode_t mode);
int rmdir(const char* path);
int fchmod(int fd, mode_t mode);
int fchown(int fd, uid_t owner, gid_t group);
// Extended attributes, access control lists among them.
ssize_t listxattr(const char* path, char* names, size_t bytes);
ssize_t getxattr(const char* path, const char* name, void* value, size_t bytes);
int fsetxattr(int fd, const char* name, const void* value, size_t bytes);
int fremovexattr(int fd, const char* name);
int flock(int fd, int operation);

}  // namespace swr::system
