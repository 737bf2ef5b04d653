#include "scratch_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "status.h"

namespace swr::tool {
namespace {

constexpr std::string_view folder_prefix = "swr-stream-";
constexpr std::string_view file_name = "standard-";  // also in the names of the library's new files

[[noreturn]] void fail_folder(const std::string& what) {
  const std::string reason = std::strerror(errno);  // before an allocation changes errno
  throw Failure(SWR_ERROR_IO, what + ": " + reason);
}

// The folder that is asked for, in a spelling that the library's messages have too.
std::string parent_folder() {
  const char* const chosen = std::getenv("TMPDIR");
  const std::string folder = chosen && *chosen ? chosen : "/var/tmp";
  std::error_code none;
  const auto real = std::filesystem::canonical(folder, none);
  return none ? folder : real.string();
}

int open_folder(const char* path) {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Whether it is this user's own, as mkdtemp() makes it.
bool is_private(int folder) {
  struct stat facts {};
  return fstat(folder, &facts) == 0 && facts.st_uid == geteuid() && (facts.st_mode & 077) == 0;
}

// By descriptor: no link that somebody put in the place of the folder is followed.
void remove_files(int folder) noexcept {
  const std::unique_ptr<DIR, int (*)(DIR*)> list(fdopendir(dup(folder)), closedir);
  if (!list) return;
  while (const dirent* entry = readdir(list.get())) {
    if (std::string_view(entry->d_name).find(file_name) != std::string_view::npos)
      unlinkat(folder, entry->d_name, 0);
  }
}

// Removes the folder of a process that was killed.
void remove_dead(const std::string& path) noexcept {
  const Descriptor folder(open_folder(path.c_str()));
  if (folder.number() < 0 || !is_private(folder.number())) return;
  if (flock(folder.number(), LOCK_EX | LOCK_NB) != 0) return;  // it is in use
  remove_files(folder.number());
  rmdir(path.c_str());
}

void remove_dead_folders(const std::string& parent) noexcept {
  try {
    std::error_code none;
    for (std::filesystem::directory_iterator at(parent, none), end; !none && at != end;
         at.increment(none)) {
      if (at->path().filename().string().starts_with(folder_prefix))
        remove_dead(at->path().string());
    }
  } catch (const std::exception&) {
    // They stay for the next time.
  }
}

}  // namespace

Descriptor::Descriptor(const std::string& path, int flags)
    : number_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
  if (number_ < 0) fail_folder(path + ": could not be opened");
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

bool is_file_of(int descriptor, const std::string& path) {
  struct stat open_file {
  }, named{};
  return fstat(descriptor, &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

ScratchFolder::ScratchFolder() : parent_(parent_folder()) {
  remove_dead_folders(parent_);
  constexpr int attempts = 100;
  for (int i = 0; i < attempts; ++i)
    if (try_to_make()) return;
  throw Failure(SWR_ERROR_IO, path_ + ": the private folder was removed by another process");
}

// False if another process, which took the folder for a dead one, removes it before it is locked.
// A file system without locks has no such process.
bool ScratchFolder::try_to_make() {
  path_ = parent_ + "/" + std::string(folder_prefix) + "XXXXXX";
  if (!mkdtemp(path_.data()))
    fail_folder(
        parent_ +
        ": a private folder for the stream could not be made there; set TMPDIR to another folder");
  lock_.emplace(open_folder(path_.c_str()));
  if (lock_->number() < 0) {
    if (errno == ENOENT) return false;
    fail_folder(path_ + ": could not be opened");
  }
  if (flock(lock_->number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  return is_file_of(lock_->number(), path_);
}

void ScratchFolder::remove() noexcept {
  std::error_code none;
  std::filesystem::remove_all(path_, none);
  lock_.reset();
}

}  // namespace swr::tool
