#include "formats/tiff_geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr double mm_of_cm = 10, mm_of_inch = 25.4;
using Sizes = std::vector<int64_t>;

// --- The sizes ---

// The numbers of a note; none if it is not exactly `count` finite ones.
std::vector<double> numbers_of(const TiffText& text, std::string_view key, int count) {
  const std::string* const note = text.notes.find(key);
  if (!note) return {};
  const auto most = static_cast<size_t>(count) + 1;
  std::vector<double> numbers;
  for (const HeaderValue& word : words_of(HeaderValue{*note, 0}, most)) {
    const auto number = double_of(word.text);
    if (!number || !std::isfinite(*number)) return {};
    numbers.push_back(*number);
  }
  if (std::ssize(numbers) != count) numbers.clear();
  return numbers;
}

bool fits_pages(const Sizes& sizes, const TiffForm& form, int64_t count) {
  if (sizes.size() < 2 || sizes.size() > max_dimensions || sizes[0] != form.width ||
      sizes[1] != form.height)
    return false;
  int64_t product = 1;
  for (size_t axis = 2; axis < sizes.size(); ++axis) {
    const auto more = sizes[axis] > 0 ? try_multiply(product, sizes[axis]) : std::nullopt;
    if (!more) return false;
    product = *more;
  }
  return product == count;
}

Sizes noted_sizes(const TiffText& text) {
  Sizes sizes;
  const std::string* const note = text.notes.find(tiff_note::size);
  if (!note) return sizes;
  for (const HeaderValue& word : words_of(HeaderValue{*note, 0}, max_dimensions + 1))
    sizes.push_back(integer_of(word.text).value_or(0));
  return sizes;
}

Sizes imagej_sizes(const TiffText& text, const TiffForm& form) {
  Sizes sizes = {form.width, form.height};
  if (text.channels > 1) sizes.push_back(text.channels);
  const bool others = text.channels > 1 || text.frames > 1;
  if (text.slices > 1 || !others) sizes.push_back(text.slices);
  if (text.frames > 1) sizes.push_back(text.frames);
  return sizes;
}

Sizes shaped_sizes(const TiffText& text, const TiffForm& form) {
  Sizes sizes = text.shape;
  if (form.samples > 1 && !sizes.empty() && sizes.back() == form.samples) sizes.pop_back();
  std::ranges::reverse(sizes);
  return sizes;
}

// Axes of size 1 are not the image's.
Sizes ome_sizes(const OmeText& ome, const TiffForm& form) {
  Sizes sizes = {form.width, form.height};
  for (const OmeAxis& axis : ome.axes) {
    if (ome.size(axis) > 1) sizes.push_back(ome.size(axis));
  }
  return sizes;
}

// The text is believed where it agrees with the pages.
Sizes sizes_of(const TiffForm& form, const TiffText& text, int64_t count) {
  if (Sizes sizes = noted_sizes(text); fits_pages(sizes, form, count)) return sizes;
  if (text.kind == TiffText::Kind::shape) {
    if (Sizes sizes = shaped_sizes(text, form); fits_pages(sizes, form, count)) return sizes;
  }
  if (count == 1) return {form.width, form.height};
  if (text.ome) {
    if (Sizes sizes = ome_sizes(*text.ome, form); fits_pages(sizes, form, count)) return sizes;
  }
  if (text.kind == TiffText::Kind::imagej) {
    if (Sizes sizes = imagej_sizes(text, form); fits_pages(sizes, form, count)) return sizes;
  }
  return {form.width, form.height, count};
}

// --- The spacing ---

// The nearest fraction with parts of 32 bits, by continued fractions; nothing if it is not close.
std::optional<std::array<uint32_t, 2>> fraction_of(double value) {
  constexpr double most = std::numeric_limits<uint32_t>::max();
  double rest = value;
  double p0 = 0, q0 = 1, p1 = 1, q1 = 0;  // the last fractions
  while (std::isfinite(rest)) {
    const double whole = std::floor(rest);
    const double p = whole * p1 + p0, q = whole * q1 + q0;
    if (!(p >= 0 && p <= most && q >= 1 && q <= most)) break;
    p0 = std::exchange(p1, p);
    q0 = std::exchange(q1, q);
    if (p1 / q1 == value) break;
    rest = 1 / (rest - whole);
  }
  if (p1 < 1 || q1 < 1 || !(std::abs(p1 / q1 - value) <= 1e-7 * value)) return std::nullopt;
  return std::array{static_cast<uint32_t>(p1), static_cast<uint32_t>(q1)};
}

