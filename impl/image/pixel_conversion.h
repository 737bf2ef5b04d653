// Converts pixels of the source to the bytes of the file: component type and value scale, number of
// components, byte order.
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
  // The intermediate and final bytes of one thread. Reused, so that memory is allocated once.
  struct Buffers {
    std::vector<std::byte> values, components;
  };
  // Describes the place of a component, by its number in the span.
  using Place = std::function<std::string(int64_t component)>;

  // Stored values are factor * value + summand.
  struct Rescaling {
    double factor = 1, summand = 0;
  };

  // `path` is for messages.
  PixelConversion(std::string path, const PixelType& source, const PixelType& stored,
                  swr_conversion policy, bool stored_big_endian,
                  std::optional<Rescaling> rescaling = std::nullopt);

  // Whether run() changes anything.
  bool changes() const { return converts_values_ || converts_components_ || swaps_; }
  // Whether run() only swaps the bytes of each component; swap() does the same in place.
  bool only_swaps() const { return swaps_ && !converts_values_ && !converts_components_; }
  void swap(std::span<std::byte> pixels) const;
  bool can_fail() const { return converts_values_ && policy_ == SWR_CONVERSION_EXACT; }
  // The smallest unit that can be converted alone, in bytes of the source and of the file: a pixel
  // if the number of components changes, else a component; 1 if nothing changes.
  int64_t source_unit() const { return source_unit_; }
  int64_t stored_unit() const { return stored_unit_; }
  // The source bytes whose units cover any stretch of `stored` bytes.
  int64_t source_bytes(int64_t stored) const {
    return changes() ? (stored / stored_unit_ + 2) * source_unit_ : stored;
  }
  // Components of the source in a unit.
  int64_t components_in_unit() const { return converts_components_ ? source_.components : 1; }

  // Converts whole units to stored bytes: `source` itself if nothing changes, else in `buffers`,
  // valid until they are used again. Throws SWR_ERROR_CONVERSION for a value that would change.
  // Thread-safe if each thread has buffers of its own.
  std::span<const std::byte> run(std::span<const std::byte> source, Buffers& buffers,
                                 const Place& place) const;
  // Throws as run() would, and keeps nothing of the result.
  void check(std::span<const std::byte> source, const Place& place) const;

 private:
  void convert_values(std::span<const std::byte> source, Buffers& buffers,
                      const Place& place) const;

  std::string path_;
  PixelType source_, stored_;
  swr_conversion policy_;
  std::optional<Rescaling> rescaling_;
  bool converts_values_, converts_components_, swaps_;
  int64_t source_unit_ = 1, stored_unit_ = 1;
};

}  // namespace swr
