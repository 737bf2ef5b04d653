#include "stores/holes.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>

namespace swr {
namespace {

size_t class_of(int64_t bytes) {
  return static_cast<size_t>(std::bit_width(static_cast<uint64_t>(bytes))) - 1;
}

}  // namespace

void Holes::insert(int64_t offset, int64_t bytes) {
  if (bytes <= 0) return;
  begins_.emplace(offset, bytes);
  by_class_[class_of(bytes)].insert(offset);
}

void Holes::remove(std::map<int64_t, int64_t>::iterator hole) {
  by_class_[class_of(hole->second)].erase(hole->first);
  begins_.erase(hole);
}

void Holes::add(int64_t offset, int64_t bytes) {
  if (bytes <= 0) return;
  int64_t end = offset + bytes;
  const auto next = begins_.lower_bound(offset);
  if (next != begins_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == offset) {
      offset = before->first;
      remove(before);
    }
  }
  if (next != begins_.end() && next->first == end) {
    end += next->second;
    remove(next);
  }
  insert(offset, end - offset);
}

std::optional<int64_t> Holes::take(int64_t bytes) {
  const auto fits = [&](int64_t offset) { return begins_.at(offset) >= bytes + offset % 2; };
  std::optional<int64_t> first;
  for (size_t c = class_of(bytes); c < by_class_.size(); ++c) {
    const auto found = std::ranges::find_if(by_class_[c], fits);
    if (found != by_class_[c].end() && (!first || *found < *first)) first = *found;
  }
  if (!first) return std::nullopt;
  const auto hole = begins_.find(*first);
  const int64_t end = hole->first + hole->second, at = *first + *first % 2;
  remove(hole);
  insert(*first, at - *first);
  insert(at + bytes, end - at - bytes);
  return at;
}

std::optional<int64_t> Holes::take_last(int64_t end) {
  if (begins_.empty()) return std::nullopt;
  const auto last = std::prev(begins_.end());
  if (last->first + last->second != end) return std::nullopt;
  const int64_t offset = last->first;
  remove(last);
  return offset;
}

int64_t Holes::bytes() const {
  const auto add = [](int64_t sum, const auto& hole) { return sum + hole.second; };
  return std::accumulate(begins_.begin(), begins_.end(), int64_t{0}, add);
}

}  // namespace swr