double value_of(const std::array<uint32_t, 2>& fraction) {
  return static_cast<double>(fraction[0]) / static_cast<double>(fraction[1]);
}

// The length in mm of the unit that the numbers have; 0 if they have none. ImageJ has the unit of
// all numbers in its text.
double unit_of(const TiffPages& pages, const TiffText& text) {
  if (text.kind == TiffText::Kind::imagej) {
    const swr_unit unit = unit_of_name(text.unit);
    if (unit != SWR_UNIT_NONE && quantity_of(unit) == Quantity::length) return size_of(unit);
    if (!text.unit.empty()) return 0;
  }
  return pages.resolution_unit == 3 ? mm_of_cm : pages.resolution_unit == 2 ? mm_of_inch : 0;
}

// The axis between slices; -1 if there is none.
int slices_axis(const TiffText& text, int dimensions) {
  const bool channels_first =
      text.kind == TiffText::Kind::imagej && !text.has_notes && text.channels > 1;
  const int axis = channels_first ? 3 : 2;
  return axis < dimensions ? axis : -1;
}

// The axis of the image that is an axis of OME-XML; -1 if none is.
int ome_axis(const OmeText& ome, char name, const Image& image) {
  int number = 2;
  for (const OmeAxis& axis : ome.axes) {
    if (axis.name == name && ome.size(axis) > 1) return number < image.dimensions() ? number : -1;
    if (ome.size(axis) > 1) ++number;
  }
  return -1;
}

// Lengths in OME-XML count more than the tags.
void read_ome_spacing(const TiffText& text, Image& image) {
  const OmeText& ome = *text.ome;
  const int z = text.has_notes ? 2 : ome_axis(ome, 'Z', image);
  const int axes[] = {0, 1, z < image.dimensions() ? z : -1};
  for (size_t i = 0; i < 3; ++i) {
    if (axes[i] < 0 || ome.spacing[i] == 0) continue;
    image.spacing[axes[i]] = ome.spacing[i];
    if (!text.has_notes) image.units[axes[i]] = ome.units[i];
  }
  const int time = text.has_notes ? -1 : ome_axis(ome, 'T', image);
  if (time < 0 || ome.time_step == 0) return;
  image.spacing[time] = ome.time_step;
  image.units[time] = ome.time_unit;
}

void read_spacing(const TiffPages& pages, const TiffText& text, Image& image) {
  const double unit = unit_of(pages, text);
  for (int axis = 0; axis < 2; ++axis) {
    const double resolution = pages.resolution[static_cast<size_t>(axis)];
    if (unit > 0 && resolution > 0 && std::isfinite(unit / resolution))
      image.spacing[axis] = unit / resolution;
  }
  const int axis = slices_axis(text, image.dimensions());
  if (axis > 0 && text.spacing > 0 && unit > 0) image.spacing[axis] = text.spacing * unit;
}

bool is_close(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::abs(b);
}

// The exact spacing, where it is the one of the tags.
void take_noted_spacing(const TiffPages& pages, const TiffText& text, Image& image) {
  const int n = image.dimensions();
  const auto noted = numbers_of(text, tiff_note::spacing, n);
  if (noted.empty() || std::ranges::any_of(noted, [](double s) { return s == 0; })) return;
  Image exact = image;
  std::copy(noted.begin(), noted.end(), exact.spacing.begin());
  const TiffResolution expected = tiff_resolution_of(exact);
  const bool same = expected.unit == pages.resolution_unit &&
                    is_close(pages.resolution[0], value_of(expected.x)) &&
                    is_close(pages.resolution[1], value_of(expected.y));
  for (int axis = 0; axis < n; ++axis) {
    const bool by_ome = text.ome && axis < 3 && text.ome->spacing[static_cast<size_t>(axis)] > 0;
    const bool by_text = by_ome || (axis == 2 && text.spacing > 0);
    const bool by_tags = !by_ome && axis < 2;
    if ((by_tags && same) ||
        (by_text && is_close(noted[static_cast<size_t>(axis)], image.spacing[axis])) ||
        (!by_tags && !by_text))
      image.spacing[axis] = noted[static_cast<size_t>(axis)];
  }
}

