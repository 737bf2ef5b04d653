#include "storage/names.h"

#include <limits.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>

#include "base/error.h"
#include "storage/file.h"
#include "storage/system.h"

namespace swr {

namespace {

constexpr std::string_view mark = ".swr-";
constexpr size_t random_count = 10;

// What a name stands for; nothing if there is none. False if the system did not tell, which must
// never be taken for "there is none".
bool look(const std::string& path, std::optional<struct stat>& result) noexcept {
  struct stat facts;
  result.reset();
  if (system::stat(path.c_str(), &facts) == 0) {
    result = facts;
    return true;
  }
  return errno == ENOENT;
}

bool remove(const std::string& path) noexcept {
  return system::unlink(path.c_str()) == 0 || errno == ENOENT;
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

bool take_back(const GivenName& name) noexcept {
  if (!name.old.empty()) {
    // Two names of one file: rename() then does nothing, and the second name is left to remove.
    if (system::rename(name.old.c_str(), name.final_path.c_str()) != 0 && errno != ENOENT)
      return false;
    return remove(name.old) && (name.retires() || remove(name.staging));
  }
  if (name.replaces) return system::unlink(name.staging.c_str()) == 0;
  std::optional<struct stat> staged, named;
  if (!look(name.staging, staged) || !look(name.final_path, named)) return false;
  const bool is_ours =
      named && (!staged || (staged->st_ino == named->st_ino && staged->st_dev == named->st_dev));
  return (!is_ours || remove(name.final_path)) && remove(name.staging);
}

bool drop_old(const GivenName& name) noexcept {
  return name.old.empty() || remove(name.old);
}

}  // namespace swr
