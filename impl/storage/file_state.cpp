#include "storage/file_state.h"

#include <algorithm>

#include "storage/platform.h"

namespace swr {

int64_t FileState::now() {
  return system::file_clock();
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

// Every later change has a stamp of taken_ - tick_ or later. The clock of another machine may be
// ahead; if it is by more than a few ticks, the stamps tell nothing, and waiting would not help.
bool FileState::is_settled() const {
  constexpr int64_t most_ahead = 100'000'000;
  const int64_t age = taken_ - changed_;
  return size_ < 0 || age > tick_ || age < -std::max(tick_, most_ahead);
}

}  // namespace swr
