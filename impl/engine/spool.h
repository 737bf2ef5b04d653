// A place where pixels wait, each where it lies in the image's sequence, until a compressed file takes them from the front to the back.
#pragma once

#include <span>

#include "engine/memory_meter.h"
#include "storage/staged_set.h"
#include "stores/contiguous.h"

namespace swr {

// In memory if it is small, else in a sparse file without a name: only what is written takes room.
class Spool : public ReadStore, public WriteStore {
 public:
  Spool(int64_t bytes, int64_t most_in_memory, StagedSet& files, const std::string& beside, MemoryMeter& meter);
  void read(int64_t offset, std::span<std::byte> out) override;
  void write(std::span<const Write> writes) override;
  void verify() override {}

 private:
  Buffer memory_;
  File* file_ = nullptr;
};

}  // namespace swr
