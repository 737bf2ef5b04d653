#include "statistics.h"

#include <algorithm>
#include <cmath>

namespace swr::tool {

// The part's own mean and squares are joined with those so far (Chan, Golub and LeVeque 1979), so
// that the error does not grow with the number of values.
void ValueStatistics::add(std::span<const double> values) {
  int64_t count = 0;
  double least = INFINITY, largest = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    ++count;
    least = std::min(least, value);
    largest = std::max(largest, value);
  }
  not_finite_ += static_cast<int64_t>(values.size()) - count;
  if (count == 0) return;
  // Distances from the least value: the mean of equal values is that value, however large.
  double sum = 0;
  for (const double value : values)
    if (std::isfinite(value)) sum += value - least;
  double mean = least + sum / static_cast<double>(count);
  // Values near the largest double have no finite sum.
  if (!std::isfinite(mean)) {
    mean = 0;
    for (const double value : values)
      if (std::isfinite(value)) mean += value / static_cast<double>(count);
  }
  mean = std::clamp(mean, least, largest);
  double squares = 0;
  for (const double value : values)
    if (std::isfinite(value)) squares += (value - mean) * (value - mean);
  const auto before = static_cast<double>(finite_), added = static_cast<double>(count);
  const double distance = mean - mean_, share = added / (before + added);
  squares_ += squares + distance * distance * before * share;
  mean_ += distance * share;
  least_ = finite_ == 0 ? least : std::min(least_, least);
  largest_ = finite_ == 0 ? largest : std::max(largest_, largest);
  finite_ += count;
}

double ValueStatistics::deviation() const {
  return std::sqrt(squares_ / static_cast<double>(finite_));
}

Histogram::Histogram(double least, double largest, int bins)
    : least_(least), largest_(largest), counts_(static_cast<size_t>(bins)) {}

double Histogram::edge(int bin) const {
  const double share = static_cast<double>(bin) / static_cast<double>(counts_.size());
  return bin == static_cast<int>(counts_.size()) ? largest_
                                                 : least_ * (1 - share) + largest_ * share;
}

void Histogram::add(std::span<const double> values) {
  const auto bins = static_cast<double>(counts_.size());
  // Halves, because the whole width may not be finite.
  const double half = largest_ / 2 - least_ / 2;
  for (const double value : values) {
    if (!(value >= least_ && value <= largest_)) continue;
    const double share = half > 0 ? (value / 2 - least_ / 2) / half : 0;
    ++counts_[static_cast<size_t>(std::min(std::floor(share * bins), bins - 1))];
  }
}

void WholeRange::add(std::span<const uint64_t> keys) {
  for (const uint64_t key : keys) {
    least_ = std::min(least_, key);
    largest_ = std::max(largest_, key);
  }
}

// Bin i begins at i * width / bins, rounded up. The width is divided first: no product overflows.
WholeHistogram::WholeHistogram(const WholeRange& range, int bins)
    : least_(range.least()),
      width_(range.largest() - range.least()),
      counts_(static_cast<size_t>(bins)) {
  const auto count = static_cast<uint64_t>(bins);
  for (uint64_t i = 0; i < count; ++i)
    begins_.push_back(i * (width_ / count) + (i * (width_ % count) + count - 1) / count);
}

// The bin that floating numbers give is next to the right one, or is it.
void WholeHistogram::add(std::span<const uint64_t> keys) {
  const auto bins = static_cast<double>(counts_.size());
  for (const uint64_t key : keys) {
    const uint64_t distance = key - least_;
    const double share =
        width_ > 0 ? static_cast<double>(distance) / static_cast<double>(width_) : 0;
    auto bin = static_cast<size_t>(std::min(std::floor(share * bins), bins - 1));
    while (distance < begins_[bin]) --bin;
    while (bin + 1 < begins_.size() && width_ > 0 && distance >= begins_[bin + 1]) ++bin;
    ++counts_[bin];
  }
}

}  // namespace swr::tool
