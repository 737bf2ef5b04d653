#include "storage/file_state.h"

#include <chrono>
#include <cstdlib>

#include "storage/platform.h"

namespace swr {
namespace {

// Linux updates the clock of its file systems 100 to 1000 times a second.
constexpr int64_t longest_tick = 20'000'000;

}  // namespace

int64_t FileState::now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

FileState FileState::of(const std::string& path) {
  FileState absent;
  absent.taken_ = now();
  system::Facts facts;
  if (!system::facts(path.c_str(), system::Links::follow, facts)) return absent;
  return of(facts, absent.taken_);
}

FileState FileState::of(const system::Facts& facts, int64_t taken) {
  FileState state;
  state.taken_ = taken;
  state.device_ = facts.device;
  state.inode_ = facts.inode;
  state.size_ = facts.size;
  state.changed_ = facts.changed;
  state.modified_ = facts.modified;
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
