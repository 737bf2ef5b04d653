#include "storage/lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "storage/system.h"

namespace swr {

namespace {

// Not open if there is no regular file, or none that the system lets be opened: what cannot be
// opened cannot be changed, only replaced. An exclusive lock needs a file that is open for writing.
File open_to_lock(const std::string& path, bool& for_writing) {
  std::string kept = path;
  system::Facts facts;
  if (system::facts(path.c_str(), &facts) == 0 && !S_ISREG(facts.mode)) return {};
  const int always = O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW;
  int fd = -1;
  if (for_writing) fd = system::open(path.c_str(), O_RDWR | always, 0);
  if (fd < 0) {
    for_writing = false;
    fd = system::open(path.c_str(), O_RDONLY | always, 0);
  }
  const int reason = errno;
  if (fd < 0 && reason != ENOENT && reason != ENOTDIR && reason != EACCES && reason != EPERM)
    SystemFailure(reason).fail(path, "open it to lock it");
  return {fd, std::move(kept)};
}

bool locks_are_missing(int reason) {
  return reason == ENOLCK || reason == EOPNOTSUPP || reason == ENOTSUP || reason == ENOSYS ||
         reason == EINVAL;
}

}  // namespace

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
  while (system::lock(file.descriptor(), kind, lock_of_change, waits_) != 0) {
    const int reason = errno;
    if (reason == EINTR) continue;
    if (locks_are_missing(reason)) return;
    if (reason != EAGAIN && reason != EACCES) SystemFailure(reason).fail(file.path(), "lock it");
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
