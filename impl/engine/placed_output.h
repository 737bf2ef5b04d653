// The output of a new file where pixels can be stored in any order.
#pragma once

#include "engine/new_output.h"

namespace swr {

class PlacedOutput final : public NewOutput {
 public:
  explicit PlacedOutput(Parts parts);
  bool takes_any_order() const override { return true; }
  void write(const Region& region, const std::byte* pixels) override;
  void write_selected(const Region& region, const std::byte* pixels,
                      std::span<const uint8_t> mask) override;

 private:
  void lay_background();
  void leave_stream();
  void complete(const Coverage& written) override;

  WriteStore& places_;
  bool left_stream_ = false;
};

}  // namespace swr
