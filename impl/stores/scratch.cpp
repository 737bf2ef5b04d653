#include "stores/scratch.h"

#include <algorithm>
#include <cstring>
#include <utility>

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

// The file ends at the last byte that was written; what follows reads as zeros.
void read_or_zeros(const File& file, int64_t offset, std::span<std::byte> out) {
  const int64_t got = file.read_some(offset, out);
  std::ranges::fill(out.subspan(static_cast<size_t>(got)), std::byte{0});
}

}  // namespace

Scratch::Scratch(int64_t memory, std::string beside, StoreCounters& counters, int64_t chunk_bytes)
    : chunk_bytes_(chunk_bytes),
      beside_(std::move(beside)),
      counters_(counters),
      memory_left_(memory),
      files_({}) {}

void Scratch::read(int64_t offset, std::span<std::byte> out) {
  for_each_chunk(chunk_bytes_, offset, out,
                 [&](int64_t number, int64_t in_chunk, std::span<std::byte> part) {
                   const File* file = nullptr;
                   {
                     const std::lock_guard lock(mutex_);
                     if (const auto chunk = chunks_.find(number); chunk != chunks_.end()) {
                       std::memcpy(part.data(), chunk->second.data() + in_chunk, part.size());
                       return;
                     }
                     file = file_;
                   }
                   if (file) {
                     read_or_zeros(*file, number * chunk_bytes_ + in_chunk, part);
                   } else {
                     std::ranges::fill(part, std::byte{0});
                   }
                 });
}

void Scratch::write(std::span<const Write> writes) {
  for (const Write& write : writes) this->write(write.offset, write.bytes);
}

void Scratch::write(int64_t offset, std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  write_locked(offset, bytes);
}

void Scratch::write_locked(int64_t offset, std::span<const std::byte> bytes) {
  for_each_chunk(chunk_bytes_, offset, bytes,
                 [&](int64_t number, int64_t in_chunk, std::span<const std::byte> part) {
                   if (Buffer* const chunk = chunk_for_writing(number)) {
                     std::memcpy(chunk->data() + in_chunk, part.data(), part.size());
                   } else {
                     file().write_at(number * chunk_bytes_ + in_chunk, part);
                     counters_.bytes_out += std::ssize(part);
                   }
                 });
}

Scratch::Piece Scratch::append(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  const Piece piece{end_, std::ssize(bytes)};
  write_locked(end_, bytes);
  end_ += piece.bytes;
  return piece;
}

int64_t Scratch::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

void Scratch::go_back_to(int64_t end) {
  const std::lock_guard lock(mutex_);
  end_ = end;
}

// nullptr if the chunk lies in the file. Once there is a file, all new chunks do: so none is in
// both.
Buffer* Scratch::chunk_for_writing(int64_t number) {
  if (const auto chunk = chunks_.find(number); chunk != chunks_.end()) return &chunk->second;
  if (file_ || chunk_bytes_ > memory_left_) return nullptr;
  Buffer chunk(chunk_bytes_, counters_.memory);
  std::memset(chunk.data(), 0, static_cast<size_t>(chunk_bytes_));
  memory_left_ -= chunk_bytes_;
  return &chunks_.emplace(number, std::move(chunk)).first->second;
}

File& Scratch::file() {
  if (!file_) file_ = &files_.scratch(beside_);
  return *file_;
}

}  // namespace swr
