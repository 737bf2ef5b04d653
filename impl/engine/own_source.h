// Whether a source may read the very files that its write changes or replaces.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/write_plan.h"
#include "storage/file_state.h"

namespace swr {

// The image that a source reads.
struct SourceImage {
  std::string path;  // that was opened
  const Format* format = nullptr;
  std::shared_ptr<const Description> file;
  std::shared_ptr<const std::vector<FileState>> parts;  // the open files of the layout's parts

  const std::string& header_path() const {
    return file->header_path.empty() ? path : file->header_path;
  }
};

// Most writes change nothing until the last pixel was pulled, so that the source reads the old file
// to the end. A write is refused if it
//  - changes raw pixels in place, and the source reads them at other positions than the write: it
//    would read new pixels among the old ones (SWR_ERROR_UNSUPPORTED);
//  - replaces or removes a file that belongs to another image, which the source reads: that image
//    would lose its pixels (SWR_ERROR_EXISTS).
void refuse_own_source(const WritePlan& plan, const SourceImage& source);

// Makes this check once for each image from which the pieces of a write are read. Thread-safe.
class SourceWatch {
 public:
  // `plan` must outlive it.
  explicit SourceWatch(const WritePlan& plan) : plan_(plan) {}
  // `number` is different for each opened image.
  void approve(uint64_t number, const SourceImage& source);

 private:
  const WritePlan& plan_;
  Mutex mutex_;
  std::set<uint64_t> approved_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
