// The pixels of a file that is rewritten, as a source for the new file.
#pragma once

#include <functional>
#include <memory>

#include "engine/settings.h"
#include "engine/write_plan.h"
#include "stores/pixels.h"

namespace swr {

class OldPixels {
 public:
  // Opens the file that the plan changes. `plan` must outlive it.
  OldPixels(const WritePlan& plan, const Settings& settings);

  // Their place in the new image, whose first pixel has index 0.
  Region box() const { return plan_.file->image.region.relative_to(plan_.image.region.index); }
  // Whether the old pixels are a linear sequence that stores the components of a pixel in the order
  // of the new file. Then the old sequence can be laid over the new one.
  bool is_in_order() const;
  // Requires: is_in_order(). These pixels must outlive the overlay.
  std::unique_ptr<Overlay> overlay();
  // Passes them to `write` region by region, like new pixels.
  void carry_to(const std::function<void(const Region&, const std::byte*)>& write);

 private:
  bool swaps() const { return plan_.file->layout.big_endian != plan_.new_file->layout.big_endian; }

  const WritePlan& plan_;
  std::unique_ptr<PixelReader> pixels_;
};

}  // namespace swr
