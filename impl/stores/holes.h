// The unused stretches of a file, into which chunks go before the file gets longer.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace swr {

class Holes {
 public:
  // Neighbours are joined. Requires: the stretch is in no hole.
  void add(int64_t offset, int64_t bytes);
  // Takes so many bytes from the front of the first hole that has them, at an even offset; nothing
  // if there is no such hole.
  std::optional<int64_t> take(int64_t bytes);
  // Takes the hole that ends at this offset, and returns where it begins; nothing if there is none.
  std::optional<int64_t> take_last(int64_t end);

  int64_t bytes() const;
  size_t count() const { return begins_.size(); }

 private:
  static constexpr int classes = 63;

  void insert(int64_t offset, int64_t bytes);
  void remove(std::map<int64_t, int64_t>::iterator hole);

  std::map<int64_t, int64_t> begins_;  // offset -> bytes
  // The offsets of holes by the number of bits of their sizes.
  std::array<std::set<int64_t>, classes> by_class_;
};

}  // namespace swr
