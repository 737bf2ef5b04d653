#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "status.h"

namespace swr::tool {
namespace {

int open_folder(const char* path) {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Whether it is this user's own, as mkdtemp() makes it.
bool is_private(int folder) {
  struct stat facts {};
  return fstat(folder, &facts) == 0 && facts.st_uid == geteuid() && (facts.st_mode & 077) == 0;
}

// By descriptor: no link that somebody put in the place of the folder is followed.
void remove_files(int folder, std::string_view of_ours) noexcept {
  const std::unique_ptr<DIR, int (*)(DIR*)> list(fdopendir(dup(folder)), closedir);
  if (!list) return;
  while (const dirent* entry = readdir(list.get())) {
    if (std::string_view(entry->d_name).find(of_ours) != std::string_view::npos)
      unlinkat(folder, entry->d_name, 0);
  }
}

}  // namespace

uint64_t name_count(const std::filesystem::path& path) {
  std::error_code unknown;
  const auto names = std::filesystem::hard_link_count(path, unknown);
  return unknown ? 0 : names;
}

std::filesystem::path path_of(const std::string& name) {
  return name;
}

std::string text_of(const std::filesystem::path& path) {
  return path.string();
}

std::FILE* create_file(const std::string& name) {
  const int descriptor = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
}

Descriptor::Descriptor(const std::string& path, For what)
    : number_(open(path.c_str(),
                   O_CLOEXEC | (what == For::reading ? O_RDONLY : O_WRONLY | O_CREAT | O_EXCL),
                   0600)) {
  const int code = errno;
  if (number_ < 0)
    throw Failure(SWR_ERROR_IO, path + ": could not be opened: " + std::strerror(code));
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

std::string name_of(int descriptor) {
  std::error_code none;
  const auto path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), none);
  return none ? "" : path.string();
}

bool is_ready(int descriptor) {
  pollfd waits{descriptor, POLLIN, 0};
  const int ready = poll(&waits, 1, 500);  // a signal may come just before the wait
  return ready > 0 || (ready < 0 && errno != EINTR);
}

std::string temporary_folder() {
  const char* const chosen = std::getenv("TMPDIR");
  return chosen && *chosen ? chosen : "/var/tmp";
}

int make_private_folder(const std::string& parent, std::string_view prefix, std::string& path) {
  path = parent + "/" + std::string(prefix) + "XXXXXX";
  if (!mkdtemp(path.data())) return -1;
  const int folder = open_folder(path.c_str());
  if (folder < 0) {
    if (errno == ENOENT) errno = EAGAIN;
    return -1;
  }
  // A file system without locks has no process that takes the folder for a dead one.
  const bool is_taken = flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (!is_taken && is_file_of(folder, path)) return folder;
  close(folder);
  errno = EAGAIN;
  return -1;
}

void remove_private_folder(const std::string& path, std::string_view of_ours) noexcept {
  const Descriptor folder(open_folder(path.c_str()));
  if (folder.number() < 0) return;
  remove_files(folder.number(), of_ours);
  rmdir(path.c_str());
}

void remove_dead_folder(const std::string& path, std::string_view of_ours) noexcept {
  const Descriptor folder(open_folder(path.c_str()));
  if (folder.number() < 0 || !is_private(folder.number())) return;
  if (flock(folder.number(), LOCK_EX | LOCK_NB) != 0) return;  // it is in use
  remove_files(folder.number(), of_ours);
  rmdir(path.c_str());
}

}  // namespace swr::tool
