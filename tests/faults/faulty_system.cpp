#include "faulty_system.h"

#include <sys/random.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>

#include "disk_model.h"
#include "fault_plan.h"
#include "storage/platform_linux.h"

namespace swr::faulty {

namespace on_linux = system::on_linux;

namespace {

std::unique_ptr<DiskModel> disk;
std::mutex disk_mutex;

void count_open(int fd) {
  system::Facts facts;
  if (fd >= 0) count(&Looks::opened, on_linux::facts_of(fd, facts), facts);
}

template <typename Change>
void note(const Change& change) {
  const std::lock_guard lock(disk_mutex);
  if (disk) change(*disk);
}

}  // namespace

system::Result real_facts(const char* path, system::Links links, system::Facts& found) {
  return on_linux::facts_at(path, links, found);
}

void record(const std::string& folder) {
  disk = std::make_unique<DiskModel>(folder);
}

int64_t steps() {
  return disk->steps();
}

bool leave(int64_t step, const std::function<bool()>& chance, const std::string& into) {
  return disk->leave(step, chance, into);
}

void stop_recording() {
  disk.reset();
}

}  // namespace swr::faulty

namespace swr::system {

namespace {

bool has_open_files(const char* folder) {
  std::error_code gone;
  const std::string begin = std::filesystem::canonical(folder, gone).string() + '/';
  return std::ranges::any_of(
      std::filesystem::directory_iterator("/proc/self/fd"), [&](const auto& handle) {
        std::error_code closed;
        return std::filesystem::read_symlink(handle.path(), closed).string().starts_with(begin);
      });
}

}  // namespace

using faulty::Call;
using faulty::disk;
using faulty::DiskModel;
using faulty::note;
using faulty::strikes;

using namespace on_linux;

namespace {

// Tells the model about an opened file.
ResultOf<Handle> noted(int fd, const char* path, bool is_unnamed) {
  const auto opened = handle_of(fd);
  if (!opened || !disk) return opened;
  Facts facts;
  static_cast<void>(faulty::as_original(facts_of(fd, facts), facts));
  note([&](DiskModel& model) { model.open(opened.value, path, is_unnamed, facts); });
  return opened;
}

// The current path of a held folder's entry.
std::string path_in(Handle folder, const char* name) {
  return std::filesystem::read_symlink(OpenFileName(fd_of(folder)).text) / name;
}

// After a successful call, changes the model too.
template <typename Change>
Result noted(int returned, const Change& change) {
  const Result done = result_of(returned);
  if (done) note(change);
  return done;
}

}  // namespace

bool means_quota_exceeded(std::errc reason) {
  return reason == std::errc{EDQUOT};
}

ResultOf<Handle> open_existing(const char* path, Access access, Links links) {
  if (strikes(Call::open)) return {Handle::none, last_reason()};
  const int fd = ::open(path, flags_of(access, links));
  const int reason = errno;
  faulty::count_open(fd);
  errno = reason;
  return noted(fd, path, false);
}

ResultOf<Handle> open_folder(const char* path, Links links) {
  if (strikes(Call::open)) return {Handle::none, last_reason()};
  return noted(::open(path, folder_flags | flags_of(links)), path, false);
}

ResultOf<Handle> create_new(const char* path, uint32_t mode) {
  if (strikes(Call::open, true)) return {Handle::none, last_reason()};
  return noted(::open(path, new_file_flags, mode), path, false);
}

ResultOf<Handle> create_unnamed(const char* folder, uint32_t mode) {
  if (strikes(Call::open, true)) return {Handle::none, last_reason()};
  if (!faulty::unnamed_files) return {Handle::none, std::errc::operation_not_supported};
  const auto made = noted(::open(folder, unnamed_flags, mode), folder, true);
  if (!made || (!strikes(Call::facts) && has_open_file_name(fd_of(made.value)))) return made;
  const std::errc reason = last_reason();
  static_cast<void>(close(made.value));
  return {Handle::none, reason};
}

void sweep_unnamed(const char*) {}

Result close(Handle file) {
  note([&](DiskModel& model) { model.close(file); });
  const bool fails = strikes(Call::close);
  const Result failed{last_reason()};
  const Result done = result_of(::close(fd_of(file)));
  return fails ? failed : done;
}

ResultOf<Handle> duplicate(Handle file) {
  if (strikes(Call::duplicate)) return {Handle::none, last_reason()};
  const auto second = handle_of(::fcntl(fd_of(file), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (second) note([&](DiskModel& model) { model.duplicate(file, second.value); });
  return second;
}

ResultOf<size_t> read(Handle file, void* buffer, size_t bytes, int64_t offset) {
  if (strikes(Call::pread)) return {0, last_reason()};
  return count_of(::pread(fd_of(file), buffer, bytes, offset));
}

ResultOf<size_t> write(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  if (strikes(Call::pwrite)) {
    if (!faulty::halves(bytes)) return {0, last_reason()};
    bytes /= 2;
  }
  const auto put = count_of(::pwrite(fd_of(file), buffer, bytes, offset));
  faulty::die_after_half();
  if (put.value == 0) return put;
  faulty::count_written(static_cast<int64_t>(put.value));
  note([&](DiskModel& model) {
    model.write(file, offset, {static_cast<const char*>(buffer), put.value});
  });
  return put;
}

ResultOf<size_t> write_through(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  return write(file, buffer, bytes, offset);
}

Result flush(Handle file) {
  if (strikes(Call::fsync)) return {last_reason()};
  // Only the model's disk matters: do not wait for the real one.
  note([&](DiskModel& model) { model.sync(file); });
  return {};
}

Result flush_folder(Handle folder) {
  return flush(folder);
}

Result resize(Handle file, int64_t size) {
  if (strikes(Call::ftruncate)) return {last_reason()};
  return noted(::ftruncate(fd_of(file), size), [&](DiskModel& model) { model.resize(file, size); });
}

Result reserve(Handle file, int64_t offset, int64_t bytes) {
  if (strikes(Call::fallocate)) return {last_reason()};
  return noted(::fallocate(fd_of(file), 0, offset, bytes), [&](DiskModel& model) {
    Facts facts;
    if (facts_of(fd_of(file), facts)) model.resize(file, facts.size);
  });
}

void will_need(Handle, int64_t, int64_t) {}

Result facts(Handle file, Facts& found) {
  if (strikes(Call::facts)) return {last_reason()};
  const Result known = facts_of(fd_of(file), found);
  faulty::count(&faulty::Looks::looked_at, known, found);
  return faulty::as_original(known, found);
}

Result facts(const char* path, Links links, Facts& found) {
  if (strikes(Call::facts)) return {last_reason()};
  const Result known = facts_at(path, links, found);
  faulty::count(&faulty::Looks::looked_at, known, found);
  return faulty::as_original(known, found);
}

int64_t file_clock() {
  return coarse_time();
}

// Never fails in a test: a path that cannot be read is not a link.
ResultOf<size_t> read_link(const char* path, char* buffer, size_t bytes) {
  return count_of(::readlink(path, buffer, bytes));
}

ResultOf<size_t> real_path(const char* path, char* buffer, size_t bytes) {
  return real_path_of(path, buffer, bytes);
}

ResultOf<Handle> hold_folder(const char* path, Links links) {
  if (strikes(Call::open)) return {Handle::none, last_reason()};
  return handle_of(open_to_hold(path, links));
}

ResultOf<Handle> open_in(Handle folder, const char* name, Access access) {
  if (strikes(Call::open)) return {Handle::none, last_reason()};
  const int fd = ::openat(fd_of(folder), name, flags_of(access, Links::no_follow));
  // A rollback without memory opens files too.
  return fd < 0 || !disk ? handle_of(fd) : noted(fd, path_in(folder, name).c_str(), false);
}

Result facts_in(Handle folder, const char* name, Facts& found) {
  if (strikes(Call::facts)) return {last_reason()};
  return faulty::as_original(facts_of_entry(fd_of(folder), name, found), found);
}

Result replace_in(Handle folder, const char* from, const char* to) {
  if (strikes(Call::rename)) return {last_reason()};
  return noted(::renameat(fd_of(folder), from, fd_of(folder), to),
               [&](DiskModel& model) { model.rename(path_in(folder, from), path_in(folder, to)); });
}

Result rename_new_in(Handle folder, const char* from, const char* to) {
  if (strikes(Call::rename_new)) return {last_reason()};
  return noted(rename_new_at(fd_of(folder), from, to),
               [&](DiskModel& model) { model.rename(path_in(folder, from), path_in(folder, to)); });
}

Result remove_in(Handle folder, const char* name) {
  if (strikes(Call::unlink)) return {last_reason()};
  return noted(::unlinkat(fd_of(folder), name, 0),
               [&](DiskModel& model) { model.remove(path_in(folder, name)); });
}

Result may(const char* path, Wish wish) {
  if (strikes(Call::may)) return {last_reason()};
  if (Facts found; wish == Wish::change_file)
    faulty::count(&faulty::Looks::looked_at, facts_at(path, Links::follow, found), found);
  return result_of(allows(path, wish));
}

Result publish(Handle file, const char* to) {
  if (strikes(Call::link)) return {last_reason()};
  return noted(link_open(fd_of(file), to), [&](DiskModel& model) { model.link_open(file, to); });
}

Result replace(const char* from, const char* to) {
  if (strikes(Call::rename)) return {last_reason()};
  if (faulty::pinned_folders && has_open_files(from)) return {std::errc::permission_denied};
  return noted(::rename(from, to), [&](DiskModel& model) { model.rename(from, to); });
}

bool replaces_at_once(const char*) {
  return true;
}

Result rename_new(const char* from, const char* to) {
  if (strikes(Call::rename_new)) return {last_reason()};
  return noted(rename_new_at(AT_FDCWD, from, to),
               [&](DiskModel& model) { model.rename(from, to); });
}

Result exchange(const char* one, const char* other) {
  if (strikes(Call::exchange)) return {last_reason()};
  if (!faulty::exchanges) return {std::errc::function_not_supported};
  return noted(exchange_names(one, other), [&](DiskModel& model) { model.exchange(one, other); });
}

Result add_name(const char* of, const char* further) {
  if (strikes(Call::link)) return {last_reason()};
  return noted(::link(of, further), [&](DiskModel& model) { model.link(of, further); });
}

Result remove(const char* path) {
  if (strikes(Call::unlink)) return {last_reason()};
  return noted(::unlink(path), [&](DiskModel& model) { model.remove(path); });
}

Result make_folder(const char* path, uint32_t mode) {
  if (strikes(Call::mkdir)) return {last_reason()};
  return noted(::mkdir(path, mode), [&](DiskModel& model) { model.make_folder(path); });
}

Result remove_folder(const char* path) {
  if (strikes(Call::rmdir)) return {last_reason()};
  return noted(::rmdir(path), [&](DiskModel& model) { model.remove(path); });
}

Result list(const char* folder, void (*take)(void* user, const char* name), void* user) {
  if (strikes(Call::open)) return {last_reason()};
  return walk_folder(folder, take, user);
}

Result set_mode(Handle file, uint32_t mode) {
  if (strikes(Call::fchmod)) return {last_reason()};
  return result_of(::fchmod(fd_of(file), mode));
}

Result set_owner(Handle file, uint32_t owner, uint32_t group) {
  if (strikes(Call::fchown)) return {last_reason()};
  return result_of(::fchown(fd_of(file), owner, group));
}

ResultOf<size_t> attribute_names(const char* path, char* names, size_t bytes) {
  if (strikes(Call::xattr)) return {0, last_reason()};
  return count_of(::listxattr(path, names, bytes));
}

ResultOf<size_t> attribute(const char* path, const char* name, void* value, size_t bytes) {
  if (strikes(Call::xattr)) return {0, last_reason()};
  return count_of(::getxattr(path, name, value, bytes));
}

ResultOf<size_t> attribute(Handle file, const char* name, void* value, size_t bytes) {
  if (strikes(Call::xattr)) return {0, last_reason()};
  return count_of(::fgetxattr(fd_of(file), name, value, bytes));
}

Result set_attribute(Handle file, const char* name, const void* value, size_t bytes) {
  if (strikes(Call::xattr, true)) return {last_reason()};
  return result_of(::fsetxattr(fd_of(file), name, value, bytes, 0));
}

Result remove_attribute(Handle file, const char* name) {
  if (strikes(Call::xattr, true)) return {last_reason()};
  return result_of(::fremovexattr(fd_of(file), name));
}

Result lock(Handle file, Lock kind, int64_t byte, bool wait) {
  if (strikes(Call::lock)) return {last_reason()};
  return lock_byte(fd_of(file), kind, byte, wait);
}

ResultOf<bool> is_locked(Handle file, int64_t byte) {
  if (strikes(Call::lock)) return {false, last_reason()};
  return byte_is_locked(fd_of(file), byte);
}

Result fill_random(std::span<unsigned char> bytes) {
  return result_of(::getentropy(bytes.data(), bytes.size()));
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
