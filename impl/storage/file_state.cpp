#include "storage/file_state.h"

#include <chrono>
#include <cstdlib>

#include "storage/platform.h"

namespace swr {

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
  state.tick_ = facts.tick;
  return state;
}

bool FileState::is_same_file(const FileState& other) const {
  return device_ == other.device_ && inode_ == other.inode_ && (size_ < 0) == (other.size_ < 0);
}

bool FileState::is_same(const FileState& other) const {
  return is_same_file(other) && size_ == other.size_ && changed_ == other.changed_ &&
         modified_ == other.modified_;
}

// The file system's clock may be another machine's. If it differs by a few ticks, this test still
// works; if it differs by more, the times tell nothing, and waiting would not help.
bool FileState::is_settled() const {
  return size_ < 0 || std::abs(taken_ - changed_) > tick_;
}

}  // namespace swr
