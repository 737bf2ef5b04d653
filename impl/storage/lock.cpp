#include "storage/lock.h"

#include <algorithm>

#include "base/error.h"
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

FileLocks::FileLocks(OpenFiles& files, bool waits)
    : files_(files), waits_(waits), process_(system::process()) {}

FileLocks::Held* FileLocks::find(const File& file) {
  const auto found =
      std::ranges::find_if(held_, [&](const Held& held) { return held.file.get() == &file; });
  return found == held_.end() ? nullptr : &*found;
}

// What cannot be opened cannot be changed, only replaced. An exclusive lock needs a file that is open
// for writing.
system::Lock FileLocks::kind_of(const std::string& path, Mode mode) const {
  return mode == Mode::exclusive && files_.is_writable(path) ? system::Lock::exclusive
                                                             : system::Lock::shared;
}

bool FileLocks::try_to_take(const std::string& path, Mode mode) {
  const std::shared_ptr<File> file = files_.hold(path);
  if (!file) return true;
  Held* const held = find(*file);
  if (held && (held->mode == Mode::exclusive || mode == Mode::shared)) return true;
  if (!try_to_lock(*file, kind_of(path, mode), false)) return false;
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

void FileLocks::take(const std::string& path, Mode mode) {
  while (!try_to_take(path, mode)) {
    const std::shared_ptr<File> file = files_.hold(path);
    if (!file) return;
    // Two that hold it and wait to hold it alone would wait for ever.
    if (Held* const held = find(*file)) {
      unlock(*file);
      held_.erase(held_.begin() + (held - held_.data()));
    }
    lock(*file, kind_of(path, mode), mode);
    // Whoever was waited for may have replaced the file.
    if (!files_.is_still_named(path)) {
      unlock(*file);
      continue;
    }
    held_.push_back({file, mode});
    return;
  }
}

// False if another write holds it.
bool FileLocks::try_to_lock(const File& file, system::Lock kind, bool waits) const {
  while (true) {
    const auto done = system::lock(file.descriptor(), kind, lock_of_change, waits);
    if (done || locks_are_missing(done.reason)) return true;
    if (is_held_by_another(done.reason)) return false;
    if (done.reason != std::errc::interrupted)
      SystemFailure(done.reason).fail(file.path(), "lock it");
  }
}

void FileLocks::lock(const File& file, system::Lock kind, Mode wanted) const {
  if (try_to_lock(file, kind, waits_)) return;
  fail(SWR_ERROR_BUSY, file.path(),
       wanted == Mode::exclusive
           ? ": another write is changing the file, and this one needs it for itself"
           : ": another write needs the file for itself",
       "; try again when that is done, or set the option \"lock\" to \"wait\"");
}

void FileLocks::unlock(const File& file) noexcept {
  static_cast<void>(system::lock(file.descriptor(), system::Lock::none, lock_of_change, false));
}

// A child of fork() has the same open files: it must not release what its parent holds, and the
// parent's locks must not last as long as the child.
void FileLocks::release() noexcept {
  if (system::process() == process_) {
    for (const Held& held : held_) unlock(*held.file);
  }
  held_.clear();
}

}  // namespace swr
