// Where the pixels of a write go: new files, or existing ones that change. Destroying an output
// that was not finished leaves the old files as they were.
#pragma once

#include <memory>

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
  // region. Writing by region afterwards is fine; going back to the stream is not.
  virtual BlockStream* stream() { return nullptr; }
  // Stores packed pixels, in the file's byte order; the region's index 0 is the image's first
  // pixel. May come in any order, again too.
  virtual void write(const Region& region, const std::byte* pixels) = 0;
  // Completes the files and gives them their names; `written` is what came through the stream or by
  // region. Afterwards the write has happened.
  virtual void finish(const Coverage& written) = 0;
};

// Opens what the plan says. `plan`, `settings`, `statistics` and `transaction`, which has locked the
// existing files, must outlive the output; finish() publishes the transaction.
std::unique_ptr<Output> open_output(const WritePlan& plan, const Settings& settings,
                                    Statistics& statistics, Transaction& transaction);

// Chunks of an existing image: files of their own, or in one file.
std::unique_ptr<Output> open_chunk_change(const WritePlan& plan, const Settings& settings,
                                          Statistics& statistics, Transaction& transaction);

// New files: a new image, or, for any plan with an existing file, that file read through and
// written anew.
std::unique_ptr<Output> open_rewrite(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction);

}  // namespace swr
