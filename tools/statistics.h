// Least and largest value, mean and standard deviation of numbers that come in parts.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace swr::tool {

class ValueStatistics {
 public:
  // Of the finite values; the others are counted.
  void add(std::span<const double> values);

  int64_t finite() const { return finite_; }
  int64_t not_finite() const { return not_finite_; }
  // Requires of these: finite() > 0.
  double least() const { return least_; }
  double largest() const { return largest_; }
  double mean() const { return mean_; }
  // Of the whole image, not an estimate from a sample.
  double deviation() const;

 private:
  int64_t finite_ = 0, not_finite_ = 0;
  double least_ = 0, largest_ = 0;
  double mean_ = 0, squares_ = 0;  // the sum of the squared distances from the mean
};

// Counts of values in bins of equal width from `least` to `largest`, which is in the last bin.
class Histogram {
 public:
  // Requires: bins > 0, least <= largest, both finite.
  Histogram(double least, double largest, int bins);
  void add(std::span<const double> values);
  const std::vector<int64_t>& counts() const { return counts_; }
  // The first value of a bin; that of the one after the last is the largest value.
  double edge(int bin) const;

 private:
  double least_, largest_;
  std::vector<int64_t> counts_;
};

// Whole numbers of up to 64 bits as keys, exact also above 2^53: the keys of numbers of one type
// sort as the numbers do, and have the same distances.
template <class T>
uint64_t key_of(T value) {
  constexpr uint64_t origin = std::is_signed_v<T> ? uint64_t{1} << 63 : 0;
  return static_cast<uint64_t>(value) + origin;
}

class WholeRange {
 public:
  void add(std::span<const uint64_t> keys);
  // Requires of these: add() got a key.
  uint64_t least() const { return least_; }
  uint64_t largest() const { return largest_; }

 private:
  uint64_t least_ = std::numeric_limits<uint64_t>::max(), largest_ = 0;
};

// As Histogram, with keys: a number is in the bin whose exact edges it is between.
class WholeHistogram {
 public:
  // Requires: 0 < bins < 2^32.
  WholeHistogram(const WholeRange& range, int bins);
  void add(std::span<const uint64_t> keys);
  const std::vector<int64_t>& counts() const { return counts_; }

 private:
  uint64_t least_, width_;        // of the whole range
  std::vector<uint64_t> begins_;  // the least distance from `least_` in each bin
  std::vector<int64_t> counts_;
};

}  // namespace swr::tool
