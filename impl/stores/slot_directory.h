// The directory of a slotted stream: the place of each slot, how much of it is used, and the
// checksum of its raw bytes. This file has the directory's bytes and the arithmetic of their
// positions.
//
//   stream    head | prefix in stored blocks
//             | slot 0 .. slot 255 | page 0 | slot 256 .. slot 511 | page 1 | ...
//             | last page | last index nodes | last slot | footer | 03 00 | trailer
//   slot      filler | run             the run ends with the slot
//   node      16 empty stored blocks for each entry, 7 for a CRC; five bits hidden in each
//             (codecs/pad_bits.h)
//   footer    64 empty stored blocks, in the same way
//
//   page, a node of level 0: 10 bytes a slot, then 4
//     slot bytes u24 | run bytes u24 | checksum u32      ...
//     CRC-32 of all that and of the page's number (u32)
//   index node, of level 1 and up: 10 bytes for each of its children, nodes of the level below
//     position u48, from the stream's start | checksum u32, of the raw bytes of all its slots   ...
//     CRC-32 of all that, of the node's number in its level (u32) and of its level (u32)
//   footer, 40 bytes
//      0 "SWRS"
//      4 version u8 (1: pages alone, 2: with an index) | level u8 | entries of a node u16 (256)
//      8 raw bytes of a slot u32
//     12 raw bytes of the prefix u32
//     16 raw bytes of all slots u64
//     24 bytes of the last slot u32
//     28 checksum of the prefix u32
//     32 checksum of the whole, as in the trailer, u32
//     36 CRC-32 of these 36 bytes u32
//
// Numbers are little endian; checksums are Adler-32 in zlib streams and CRC-32 in gzip streams.
//
// An index node follows its last child directly. So the top node, the only one of its level, ends
// where the last slot begins, and the footer gives that position. From there, one read per level
// finds a slot. Every length and checksum on the way is compared: the children of a node fill its
// range exactly, and their checksums combine to its own and finally to the trailer's. Streams of
// version 1 have no index: all pages have to be read once, from the end.
// docs/slotted-deflate.md describes this for other programs.
//
// Only the footer follows the run of the last slot: MetaIO fails if a multiple of 2^30 of the
// stream falls after the last pixel.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "codecs/stream_head.h"
#include "storage/file.h"

namespace swr {

inline constexpr int64_t most_node_entries = 256;
inline constexpr int64_t most_slot_bytes = (int64_t{1} << 24) - 1;
inline constexpr int64_t least_slot_raw_bytes = 4096, most_slot_raw_bytes = int64_t{4} << 20;
inline constexpr int64_t footer_stored_bytes = 320;

struct Slot {
  uint32_t bytes = 0;      // in the stream
  uint32_t run_bytes = 0;  // at its end; filler before
  uint32_t checksum = 0;   // of its raw bytes

  bool operator==(const Slot&) const = default;
};

// A child of an index node.
struct IndexEntry {
  int64_t position = 0;   // of the child, from the start of the stream
  uint32_t checksum = 0;  // of the raw bytes of all slots under it

  bool operator==(const IndexEntry&) const = default;
};

// All that follows from the numbers of slots and bytes.
struct StreamShape {
  bool gzip = false;
  int compression_level = 6;
  int64_t slot_raw_bytes = 0;
  int64_t prefix_bytes = 0;
  int64_t pixel_bytes = 0;
  int64_t node_entries = most_node_entries;
  bool indexed = true;

  Checksum kind() const { return checksum_kind(gzip); }
  int64_t count() const;  // of slots
  int64_t raw_bytes(int64_t slot) const;
  int64_t tail_bytes() const { return footer_stored_bytes + 2 + trailer_bytes(gzip); }
  int64_t pixels_begin() const;  // where slot 0 begins, from the start of the stream

  // Level 0 has the pages. The last level has one node; without an index there is only level 0.
  int levels() const;
  int64_t nodes(int level) const;
  int64_t pages() const { return nodes(0); }
  int64_t page_of(int64_t slot) const { return slot / node_entries; }
  int64_t first_slot(int64_t page) const { return page * node_entries; }
  int64_t entries(int level, int64_t node) const;
  bool is_last_child(int level, int64_t node) const;  // of the node above it
  int64_t node_bytes(int level, int64_t node) const;  // in the stream
  int64_t raw_end(int level, int64_t node) const;     // where the pixels of its slots end
  int64_t raw_begin(int level, int64_t node) const;
  // The bytes of a page and of the index nodes that follow it directly.
  int64_t chain_bytes(int64_t page) const;
  int64_t directory_bytes() const;  // of all nodes
};

struct SlotFooter {
  StreamShape shape;
  int64_t last_slot_bytes = 0;
  uint32_t prefix_checksum = 0;
  uint32_t checksum = 0;  // of prefix and slots

  // The footer of the stream at [begin, begin + bytes) of `file`; nothing if there is none that
  // matches the stream's length and trailer.
  static std::optional<SlotFooter> find(const File& file, int64_t begin, int64_t bytes);
  // Everything that follows the last slot.
  std::vector<std::byte> tail() const;
};

// The directory is invalid: it is damaged, or another program changed the stream. The stream may
// still be an ordinary one.
class DirectoryError : public Error {
 public:
  using Error::Error;
};

// Nodes as bytes of the stream. Reading returns nothing if the bytes are not that node.
std::vector<std::byte> encode_page(std::span<const Slot> slots, int64_t number);
std::vector<std::byte> encode_index_node(std::span<const IndexEntry> entries, int level,
                                         int64_t number);
std::optional<std::vector<Slot>> read_page(const File& file, int64_t position, int64_t entries,
                                           int64_t number);
std::optional<std::vector<IndexEntry>> read_index_node(const File& file, int64_t position,
                                                       int64_t entries, int level, int64_t number);

// The checksum of all raw bytes under a node, from the checksums of its entries.
uint32_t checksum_of_page(const StreamShape& shape, int64_t page, std::span<const Slot> slots);
uint32_t checksum_of_index_node(const StreamShape& shape, int level, int64_t node,
                                std::span<const IndexEntry> entries);

// The number of slots for so many raw bytes.
int64_t slot_count(int64_t pixel_bytes, int64_t slot_raw_bytes);
// A prefix in stored blocks: its length in the stream, its bytes, and the position of one of its
// bytes, from the start of the prefix.
int64_t stored_prefix_bytes(int64_t prefix_bytes);
std::vector<std::byte> store_prefix(std::span<const std::byte> prefix);
int64_t position_in_stored_prefix(int64_t offset);

// The extra length of a stream's last slot that keeps multiples of 2^30 out of the bytes after its
// pixels. Its run ends at `run_end` (from the start of the stream), and `after` bytes follow.
int64_t room_before_last_run(int64_t run_end, int64_t after);

}  // namespace swr
