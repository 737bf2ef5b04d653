// Overlays made of boxes of pixels, for pastes, growth and rewriting.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "stores/store.h"

namespace swr {

// A repeated pattern from one byte to the end: the fill value of an image that grows.
class FillOverlay : public Overlay {
 public:
  FillOverlay(int64_t begin, std::vector<std::byte> pattern)
      : begin_(begin), pattern_(std::move(pattern)) {}
  int64_t next_change(int64_t from) const override { return std::max(from, begin_); }
  void apply(int64_t offset, std::span<std::byte> raw) const override;

 private:
  int64_t begin_;
  std::vector<std::byte> pattern_;
};

// The pixels of a box of the sequence's image.
class BoxOverlay : public Overlay {
 public:
  enum class Values {
    in_place,  // `values` is a sequence in the order of the image: each byte is at its own place
    packed,    // `values` holds only the box, in the image's order
  };
  // `swap_bytes`: the values' components have the other byte order. `values` must outlive the
  // overlay.
  BoxOverlay(const LinearOrder& order, const Region& box, ReadStore& values, Values where,
             bool swap_bytes);
  int64_t next_change(int64_t from) const override;
  int64_t end() const override;
  void apply(int64_t offset, std::span<std::byte> raw) const override;
  // The first byte of a box in a sequence.
  static int64_t begin(const LinearOrder& order, const Region& box);

 private:
  int64_t next_unit(int64_t unit, int64_t& run) const;
  int64_t value_offset(int64_t at) const;

  LinearOrder order_;  // interleaved; if components are an axis, it is one of this order's
  Region box_;
  mutable Mutex values_mutex_;
  ReadStore& values_ SWR_GUARDED_BY(values_mutex_);
  Values where_;
  bool swap_bytes_;
  // of consecutive bytes: a pixel, or a component if the components are an axis
  int64_t unit_bytes_;
};

// Several overlays; later ones win. There may be very many, so they are searched in groups: most
// groups do not touch the range.
class OverlayList : public Overlay {
 public:
  explicit OverlayList(int64_t bytes) : bytes_(bytes) {}
  void add(std::unique_ptr<Overlay> overlay);
  int64_t next_change(int64_t from) const override;
  void apply(int64_t offset, std::span<std::byte> raw) const override;
  std::span<const std::byte> in_memory(int64_t offset, int64_t bytes) const override;

 private:
  struct Group {
    int64_t begin, end;  // the range of its overlays' changes
    std::vector<std::unique_ptr<Overlay>> overlays;
  };

  int64_t bytes_;
  std::vector<Group> groups_;
};

// Fills `raw`, which starts at `offset` of a sequence that repeats `pattern` from its first byte.
void fill_with(std::span<const std::byte> pattern, int64_t offset, std::span<std::byte> raw);

}  // namespace swr
