// The interfaces of a pixel store: a linear sequence of bytes (see LinearOrder) in one or more
// files, in some encoding. The bytes are in the file's byte order; callers that need native byte
// order swap them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/checked.h"
#include "base/memory_meter.h"
#include "image/layout.h"

namespace swr {

// What a store says about the form of the pixels.
struct StoreFacts {
  bool is_slotted = false;  // a deflate stream that can be changed in place
  int level = 6;            // of the compression, as far as it is known
};

// Reads any stretch of the sequence. Not thread-safe.
class ReadStore {
 public:
  virtual ~ReadStore() = default;
  virtual void read(int64_t offset, std::span<std::byte> out) = 0;
  // Whether read() itself notices that another process is changing the file in place. If not, its
  // result is only valid if no write was running.
  virtual bool notices_changes() const { return true; }
  // Checks sizes, checksums and directory, as far as the encoding has them. Throws
  // SWR_ERROR_CORRUPT.
  virtual void verify() = 0;
  virtual StoreFacts facts() const { return {}; }
};

// An encoded block, not yet written to a file.
struct Encoded {
  int64_t offset = 0;  // of its first byte in the sequence
  // for the file: borrowed from the caller of encode(), or from `owned`
  std::span<const std::byte> bytes;
  std::vector<std::byte> owned;
  struct Unit {  // for stores with an index: one per unit of the block
    uint32_t stored_bytes;
    uint32_t raw_bytes;
    uint32_t checksum;
    uint32_t filler_bytes = 0;  // at the start of the stored bytes
  };
  std::vector<Unit> units;
  std::vector<std::vector<std::byte>> chunks;  // the chunks of a layer, in ascending order

  // Whether `bytes`, which are needed until the block is placed, are the caller's.
  bool is_borrowed() const { return owned.empty() && !bytes.empty(); }
  // The bytes of memory that it owns.
  int64_t owned_bytes() const {
    int64_t sum = std::ssize(owned);
    for (const auto& chunk : chunks) sum += std::ssize(chunk);
    return sum;
  }
};

// Runs part(0) to part(count - 1), each once and in any order, perhaps also on threads that have
// nothing else to do. Throws the first failure of a part.
using RunParts =
    std::function<void(int64_t count, const std::function<void(int64_t number)>& part)>;

// Takes the whole sequence once, from front to back, in blocks that end where next_break() says,
// and at the end of the sequence. Usually the boundaries are multiples of the block size for
// (offset + phase()). encode() runs on many threads, once for each block; it may store some of the
// block already, where no other block is. Requires: one thread at a time calls place() and
// finish(), in the order of the sequence.
class StreamStore {
 public:
  virtual ~StreamStore() = default;
  virtual int64_t phase() const = 0;
  // The first boundary after `offset` of blocks of so many bytes.
  virtual int64_t next_break(int64_t offset, int64_t block) const {
    const int64_t phase = this->phase() % block;
    return round_down(offset + phase, block) + block - phase;
  }
  virtual bool breaks_anywhere() const { return false; }  // other block boundaries are only slower
  virtual Encoded encode(int64_t offset, std::span<const std::byte> raw) const = 0;
  // The same, for blocks that take long: `run` may have others do a part.
  virtual Encoded encode_in_parts(int64_t offset, std::span<const std::byte> raw,
                                  const RunParts& /*run*/) const {
    return encode(offset, raw);
  }
  virtual void place(const Encoded& encoded) = 0;
  virtual void finish() = 0;
};

// A stretch of the sequence to write.
struct Write {
  int64_t offset;
  std::span<const std::byte> bytes;
};

// Writes anywhere in the sequence.
class WriteStore {
 public:
  virtual ~WriteStore() = default;
  virtual void write(std::span<const Write> writes) = 0;
};

// New bytes for some stretches of a sequence: the change of a paste or a growth.
class Overlay {
 public:
  virtual ~Overlay() = default;
  // The first byte at or after `from` that changes; the length of the sequence if there is none.
  virtual int64_t next_change(int64_t from) const = 0;
  // All changes are before this byte.
  virtual int64_t end() const { return std::numeric_limits<int64_t>::max(); }
  // Replaces the bytes of [offset, offset + raw.size()) that change; the others stay. Thread-safe.
  virtual void apply(int64_t offset, std::span<std::byte> raw) const = 0;
  // The new bytes of [offset, offset + bytes) where they are in memory, if all of them change and
  // are in one piece there; else empty. They live as long as the overlay. Thread-safe.
  virtual std::span<const std::byte> in_memory(int64_t /*offset*/, int64_t /*bytes*/) const {
    return {};
  }
};

// Counters of the stores, for swr_get_statistics().
struct StoreCounters {
  std::atomic<int64_t> compress_nanoseconds{0};
  std::atomic<int64_t> store_nanoseconds{0};
  std::atomic<int64_t> slots_rewritten{0};
  std::atomic<int64_t> slots_moved{0};
  std::atomic<int64_t> blocks_spliced{0};
  std::atomic<int64_t> bytes_out{0};
  MemoryMeter memory;  // of buffers
};

}  // namespace swr
