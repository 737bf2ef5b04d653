// Looks for the journals of a file, and sees whether their writers live.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "storage/file.h"
#include "storage/journal_format.h"

namespace swr {

// The journals of `path`, one after the other; each is locked against others who look.
class FoundJournals {
 public:
  // `patience`: how long it waits for another process that undoes one.
  static constexpr std::chrono::milliseconds usual_patience{30'000};
  explicit FoundJournals(const std::string& path,
                         std::chrono::milliseconds patience = usual_patience);

  struct Found {
    enum class State { dead, living, alien };  // alien: nothing that a journal could be
    File file;
    State state;
    std::errc refused{};  // why it could be opened for reading only
  };
  // The next one; nothing if there are no more. Waits for another process that undoes it;
  // SWR_ERROR_BUSY if that takes too long.
  std::optional<Found> next();
  // Removes the folder of further journals, if it is empty.
  void remove_folder() noexcept;

 private:
  std::optional<Found> open(const std::string& name) const;
  std::optional<Found> look(File&& file, std::errc refused) const;

  std::string folder_;
  std::chrono::milliseconds patience_;
  std::vector<std::string> names_;
  size_t at_ = 0;
};

// What the system says of an open journal.
system::Facts facts_of_journal(const File& journal);
// Ends a journal that was found, and of which all was undone.
void end_found(File& journal, const JournalHead& head, JournalFlags flags);
// Removes one whose head says that it is over.
void remove_found(File& journal, bool erases) noexcept;

}  // namespace swr
