#include "storage/file_state.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>

#include "storage/system.h"

namespace swr {
namespace {

// Linux updates the clock of its file systems 100 to 1000 times a second.
constexpr int64_t longest_tick = 20'000'000;

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int64_t now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

}  // namespace

FileState FileState::of(const std::string& path) {
  FileState state;
  state.taken_ = now();
  struct stat facts;
  if (system::stat(path.c_str(), &facts) != 0) return state;
  state.device_ = facts.st_dev;
  state.inode_ = facts.st_ino;
  state.size_ = facts.st_size;
  state.changed_ = nanoseconds(facts.st_ctim);
  state.modified_ = nanoseconds(facts.st_mtim);
  return state;
}

bool FileState::is_same_file(const FileState& other) const {
  return device_ == other.device_ && inode_ == other.inode_ && (size_ < 0) == (other.size_ < 0);
}

bool FileState::is_same(const FileState& other) const {
  return is_same_file(other) && size_ == other.size_ && changed_ == other.changed_ &&
         modified_ == other.modified_;
}

// A clock that is not this machine's is some ticks before or after; one that is far off says
// nothing, and then it does not matter how long one waits.
bool FileState::is_settled() const {
  return size_ < 0 || std::abs(taken_ - changed_) > longest_tick;
}

}  // namespace swr
