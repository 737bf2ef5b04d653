// The pieces of a write that is not complete, in a file beside the image that it makes: the same
// write, begun again, takes them from there.
//
//   [head][identity of the write] [record][pixels] [record][pixels] ...
//
// Records come in the order in which pieces arrived. What was not written completely when the
// process died, or was damaged since, does not agree with its checksum and counts as absent. The
// file belongs to one write at a time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "storage/file.h"

namespace swr {

class ResumeFile {
 public:
  // What the file must be of. The identity says all that decides which pixels a piece has.
  struct Write {
    std::string image;  // the path of the image's file
    std::string identity;
    int64_t pieces = 0;
  };

  // Opens the file, or makes it. The pieces of another write are removed. SWR_ERROR_BUSY if another
  // write uses the file; SWR_ERROR_EXISTS if it is not this user's alone.
  explicit ResumeFile(const Write& write);
  ResumeFile(const ResumeFile&) = delete;
  ResumeFile& operator=(const ResumeFile&) = delete;
  ~ResumeFile() = default;

  // These may be called by several threads at once.
  bool has(int64_t piece) const SWR_EXCLUDES(mutex_);
  // Reads the pixels of a piece. False if the file does not have it, or if it is damaged: then the
  // file does not have it any more.
  bool read(int64_t piece, std::span<std::byte> pixels) SWR_EXCLUDES(mutex_);
  void keep(int64_t piece, std::span<const std::byte> pixels) SWR_EXCLUDES(mutex_);

  // The write is complete. A file that the system does not remove stays.
  void remove() noexcept;

 private:
  struct Place {
    int64_t offset = 0, bytes = 0;
    uint32_t checksum = 0;
  };

  void begin_anew(std::string_view head);
  bool begins_with(std::string_view head) const;
  void list_records(int64_t pieces) SWR_REQUIRES(mutex_);

  const std::string name_;
  File file_;
  mutable Mutex mutex_;
  std::map<int64_t, Place> places_ SWR_GUARDED_BY(mutex_);
  int64_t end_ SWR_GUARDED_BY(mutex_) = 0;  // where the next record goes
};

}  // namespace swr
