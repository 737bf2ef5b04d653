// The destination of a write's pixels: new files, or existing files that change. If an output is
// destroyed before finish(), the old files are as they were.
#pragma once

#include <memory>
#include <span>

#include "engine/block_stream.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"
#include "plan/coverage.h"
#include "storage/transaction.h"

namespace swr {

class Output {
 public:
  virtual ~Output() = default;
  // A stream that takes the whole sequence from the front; nullptr if pixels can only be written by
  // region. After the first write by region the stream may no longer be used.
  virtual BlockStream* stream() { return nullptr; }
  // Whether any order of the regions is as good as the file's own.
  virtual bool takes_any_order() const { return false; }
  // Stores packed pixels, in the file's byte order; the region's index 0 is the image's first
  // pixel. In any order, also several times.
  virtual void write(const Region& region, const std::byte* pixels) = 0;
  // As write(), of pixels that stay where they are, unchanged, until the output is finished or
  // destroyed. False if it does not take them so: they are to be written.
  virtual bool lend(const Region& /*region*/, std::span<const std::byte> /*pixels*/) {
    return false;
  }
  // As write(), but only the pixels whose byte in the mask is not 0; it has one for each pixel of
  // the region, axis 0 fastest. Requires: takes_any_order().
  virtual void write_selected(const Region& region, const std::byte* pixels,
                              std::span<const uint8_t> mask);
  // Completes the files and publishes them; `written` is what came through the stream or by region.
  // Afterwards the write has happened.
  virtual void finish(const Coverage& written) = 0;
};

// Opens the output of the plan. Requires: `transaction` has locked the existing files. All
// arguments must outlive the output; finish() publishes the transaction.
std::unique_ptr<Output> open_output(const WritePlan& plan, const Settings& settings,
                                    Statistics& statistics, Transaction& transaction);

// New files: a new image, or, for any plan with an existing file, that file read and rewritten.
std::unique_ptr<Output> open_rewrite(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction);

File& create_planned(Transaction& transaction, const PlannedFile& file);

}  // namespace swr
