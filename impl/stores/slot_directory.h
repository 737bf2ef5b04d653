// The directory of a slotted stream: where each slot lies, how much of it is used, and the checksum
// of what it inflates to.
//
//   stream     head | prefix in stored blocks | slot 0 .. slot 255 | page 0 | slot 256 .. | page 1 | ... | last page | last slot | footer | 03 00 |
//   trailer slot       filler | run                                   the run ends with the slot page       16 empty stored blocks for each of its
//   slots, 7 for a CRC; five bits hidden in each (codecs/pad_bits.h) footer     64 empty stored blocks, in the same way
//
//   page, 10 bytes a slot, then 4:      slot bytes u24 | run bytes u24 | checksum u32    ...    CRC-32 of all that and of the page's number (u32)
//   footer, 40 bytes:                    0 "SWRS"
//                                        4 version u8 (1) | level u8 | slots of a page u16 (256)
//                                        8 raw bytes of a slot u32 | 12 raw bytes of the prefix u32 | 16 raw bytes of all slots u64
//                                       24 bytes of the last slot u32 | 28 checksum of the prefix u32 | 32 checksum of the whole, as in the trailer,
//                                       u32 36 CRC-32 of these 36 bytes u32
//
// Numbers are little endian; checksums are Adler-32 in zlib streams and CRC-32 in gzip streams.
// From the end, every position follows: the last slot lies in front of the footer, the last page in
// front of that, the page's slots in front of it, and so on, until slot 0 has to begin where the
// prefix ends. A directory is believed if that holds and if the checksums of prefix and slots add
// up to the trailer. docs/slotted-deflate.md says the same for other programs.
//
// Nothing but the footer lies behind the last slot's run: MetaIO stops with an error if a multiple
// of 2^30 of the stream falls behind the last pixel.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codecs/stream_head.h"
#include "storage/file.h"

namespace swr {

inline constexpr int64_t slots_of_page = 256;
inline constexpr int64_t most_slot_bytes = (int64_t{1} << 24) - 1;
inline constexpr int64_t least_slot_raw_bytes = 4096, most_slot_raw_bytes = int64_t{4} << 20;
inline constexpr int64_t footer_stored_bytes = 320;

struct Slot {
  uint32_t bytes = 0;      // in the stream
  uint32_t run_bytes = 0;  // at its end; filler before
  uint32_t checksum = 0;   // of its raw bytes

  bool operator==(const Slot&) const = default;
};

struct SlotDirectory {
  bool gzip = false;
  int level = 6;
  int64_t slot_raw_bytes = 0;
  int64_t prefix_bytes = 0;
  int64_t pixel_bytes = 0;
  uint32_t prefix_checksum = 0;
  std::vector<Slot> slots;

  // Reads it from the end of the stream at [begin, begin + bytes) of `file`; nothing if there is
  // none that agrees with the stream.
  static std::optional<SlotDirectory> find(const File& file, int64_t begin, int64_t bytes);

  Checksum kind() const { return checksum_kind(gzip); }
  int64_t count() const { return static_cast<int64_t>(slots.size()); }
  int64_t raw_bytes(int64_t slot) const;
  // Of the prefix and all slots.
  uint32_t checksum() const;

  int64_t page_count() const;
  int64_t page_bytes(int64_t page) const;
  std::vector<std::byte> page(int64_t number) const;
  // Everything behind the last slot.
  std::vector<std::byte> tail() const;
  int64_t tail_bytes() const { return footer_stored_bytes + 2 + trailer_bytes(gzip); }
  int64_t pixels_begin() const;  // where slot 0 begins, from the stream's begin
};

// Where slots and pages lie, in bytes from the stream's begin.
struct SlotPositions {
  std::vector<int64_t> slots;  // where each begins
  std::vector<int64_t> pages;
  int64_t end = 0;  // of the last slot, where the footer begins

  explicit SlotPositions(const SlotDirectory& directory);
};

// The number of slots for so many raw bytes.
int64_t slot_count(int64_t pixel_bytes, int64_t slot_raw_bytes);
// A prefix in stored blocks: its length in the stream, its bytes, and where a byte of it lies, from
// the prefix's begin.
int64_t stored_prefix_bytes(int64_t prefix_bytes);
std::vector<std::byte> store_prefix(std::span<const std::byte> prefix);
int64_t position_in_stored_prefix(int64_t offset);

// How much longer the last slot of a stream has to be, so that a last run that ends at `run_end`
// (from the stream's begin), with `behind` bytes to follow, has no multiple of 2^30 behind its
// pixels.
int64_t room_before_last_run(int64_t run_end, int64_t behind);

}  // namespace swr
