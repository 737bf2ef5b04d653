#include "slices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "component_types.h"
#include "regions.h"

namespace swr::tool {
namespace {

constexpr int64_t band_bytes = 8 << 20;  // how much of a plane is read at a time
constexpr double sparse = 4;             // rows further apart than this are read one by one

// The position of a panel's pixel between two pixels of the image.
struct Tap {
  int64_t first;
  float share_of_next;  // 0: only the first
};

// One axis of a panel, in the order of the image.
std::vector<Tap> taps_along(int64_t size, double pixel, double panel_pixel) {
  const double ratio = panel_pixel / pixel;
  const auto count =
      static_cast<size_t>(std::max(1.0, std::round(static_cast<double>(size) / ratio)));
  std::vector<Tap> taps;
  for (size_t i = 0; i < count; ++i) {
    const double at = std::clamp((static_cast<double>(i) + 0.5) * ratio - 0.5, 0.0,
                                 static_cast<double>(size - 1));
    if (ratio < 1) {
      const auto first = std::min(static_cast<int64_t>(at), size - 1);
      taps.push_back(
          {first, first + 1 < size ? static_cast<float>(at - static_cast<double>(first)) : 0});
    } else {
      taps.push_back({std::min(static_cast<int64_t>(std::llround(at)), size - 1), 0});
    }
  }
  return taps;
}

double spacing_along(const Facts& facts, int axis) {
  return axis < 0 ? 1 : facts.spacing[axis];
}
int64_t size_along(const Facts& facts, int axis) {
  return axis < 0 ? 1 : facts.region.size[axis];
}

// Reads rows of a plane, in ascending order, each sampled at the panel's columns. Memory: one band,
// and two sampled rows.
class RowSampler {
 public:
  // `sparse_columns`: less than half of a row's pixels are used.
  RowSampler(swr_reader* reader, const Facts& facts, const Plane& plane,
             const std::vector<Tap>& columns, bool sparse_columns, int64_t rows_at_a_time)
      : reader_(reader),
        facts_(facts),
        plane_(plane),
        columns_(columns),
        channels_(is_colour(facts) ? 3 : 1) {
    const int64_t row_bytes = size_along(facts, plane.column_axis) * facts.pixel_bytes();
    // Pixels along other axes than the first are apart in the file: each needs a read of its own,
    // unless a stream is inflated anyway.
    const bool scattered = plane.column_axis != 0 && facts.encoding == "none";
    whole_rows_ = row_bytes <= band_bytes && !(scattered && sparse_columns);
    rows_at_a_time_ =
        std::clamp<int64_t>(whole_rows_ ? band_bytes / row_bytes : 1, 1, rows_at_a_time);
  }

  // Valid until the row after next is requested.
  const std::vector<float>& row(int64_t number) {
    for (const auto& kept : kept_) {
      if (kept.number == number) return kept.values;
    }
    Row& row = kept_[next_];
    next_ = 1 - next_;
    row.number = number;
    row.values.resize(columns_.size() * channels_);
    whole_rows_ ? sample_whole(number, row.values) : sample_single(number, row.values);
    return row.values;
  }

 private:
  struct Row {
    int64_t number = -1;
    std::vector<float> values;
  };

  void read(const swr_region& region) {
    pixels_.resize(pixel_count(region) * facts_.pixel_bytes());
    check(reader_,
          swr_reader_read(reader_, &region, pixels_.data(), static_cast<int64_t>(pixels_.size())));
  }

  swr_region rows_from(int64_t number, int64_t count) const {
    swr_region region = plane_.through;
    if (plane_.row_axis >= 0) {
      region.index[plane_.row_axis] += number;
      region.size[plane_.row_axis] = count;
    }
    return region;
  }

  void sample_whole(int64_t number, std::vector<float>& values) {
    if (number < band_first_ || number >= band_first_ + band_rows_) {
      band_first_ = number;
      band_rows_ = std::min(rows_at_a_time_, size_along(facts_, plane_.row_axis) - number);
      read(rows_from(band_first_, band_rows_));
    }
    const bool rows_outside = plane_.row_axis < 0 || plane_.column_axis < plane_.row_axis;
    const int64_t column_stride = rows_outside ? 1 : band_rows_;
    const int64_t row_stride = rows_outside ? size_along(facts_, plane_.column_axis) : 1;
    const int64_t row_begin = (number - band_first_) * row_stride;
    with_component_type(facts_.component, [&]<class T>(T) {
      for (size_t i = 0; i < columns_.size(); ++i) {
        for (int c = 0; c < channels_; ++c) {
          const int64_t pixel = row_begin + columns_[i].first * column_stride;
          values[i * channels_ + c] =
              between<T>(pixel, pixel + column_stride, c, columns_[i].share_of_next);
        }
      }
    });
  }

  // Reads single pixels of a row, which is cheaper than the whole row.
  void sample_single(int64_t number, std::vector<float>& values) {
    swr_region region = rows_from(number, 1);
    for (size_t i = 0; i < columns_.size(); ++i) {
      region.index[plane_.column_axis] =
          plane_.through.index[plane_.column_axis] + columns_[i].first;
      region.size[plane_.column_axis] = columns_[i].share_of_next > 0 ? 2 : 1;
      read(region);
      with_component_type(facts_.component, [&]<class T>(T) {
        for (int c = 0; c < channels_; ++c)
          values[i * channels_ + c] = between<T>(0, 1, c, columns_[i].share_of_next);
      });
    }
  }

  template <class T>
  float between(int64_t pixel, int64_t next, int channel, float share) const {
    const float value = component<T>(pixel, channel);
    return share > 0 ? value + share * (component<T>(next, channel) - value) : value;
  }

