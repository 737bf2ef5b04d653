// One write from its begin to its end: pieces come in, are converted to what the file holds, and go
// to the output.
#pragma once

#include <memory>
#include <span>

#include "engine/output.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"

namespace swr {

class Session {
 public:
  // Rolls back an earlier write of the file that died, plans, and opens the output.
  Session(Settings settings, Statistics& statistics);

  const WritePlan& plan() const { return plan_; }
  // The stream to fill directly, if the plan allows it.
  BlockStream* direct() { return plan_.direct ? output_->stream() : nullptr; }
  // Says that a piece has gone into the stream directly.
  void note_direct(const Region& region);

  // Stores packed pixels of the source's type. `region` is in the image's index space. With
  // `whole_or_nothing` an EXACT conversion is tried on all of them before any is stored.
  void store(const Region& region, std::span<const std::byte> pixels, bool whole_or_nothing);

  // The first region that is missing of what must be there; its size is 0 if none is.
  Region first_missing() const;
  void finish();

 private:
  void store_part(const Region& region, const std::byte* pixels, bool only_try);
  const std::byte* convert_part(const Region& region, const std::byte* pixels);
  void convert_values(const Region& region, const std::byte* pixels);
  bool continues_stream(const Region& region) const;

  const Settings settings_;
  Statistics& statistics_;
  WritePlan plan_;
  std::unique_ptr<Output> output_;
  BlockStream* stream_ = nullptr;  // as long as pixels come from the front to the back
  Coverage covered_;               // relative to the image's first pixel
  std::vector<std::byte> converted_, components_, swapped_;
};

}  // namespace swr
