#include "storage/unnamed_file.h"

#include "base/error.h"
#include "storage/identity.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/platform.h"
#include "storage/sweep.h"

namespace swr {

namespace {

constexpr int most_unnamed_tries = 100;

// The file is not open if the system does not support this, or could not give it a name later.
File open_unnamed(const std::string& beside, uint32_t mode) {
  std::string kept = beside;
  const auto made = system::create_unnamed(folder_of(beside).c_str(), mode);
  return {made.value, std::move(kept)};
}

// False if another process, which looks for abandoned files, locked it first and will remove it.
// Where there are no locks, no process does that.
bool lock_temporary(const File& file, const std::string& name) {
  while (true) {
    const auto done = system::lock(file.descriptor(), system::Lock::exclusive, lock_of_life, false);
    if (done || locks_are_missing(done.reason)) break;
    if (done.reason == std::errc::interrupted) continue;
    if (is_held_by_another(done.reason)) return false;
    SystemFailure(done.reason).fail(file.path(), "lock its new file");
  }
  return is_named(identity_of(file), name);
}

}  // namespace

UnnamedFile make_unnamed_file(const std::string& beside, uint32_t mode, const char* what) {
  if (File file = open_unnamed(beside, mode); file.is_open()) {
    system::sweep_unnamed(folder_of(beside).c_str());
    return {std::move(file), {}};
  }
  return make_temporary_file(beside, mode, what, temporary_name);
}

UnnamedFile make_temporary_file(const std::string& beside, uint32_t mode, const char* what,
                                std::string (*name_for)(const std::string& beside)) {
  for (int tries = 0; tries < most_unnamed_tries; ++tries) {
    std::string kept = beside, name = name_for(beside);
    const auto made = system::create_new(name.c_str(), mode);
    if (made.reason == std::errc::file_exists || made.reason == std::errc::interrupted) continue;
    if (!made) SystemFailure(made.reason).fail(beside, what);
    File file(made.value, std::move(kept));
    try {
      if (lock_temporary(file, name)) return {std::move(file), std::move(name)};
    } catch (...) {
      static_cast<void>(system::remove(name.c_str()));
      throw;
    }
  }
  SystemFailure(std::errc::file_exists).fail(beside, "find a free name in its folder");
}

File make_scratch_file(const std::string& beside) {
  const std::string target = follow_links(beside);
  UnnamedFile made = make_unnamed_file(target, 0600, "create a file in its folder");
  made.file.is_called(text("a file without a name beside ", target));  // it is not the image
  if (made.name.empty()) return std::move(made.file);
  sweep(target);
  const auto removed = system::remove(made.name.c_str());
  if (removed) return std::move(made.file);
  static_cast<void>(system::remove(made.name.c_str()));
  SystemFailure(removed.reason).fail(made.name, "remove its name");
}

}  // namespace swr