  template <class T>
  float component(int64_t pixel, int channel) const {
    T value;
    std::memcpy(
        &value,
        pixels_.data() + (pixel * facts_.components + channel) * static_cast<int64_t>(sizeof(T)),
        sizeof(T));
    return static_cast<float>(static_cast<double>(value) * facts_.slope + facts_.intercept);
  }

  swr_reader* reader_;
  const Facts& facts_;
  const Plane& plane_;
  const std::vector<Tap>& columns_;
  int channels_;
  bool whole_rows_ = true;
  int64_t rows_at_a_time_ = 1;
  int64_t band_first_ = 0, band_rows_ = 0;
  std::vector<char> pixels_;
  std::array<Row, 2> kept_;
  int next_ = 0;
};

// The axis of the image that runs most along x, y and z of the patient's space.
std::array<int, 3> anatomical_axes(const Facts& facts) {
  std::array<int, 3> order{0, 1, 2}, best = order;
  double most = -1;
  do {
    double along = 0;
    for (int d = 0; d < 3; ++d)
      along += std::abs(facts.direction[d * facts.dimensions() + order[d]]);
    if (along > most + 1e-9) {
      most = along;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

// The plane along two axes through the middle of all others.
Plane plane_along(const Facts& facts, const std::string& name, int column_axis, int row_axis) {
  Plane plane{name, column_axis, row_axis, false, false, facts.region};
  for (int d = 0; d < facts.dimensions(); ++d) {
    if (d == column_axis || d == row_axis) continue;
    plane.through.index[d] += facts.region.size[d] / 2;
    plane.through.size[d] = 1;
  }
  return plane;
}

std::vector<Plane> single_plane(const Facts& facts) {
  std::vector<int> axes;
  for (int d = 0; d < std::min(facts.dimensions(), 3); ++d) {
    if (facts.region.size[d] > 1) axes.push_back(d);
  }
  for (int d = 0; d < facts.dimensions() && axes.size() < 2; ++d) {
    if (std::find(axes.begin(), axes.end(), d) == axes.end()) axes.push_back(d);
  }
  std::sort(axes.begin(), axes.end());
  return {plane_along(facts, "slice", axes[0], axes.size() > 1 ? axes[1] : -1)};
}

}  // namespace

bool is_colour(const Facts& facts) {
  return facts.kind == SWR_KIND_RGB || facts.kind == SWR_KIND_RGBA;
}

std::vector<Plane> central_planes(const Facts& facts) {
  const auto& size = facts.region.size;
  if (facts.dimensions() < 3 || size[0] == 1 || size[1] == 1 || size[2] == 1)
    return single_plane(facts);
  const auto [x, y, z] = anatomical_axes(facts);
  const int n = facts.dimensions();
  const bool x_backwards = facts.direction[0 * n + x] < 0,
             y_backwards = facts.direction[1 * n + y]<0, z_upwards = facts.direction[2 * n + z]> 0;
  Plane axial = plane_along(facts, "axial", x, y), coronal = plane_along(facts, "coronal", x, z),
        sagittal = plane_along(facts, "sagittal", y, z);
  axial.flip_columns = coronal.flip_columns = x_backwards;
  axial.flip_rows = sagittal.flip_columns = y_backwards;
  coronal.flip_rows = sagittal.flip_rows = z_upwards;
  return {axial, coronal, sagittal};
}

double panel_spacing(const Facts& facts, const std::vector<Plane>& planes, int edge) {
  double finest = INFINITY, longest = 0;
  for (const Plane& plane : planes) {
    for (int axis : {plane.column_axis, plane.row_axis}) {
      if (size_along(facts, axis) == 1) continue;
      finest = std::min(finest, spacing_along(facts, axis));
      longest = std::max(longest,
                         spacing_along(facts, axis) * static_cast<double>(size_along(facts, axis)));
    }
  }
  return longest > 0 ? std::max(finest, longest / edge) : 1;
}

Panel sample(swr_reader* reader, const Facts& facts, const Plane& plane, double spacing) {
  const auto columns = taps_along(size_along(facts, plane.column_axis),
                                  spacing_along(facts, plane.column_axis), spacing);
  const auto rows =
      taps_along(size_along(facts, plane.row_axis), spacing_along(facts, plane.row_axis), spacing);
  const bool dense = spacing / spacing_along(facts, plane.row_axis) < sparse;
  const bool sparse_columns = spacing / spacing_along(facts, plane.column_axis) >= 2;
  RowSampler sampler(reader, facts, plane, columns, sparse_columns, dense ? INT64_MAX : 1);
  Panel panel{static_cast<int>(columns.size()),
              static_cast<int>(rows.size()),
              is_colour(facts) ? 3 : 1,
              {}};
  const size_t row_values = columns.size() * panel.channels;
  panel.values.resize(rows.size() * row_values);
  for (size_t y = 0; y < rows.size(); ++y) {
    float* to = panel.values.data() + (plane.flip_rows ? rows.size() - 1 - y : y) * row_values;
    const auto& first = sampler.row(rows[y].first);
    std::copy(first.begin(), first.end(), to);
    if (rows[y].share_of_next > 0) {
      const auto& next = sampler.row(rows[y].first + 1);
      for (size_t i = 0; i < row_values; ++i) to[i] += rows[y].share_of_next * (next[i] - to[i]);
    }
    if (!plane.flip_columns) continue;
    for (int left = 0, right = panel.width - 1; left < right; ++left, --right) {
      std::swap_ranges(to + left * panel.channels, to + (left + 1) * panel.channels,
                       to + right * panel.channels);
    }
  }
  return panel;
}

}  // namespace swr::tool
