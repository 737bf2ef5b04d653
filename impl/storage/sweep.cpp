#include "storage/sweep.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "storage/file.h"
#include "storage/identity.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/system.h"

namespace swr {

namespace {

bool may_be_swept(const system::Facts& facts) {
  const uint32_t user = system::effective_user();
  return S_ISREG(facts.mode) && facts.links == 1 && (user == 0 || facts.owner == user);
}

void remove_abandoned(const std::string& name) {
  system::Facts facts;
  if (system::facts(name.c_str(), &facts) != 0 || !may_be_swept(facts)) return;
  std::string kept = name;
  const int fd = system::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0) return;
  const File file(fd, std::move(kept));
  if (system::lock(fd, system::Lock::exclusive, lock_of_life, false) != 0) return;
  // What is locked is what has the name: another one could have got it meanwhile.
  if (system::facts(fd, &facts) != 0 || !may_be_swept(facts) || !is_named(identity_of(file), name))
    return;
  static_cast<void>(system::unlink(name.c_str()));
}

// The paths of those in the folder of `path` whose names are such.
template <typename IsSuch>
std::vector<std::string> files_beside(const std::string& path, const IsSuch& is_such) {
  std::vector<std::string> names;
  for (const std::string& name : names_in(folder_of(path))) {
    if (is_such(name)) names.push_back(sibling(path, name));
  }
  return names;
}

}  // namespace

void sweep(const std::string& path) noexcept {
  try {
    for (const std::string& name :
         files_beside(path, [&](const std::string& name) { return is_temporary_name(name, path); }))
      remove_abandoned(name);
  } catch (const std::exception&) {
  }
}

std::vector<std::string> staged_files_of(const std::string& path) {
  return files_beside(path, [&](const std::string& name) { return is_staging_name(name, path); });
}

bool is_being_made(const std::string& staged) noexcept {
  const int fd = system::open(staged.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool is_held = system::is_locked(fd, lock_of_life) > 0;
  system::close(fd);
  return is_held;
}

}  // namespace swr
