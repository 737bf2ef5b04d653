#include "storage/names.h"

#include <limits.h>
#include <sys/random.h>

#include <cerrno>

#include "base/error.h"
#include "storage/file.h"
#include "storage/system.h"

namespace swr {

namespace {

constexpr std::string_view mark = ".swr-";
constexpr size_t random_count = 10;

// What has a name now. An error of the system must never be taken for "nothing".
enum class Holder { nothing, new_file, old_file, another, unknown };

Holder holder(const std::string& path, const GivenName& name, bool same_boot) noexcept {
  try {
    const auto there = identity_at(path);
    if (!there) return Holder::nothing;
    if (name.staged_id.is_of(*there, same_boot)) return Holder::new_file;
    if (name.old_id.is_of(*there, same_boot)) return Holder::old_file;
    return Holder::another;
  } catch (const std::exception&) {
    return Holder::unknown;
  }
}

// Takes a name away from the file that has it if that is `whose`; false if the system did not let it.
bool remove_if(Holder whose, const std::string& path, const GivenName& name,
               bool same_boot) noexcept {
  if (path.empty()) return true;
  const Holder has_it = holder(path, name, same_boot);
  if (has_it == Holder::unknown) return false;
  return has_it != whose || system::unlink(path.c_str()) == 0 || errno == ENOENT;
}

bool links_are_missing(int reason) {
  return reason == EPERM || reason == EACCES || reason == EOPNOTSUPP || reason == ENOTSUP ||
         reason == ENOSYS || reason == EMLINK;
}

}  // namespace

std::string random_letters() {
  unsigned char bytes[random_count];
  if (::getentropy(bytes, sizeof bytes) != 0)
    SystemFailure(errno).fail("the system's random numbers", "read them");
  std::string letters;
  for (const unsigned char byte : bytes) letters += "abcdefghijklmnopqrstuvwxyz012345"[byte % 32];
  return letters;
}

std::string shortened(std::string name, size_t most) {
  if (name.size() <= most) return name;
  while (most > 0 && (static_cast<unsigned char>(name[most]) & 0xC0) == 0x80) --most;
  name.resize(most);
  return name;
}

std::string staging_name(const std::string& path) {
  const size_t room = NAME_MAX - 1 - mark.size() - random_count;
  return sibling(path, text('.', shortened(name_of(path), room), mark, random_letters()));
}

bool is_staging_name(const std::string& name) {
  const size_t tail = mark.size() + random_count;
  return name.size() > tail && name.front() == '.' &&
         name.compare(name.size() - tail, mark.size(), mark) == 0;
}

void keep_old(GivenName& name, bool may_move) {
  if (name.old.empty() || system::link(name.final_path.c_str(), name.old.c_str()) == 0) return;
  if (!links_are_missing(errno))
    SystemFailure(errno).fail(name.final_path, "give a second name to the old file");
  if (!may_move) {
    name.old.clear();
    return;
  }
  if (system::rename(name.final_path.c_str(), name.old.c_str()) != 0)
    SystemFailure(errno).fail(name.final_path, "set the old file aside");
}

void give_name(const GivenName& name) {
  const int result = name.replaces
                         ? system::rename(name.staging.c_str(), name.final_path.c_str())
                         : system::rename_new(name.staging.c_str(), name.final_path.c_str());
  if (result == 0) return;
  if (errno == EEXIST)
    fail(SWR_ERROR_EXISTS, name.final_path, ": a file of this name has come to be");
  SystemFailure(errno).fail(name.final_path, "give the new file its name");
}

void retire(const GivenName& name) {
  if (system::rename(name.final_path.c_str(), name.old.c_str()) != 0 && errno != ENOENT)
    SystemFailure(errno).fail(name.final_path, "remove the old file");
}

bool take_back(const GivenName& name, bool same_boot) noexcept {
  const Holder final = holder(name.final_path, name, same_boot);
  const Holder kept = name.old.empty() ? Holder::nothing : holder(name.old, name, same_boot);
  if (final == Holder::unknown || kept == Holder::unknown) return false;
  if (kept == Holder::old_file && (final == Holder::new_file || final == Holder::nothing)) {
    if (system::rename(name.old.c_str(), name.final_path.c_str()) != 0) return false;
  } else if (final == Holder::new_file && !name.replaces) {
    if (system::unlink(name.final_path.c_str()) != 0) return false;
  }
  return remove_if(Holder::old_file, name.old, name, same_boot) &&
         remove_if(Holder::new_file, name.staging, name, same_boot);
}

bool drop_old(const GivenName& name, bool same_boot) noexcept {
  return remove_if(Holder::old_file, name.old, name, same_boot);
}

}  // namespace swr
