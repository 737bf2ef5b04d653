#include "storage/platform_linux.h"

#include <limits.h>
#include <sys/random.h>
#include <sys/xattr.h>

namespace swr::system {

using namespace on_linux;

static_assert(longest_name == NAME_MAX && longest_path == PATH_MAX - 1);

namespace {

void first_line(const char* path, char* line, size_t bytes) {
  line[0] = '\0';
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t got = ::read(fd, line, bytes - 1);
  ::close(fd);
  line[got > 0 ? got : 0] = '\0';
  line[::strcspn(line, "\n")] = '\0';
}

// Descriptors 0 to 2 are the standard streams. A program that has closed them must not print into
// an image.
ResultOf<Handle> above_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return handle_of(fd);
  const auto moved = handle_of(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  ::close(fd);
  return moved;
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

ResultOf<Handle> create_unnamed(const char* folder, uint32_t mode) {
  const auto made = above_standard(::open(folder, unnamed_flags, mode));
  if (!made || has_open_file_name(fd_of(made.value))) return made;
  const std::errc reason = last_reason();
  ::close(fd_of(made.value));
  return {Handle::none, reason};
}

void sweep_unnamed(const char*) {}

Result close(Handle file) {
  return result_of(::close(fd_of(file)));
}

ResultOf<Handle> duplicate(Handle file) {
  return handle_of(::fcntl(fd_of(file), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

ResultOf<size_t> read(Handle file, void* buffer, size_t bytes, int64_t offset) {
  return count_of(::pread(fd_of(file), buffer, bytes, offset));
}

ResultOf<size_t> write(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  return count_of(::pwrite(fd_of(file), buffer, bytes, offset));
}

ResultOf<size_t> write_through(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  constexpr int rwf_dontcache = 0x80;  // Linux 6.14; not in the headers of older systems
  const iovec vector{const_cast<void*>(buffer), bytes};
  const ssize_t put = write_vector(fd_of(file), vector, offset, rwf_dontcache);
  if (put >= 0 || (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)) return count_of(put);
  return write(file, buffer, bytes, offset);
}

Result flush(Handle file) {
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

Result reserve(Handle file, int64_t offset, int64_t bytes) {
  return result_of(::fallocate(fd_of(file), 0, offset, bytes));
}

void will_need(Handle file, int64_t offset, int64_t bytes) {
  static_cast<void>(::posix_fadvise(fd_of(file), offset, bytes, POSIX_FADV_WILLNEED));
}

Result facts(Handle file, Facts& found) {
  return facts_of(fd_of(file), found);
}

int64_t file_clock() {
  return coarse_time();
}

Result facts(const char* path, Links links, Facts& found) {
  return facts_at(path, links, found);
}

ResultOf<size_t> read_link(const char* path, char* buffer, size_t bytes) {
  return count_of(::readlink(path, buffer, bytes));
}

ResultOf<size_t> real_path(const char* path, char* buffer, size_t bytes) {
  return real_path_of(path, buffer, bytes);
}

ResultOf<Handle> hold_folder(const char* path, Links links) {
  return above_standard(open_to_hold(path, links));
}

ResultOf<Handle> open_in(Handle folder, const char* name, Access access) {
  return above_standard(::openat(fd_of(folder), name, flags_of(access, Links::no_follow)));
}

Result facts_in(Handle folder, const char* name, Facts& found) {
  return facts_of_entry(fd_of(folder), name, found);
}

Result replace_in(Handle folder, const char* from, const char* to) {
  return result_of(::renameat(fd_of(folder), from, fd_of(folder), to));
}

Result rename_new_in(Handle folder, const char* from, const char* to) {
  const int fd = fd_of(folder);
  if (rename_new_at(fd, from, to) == 0) return {};
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

Result publish(Handle file, const char* to) {
  return result_of(link_open(fd_of(file), to));
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
  return result_of(exchange_names(one, other));
}

Result add_name(const char* of, const char* further) {
  return result_of(::link(of, further));
}

Result remove(const char* path) {
  return result_of(::unlink(path));
}

Result make_folder(const char* path, uint32_t mode) {
  return result_of(::mkdir(path, mode));
}

Result remove_folder(const char* path) {
  return result_of(::rmdir(path));
}

Result list(const char* folder, void (*take)(void* user, const char* name), void* user) {
  return walk_folder(folder, take, user);
}

Result set_mode(Handle file, uint32_t mode) {
  return result_of(::fchmod(fd_of(file), mode));
}

Result set_owner(Handle file, uint32_t owner, uint32_t group) {
  return result_of(::fchown(fd_of(file), owner, group));
}

ResultOf<size_t> attribute_names(const char* path, char* names, size_t bytes) {
  return count_of(::listxattr(path, names, bytes));
}

ResultOf<size_t> attribute(const char* path, const char* name, void* value, size_t bytes) {
  return count_of(::getxattr(path, name, value, bytes));
}

ResultOf<size_t> attribute(Handle file, const char* name, void* value, size_t bytes) {
  return count_of(::fgetxattr(fd_of(file), name, value, bytes));
}

Result set_attribute(Handle file, const char* name, const void* value, size_t bytes) {
  return result_of(::fsetxattr(fd_of(file), name, value, bytes, 0));
}

Result remove_attribute(Handle file, const char* name) {
  return result_of(::fremovexattr(fd_of(file), name));
}

Result lock(Handle file, Lock kind, int64_t byte, bool wait) {
  return lock_byte(fd_of(file), kind, byte, wait);
}

ResultOf<bool> is_locked(Handle file, int64_t byte) {
  return byte_is_locked(fd_of(file), byte);
}

Result fill_random(std::span<unsigned char> bytes) {
  return result_of(::getentropy(bytes.data(), bytes.size()));
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
