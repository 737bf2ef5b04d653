#include "storage/lock.h"

#include <algorithm>

#include "base/error.h"
#include "storage/platform.h"

namespace swr {

namespace {

// Not open if there is no regular file, or none that the system lets be opened: what cannot be
// opened cannot be changed, only replaced. An exclusive lock needs a file that is open for writing.
File open_to_lock(const std::string& path, bool& for_writing) {
  std::string kept = path;
  system::Facts facts;
  if (system::facts(path.c_str(), system::Links::no_follow, facts) &&
      facts.kind != system::Facts::Kind::file)
    return {};
  const auto open = [&](system::Access access) {
    return system::open_existing(path.c_str(), access, system::Links::no_follow);
  };
  auto opened = open(for_writing ? system::Access::change : system::Access::read);
  if (!opened && for_writing) {
    for_writing = false;
    opened = open(system::Access::read);
  }
  if (!opened && !system::means_absent(opened.reason) &&
      opened.reason != std::errc::permission_denied &&
      opened.reason != std::errc::operation_not_permitted)
    SystemFailure(opened.reason).fail(path, "open it to lock it");
  return {opened.value, std::move(kept)};
}

}  // namespace

bool is_held_by_another(std::errc reason) {
  return reason == std::errc::resource_unavailable_try_again ||
         reason == std::errc::permission_denied;
}

bool locks_are_missing(std::errc reason) {
  return reason == std::errc::no_lock_available || reason == std::errc::operation_not_supported ||
         reason == std::errc::not_supported || reason == std::errc::function_not_supported ||
         reason == std::errc::invalid_argument;
}

FileLocks::FileLocks(bool waits) : waits_(waits), process_(system::process()) {}

void FileLocks::take(const std::string& path, Mode mode) {
  const std::string target = follow_links(path);
  while (true) {
    bool for_writing = mode == Mode::exclusive;
    File file = open_to_lock(target, for_writing);
    if (!file.is_open()) return;
    const Identity identity = identity_of(file);
    const auto is_it = [&](const Held& held) { return held.identity.is_of(identity, true); };
    const auto held = std::ranges::find_if(held_, is_it);
    if (held != held_.end() && (held->mode == Mode::exclusive || mode == Mode::shared)) return;
    if (held != held_.end()) held_.erase(held);  // it would be in its own way
    lock(file, for_writing ? system::Lock::exclusive : system::Lock::shared, mode);
    // Whoever was waited for may have replaced the file.
    if (!is_named(identity, target)) continue;
    held_.push_back({std::move(file), identity, mode});
    return;
  }
}

void FileLocks::lock(const File& file, system::Lock kind, Mode wanted) const {
  while (true) {
    const auto done = system::lock(file.descriptor(), kind, lock_of_change, waits_);
    if (done) return;
    if (done.reason == std::errc::interrupted) continue;
    if (locks_are_missing(done.reason)) return;
    if (!is_held_by_another(done.reason)) SystemFailure(done.reason).fail(file.path(), "lock it");
    fail(SWR_ERROR_BUSY, file.path(),
         wanted == Mode::exclusive
             ? ": another write is changing the file, and this one needs it for itself"
             : ": another write needs the file for itself",
         "; try again when that is done, or set the option \"lock\" to \"wait\"");
  }
}

// A child of fork() has the same open files: it must not release what its parent holds, and the
// parent's locks must not last as long as the child.
void FileLocks::release() noexcept {
  if (system::process() == process_) {
    for (const Held& held : held_)
      static_cast<void>(
          system::lock(held.file.descriptor(), system::Lock::none, lock_of_change, false));
  }
  held_.clear();
}

}  // namespace swr
