// A place where pixels wait, each where it lies in the image's sequence, until a compressed file
// takes them from the front to the back.
#pragma once

#include <map>
#include <span>

#include "engine/memory_meter.h"
#include "storage/staged_set.h"
#include "stores/contiguous.h"

namespace swr {

// Only what is written takes room: chunks of memory as far as allowed, then a sparse file without a
// name. What was not written reads as zeros.
class Spool : public ReadStore, public WriteStore {
 public:
  Spool(int64_t bytes, int64_t most_in_memory, StagedSet& files, const std::string& beside,
        MemoryMeter& meter);
  void read(int64_t offset, std::span<std::byte> out) override;
  void write(std::span<const Write> writes) override;
  void verify() override {}

 private:
  static constexpr int64_t chunk_bytes = 65536;

  void write_one(int64_t offset, std::span<const std::byte> bytes);
  Buffer* chunk_for_writing(int64_t number);
  File& file();

  int64_t bytes_;
  int64_t memory_left_;
  StagedSet& files_;
  std::string beside_;
  MemoryMeter& meter_;
  std::map<int64_t, Buffer> chunks_;  // by their numbers; those that are not here lie in the file
  File* file_ = nullptr;
};

}  // namespace swr
