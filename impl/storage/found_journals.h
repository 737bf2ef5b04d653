// Finds the journals of a file, and whether their writers live.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "storage/file.h"
#include "storage/identity.h"
#include "storage/journal_format.h"

namespace swr {

// Iterates over the journals of `path`; each one is locked against other recovering processes.
class FoundJournals {
 public:
  // `patience`: how long to wait for another process that is undoing a journal.
  static constexpr std::chrono::milliseconds usual_patience{30'000};
  explicit FoundJournals(const std::string& path,
                         std::chrono::milliseconds patience = usual_patience);

  struct Found {
    enum class State { dead, living, alien };  // alien: cannot be a journal
    File file;
    State state;
    std::errc refused{};  // why it could only be opened for reading
    // While it had its name. On some systems, a file that is removed meanwhile has no device.
    Identity identity{};

    // Ends the lock, so that other processes can look at the journal, and undo it.
    void let_go() noexcept;
  };
  // The next journal; nothing if there are no more. Waits while another process is undoing it;
  // SWR_ERROR_BUSY if that takes too long.
  std::optional<Found> next();
  // Removes the folder of further journals if it is empty.
  void remove_folder() noexcept;

 private:
  std::optional<Found> open(const std::string& name) const;
  std::optional<Found> look(File&& file, std::errc refused) const;

  std::string folder_;
  std::chrono::milliseconds patience_;
  std::vector<std::string> names_;
  size_t at_ = 0;
};

// The system's facts about an open journal.
system::Facts facts_of_journal(const File& journal);
// Marks a found journal as over, after all of it was undone, and removes it.
void end_found(File& journal, const JournalHead& head, JournalFlags flags);
// Removes a journal whose head says that it is over.
void remove_found(File& journal, bool erases) noexcept;

}  // namespace swr
