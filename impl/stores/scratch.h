// Temporary storage for bytes: in memory up to a limit, the rest in an unnamed file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "base/memory_meter.h"
#include "base/mutex.h"
#include "storage/staged_set.h"
#include "stores/contiguous.h"

namespace swr {

// Only written bytes take room; others read as zeros. All functions are thread-safe.
class Scratch : public ReadStore, public WriteStore {
 public:
  static constexpr int64_t usual_chunk = 65536;

  // Memory is taken in chunks, up to `memory` bytes in total. `counters` counts it and the bytes
  // that go to the file, which is in the folder of `beside`. `counters` must outlive the scratch.
  Scratch(int64_t memory, std::string beside, StoreCounters& counters,
          int64_t chunk_bytes = usual_chunk);

  void read(int64_t offset, std::span<std::byte> out) override;
  void write(int64_t offset, std::span<const std::byte> bytes);
  void write(std::span<const Write> writes) override;
  void verify() override {}

  // A stretch that append() wrote.
  struct Stretch {
    int64_t offset = 0;
    int64_t bytes = 0;
  };
  Stretch append(std::span<const std::byte> bytes);
  void read(const Stretch& stretch, std::span<std::byte> out) { read(stretch.offset, out); }
  // The position of the next stretch. Going back to a position discards what was appended since.
  int64_t end() const;
  void go_back_to(int64_t end);

 private:
  void read_chunk(int64_t number, int64_t in_chunk, std::span<std::byte> out);
  Buffer* chunk_for_writing(int64_t number) SWR_REQUIRES(mutex_);
  File& file() SWR_REQUIRES(mutex_);
  void write_locked(int64_t offset, std::span<const std::byte> bytes) SWR_REQUIRES(mutex_);

  const int64_t chunk_bytes_;
  const std::string beside_;
  StoreCounters& counters_;
  mutable Mutex mutex_;
  int64_t memory_left_ SWR_GUARDED_BY(mutex_);
  int64_t end_ SWR_GUARDED_BY(mutex_) = 0;
  // By their numbers; chunks that are not here are in the file.
  std::map<int64_t, Buffer> chunks_ SWR_GUARDED_BY(mutex_);
  StagedSet files_ SWR_GUARDED_BY(mutex_);
  File* file_ SWR_GUARDED_BY(mutex_) = nullptr;  // reads happen without the lock
};

}  // namespace swr
