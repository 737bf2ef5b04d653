#include "engine/watch.h"

#include <algorithm>
#include <thread>

#include "storage/undo.h"

namespace swr {
namespace {

constexpr auto longest_wait = std::chrono::seconds(20);
constexpr auto longest_moment = std::chrono::milliseconds(50);

}  // namespace

FileState Watch::add(const std::string& path, OpenFiles& files) {
  return files_.emplace_back(path, files.state_of(path)).second;
}

void Watch::add_missing(const std::string& path) {
  files_.emplace_back(path, FileState());
  if (has_journal(path)) add_journal(path);
}

// The journals come first: a change whose journal is gone by now has written all its bytes, and the
// files' times show them. Asked the other way round, a change that ends in between is missed.
bool Watch::is_disturbed() const {
  if (std::ranges::any_of(journal_paths_, is_being_changed)) return true;
  return std::any_of(files_.begin(), files_.end(), [](const auto& file) {
    return !file.second.is_settled() || !file.second.is_same(FileState::of(file.first));
  });
}

bool Watch::is_replaced() const {
  return std::any_of(files_.begin(), files_.end(), [](const auto& file) {
    return !file.second.is_same_file(FileState::of(file.first));
  });
}

bool may_be_a_change(const Error& error) {
  switch (error.status()) {
    case SWR_ERROR_CORRUPT:
    case SWR_ERROR_FORMAT:
    case SWR_ERROR_UNSUPPORTED:
    case SWR_ERROR_NOT_FOUND:
    case SWR_ERROR_MISMATCH:
    case SWR_ERROR_INTERNAL: return true;
    default: return false;
  }
}

void Patience::wait(const std::string& path, const std::optional<Error>& trouble) {
  if (std::chrono::steady_clock::now() - begun_ > longest_wait) {
    fail(
        SWR_ERROR_BUSY, path, ": another process or handle is changing the file",
        trouble ? text(", and in its current state it cannot be read (", trouble->what(), ")") : "",
        "; try again when that is done");
  }
  if (is_cancelled_ && is_cancelled_())
    fail(SWR_CANCELLED, path, ": cancelled while it waited for another write of the file");
  std::this_thread::sleep_for(moment_);
  moment_ = std::min<std::chrono::milliseconds>(2 * moment_, longest_moment);
}

}  // namespace swr
