#include "faulty_system.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "disk_model.h"
#include "storage/system.h"

namespace swr::faulty {

namespace {

std::mutex mutex;
Plan current;
int64_t counted = 0;
bool struck = false;
bool rest_of_write_fails = false;
std::atomic<bool> nameless_files{true};
std::unique_ptr<DiskModel> disk;

// Whether this call is to fail; errno is set.
bool strikes(Call kind) {
  const std::lock_guard lock(mutex);
  if (kind == Call::pwrite && rest_of_write_fails) {
    rest_of_write_fails = false;
    errno = current.error;
    return true;
  }
  if (current.kind != Call::any && current.kind != kind) return false;
  ++counted;
  const bool now =
      current.at > 0 && (counted == current.at || (current.lasting && counted > current.at));
  if (!now) return false;
  if (current.die) ::_exit(0);
  struck = true;
  errno = current.error;
  return true;
}

// Whether the write that is struck does its first half, and fails after that.
bool halves(size_t bytes) {
  const std::lock_guard lock(mutex);
  rest_of_write_fails = current.halve && bytes > 1;
  return rest_of_write_fails;
}

template <typename Change>
void note(const Change& change) {
  const std::lock_guard lock(mutex);
  const int kept = errno;
  if (disk) change(*disk);
  errno = kept;
}

}  // namespace

void plan(const Plan& plan) {
  const std::lock_guard lock(mutex);
  current = plan;
  counted = 0;
  struck = false;
  rest_of_write_fails = false;
}

void set_nameless_files(bool there) {
  nameless_files = there;
}

bool has_struck() {
  const std::lock_guard lock(mutex);
  return struck;
}

int64_t calls() {
  const std::lock_guard lock(mutex);
  return counted;
}

void record(const std::string& folder) {
  disk = std::make_unique<DiskModel>(folder);
}

int64_t steps() {
  return disk->steps();
}

void leave(int64_t step, const std::function<bool()>& chance, const std::string& into) {
  disk->leave(step, chance, into);
}

void stop_recording() {
  disk.reset();
}

}  // namespace swr::faulty

