// Builds the index nodes of a slotted stream from its pages.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "stores/slot_pages.h"

namespace swr {

class SlotIndex {
 public:
  // Takes a finished node and its position in the stream.
  using Emit = std::function<void(int64_t position, std::vector<std::byte> node)>;

  // Nodes that exist in `old` keep their other children; nullptr if there is no old stream. Both
  // must outlive the index.
  SlotIndex(const StreamShape& shape, const SlotPages* old, Emit emit)
      : shape_(shape),
        old_(old),
        emit_(std::move(emit)),
        nodes_(static_cast<size_t>(shape.levels())) {}

  // Requires: ascending order. Nodes that the page completes follow at once, as in the stream.
  void set_page(int64_t page, const IndexEntry& entry) { set(1, page, entry); }
  // After the last page.
  void finish();

 private:
  struct Node {
    int64_t number = -1;  // none
    std::vector<IndexEntry> entries{};
  };

  void set(int level, int64_t child, const IndexEntry& entry);
  void load(int level, int64_t number);
  void finish(int level);

  const StreamShape& shape_;
  const SlotPages* old_;
  Emit emit_;
  std::vector<Node> nodes_;  // the incomplete node of each level; the first is unused
};

}  // namespace swr
