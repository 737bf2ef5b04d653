// What follows the pixels of a VTK file: METADATA, which VTK writes of their array, or more arrays.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "storage/file.h"

namespace swr {

class VtkTrailer {
 public:
  // Of pixels that end at byte `begin`; or, with `words`, that are so many numbers written as text
  // from there. Reads nothing before it is asked: of text, all numbers must be passed.
  VtkTrailer(std::shared_ptr<const File> file, int64_t begin, int64_t words = 0)
      : file_(std::move(file)), begin_(begin), words_(words) {}

  // The first bytes of it: all, if it is plain.
  std::string bytes() const;
  // The same without what METADATA say of all values, VTK's ranges of the norms, which are no
  // longer true when pixels change. What is left moves up; `same_length` fills its place with line
  // ends, of which any number may follow METADATA.
  std::string without_ranges(bool same_length = false) const;
  // Its first byte in the file. Requires: the pixels are not text.
  int64_t begin() const { return begin_; }
  // Whether it says nothing of each pixel, such as a second array would.
  bool is_plain() const;
  // How many bytes of it are the format's: METADATA, or the line end after the pixels; all, if it
  // is plain.
  int64_t own_bytes() const;
  // Whether it is METADATA that say something, such as the names of the components and the unit.
  bool has_metadata() const;

 private:
  std::shared_ptr<const File> file_;
  int64_t begin_, words_;
  mutable Mutex mutex_;
  mutable std::optional<std::string> bytes_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
