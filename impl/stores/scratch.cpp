#include "stores/scratch.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace swr {
namespace {

// The part of a stretch that is in its first chunk.
struct InChunk {
  int64_t number, offset;
  size_t bytes;
};

InChunk first_chunk(int64_t chunk_bytes, int64_t offset, size_t bytes) {
  const int64_t in_chunk = offset % chunk_bytes;
  return {offset / chunk_bytes, in_chunk,
          std::min(bytes, static_cast<size_t>(chunk_bytes - in_chunk))};
}

// The file ends at the last written byte; all after it reads as zeros.
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
  while (!out.empty()) {
    const InChunk here = first_chunk(chunk_bytes_, offset, out.size());
    read_chunk(here.number, here.offset, out.first(here.bytes));
    offset += static_cast<int64_t>(here.bytes);
    out = out.subspan(here.bytes);
  }
}

void Scratch::read_chunk(int64_t number, int64_t in_chunk, std::span<std::byte> out) {
  const File* file = nullptr;
  {
    const MutexLock lock(mutex_);
    if (const auto chunk = chunks_.find(number); chunk != chunks_.end()) {
      std::memcpy(out.data(), chunk->second.data() + in_chunk, out.size());
      return;
    }
    file = file_;
  }
  if (file) {
    read_or_zeros(*file, number * chunk_bytes_ + in_chunk, out);
  } else {
    std::ranges::fill(out, std::byte{0});
  }
}

void Scratch::write(std::span<const Write> writes) {
  for (const Write& write : writes) this->write(write.offset, write.bytes);
}

void Scratch::write(int64_t offset, std::span<const std::byte> bytes) {
  const MutexLock lock(mutex_);
  write_locked(offset, bytes);
}

void Scratch::write_locked(int64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const InChunk here = first_chunk(chunk_bytes_, offset, bytes.size());
    if (Buffer* const chunk = chunk_for_writing(here.number)) {
      std::memcpy(chunk->data() + here.offset, bytes.data(), here.bytes);
    } else {
      file().write_at(offset, bytes.first(here.bytes));
      counters_.bytes_out += static_cast<int64_t>(here.bytes);
    }
    offset += static_cast<int64_t>(here.bytes);
    bytes = bytes.subspan(here.bytes);
  }
}

Scratch::Stretch Scratch::append(std::span<const std::byte> bytes) {
  const MutexLock lock(mutex_);
  const Stretch stretch{end_, std::ssize(bytes)};
  write_locked(end_, bytes);
  end_ += stretch.bytes;
  return stretch;
}

int64_t Scratch::end() const {
  const MutexLock lock(mutex_);
  return end_;
}

void Scratch::go_back_to(int64_t end) {
  const MutexLock lock(mutex_);
  end_ = end;
}

// nullptr if the chunk is in the file. Once there is a file, all new chunks go there, so none is in
// both places.
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
