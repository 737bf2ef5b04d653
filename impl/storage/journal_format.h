// The undo journal's own format. What the entries mean is the business of those who make a change
// and undo it: in_place.cpp, name_giving.cpp, dead_journal.cpp.
//
// A journal is over, and says nothing any more, when its head says so: that is the moment in which
// a change is complete, or completely undone.
//
//   file                            block                                    entry
//    0   8  "SWRUNDO2"               0  4  CRC-32 of the bytes from 4 on,     0  4  kind
//    8   4  salt                           started with the salt             4  4  number
//   12   4  1: in use, 2: over,      4  4  bytes of the entries, n            8  8  position
//           3: over, to be erased    8  4  bytes of the block before         16  4  bytes of data, m
//   16   4  CRC-32 of bytes 0..15   12  4  zero                              20  4  bytes of the entry
//   20   4  zero                    16  8  number of the block, from 0             before, in its block
//   24      blocks                  24  n  entries                           24  m  data
//
// All numbers are little-endian. "Bytes of the block before" count its head; they are 0 in the
// first, and the same holds for entries: a journal is read from its end too, in little memory. A
// block is written with one call; the first that is torn, or whose number or checksum is wrong,
// ends the journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/identity.h"

namespace swr {

struct JournalEntry {
  enum class Kind : uint32_t {
    // The first entry. number: flags; data: JournalBegin
    begin = 1,
    // number: of the file, from 0; position: its old size; data: its identity, and its path,
    // relative to the folder of the one that the user named
    file = 2,
    // number: of the file; position: offset; data: the old bytes
    bytes = 3,
    // number: of the file, whose size is going to change
    resized = 4,
    // data: GivenName, as joined() of name_entry.h makes it
    name = 5,
    // All names are given.
    complete = 6,
  };
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::span<const std::byte> data{};
};

struct JournalFlags {
  bool sync = false;   // what is undone is flushed before the journal goes
  bool erase = false;  // the journal is overwritten before it goes

  uint32_t number() const { return (sync ? 1U : 0U) | (erase ? 2U : 0U); }
  static JournalFlags of(uint32_t number) {
    return {.sync = (number & 1U) != 0, .erase = (number & 2U) != 0};
  }
};

// What a journal says of itself.
struct JournalBegin {
  JournalFlags flags;
  Author author;
  Identity journal;
  Identity folder;    // of the image
  std::string image;  // the file that the user named, in full
};
// The data of the first entry, and back: the process, four bytes that are zero, the identities of
// the journal itself and of the image's folder, and machine, boot and image with zero bytes between
// them.
std::string joined(const JournalBegin& begin);
std::optional<JournalBegin> begin_from(const JournalEntry& entry);

struct JournalHead {
  static constexpr int64_t bytes = 24;
  enum class State : uint32_t { in_use = 1, over = 2, over_to_erase = 3 };

  uint32_t salt = 0;
  State state = State::in_use;

  void store(std::span<std::byte, bytes> out) const;
  // Nothing if the bytes are no head of this version.
  static std::optional<JournalHead> load(std::span<const std::byte> in);
};

// Why a journal that was found is not rolled back: the others can be.
class JournalRefused : public Error {
 public:
  using Error::Error;
};

namespace journal_format {

inline constexpr std::string_view magic = "SWRUNDO";
inline constexpr char version = '2';
inline constexpr size_t block_head_bytes = 24;
inline constexpr size_t entry_head_bytes = 24;
inline constexpr size_t most_block_bytes = size_t{1} << 20;

// What the head of a block says of it and of its neighbour.
struct BlockHead {
  int64_t block_bytes;   // with the head
  int64_t bytes_before;  // of the block before, with its head
  int64_t number;

  static BlockHead load(const std::byte* head);
};

// Completes a block whose entries follow block_head_bytes of room.
void seal_block(std::span<std::byte> block, uint32_t salt, int64_t bytes_before, int64_t number);
bool is_whole(std::span<const std::byte> block, uint32_t salt);

void append_entry(std::vector<std::byte>& block, const JournalEntry& entry, size_t bytes_before);
// The bytes of the entry before the one that begins here, with its head.
size_t bytes_before_entry(const std::byte* head);
// The entry that the bytes begin with. SWR_ERROR_CORRUPT if it is longer than they are.
JournalEntry entry_from(std::span<const std::byte> bytes, const std::string& path);

// Throws JournalRefused, SWR_ERROR_CORRUPT: this journal says what none of swr's does, in the words
// `what`.
[[noreturn]] void fail_damaged(const std::string& path, std::string_view what);

uint32_t checksum(uint32_t salt, std::span<const std::byte> bytes);

}  // namespace journal_format

}  // namespace swr
