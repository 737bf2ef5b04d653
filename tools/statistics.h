// Least and largest value, mean and standard deviation of numbers that come in parts.
#pragma once

#include <cstdint>
#include <span>
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

}  // namespace swr::tool
