#include "checked/image_state.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace swr::checked {
namespace {

using Reader = std::unique_ptr<swr_reader, decltype(&swr_reader_destroy)>;

std::string problem(const char* call, swr_status status, const swr_reader* reader) {
  return std::string(call) + ": " + swr_status_name(status) + ": " + swr_reader_message(reader);
}

Reader new_reader(const std::string& dataset) {
  Reader reader(swr_reader_create(), swr_reader_destroy);
  if (reader) swr_reader_set_threads(reader.get(), 1);
  if (reader && !dataset.empty())
    swr_reader_set_option(reader.get(), "hdf5.dataset", dataset.c_str());
  return reader;
}

void read_header(swr_reader* r, ImageState& state) {
  swr_reader_get_image_region(r, &state.region);
  swr_reader_get_pixel_type(r, &state.component, &state.components, &state.kind);
  const int32_t n = state.region.dimensions;
  state.spacing.resize(static_cast<size_t>(n));
  state.origin.resize(static_cast<size_t>(n));
  state.direction.resize(static_cast<size_t>(n) * static_cast<size_t>(n));
  swr_reader_get_spacing(r, state.spacing.data(), n);
  swr_reader_get_origin(r, state.origin.data(), n);
  swr_reader_get_direction(r, state.direction.data(), n * n);
  int32_t count = 0;
  swr_reader_get_metadata_count(r, &count);
  for (int32_t i = 0; i < count; ++i) {
    const char *key = "", *value = "";
    swr_reader_get_metadata_at(r, i, &key, &value);
    state.metadata.emplace_back(key, value);
  }
  const char* words = "";
  if (swr_reader_get_format(r, &words) == SWR_OK) state.format = words;
  if (swr_reader_get_encoding(r, &words, nullptr) == SWR_OK) state.encoding = words;
}

}  // namespace

int64_t ImageState::pixel_bytes() const {
  return int64_t{swr_component_bytes(component)} * components;
}

std::string read_state(const std::string& path, bool verify, ImageState& state,
                       const std::string& dataset) {
  const Reader reader = new_reader(dataset);
  if (!reader) return "no memory for a reader";
  swr_reader* const r = reader.get();
  if (const swr_status status = swr_reader_open(r, path.c_str()); status != SWR_OK)
    return problem("swr_reader_open", status, r);
  read_header(r, state);
  const int64_t pixels = pixels_of(state.region);
  if (verify && pixels <= most_bytes_to_verify / state.pixel_bytes()) {
    if (const swr_status status = swr_reader_verify(r); status != SWR_OK)
      return problem("swr_reader_verify", status, r);
  }
  if (pixels > most_bytes / state.pixel_bytes()) return {};
  const int64_t bytes = pixels * state.pixel_bytes();
  state.pixels.resize(static_cast<size_t>(bytes));
  if (const swr_status status = swr_reader_read(r, &state.region, state.pixels.data(), bytes);
      status != SWR_OK)
    return problem("swr_reader_read", status, r);
  state.has_pixels = true;
  return {};
}

std::string read_part(const std::string& path, const swr_region& region, Bytes& pixels,
                      const std::string& dataset) {
  const Reader reader = new_reader(dataset);
  if (!reader) return "no memory for a reader";
  swr_reader* const r = reader.get();
  if (const swr_status status = swr_reader_open(r, path.c_str()); status != SWR_OK)
    return problem("swr_reader_open", status, r);
  if (const swr_status status =
          swr_reader_read(r, &region, pixels.data(), static_cast<int64_t>(pixels.size()));
      status != SWR_OK)
    return problem("swr_reader_read", status, r);
  return {};
}

int64_t pixels_of(const swr_region& region) {
  int64_t product = region.dimensions > 0 ? 1 : 0;
  for (int32_t axis = 0; axis < region.dimensions; ++axis) product *= region.size[axis];
  return product;
}

bool same(const swr_region& a, const swr_region& b) {
  const auto n = static_cast<size_t>(a.dimensions);
  return a.dimensions == b.dimensions && std::equal(a.index, a.index + n, b.index) &&
         std::equal(a.size, a.size + n, b.size);
}

bool contains(const swr_region& outer, const swr_region& inner) {
  return same(intersection(outer, inner), inner);
}

swr_region intersection(const swr_region& a, const swr_region& b) {
  swr_region both = a;
  for (int32_t axis = 0; axis < a.dimensions; ++axis) {
    both.index[axis] = std::max(a.index[axis], b.index[axis]);
    const int64_t end = std::min(a.index[axis] + a.size[axis], b.index[axis] + b.size[axis]);
    both.size[axis] = std::max<int64_t>(0, end - both.index[axis]);
  }
  return both;
}

swr_region bounding_box(const swr_region& a, const swr_region& b) {
  swr_region box = a;
  for (int32_t axis = 0; axis < a.dimensions; ++axis) {
    box.index[axis] = std::min(a.index[axis], b.index[axis]);
    const int64_t end = std::max(a.index[axis] + a.size[axis], b.index[axis] + b.size[axis]);
    box.size[axis] = end - box.index[axis];
  }
  return box;
}

std::string text_of(const swr_region& region) {
  std::string words;
  for (const auto* list : {region.index, region.size}) {
    words += list == region.index ? "(" : " size (";
    for (int32_t axis = 0; axis < region.dimensions; ++axis)
      words += (axis > 0 ? "," : "") + std::to_string(list[axis]);
    words += ")";
  }
  return words;
}

void copy_part(const swr_region& part, int64_t pixel_bytes, const unsigned char* from,
               const swr_region& from_region, unsigned char* to, const swr_region& to_region) {
  const int64_t pixels = pixels_of(part);
  if (pixels == 0) return;
  const auto offset = [&](const int64_t* at, const swr_region& region) {
    int64_t pixel = 0;
    for (int32_t axis = region.dimensions - 1; axis >= 0; --axis)
      pixel = pixel * region.size[axis] + (at[axis] - region.index[axis]);
    return pixel * pixel_bytes;
  };
  int64_t at[SWR_MAX_DIMENSIONS];
  std::copy(part.index, part.index + part.dimensions, at);
  const auto row_bytes = static_cast<size_t>(part.size[0] * pixel_bytes);
  for (int64_t row = pixels / part.size[0]; row > 0; --row) {
    std::memcpy(to + offset(at, to_region), from + offset(at, from_region), row_bytes);
    for (int32_t axis = 1; axis < part.dimensions; ++axis) {
      if (++at[axis] < part.index[axis] + part.size[axis]) break;
      at[axis] = part.index[axis];
    }
  }
}

}  // namespace swr::checked
