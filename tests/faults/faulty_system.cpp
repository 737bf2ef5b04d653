#include "faulty_system.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "disk_model.h"
#include "storage/system.h"
#include "storage/walk_folder.h"

namespace swr::faulty {

namespace {

std::mutex mutex;
Plan current;
int64_t counted = 0;
int64_t written = 0;
bool struck = false;
bool rest_of_write_fails = false;
std::atomic<bool> nameless_files{true};
std::unique_ptr<DiskModel> disk;
std::string machine = "id@machine", boot = "boot";

// The files that stand for others, and what is known of those.
using Node = std::pair<uint64_t, uint64_t>;  // inode and birth
std::map<Node, Node> originals;

int facts_from(int folder, const char* path, int flags, system::Facts* result) {
  struct statx found;
  if (::statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return -1;
  Node node{found.stx_ino, static_cast<uint64_t>(found.stx_btime.tv_sec) * 1'000'000'000 +
                               found.stx_btime.tv_nsec};
  const std::lock_guard lock(mutex);
  const auto original = originals.find(node);
  if (original != originals.end()) node = original->second;
  *result = {.device = found.stx_dev_minor,
             .inode = node.first,
             .birth = static_cast<int64_t>(node.second),
             .size = static_cast<int64_t>(found.stx_size),
             .mode = found.stx_mode,
             .owner = found.stx_uid,
             .group = found.stx_gid,
             .links = found.stx_nlink};
  return 0;
}

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
  if (current.die && !(current.halve && kind == Call::pwrite)) ::_exit(0);
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

// A write that was struck has done its half: the process ends if it is to.
void die_after_half() {
  const std::lock_guard lock(mutex);
  if (current.die && rest_of_write_fails) ::_exit(0);
}

void count_written(int64_t bytes) {
  const std::lock_guard lock(mutex);
  written += bytes;
}

template <typename Change>
void note(const Change& change) {
  const std::lock_guard lock(mutex);
  const int kept = errno;
  if (disk) change(*disk);
  errno = kept;
}

}  // namespace

system::Facts facts_of(const std::string& path) {
  system::Facts facts;
  if (facts_from(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, &facts) != 0)
    std::abort();  // tests ask for what is there
  return facts;
}

void stand_for(const std::string& stands, const system::Facts& original) {
  const system::Facts now = facts_of(stands);
  const std::lock_guard lock(mutex);
  originals[{now.inode, static_cast<uint64_t>(now.birth)}] = {
      original.inode, static_cast<uint64_t>(original.birth)};
}

void copy_folder(const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
  stand_for(to, facts_of(from));
  for (const auto& entry : fs::recursive_directory_iterator(from))
    stand_for(to / entry.path().lexically_relative(from), facts_of(entry.path()));
}

void set_author(const std::string& name, const std::string& running) {
  machine = name;
  boot = running;
}

void plan(const Plan& plan) {
  const std::lock_guard lock(mutex);
  current = plan;
  counted = 0;
  written = 0;
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

int64_t bytes_written() {
  const std::lock_guard lock(mutex);
  return written;
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
using faulty::disk;
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
  if (fd >= 0 && disk) {
    Facts facts;
    faulty::facts_from(fd, "", AT_EMPTY_PATH, &facts);
    note([&](DiskModel& model) { model.open(fd, path, (flags & O_TMPFILE) == O_TMPFILE, facts); });
  }
  return fd;
}

int close(int fd) {
  note([&](DiskModel& model) { model.close(fd); });
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
  faulty::die_after_half();
  if (put > 0) faulty::count_written(put);
  if (put > 0)
    note([&](DiskModel& model) {
      model.write(fd, offset, {static_cast<const char*>(buffer), static_cast<size_t>(put)});
    });
  return put;
}

ssize_t pwrite_through(int fd, const void* buffer, size_t bytes, off_t offset) {
  return pwrite(fd, buffer, bytes, offset);
}

int fsync(int fd) {
  if (strikes(Call::fsync)) return -1;
  // The model's disk is the one that counts: the real one need not be waited for.
  note([&](DiskModel& model) { model.sync(fd); });
  return 0;
}

int ftruncate(int fd, off_t size) {
  if (strikes(Call::ftruncate)) return -1;
  const int result = ::ftruncate(fd, size);
  if (result == 0) note([&](DiskModel& model) { model.resize(fd, size); });
  return result;
}

void will_need(int, off_t, off_t) {}

int fallocate(int fd, off_t offset, off_t bytes) {
  if (strikes(Call::fallocate)) return -1;
  const int result = ::fallocate(fd, 0, offset, bytes);
  struct stat facts;
  if (result == 0 && ::fstat(fd, &facts) == 0)
    note([&](DiskModel& model) { model.resize(fd, facts.st_size); });
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

int access(const char* path, int mode) {
  if (strikes(Call::stat)) return -1;
  return ::faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

int rename(const char* from, const char* to) {
  if (strikes(Call::rename)) return -1;
  const int result = ::rename(from, to);
  if (result == 0) note([&](DiskModel& model) { model.rename(from, to); });
  return result;
}

int rename_new(const char* from, const char* to) {
  if (strikes(Call::rename_new)) return -1;
  const int result = ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
  if (result == 0) note([&](DiskModel& model) { model.rename(from, to); });
  return result;
}

int link(const char* from, const char* to) {
  if (strikes(Call::link)) return -1;
  const int result = ::link(from, to);
  if (result == 0) note([&](DiskModel& model) { model.link(from, to); });
  return result;
}

int link_open(int fd, const char* to) {
  if (strikes(Call::link)) return -1;
  const std::string open_file = "/proc/self/fd/" + std::to_string(fd);
  const int result = ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, to, AT_SYMLINK_FOLLOW);
  if (result == 0) note([&](DiskModel& model) { model.link_open(fd, to); });
  return result;
}

int unlink(const char* path) {
  if (strikes(Call::unlink)) return -1;
  const int result = ::unlink(path);
  if (result == 0) note([&](DiskModel& model) { model.remove(path); });
  return result;
}

int mkdir(const char* path, mode_t mode) {
  if (strikes(Call::mkdir)) return -1;
  const int result = ::mkdir(path, mode);
  if (result == 0) note([&](DiskModel& model) { model.make_folder(path); });
  return result;
}

int rmdir(const char* path) {
  if (strikes(Call::rmdir)) return -1;
  const int result = ::rmdir(path);
  if (result == 0) note([&](DiskModel& model) { model.remove(path); });
  return result;
}

int list_folder(const char* path, void (*take)(void* user, const char* name), void* user) {
  if (strikes(Call::open)) return -1;
  return walk_folder(path, take, user);
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

ssize_t fgetxattr(int fd, const char* name, void* value, size_t bytes) {
  if (strikes(Call::xattr)) return -1;
  return ::fgetxattr(fd, name, value, bytes);
}

int fsetxattr(int fd, const char* name, const void* value, size_t bytes) {
  if (strikes(Call::xattr)) return -1;
  return ::fsetxattr(fd, name, value, bytes, 0);
}

int fremovexattr(int fd, const char* name) {
  if (strikes(Call::xattr)) return -1;
  return ::fremovexattr(fd, name);
}

int duplicate(int fd) {
  if (strikes(Call::duplicate)) return -1;
  const int result = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (result >= 0) note([&](DiskModel& model) { model.duplicate(fd, result); });
  return result;
}

int facts(int fd, Facts* result) {
  if (strikes(Call::facts)) return -1;
  return faulty::facts_from(fd, "", AT_EMPTY_PATH, result);
}

int facts(const char* path, Facts* result) {
  if (strikes(Call::facts)) return -1;
  return faulty::facts_from(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, result);
}

int lock(int fd, Lock kind, off_t byte, bool wait) {
  if (strikes(Call::lock)) return -1;
  struct flock range {};
  range.l_type = kind == Lock::none ? F_UNLCK : kind == Lock::shared ? F_RDLCK : F_WRLCK;
  range.l_start = byte;
  range.l_len = 1;
  return ::fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range);
}

int is_locked(int fd, off_t byte) {
  if (strikes(Call::lock)) return -1;
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_start = byte;
  range.l_len = 1;
  if (::fcntl(fd, F_OFD_GETLK, &range) != 0) return -1;
  return range.l_type == F_UNLCK ? 0 : 1;
}

void machine_name(char* name, size_t bytes) {
  ::snprintf(name, bytes, "%s", faulty::machine.c_str());
}

void boot_name(char* name, size_t bytes) {
  ::snprintf(name, bytes, "%s", faulty::boot.c_str());
}

uint32_t process() {
  return static_cast<uint32_t>(::getpid());
}

uint32_t effective_user() {
  return ::geteuid();
}

}  // namespace swr::system
