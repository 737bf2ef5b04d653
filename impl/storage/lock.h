// Advisory locks among all processes that use swr. The locked bytes are far beyond any content, so
// that they do not collide with programs that lock a file's content, and a file server that denies
// access to locked bytes denies nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/file.h"
#include "storage/open_files.h"
#include "storage/platform.h"

namespace swr {

// Locks of a journal.
inline constexpr int64_t lock_of_life = int64_t{1} << 62;  // held exclusively by its writer
inline constexpr int64_t lock_of_look = lock_of_life + 1;  // held while a process examines it
// Locks of a file with pixels or a header.
inline constexpr int64_t lock_of_change = lock_of_life + 2;
inline constexpr int64_t lock_of_turn = lock_of_life + 3;  // among those that share the other one

// Classify the failures of system::lock().
bool is_held_by_another(std::errc reason);
bool locks_are_missing(std::errc reason);  // the file system has no locks

// Locks the files that a write changes against other writes, including those of other threads, for
// the lifetime of this object. Readers lock nothing.
class FileLocks {
 public:
  // shared: for writes that only change disjoint pixels. exclusive: for all others.
  enum class Mode { shared, exclusive };

  // `files`, which are locked, must outlive the object. `waits`: wait for a lock that another write
  // holds; otherwise that is SWR_ERROR_BUSY. `is_cancelled`, if it is not null, is asked again and
  // again during the wait: SWR_CANCELLED.
  explicit FileLocks(OpenFiles& files, bool waits = false,
                     std::function<bool()> is_cancelled = nullptr);
  FileLocks(const FileLocks&) = delete;
  FileLocks& operator=(const FileLocks&) = delete;
  ~FileLocks() { release(); }

  using Needs = std::map<std::string, Mode>;  // by path

  // While it exists, other turns of this file wait, those of other processes too: a part of a write
  // for which a shared lock is not enough. Whoever has a turn waits for nobody, so that no write is
  // refused because of one.
  class Turn {
   public:
    // `locks` must outlive this. SWR_CANCELLED.
    Turn(FileLocks& locks, const std::string& path);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    const uint32_t process_;
    std::shared_ptr<File> file_;  // null: there is none
  };

  // Locks those of the files that exist, or upgrades their locks. Does nothing if the file system
  // has no locks. While it waits for a file it holds no lock, so that two writes cannot wait for
  // each other, in whatever order they need their files: what was planned before must be planned
  // again, if it depends on the content of the files.
  void take(const Needs& needs);
  void release() noexcept;
  // Forgets the open files that have no lock: others may have replaced them while a lock was waited
  // for.
  void forget_unlocked();
  OpenFiles& files() { return files_; }

 private:
  struct Held {
    std::shared_ptr<File> file;
    Mode mode;
  };

  Held* find(const File& file);
  std::vector<std::string> in_order(const Needs& needs);
  bool try_to_take(const std::string& path, Mode mode);
  void take_first(const std::string& path, Mode mode);
  system::Lock kind_of(const std::string& path, Mode mode) const;
  void release_shared() noexcept;
  void lock(const File& file, system::Lock kind, Mode wanted) const;
  void wait_for_lock(const File& file, system::Lock kind, int64_t which) const;
  static bool try_to_lock(const File& file, system::Lock kind, int64_t which, bool waits);
  static void unlock(const File& file) noexcept;

  OpenFiles& files_;
  bool waits_;
  std::function<bool()> is_cancelled_;
  uint32_t process_;
  std::vector<Held> held_;
};

}  // namespace swr
