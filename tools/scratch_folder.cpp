#include "scratch_folder.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include "status.h"

namespace swr::tool {
namespace {

constexpr std::string_view folder_prefix = "swr-stream-";
constexpr std::string_view file_name = "standard-";  // also in the names of the library's new files

// The folder that is asked for, in a spelling that the library's messages have too.
std::string parent_folder() {
  const std::string folder = temporary_folder();
  std::error_code none;
  const auto real = std::filesystem::canonical(path_of(folder), none);
  return none ? folder : text_of(real);
}

// Those of processes that were killed.
void remove_dead_folders(const std::string& parent) noexcept {
  try {
    std::error_code none;
    for (std::filesystem::directory_iterator at(path_of(parent), none), end; !none && at != end;
         at.increment(none)) {
      if (text_of(at->path().filename()).starts_with(folder_prefix))
        remove_dead_folder(text_of(at->path()), file_name);
    }
  } catch (const std::exception&) {
    // They stay for the next time.
  }
}

}  // namespace

ScratchFolder::ScratchFolder() : parent_(parent_folder()) {
  remove_dead_folders(parent_);
  constexpr int attempts = 100;
  for (int i = 0; i < attempts; ++i) {
    const int lock = make_private_folder(parent_, folder_prefix, path_);
    if (lock >= 0) {
      lock_.emplace(lock);
      return;
    }
    if (errno == EAGAIN) continue;
    const std::string reason = std::strerror(errno);
    throw Failure(SWR_ERROR_IO, parent_ +
                                    ": a private folder for the stream could not be made there; "
                                    "set TMPDIR to another folder: " +
                                    reason);
  }
  throw Failure(SWR_ERROR_IO, path_ + ": the private folder was removed by another process");
}

// On Windows the lock must be closed first, and a file that is still being sent keeps its folder
// until the destructor.
void ScratchFolder::remove() noexcept {
  remove_private_folder(path_, file_name);
  if (!lock_) return;
  lock_.reset();
  remove_private_folder(path_, file_name);
}

}  // namespace swr::tool
