// From pixels as the source delivers them to the bytes that a file holds: component type and value
// scale, number of components, byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/pixel_type.h"

namespace swr {

class PixelConversion {
 public:
  // The intermediate and final bytes of one thread. Reused, so that memory is taken once.
  struct Scratch {
    std::vector<std::byte> values, components;
  };
  // Says where the component of this number, counted from the first of the span, lies.
  using Place = std::function<std::string(int64_t component)>;

  // The numbers that stored values are made of: factor * value + summand.
  struct Rescaling {
    double factor = 1, summand = 0;
  };

  // `path` is for messages.
  PixelConversion(std::string path, const PixelType& source, const PixelType& stored,
                  swr_conversion policy, bool stored_big_endian,
                  std::optional<Rescaling> rescaling = std::nullopt);

  // Whether run() does anything.
  bool changes() const { return converts_values_ || converts_components_ || swaps_; }
  bool can_fail() const { return converts_values_ && policy_ == SWR_CONVERSION_EXACT; }
  // The smallest unit that converts by itself, in bytes of the source and of the file: a pixel
  // where the number of components changes, else a component; 1 where nothing changes.
  int64_t source_unit() const { return source_unit_; }
  int64_t stored_unit() const { return stored_unit_; }
  // Bytes of the source whose units cover any stretch of `stored` bytes.
  int64_t source_bytes(int64_t stored) const {
    return changes() ? (stored / stored_unit_ + 2) * source_unit_ : stored;
  }
  // Components of the source in a unit.
  int64_t components_in_unit() const { return converts_components_ ? source_.components : 1; }

  // The stored bytes of whole units: `source` itself if nothing changes, else in `scratch`, valid
  // until it is used again. Throws SWR_ERROR_CONVERSION for a value that does not survive.
  // May run on several threads, each with a scratch of its own.
  std::span<const std::byte> run(std::span<const std::byte> source, Scratch& scratch,
                                 const Place& place) const;

 private:
  void convert_values(std::span<const std::byte> source, Scratch& scratch,
                      const Place& place) const;

  std::string path_;
  PixelType source_, stored_;
  swr_conversion policy_;
  std::optional<Rescaling> rescaling_;
  bool converts_values_, converts_components_, swaps_;
  int64_t source_unit_ = 1, stored_unit_ = 1;
};

}  // namespace swr
