// A mask: an image whose pixels select those of another one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "facts.h"
#include "write_options.h"

namespace swr::tool {

class Mask {
 public:
  // Opens the file. Throws a Failure unless its pixels have one component.
  Mask(std::string path, const WriteOptions& options);

  const std::string& path() const { return path_; }
  // Whether it has the size of the box.
  bool fits(const swr_region& box) const;
  // Such as "mask.mha has 3 x 3 x 3 pixels".
  std::string size_text() const;
  // Clears the bytes of `selected` whose pixel of the mask is 0. `part` is inside `box`, whose size
  // the mask has; a byte for each pixel of it.
  void apply(const swr_region& part, const swr_region& box, std::vector<uint8_t>& selected);

 private:
  std::string path_;
  Reader reader_;
  Facts facts_;
  std::vector<std::byte> pixels_;
};

// Clears the bytes of `selected` whose pixel has the stored value `text` in every component; NaN is
// found too. Throws a UsageError if no pixel of the type can have that value. `file` holds the
// pixels.
class SkippedValue {
 public:
  SkippedValue(const std::string& text, const Facts& facts, const std::string& file);
  void apply(const std::vector<std::byte>& pixels, std::vector<uint8_t>& selected) const;

 private:
  const Facts& facts_;
  std::vector<std::byte> value_;  // one component
};

}  // namespace swr::tool
