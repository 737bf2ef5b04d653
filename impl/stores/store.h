// What a pixel store is: a linear sequence of bytes (LinearOrder says whose) that lies in files in
// some encoding. The bytes are as in the file, in the file's byte order; who needs the machine's
// turns them round.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/memory_meter.h"
#include "image/layout.h"

namespace swr {

// Reads any stretch of the sequence. Used by one thread at a time.
class ReadStore {
 public:
  virtual ~ReadStore() = default;
  virtual void read(int64_t offset, std::span<std::byte> out) = 0;
  // Whether read() notices by itself that another process is changing the file in place. If not,
  // what it delivers holds only if the file was at rest.
  virtual bool notices_changes() const { return true; }
  // Checks what can be checked: sizes, checksums, directory. Throws SWR_ERROR_CORRUPT.
  virtual void verify() = 0;
};

// One block on its way to a file.
struct Encoded {
  int64_t offset = 0;  // of its first byte in the sequence
  std::span<const std::byte>
      bytes;  // what goes to the file: borrowed from the caller of encode(), or from `owned`
  std::vector<std::byte> owned;
  struct Part {  // for stores with an index: one for each unit of the block
    uint32_t stored_bytes;
    uint32_t raw_bytes;
    uint32_t checksum;
    uint32_t filler_bytes = 0;  // of the stored bytes, at their front
  };
  std::vector<Part> parts;
};

// Takes the whole sequence, once, from front to back, in blocks that break where (offset + phase())
// is a multiple of the block size, but for the first and the last. encode() is pure and runs on
// many threads; place() and finish() are called by one thread at a time, in the sequence's order.
class StreamStore {
 public:
  virtual ~StreamStore() = default;
  virtual int64_t phase() const = 0;
  virtual bool breaks_anywhere() const {
    return false;
  }  // blocks that break elsewhere are only slower
  virtual Encoded encode(int64_t offset, std::span<const std::byte> raw) const = 0;
  virtual void place(const Encoded& encoded) = 0;
  virtual void finish() = 0;
};

// New bytes for some stretches of a sequence: what a paste, or a growth, changes.
class Overlay {
 public:
  virtual ~Overlay() = default;
  // The first byte at or after `from` that changes; the sequence's length if there is none.
  virtual int64_t next_change(int64_t from) const = 0;
  // No byte from here on changes.
  virtual int64_t end() const { return std::numeric_limits<int64_t>::max(); }
  // Replaces those bytes of [offset, offset + raw.size()) that change; the others stay. Several
  // threads may call it.
  virtual void apply(int64_t offset, std::span<std::byte> raw) const = 0;
};

// Figures that stores count, for swr_get_statistics().
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
