// Whether a source may read the very files that its write changes or replaces.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"
#include "engine/write_plan.h"

namespace swr {

// The image that a source reads.
struct SourceImage {
  std::string path;  // that was opened
  std::shared_ptr<const Description> file;

  const std::string& header_path() const {
    return file->header_path.empty() ? path : file->header_path;
  }
};

// A write that waits with its change until the last pixel was pulled reads the old file to the end.
// Refused is one that
//  - changes raw pixels in place, if the source reads them at other positions than the write: it
//    would meet new pixels among the old ones (SWR_ERROR_UNSUPPORTED);
//  - replaces or removes a file that the header of another image, which the source reads, names
//    for its pixels: that image would lose them (SWR_ERROR_EXISTS).
void refuse_own_source(const WritePlan& plan, const SourceImage& source);

// Asks this once for each image that the pieces of a write are read from. Thread-safe.
class SourceWatch {
 public:
  // `plan` must outlive it.
  explicit SourceWatch(const WritePlan& plan) : plan_(plan) {}
  // `number` tells this opened image from every other one.
  void approve(uint64_t number, const SourceImage& source);

 private:
  const WritePlan& plan_;
  Mutex mutex_;
  std::set<uint64_t> approved_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
