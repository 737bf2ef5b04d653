// The output of a new file whose pixels are stored in blocks. Pixels that do not come from the
// front wait until all are known.
#pragma once

#include <memory>

#include "engine/new_output.h"
#include "stores/scratch.h"

namespace swr {

class SpooledOutput final : public NewOutput {
 public:
  explicit SpooledOutput(Parts parts);
  void write(const Region& region, const std::byte* pixels) override;

 private:
  void leave_stream();
  void add_waiting(OverlayList& overlays, const Coverage& boxes);
  void complete(const Coverage& written) override;

  std::unique_ptr<Scratch> waiting_;  // once the stream was left
  Coverage carried_;                  // pixels of the existing file that were written by region
  Coverage again_;                    // written by region after the stream had taken those pixels
};

}  // namespace swr
