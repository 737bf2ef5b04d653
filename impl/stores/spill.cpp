#include "stores/spill.h"

#include <cstring>

namespace swr {

Spill::Piece Spill::put(std::span<const std::byte> data) {
  const auto bytes = static_cast<int64_t>(data.size());
  const std::lock_guard lock(mutex_);
  if (bytes <= memory_) {
    memory_ -= bytes;
    kept_.emplace_back(data.begin(), data.end());
    return {bytes, -1, kept_.back().data()};
  }
  if (!file_) file_ = &files_.scratch(beside_);
  const int64_t position = file_bytes_;
  file_bytes_ += bytes;
  file_->write_at(position, data);
  return {bytes, position, nullptr};
}

void Spill::forget_after(const Mark& mark) {
  kept_.resize(mark.kept);
  memory_ = mark.memory;
  file_bytes_ = mark.file_bytes;
}

void Spill::get(const Piece& piece, int64_t offset, std::span<std::byte> out) const {
  if (out.empty()) return;
  if (piece.in_memory) {
    std::memcpy(out.data(), piece.in_memory + offset, out.size());
  } else {
    file_->read_at(piece.position + offset, out);
  }
}

}  // namespace swr