namespace swr::system {

using faulty::Call;
using faulty::DiskModel;
using faulty::note;
using faulty::strikes;

int open(const char* path, int flags, mode_t mode) {
  if (strikes(Call::open)) return -1;
  if ((flags & O_TMPFILE) == O_TMPFILE && !faulty::nameless_files) {
    errno = EOPNOTSUPP;
    return -1;
  }
  const int fd = ::open(path, flags, mode);
  if (fd >= 0)
    note([&](DiskModel& disk) { disk.open(fd, path, (flags & O_TMPFILE) == O_TMPFILE); });
  return fd;
}

int close(int fd) {
  note([&](DiskModel& disk) { disk.close(fd); });
  const bool fails = strikes(Call::close);
  const int error = errno;
  const int result = ::close(fd);
  if (!fails) return result;
  errno = error;
  return -1;
}

ssize_t pread(int fd, void* buffer, size_t bytes, off_t offset) {
  if (strikes(Call::pread)) return -1;
  return ::pread(fd, buffer, bytes, offset);
}

ssize_t pwrite(int fd, const void* buffer, size_t bytes, off_t offset) {
  if (strikes(Call::pwrite)) {
    if (!faulty::halves(bytes)) return -1;
    bytes /= 2;
  }
  const ssize_t put = ::pwrite(fd, buffer, bytes, offset);
  if (put > 0)
    note([&](DiskModel& disk) {
      disk.write(fd, offset, {static_cast<const char*>(buffer), static_cast<size_t>(put)});
    });
  return put;
}

ssize_t pwrite_through(int fd, const void* buffer, size_t bytes, off_t offset) {
  return pwrite(fd, buffer, bytes, offset);
}

int fsync(int fd) {
  if (strikes(Call::fsync)) return -1;
  // The model's disk is the one that counts: the real one need not be waited for.
  note([&](DiskModel& disk) { disk.sync(fd); });
  return 0;
}

int ftruncate(int fd, off_t size) {
  if (strikes(Call::ftruncate)) return -1;
  const int result = ::ftruncate(fd, size);
  if (result == 0) note([&](DiskModel& disk) { disk.resize(fd, size); });
  return result;
}

int fallocate(int fd, off_t offset, off_t bytes) {
  if (strikes(Call::fallocate)) return -1;
  const int result = ::fallocate(fd, 0, offset, bytes);
  struct stat facts;
  if (result == 0 && ::fstat(fd, &facts) == 0)
    note([&](DiskModel& disk) { disk.resize(fd, facts.st_size); });
  return result;
}

int fstat(int fd, struct stat* result) {
  if (strikes(Call::fstat)) return -1;
  return ::fstat(fd, result);
}

int stat(const char* path, struct stat* result) {
  if (strikes(Call::stat)) return -1;
  return ::stat(path, result);
}

int rename(const char* from, const char* to) {
  if (strikes(Call::rename)) return -1;
  const int result = ::rename(from, to);
  if (result == 0) note([&](DiskModel& disk) { disk.rename(from, to); });
  return result;
}

int rename_new(const char* from, const char* to) {
  if (strikes(Call::rename_new)) return -1;
  const int result = ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
  if (result == 0) note([&](DiskModel& disk) { disk.rename(from, to); });
  return result;
}

int link(const char* from, const char* to) {
  if (strikes(Call::link)) return -1;
  const int result = ::link(from, to);
  if (result == 0) note([&](DiskModel& disk) { disk.link(from, to); });
  return result;
}

int link_open(int fd, const char* to) {
  if (strikes(Call::link)) return -1;
  const std::string open_file = "/proc/self/fd/" + std::to_string(fd);
  const int result = ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, to, AT_SYMLINK_FOLLOW);
  if (result == 0) note([&](DiskModel& disk) { disk.link_open(fd, to); });
  return result;
}

int unlink(const char* path) {
  if (strikes(Call::unlink)) return -1;
  const int result = ::unlink(path);
  if (result == 0) note([&](DiskModel& disk) { disk.remove(path); });
  return result;
}

int mkdir(const char* path, mode_t mode) {
  if (strikes(Call::mkdir)) return -1;
  const int result = ::mkdir(path, mode);
  if (result == 0) note([&](DiskModel& disk) { disk.make_folder(path); });
  return result;
}

int rmdir(const char* path) {
  if (strikes(Call::rmdir)) return -1;
  const int result = ::rmdir(path);
  if (result == 0) note([&](DiskModel& disk) { disk.remove(path); });
  return result;
}

int fchmod(int fd, mode_t mode) {
  if (strikes(Call::fchmod)) return -1;
  return ::fchmod(fd, mode);
}

int fchown(int fd, uid_t owner, gid_t group) {
  if (strikes(Call::fchown)) return -1;
  return ::fchown(fd, owner, group);
}

ssize_t listxattr(const char* path, char* names, size_t bytes) {
  if (strikes(Call::xattr)) return -1;
  return ::listxattr(path, names, bytes);
}

ssize_t getxattr(const char* path, const char* name, void* value, size_t bytes) {
  if (strikes(Call::xattr)) return -1;
  return ::getxattr(path, name, value, bytes);
}

int fsetxattr(int fd, const char* name, const void* value, size_t bytes) {
  if (strikes(Call::xattr)) return -1;
  return ::fsetxattr(fd, name, value, bytes, 0);
}

int fremovexattr(int fd, const char* name) {
  if (strikes(Call::xattr)) return -1;
  return ::fremovexattr(fd, name);
}

int flock(int fd, int operation) {
  if (strikes(Call::flock)) return -1;
  return ::flock(fd, operation);
}

}  // namespace swr::system
