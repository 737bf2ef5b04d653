// Keeps byte strings until they are wanted again: in memory as far as allowed, behind that in a
// file without a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "storage/staged_set.h"

namespace swr {

class Spill {
 public:
  // The file lies in the folder of `beside`, which has room for what is to come.
  Spill(int64_t memory, const std::string& beside) : memory_(memory), beside_(beside), files_({}) {}

  struct Piece {
    int64_t bytes = 0;
    int64_t position = -1;  // in the file
    const std::byte* in_memory = nullptr;
  };

  // Several threads may call these.
  Piece put(std::span<const std::byte> data);
  void get(const Piece& piece, std::span<std::byte> out) const { get(piece, 0, out); }
  // out.size() bytes of it, from `offset` on.
  void get(const Piece& piece, int64_t offset, std::span<std::byte> out) const;

  // What was put after a mark can be forgotten, and its room used again.
  struct Mark {
    size_t kept;
    int64_t memory, file_bytes;
  };
  Mark mark() const { return {kept_.size(), memory_, file_bytes_}; }
  void forget_after(const Mark& mark);

 private:
  int64_t memory_;
  std::string beside_;
  std::mutex mutex_;
  std::deque<std::vector<std::byte>> kept_;
  StagedSet files_;
  File* file_ = nullptr;
  int64_t file_bytes_ = 0;
};

}  // namespace swr
