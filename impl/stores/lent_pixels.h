// Stretches of a sequence in memory that belongs to others: they are used where they are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stores/store.h"

namespace swr {

class LentPixels : public Overlay {
 public:
  // `bytes`: the length of the sequence.
  explicit LentPixels(int64_t bytes) : bytes_(bytes) {}

  // The memory must outlive the object, or the call of clear(). False if the stretch begins before
  // the end of an earlier one: it is not taken.
  bool add(int64_t offset, std::span<const std::byte> pixels);
  bool empty() const { return stretches_.empty(); }
  void clear() { stretches_.clear(); }
  // Writes all of them.
  void copy_to(WriteStore& store) const;

  int64_t next_change(int64_t from) const override;
  int64_t end() const override { return empty() ? 0 : stretches_.back().end(); }
  void apply(int64_t offset, std::span<std::byte> raw) const override;
  std::span<const std::byte> in_memory(int64_t offset, int64_t bytes) const override;

 private:
  struct Stretch {
    int64_t begin;
    std::span<const std::byte> pixels;
    int64_t end() const { return begin + std::ssize(pixels); }
  };
  std::vector<Stretch>::const_iterator first_after(int64_t offset) const;

  const int64_t bytes_;
  std::vector<Stretch> stretches_;  // in ascending order, disjoint
};

}  // namespace swr
