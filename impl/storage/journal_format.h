// The file format of the undo journal. The entries are interpreted by the code that makes and
// undoes changes: in_place.cpp, name_giving.cpp, dead_journal.cpp.
//
// A journal is over, and its entries no longer count, when its head says so: at that moment a
// change is complete, or completely undone.
//
//   file                           block                                   entry
//    0   8  "SWRUNDO2"              0  4  CRC-32 of the bytes from 4 on,    0  4  kind
//    8   4  salt                          started with the salt            4  4  number
//   12   4  1: in use, 2: over,     4  4  bytes of the entries, n           8  8  position
//           3: over, to be erased   8  4  bytes of the block before        16  4  bytes of data, m
//   16   4  CRC-32 of bytes 0..15  12  4  zero                             20  4  bytes of the
//   20   4  zero                   16  8  number of the block, from 0            entry before, in
//   24      blocks                 24  n  entries                                its block
//                                                                          24  m  data
//
// All numbers are little-endian. "Bytes of the block before" include its head and are 0 in the
// first block; the same holds for entries. So a journal can also be read backwards, in little
// memory. A block is written by one call; the journal ends before the first block that is
// incomplete or has a wrong number or checksum.
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
    // number: of the file, from 0; position: its old size; data: its identity, then its path,
    // relative to the folder of the image
    file = 2,
    // number: of the file; position: offset; data: the old bytes
    bytes = 3,
    // number: of a file whose size is about to change
    resized = 4,
    // a GivenName, encoded as name_entry.h says
    name = 5,
    // all names have been given
    complete = 6,
  };
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::span<const std::byte> data{};
};

struct JournalFlags {
  bool sync = false;   // what is undone is flushed before the journal is removed
  bool erase = false;  // the journal is overwritten before it is removed

  uint32_t number() const { return (sync ? 1U : 0U) | (erase ? 2U : 0U); }
  static JournalFlags of(uint32_t number) {
    return {.sync = (number & 1U) != 0, .erase = (number & 2U) != 0};
  }
};

// The content of the first entry.
struct JournalBegin {
  JournalFlags flags;
  Author author;
  Identity journal;
  Identity folder;    // of the image
  std::string image;  // the absolute path of the file that the user named
};
// Encodes and decodes the data of the first entry: the process, four zero bytes, the identities of
// the journal itself and of the image's folder, then machine, boot and image, separated by zero
// bytes.
std::string joined(const JournalBegin& begin);
std::optional<JournalBegin> begin_from(const JournalEntry& entry);

struct JournalHead {
  static constexpr int64_t bytes = 24;
  enum class State : uint32_t { in_use = 1, over = 2, over_to_erase = 3 };

  uint32_t salt = 0;
  State state = State::in_use;

  void store(std::span<std::byte, bytes> out) const;
  // Nothing if the bytes are not a head of this version.
  static std::optional<JournalHead> load(std::span<const std::byte> in);
};

// The reason why one found journal is not rolled back. Other journals still can be.
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

// The head of a block.
struct BlockHead {
  int64_t block_bytes;   // including the head
  int64_t bytes_before;  // of the block before, including its head
  int64_t number;

  static BlockHead load(const std::byte* head);
};

// Fills in the head of a block, for which the first block_head_bytes are reserved.
void seal_block(std::span<std::byte> block, uint32_t salt, int64_t bytes_before, int64_t number);
bool is_whole(std::span<const std::byte> block, uint32_t salt);

void append_entry(std::vector<std::byte>& block, const JournalEntry& entry, size_t bytes_before);
// The bytes of the entry before the one at `head`, including its head.
size_t bytes_before_entry(const std::byte* head);
// Decodes the entry at the beginning of `bytes`. SWR_ERROR_CORRUPT if it is longer than they are.
JournalEntry entry_from(std::span<const std::byte> bytes, const std::string& path);

// Throws JournalRefused with SWR_ERROR_CORRUPT. `what` completes the sentence "this undo journal
// ...".
[[noreturn]] void fail_damaged(const std::string& path, std::string_view what);

uint32_t checksum(uint32_t salt, std::span<const std::byte> bytes);

}  // namespace journal_format

}  // namespace swr
