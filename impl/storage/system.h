// The system calls that storage makes, each as POSIX has it: -1 and errno on failure. They stand in
// a file of their own so that a test can link another one in its place, whose n-th call fails or
// whose writes are lost.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

struct stat;

namespace swr::system {

int open(const char* path, int flags, mode_t mode);  // never gives 0, 1 or 2
int close(int fd);
ssize_t pread(int fd, void* buffer, size_t bytes, off_t offset);
ssize_t pwrite(int fd, const void* buffer, size_t bytes, off_t offset);
// The same, on its way to the disk at once and out of the cache when it is there, where the system
// knows how: for what fsync() will wait for anyway.
ssize_t pwrite_through(int fd, const void* buffer, size_t bytes, off_t offset);
int fsync(int fd);  // a file's data and size, or a folder's entries
int ftruncate(int fd, off_t size);
void will_need(int fd, off_t offset, off_t bytes);  // the range will be read: advice, no failure
int fallocate(
    int fd, off_t offset,
    off_t bytes);  // Linux fallocate with mode 0; errno EOPNOTSUPP where the file system cannot
int fstat(int fd, struct stat* result);
int stat(const char* path, struct stat* result);
int access(const char* path, int mode);  // of the effective user and groups
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
ssize_t fgetxattr(int fd, const char* name, void* value, size_t bytes);
int fsetxattr(int fd, const char* name, const void* value, size_t bytes);
int fremovexattr(int fd, const char* name);

int duplicate(int fd);  // another descriptor of the same open file

// What the system knows of a file, whatever its name.
struct Facts {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth = 0;  // nanoseconds since 1970; 0 where the file system does not keep it
  int64_t size = 0;
  uint32_t mode = 0;
  uint32_t owner = 0;
  uint32_t group = 0;
  uint32_t links = 0;
};
int facts(int fd, Facts* result);
int facts(const char* path, Facts* result);  // of a symbolic link itself

// Locks one byte of an open file, against other open files of any process. EAGAIN if another one
// holds it and `wait` is false. The lock ends with the last descriptor of the open file.
enum class Lock { none, shared, exclusive };
int lock(int fd, Lock kind, off_t byte, bool wait);
// 1 if another open file holds a lock of the byte, 0 if none does.
int is_locked(int fd, off_t byte);

// Who runs: names of the machine and of its running system, each a string of its own, at most
// `bytes` with its end; empty if the system does not say.
void machine_name(char* name, size_t bytes);
void boot_name(char* name, size_t bytes);
uint32_t process();
uint32_t effective_user();

}  // namespace swr::system
