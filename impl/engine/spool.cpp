#include "engine/spool.h"

#include <algorithm>
#include <cstring>

namespace swr {
namespace {

// Calls `each` with the chunk's number, the offset in it, and the part of `bytes` that lies there.
template <typename Byte, typename Each>
void for_each_chunk(int64_t chunk_bytes, int64_t offset, std::span<Byte> bytes, Each&& each) {
  while (!bytes.empty()) {
    const int64_t in_chunk = offset % chunk_bytes;
    const auto part =
        bytes.first(std::min(bytes.size(), static_cast<size_t>(chunk_bytes - in_chunk)));
    each(offset / chunk_bytes, in_chunk, part);
    offset += std::ssize(part);
    bytes = bytes.subspan(part.size());
  }
}

}  // namespace

Spool::Spool(int64_t bytes, int64_t most_in_memory, StagedSet& files, const std::string& beside,
             MemoryMeter& meter)
    : bytes_(bytes), memory_left_(most_in_memory), files_(files), beside_(beside), meter_(meter) {}

void Spool::read(int64_t offset, std::span<std::byte> out) {
  for_each_chunk(chunk_bytes, offset, out,
                 [&](int64_t number, int64_t in_chunk, std::span<std::byte> part) {
                   if (const auto chunk = chunks_.find(number); chunk != chunks_.end()) {
                     std::memcpy(part.data(), chunk->second.data() + in_chunk, part.size());
                   } else if (file_) {
                     file_->read_at(number * chunk_bytes + in_chunk, part);
                   } else {
                     std::ranges::fill(part, std::byte{0});
                   }
                 });
}

void Spool::write(std::span<const Write> writes) {
  for (const Write& write : writes) write_one(write.offset, write.bytes);
}

void Spool::write_one(int64_t offset, std::span<const std::byte> bytes) {
  for_each_chunk(chunk_bytes, offset, bytes,
                 [&](int64_t number, int64_t in_chunk, std::span<const std::byte> part) {
                   if (Buffer* const chunk = chunk_for_writing(number)) {
                     std::memcpy(chunk->data() + in_chunk, part.data(), part.size());
                   } else {
                     file().write_at(number * chunk_bytes + in_chunk, part);
                   }
                 });
}

// nullptr if the chunk lies in the file. Once there is a file, all new chunks do: so none is in
// both.
Buffer* Spool::chunk_for_writing(int64_t number) {
  if (const auto chunk = chunks_.find(number); chunk != chunks_.end()) return &chunk->second;
  const int64_t bytes = std::min(chunk_bytes, bytes_ - number * chunk_bytes);
  if (file_ || bytes > memory_left_) return nullptr;
  Buffer chunk(bytes, meter_);
  std::memset(chunk.data(), 0, static_cast<size_t>(bytes));
  memory_left_ -= bytes;
  return &chunks_.emplace(number, std::move(chunk)).first->second;
}

File& Spool::file() {
  if (!file_) {
    file_ = &files_.scratch(beside_);
    file_->resize(bytes_);
  }
  return *file_;
}

}  // namespace swr
