// The changes of a whole stream: its prefix and the pixels after it.
#pragma once

#include "stores/deflate_blocks.h"

namespace swr {

class StreamOverlay : public Overlay {
 public:
  // `update` must outlive it.
  StreamOverlay(const DeflateUpdate& update, int64_t prefix_bytes)
      : update_(update), prefix_bytes_(prefix_bytes) {}

  int64_t next_change(int64_t from) const override;
  void apply(int64_t offset, std::span<std::byte> raw) const override;

 private:
  const DeflateUpdate& update_;
  int64_t prefix_bytes_;
};

}  // namespace swr
