#include "storage/lock.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "storage/identity.h"
#include "storage/platform.h"

namespace swr {

bool is_held_by_another(std::errc reason) {
  return reason == std::errc::resource_unavailable_try_again ||
         reason == std::errc::permission_denied;
}

bool locks_are_missing(std::errc reason) {
  return reason == std::errc::no_lock_available || reason == std::errc::operation_not_supported ||
         reason == std::errc::not_supported || reason == std::errc::function_not_supported ||
         reason == std::errc::invalid_argument;
}

FileLocks::FileLocks(OpenFiles& files, bool waits, std::function<bool()> is_cancelled)
    : files_(files),
      waits_(waits),
      is_cancelled_(std::move(is_cancelled)),
      process_(system::process()) {}

FileLocks::Held* FileLocks::find(const File& file) {
  const auto found =
      std::ranges::find_if(held_, [&](const Held& held) { return held.file.get() == &file; });
  return found == held_.end() ? nullptr : &*found;
}

// An exclusive lock needs a file that is open for writing. A file that cannot be opened for writing
// cannot be changed but only replaced.
system::Lock FileLocks::kind_of(const std::string& path, Mode mode) const {
  return mode == Mode::exclusive && files_.is_writable(path) ? system::Lock::exclusive
                                                             : system::Lock::shared;
}

// All writes try the files in one order, that of the files themselves, which may have several
// names. Then a write that gets the first one gets the others too, unless another image has them.
std::vector<std::string> FileLocks::in_order(const Needs& needs) {
  std::vector<std::tuple<uint64_t, uint64_t, std::string>> files;
  for (const auto& [path, mode] : needs) {
    const std::shared_ptr<File> file = files_.hold(path);
    if (!file) continue;
    const Identity id = identity_of(*file);
    files.emplace_back(id.device, id.inode, path);
  }
  std::ranges::sort(files);
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (auto& [device, inode, path] : files) paths.push_back(std::move(path));
  return paths;
}

// Without waiting, and without releasing the old lock in an upgrade. False if another write holds
// the file, or another file has the name now.
bool FileLocks::try_to_take(const std::string& path, Mode mode) {
  const std::shared_ptr<File> file = files_.hold(path);
  if (!file) return true;
  Held* const held = find(*file);
  if (held && (held->mode == Mode::exclusive || mode == Mode::shared)) return true;
  if (!try_to_lock(*file, kind_of(path, mode), lock_of_change, false)) return false;
  if (held) {
    held->mode = mode;
    return true;
  }
  if (!files_.is_still_named(path)) {
    unlock(*file);
    return false;
  }
  held_.push_back({file, mode});
  return true;
}

void FileLocks::take(const Needs& needs) {
  for (bool is_done = false; !is_done;) {
    is_done = true;
    for (const std::string& path : in_order(needs)) {
      if (try_to_take(path, needs.at(path))) continue;
      take_first(path, needs.at(path));
      is_done = false;
      break;
    }
  }
}

// Takes the lock of a file that another write holds, before any other.
void FileLocks::take_first(const std::string& path, Mode mode) {
  const std::shared_ptr<File> file = files_.hold(path);
  if (!file) return;
  // Two writes that hold shared locks, also of other files, and want exclusive ones would both be
  // refused.
  waits_ ? release() : release_shared();
  lock(*file, kind_of(path, mode), mode);
  // The write that held the lock may have replaced the file.
  if (files_.is_still_named(path)) {
    held_.push_back({file, mode});
  } else {
    unlock(*file);
  }
}

// False if another write holds the lock.
bool FileLocks::try_to_lock(const File& file, system::Lock kind, int64_t which, bool waits) {
  while (true) {
    const auto done = system::lock(file.descriptor(), kind, which, waits);
    if (done || locks_are_missing(done.reason)) return true;
    if (is_held_by_another(done.reason)) return false;
    if (done.reason != std::errc::interrupted)
      SystemFailure(done.reason).fail(file.path(), "lock it");
  }
}

void FileLocks::lock(const File& file, system::Lock kind, Mode wanted) const {
  if (waits_ && is_cancelled_) return wait_for_lock(file, kind, lock_of_change);
  if (try_to_lock(file, kind, lock_of_change, waits_)) return;
  fail(SWR_ERROR_BUSY, file.path(),
       wanted == Mode::exclusive
           ? ": another write is changing the file, and this one needs exclusive access"
           : ": another write has exclusive access to the file",
       "; try again when that is done, or set the option \"lock\" to \"wait\"");
}

// Tries again and again: a call of the system that waits cannot be ended.
void FileLocks::wait_for_lock(const File& file, system::Lock kind, int64_t which) const {
  constexpr auto longest_pause = std::chrono::milliseconds(20);
  auto pause = std::chrono::milliseconds(1);
  while (!try_to_lock(file, kind, which, false)) {
    if (is_cancelled_ && is_cancelled_())
      fail(SWR_CANCELLED, file.path(), ": cancelled while it waited for another write of the file");
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, longest_pause);
  }
}

FileLocks::Turn::Turn(FileLocks& locks, const std::string& path)
    : process_(system::process()), file_(locks.files_.hold(path)) {
  if (file_) locks.wait_for_lock(*file_, locks.kind_of(path, Mode::exclusive), lock_of_turn);
}

FileLocks::Turn::~Turn() {
  if (file_ && system::process() == process_)
    static_cast<void>(system::lock(file_->descriptor(), system::Lock::none, lock_of_turn, false));
}

void FileLocks::unlock(const File& file) noexcept {
  static_cast<void>(system::lock(file.descriptor(), system::Lock::none, lock_of_change, false));
}

// A child of fork() shares the open files: it must not release its parent's locks, and the parent
// must release them explicitly, because otherwise they last as long as the child.
void FileLocks::release() noexcept {
  if (system::process() == process_) {
    for (const Held& held : held_) unlock(*held.file);
  }
  held_.clear();
}

void FileLocks::release_shared() noexcept {
  if (system::process() != process_) return;
  std::erase_if(held_, [](const Held& held) {
    if (held.mode == Mode::shared) unlock(*held.file);
    return held.mode == Mode::shared;
  });
}

void FileLocks::forget_unlocked() {
  files_.forget_others([&](const File& file) { return find(file) != nullptr; });
}

}  // namespace swr
