// Reads the directory of a slotted stream node by node, on demand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/lru_cache.h"
#include "base/memory_meter.h"
#include "base/mutex.h"
#include "storage/file.h"
#include "stores/slot_directory.h"
#include "stores/stream_extent.h"

namespace swr {

// The memory of one entry of a cached page or index node.
inline constexpr int64_t entry_memory = std::max(sizeof(Slot), sizeof(IndexEntry));

// A page and the positions of its slots, from the start of the stream.
struct SlotPage {
  int64_t number = 0;
  int64_t begin = 0;     // of its first slot
  int64_t position = 0;  // of the page itself
  std::vector<Slot> slots;
  uint32_t checksum = 0;  // of the raw bytes of its slots
  MeterShare memory{};
};

struct IndexNode {
  int64_t begin = 0;  // of the first slot under it
  int64_t position = 0;
  std::vector<IndexEntry> entries;
  MeterShare memory{};
};

// Caches a small number of nodes, regardless of the length of the stream. Thread-safe.
//
// A node is valid if its CRC is right, if its children fill exactly the range that its parent gives
// it, and if their checksums combine to the one in its parent. Otherwise DirectoryError.
class SlotPages {
 public:
  // Caches up to `memory` bytes of nodes, counted by `meter`. Reads all pages of a stream without
  // an index once, from the end. DirectoryError. `file` and `meter` must outlive it.
  SlotPages(const File& file, const StreamExtent& extent, const SlotFooter& footer, int64_t memory,
            MemoryMeter& meter);

  const StreamShape& shape() const { return footer_.shape; }
  const SlotFooter& footer() const { return footer_; }
  int64_t end() const { return end_; }  // of the last slot

  std::shared_ptr<const SlotPage> page(int64_t number) const;
  std::shared_ptr<const IndexNode> index_node(int level, int64_t number) const;
  Slot slot(int64_t number) const;
  // A slot and its position.
  std::pair<Slot, int64_t> find(int64_t number) const;
  // The checksum of the prefix and of all slots before those of the last page.
  uint32_t checksum_before_last_page() const;

 private:
  template <typename Node>
  using Cache = LruCache<std::pair<int, int64_t>, std::shared_ptr<const Node>>;

  // What the parent says about a node.
  struct Place {
    int64_t begin, position;
    std::optional<uint32_t> checksum;  // nothing for the top node: its checksum is in the trailer
  };

  Place place_of(int level, int64_t number) const SWR_REQUIRES(mutex_);
  void check_checksum(const Place& place, uint32_t found) const;
  std::shared_ptr<const SlotPage> locked_page(int64_t number) const SWR_REQUIRES(mutex_);
  std::shared_ptr<const IndexNode> locked_index_node(int level, int64_t number) const
      SWR_REQUIRES(mutex_);
  std::shared_ptr<const SlotPage> load_page(int64_t number, int64_t position) const;
  std::shared_ptr<const SlotPage> page_from_the_next(int64_t number) const SWR_REQUIRES(mutex_);
  void scan();
  [[noreturn]] void refuse(const char* what, int64_t position) const;

  const File& file_;
  StreamExtent extent_;
  SlotFooter footer_;
  int levels_;
  int64_t end_;
  MemoryMeter& meter_;
  mutable Mutex mutex_;
  mutable Cache<SlotPage> pages_ SWR_GUARDED_BY(mutex_);
  mutable Cache<IndexNode> index_nodes_ SWR_GUARDED_BY(mutex_);

  // For a stream without an index: the position of every page whose number is a multiple of
  // `spacing_`, and of the last one.
  int64_t spacing_ = 1;
  std::vector<int64_t> known_pages_;
  uint32_t before_last_page_ = 0;
  MeterShare known_pages_memory_;
};

}  // namespace swr
