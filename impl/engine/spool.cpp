#include "engine/spool.h"

#include <cstring>

namespace swr {

Spool::Spool(int64_t bytes, int64_t most_in_memory, StagedSet& files, const std::string& beside, MemoryMeter& meter) {
  if (bytes <= most_in_memory) {
    memory_ = Buffer(bytes, meter);
    return;
  }
  file_ = &files.scratch(beside);
  file_->resize(bytes);
}

void Spool::read(int64_t offset, std::span<std::byte> out) {
  if (file_) {
    file_->read_at(offset, out);
  } else {
    std::memcpy(out.data(), memory_.data() + offset, out.size());
  }
}

void Spool::write(std::span<const Write> writes) {
  for (const Write& write : writes) {
    if (file_) {
      file_->write_at(write.offset, write.bytes);
    } else {
      std::memcpy(memory_.data() + write.offset, write.bytes.data(), write.bytes.size());
    }
  }
}

}  // namespace swr