// --- The rest ---

void read_units(const TiffText& text, Image& image) {
  const int n = image.dimensions();
  const std::string* const note = text.notes.find(tiff_note::units);
  if (note) {
    const auto words = words_of(HeaderValue{*note, 0}, static_cast<size_t>(n) + 1);
    for (int axis = 0; axis < n && std::ssize(words) == n; ++axis)
      image.units[axis] = unit_of_name(words[static_cast<size_t>(axis)].text);
  } else if (text.kind == TiffText::Kind::imagej && !text.has_notes) {
    const swr_unit unit = unit_of_name(text.unit);
    if (quantity_of(unit) != Quantity::length) return;
    for (int axis = 0; axis < 2; ++axis) image.units[axis] = unit;
    if (const int axis = slices_axis(text, n); axis > 0) image.units[axis] = unit;
  }
}

void read_place(const TiffText& text, Image& image) {
  const int n = image.dimensions();
  if (const std::string* const index = text.notes.find(start_index_key))
    set_start_index(image.region, *index);
  if (const auto direction = numbers_of(text, tiff_note::direction, n * n); !direction.empty())
    std::copy(direction.begin(), direction.end(), image.direction.begin());
  std::array<double, max_dimensions> first{};
  const auto noted = numbers_of(text, tiff_note::first, n);
  std::copy(noted.begin(), noted.end(), first.begin());
  image.set_origin_from_first_pixel(first);
  if (const auto place = numbers_of(text, tiff_note::placement, 15); !place.empty()) {
    Placement& placement = image.placement.emplace();
    std::copy_n(place.begin(), 9, placement.direction.begin());
    std::copy_n(place.begin() + 9, 3, placement.spacing.begin());
    std::copy_n(place.begin() + 12, 3, placement.origin.begin());
  }
}

void read_meaning(const TiffText& text, Image& image) {
  if (const auto scale = numbers_of(text, tiff_note::scale, 2); !scale.empty() && scale[0] != 0)
    image.scale = {scale[0], scale[1], true};
  if (const std::string* const name = text.notes.find(kind_key)) {
    const auto kind = kind_of_name(*name);
    if (kind && kind_fits(*kind, image.pixel.components)) image.pixel.kind = *kind;
  }
  for (const auto& [key, value] : text.notes) {
    if (key.starts_with(tiff_note::metadata) && key.size() > tiff_note::metadata.size())
      image.metadata.set(std::string_view(key).substr(tiff_note::metadata.size()), value);
  }
}

}  // namespace

TiffResolution tiff_resolution_of(const Image& image) {
  TiffResolution resolution;
  const auto x = fraction_of(mm_of_cm / image.spacing[0]);
  const auto y = fraction_of(mm_of_cm / image.spacing[1]);
  if (!x || !y) return resolution;
  resolution.x = *x;
  resolution.y = *y;
  resolution.unit = 3;
  return resolution;
}

void read_tiff_image(const TiffPages& pages, const TiffForm& form, const TiffText& text,
                     int64_t count, Image& image) {
  const Sizes sizes = sizes_of(form, text, count);
  image.region.dimensions = static_cast<int>(sizes.size());
  std::ranges::copy(sizes, image.region.size.begin());
  image.set_default_geometry();
  read_spacing(pages, text, image);
  if (text.ome) read_ome_spacing(text, image);
  take_noted_spacing(pages, text, image);
  read_units(text, image);
  read_place(text, image);
  read_meaning(text, image);
}

}  // namespace swr
