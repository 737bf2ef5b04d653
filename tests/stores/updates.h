// An overlay of a few stretches of bytes.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "streams.h"

namespace streams {

struct Stretch {
  int64_t offset;
  Bytes bytes;

  int64_t end() const { return offset + static_cast<int64_t>(bytes.size()); }
};

class StretchOverlay : public swr::Overlay {
 public:
  StretchOverlay(std::vector<Stretch> stretches, int64_t size)
      : stretches_(std::move(stretches)), size_(size) {}

  int64_t next_change(int64_t from) const override {
    int64_t next = size_;
    for (const Stretch& stretch : stretches_) {
      if (from < stretch.end()) next = std::min(next, std::max(from, stretch.offset));
    }
    return next;
  }

  void apply(int64_t offset, std::span<std::byte> raw) const override {
    for (const Stretch& stretch : stretches_) {
      const int64_t begin = std::max(offset, stretch.offset),
                    end = std::min(offset + static_cast<int64_t>(raw.size()), stretch.end());
      if (begin < end)
        std::memcpy(raw.data() + (begin - offset), stretch.bytes.data() + (begin - stretch.offset),
                    static_cast<size_t>(end - begin));
    }
  }

 private:
  std::vector<Stretch> stretches_;
  int64_t size_;
};

}  // namespace streams
