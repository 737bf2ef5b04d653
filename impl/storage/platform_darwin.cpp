// macOS 11 and later. What it lacks: files without a name (a new file has a temporary name until it
// is complete), and access lists that fit the calls for Linux's.
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>

#include "storage/platform_posix.h"

#if __has_include(<sys/xattr.h>)
#include <sys/xattr.h>
#else  // Zig has a part of the headers only
extern "C" {
ssize_t listxattr(const char*, char*, size_t, int);
ssize_t getxattr(const char*, const char*, void*, size_t, uint32_t, int);
ssize_t fgetxattr(int, const char*, void*, size_t, uint32_t, int);
int fsetxattr(int, const char*, const void*, size_t, uint32_t, int);
int fremovexattr(int, const char*, int);
}
#endif

namespace swr::system {

using namespace on_posix;

static_assert(longest_name == NAME_MAX && longest_path >= PATH_MAX - 1);

namespace {

// Locks of open files, as on Linux. The kernel has had them since macOS 10.13; the headers do not
// name them.
constexpr int set_lock = 90, set_lock_and_wait = 91, get_lock = 92;

constexpr size_t most_bytes = size_t{1} << 30;  // of one call; the system refuses INT_MAX and more

// Descriptors 0 to 2 are the standard streams. A program that has closed them must not print into
// an image.
ResultOf<Handle> above_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return handle_of(fd);
  const auto moved = handle_of(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  ::close(fd);
  return moved;
}

int64_t nanoseconds(const timespec& time) {
  // Unsigned, because a damaged file system may report any time.
  return static_cast<int64_t>(static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
                              static_cast<uint64_t>(time.tv_nsec));
}

// HFS+ stores whole seconds, FAT even ones, and a file server has a clock of its own.
int64_t tick_of(int64_t changed) {
  constexpr int64_t second = 1'000'000'000, of_others = 20'000'000;
  return changed % second == 0 ? 2 * second : of_others;
}

Result translate(int returned, const struct stat& told, Facts& found) {
  if (returned != 0) return {last_reason()};
  found = {.kind = kind_of(told.st_mode),
           .device = static_cast<uint32_t>(told.st_dev),
           .inode = told.st_ino,
           .birth = nanoseconds(told.st_birthtimespec),
           .modified = nanoseconds(told.st_mtimespec),
           .changed = nanoseconds(told.st_ctimespec),
           .tick = tick_of(nanoseconds(told.st_ctimespec)),
           .size = told.st_size,
           .mode = told.st_mode & 07777U,
           .owner = told.st_uid,
           .group = told.st_gid,
           .links = told.st_nlink};
  return {};
}

// An attribute that does not exist has an error number of its own here.
ResultOf<size_t> attribute_size(ssize_t returned) {
  if (returned < 0 && errno == ENOATTR) return {0, std::errc::no_message_available};
  return count_of(returned);
}

}  // namespace

bool means_quota_exceeded(std::errc reason) {
  return reason == std::errc{EDQUOT};
}

ResultOf<Handle> open_existing(const char* path, Access access, Links links) {
  return above_standard(::open(path, flags_of(access, links)));
}

ResultOf<Handle> open_folder(const char* path, Links links) {
  return above_standard(::open(path, folder_flags | flags_of(links)));
}

ResultOf<Handle> create_new(const char* path, uint32_t mode) {
  return above_standard(::open(path, new_file_flags, mode));
}

ResultOf<Handle> create_unnamed(const char*, uint32_t) {
  return {Handle::none, std::errc::operation_not_supported};
}

void sweep_unnamed(const char*) {}

Result close(Handle file) {
  return result_of(::close(fd_of(file)));
}

ResultOf<Handle> duplicate(Handle file) {
  return handle_of(::fcntl(fd_of(file), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

ResultOf<size_t> read(Handle file, void* buffer, size_t bytes, int64_t offset) {
  return count_of(::pread(fd_of(file), buffer, std::min(bytes, most_bytes), offset));
}

ResultOf<size_t> write(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  return count_of(::pwrite(fd_of(file), buffer, std::min(bytes, most_bytes), offset));
}

ResultOf<size_t> write_through(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  return write(file, buffer, bytes, offset);
}

Result flush(Handle file) {
  // fsync() leaves the data in the cache of the disk. A file system that cannot do more, such as
  // one of another machine, refuses F_FULLFSYNC.
  if (::fcntl(fd_of(file), F_FULLFSYNC) == 0) return {};
  if (errno != ENOTSUP && errno != EOPNOTSUPP && errno != EINVAL && errno != ENOTTY)
    return {last_reason()};
  return result_of(::fsync(fd_of(file)));
}

Result flush_folder(Handle folder) {
  const Result done = flush(folder);
  // A file system that cannot flush folders never caches their entries.
  return done.reason == std::errc::invalid_argument ? Result{} : done;
}

Result resize(Handle file, int64_t size) {
  return result_of(::ftruncate(fd_of(file), size));
}

// F_PREALLOCATE adds space to that which the file has on the disk, and leaves the size as it is.
Result reserve(Handle file, int64_t offset, int64_t bytes) {
  constexpr int64_t block = 512;
  struct stat told;
  if (::fstat(fd_of(file), &told) != 0) return {last_reason()};
  const int64_t end = offset + bytes, allocated = told.st_blocks * block;
  if (end > allocated) {
    fstore_t space{F_ALLOCATEALL, F_PEOFPOSMODE, 0, end - allocated, 0};
    if (::fcntl(fd_of(file), F_PREALLOCATE, &space) != 0) return {last_reason()};
  }
  return end > told.st_size ? resize(file, end) : Result{};
}

void will_need(Handle file, int64_t offset, int64_t bytes) {
  radvisory range{offset, static_cast<int>(std::min<int64_t>(bytes, INT_MAX))};
  static_cast<void>(::fcntl(fd_of(file), F_RDADVISE, &range));
}

Result facts(Handle file, Facts& found) {
  struct stat told;
  return translate(::fstat(fd_of(file), &told), told, found);
}

int64_t file_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

Result facts(const char* path, Links links, Facts& found) {
  struct stat told;
  return translate(links == Links::no_follow ? ::lstat(path, &told) : ::stat(path, &told), told,
                   found);
}

ResultOf<size_t> read_link(const char* path, char* buffer, size_t bytes) {
  return count_of(::readlink(path, buffer, bytes));
}

ResultOf<size_t> real_path(const char* path, char* buffer, size_t bytes) {
  return real_path_of(path, buffer, bytes);
}

ResultOf<Handle> hold_folder(const char* path, Links links) {
  const auto held =
      above_standard(::open(path, folder_flags | (links == Links::no_follow ? O_NOFOLLOW_ANY : 0)));
  const bool is_link = held.reason == std::errc::too_many_symbolic_link_levels;
  if (links == Links::no_follow && is_link) return {Handle::none, std::errc::not_a_directory};
  return held;
}

ResultOf<Handle> open_in(Handle folder, const char* name, Access access) {
  return above_standard(::openat(fd_of(folder), name, flags_of(access, Links::no_follow)));
}

Result facts_in(Handle folder, const char* name, Facts& found) {
  struct stat told;
  return translate(::fstatat(fd_of(folder), name, &told, AT_SYMLINK_NOFOLLOW), told, found);
}

Result replace_in(Handle folder, const char* from, const char* to) {
  return result_of(::renameat(fd_of(folder), from, fd_of(folder), to));
}

Result rename_new_in(Handle folder, const char* from, const char* to) {
  const int fd = fd_of(folder);
  if (::renameatx_np(fd, from, fd, to, RENAME_EXCL) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return {last_reason()};
  // The file system does not support the flag. link() never replaces an existing name.
  if (::linkat(fd, from, fd, to, 0) != 0) return {last_reason()};
  if (::unlinkat(fd, from, 0) == 0) return {};
  const Result failed{last_reason()};
  ::unlinkat(fd, to, 0);
  return failed;
}

Result remove_in(Handle folder, const char* name) {
  return result_of(::unlinkat(fd_of(folder), name, 0));
}

Result may(const char* path, Wish wish) {
  return result_of(allows(path, wish));
}

Result publish(Handle, const char*) {
  return {std::errc::operation_not_supported};
}

Result replace(const char* from, const char* to) {
  return result_of(::rename(from, to));
}

bool replaces_at_once(const char*) {
  return true;
}

Result rename_new(const char* from, const char* to) {
  return rename_new_in(Handle{AT_FDCWD}, from, to);
}

Result exchange(const char* one, const char* other) {
  return result_of(::renamex_np(one, other, RENAME_SWAP));
}

Result add_name(const char* of, const char* further) {
  return result_of(::link(of, further));
}

Result remove(const char* path) {
  return result_of(::unlink(path));
}

Result make_folder(const char* path, uint32_t mode) {
  return result_of(::mkdir(path, static_cast<mode_t>(mode)));
}

Result remove_folder(const char* path) {
  return result_of(::rmdir(path));
}

Result list(const char* folder, void (*take)(void* user, const char* name), void* user) {
  return walk_folder(folder, take, user);
}

Result set_mode(Handle file, uint32_t mode) {
  return result_of(::fchmod(fd_of(file), static_cast<mode_t>(mode)));
}

Result set_owner(Handle file, uint32_t owner, uint32_t group) {
  return result_of(::fchown(fd_of(file), owner, group));
}

ResultOf<size_t> attribute_names(const char* path, char* names, size_t bytes) {
  return count_of(::listxattr(path, names, bytes, 0));
}

ResultOf<size_t> attribute(const char* path, const char* name, void* value, size_t bytes) {
  return attribute_size(::getxattr(path, name, value, bytes, 0, 0));
}

ResultOf<size_t> attribute(Handle file, const char* name, void* value, size_t bytes) {
  return attribute_size(::fgetxattr(fd_of(file), name, value, bytes, 0, 0));
}

Result set_attribute(Handle file, const char* name, const void* value, size_t bytes) {
  return result_of(::fsetxattr(fd_of(file), name, value, bytes, 0, 0));
}

Result remove_attribute(Handle file, const char* name) {
  return {attribute_size(::fremovexattr(fd_of(file), name, 0)).reason};
}

Result lock(Handle file, Lock kind, int64_t byte, bool wait) {
  struct flock range = one_byte(kind, byte);
  return result_of(::fcntl(fd_of(file), wait ? set_lock_and_wait : set_lock, &range));
}

ResultOf<bool> is_locked(Handle file, int64_t byte) {
  struct flock range = one_byte(Lock::exclusive, byte);
  if (::fcntl(fd_of(file), get_lock, &range) != 0) return {false, last_reason()};
  return {range.l_type != F_UNLCK};
}

Result fill_random(std::span<unsigned char> bytes) {
  return result_of(::getentropy(bytes.data(), bytes.size()));
}

void machine_name(char* name, size_t bytes) {
  uuid_t id{};
  const timespec at_once{};
  if (::gethostuuid(id, &at_once) != 0) std::fill(std::begin(id), std::end(id), uint8_t{0});
  char digits[2 * sizeof id + 1], host[256] = "";
  for (size_t i = 0; i < sizeof id; ++i) ::snprintf(digits + 2 * i, 3, "%02x", id[i]);
  ::gethostname(host, sizeof host - 1);
  ::snprintf(name, bytes, "%s@%s", digits, host);
}

void boot_name(char* name, size_t bytes) {
  if (::sysctlbyname("kern.bootsessionuuid", name, &bytes, nullptr, 0) != 0) name[0] = '\0';
}

uint32_t process() {
  return static_cast<uint32_t>(::getpid());
}

uint32_t effective_user() {
  return ::geteuid();
}

}  // namespace swr::system
