// Locks of files that hold among all who use swr. They are bytes far beyond any content: no program
// that locks a file's content is met, and a file server that forbids access to what is locked
// forbids nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/file.h"
#include "storage/open_files.h"
#include "storage/platform.h"

namespace swr {

// Of a journal.
inline constexpr int64_t lock_of_life = int64_t{1} << 62;  // its writer holds it, exclusively
inline constexpr int64_t lock_of_look = lock_of_life + 1;  // whoever looks whether the writer lives
// Of a file with pixels or a header.
inline constexpr int64_t lock_of_change = lock_of_life + 2;

// Why system::lock() failed.
bool is_held_by_another(std::errc reason);
bool locks_are_missing(std::errc reason);  // the file system has none

// The files that a write changes, held against other writes for as long as this object lives, those
// of other threads too. Readers lock nothing.
class FileLocks {
 public:
  // shared: for writes that change disjoint pixels and nothing else. exclusive: for all others.
  enum class Mode { shared, exclusive };

  // `files` are those that are locked: they must outlive the locks. `waits`: for a lock that another
  // write holds; otherwise that is SWR_ERROR_BUSY.
  explicit FileLocks(OpenFiles& files, bool waits = false);
  FileLocks(const FileLocks&) = delete;
  FileLocks& operator=(const FileLocks&) = delete;
  ~FileLocks() { release(); }

  // Locks the file that has this name, if there is one, or makes its lock a stronger one: between the
  // two another write may change it. Where the file system has no locks, nothing happens. Several
  // files are taken in the order of their paths, so that writes that wait for each other do not do so
  // for ever.
  void take(const std::string& path, Mode mode);
  // The same without waiting, and without a moment between two locks. False if another write holds
  // the file.
  bool try_to_take(const std::string& path, Mode mode);
  void release() noexcept;
  OpenFiles& files() { return files_; }

 private:
  struct Held {
    std::shared_ptr<File> file;
    Mode mode;
  };

  Held* find(const File& file);
  system::Lock kind_of(const std::string& path, Mode mode) const;
  void lock(const File& file, system::Lock kind, Mode wanted) const;
  bool try_to_lock(const File& file, system::Lock kind, bool waits) const;
  static void unlock(const File& file) noexcept;

  OpenFiles& files_;
  bool waits_;
  uint32_t process_;
  std::vector<Held> held_;
};

}  // namespace swr
