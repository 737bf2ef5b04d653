#include "engine/session.h"

#include <algorithm>

#include "base/byte_order.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "image/convert.h"
#include "storage/in_place.h"

namespace swr {
namespace {

// Converted at a time: small enough to stay in the cache.
constexpr int64_t part_bytes = int64_t{1} << 20;

WritePlan recover_and_plan(const Settings& settings) {
  if (!settings.path.empty() && has_journal(settings.path))
    recover(settings.path, settings.detached_outside);
  WritePlan plan = make_write_plan(settings);
  // The journal lies beside the header, which a path to the data file names only now.
  if (plan.path == settings.path || !has_journal(plan.path)) return plan;
  recover(plan.path, settings.detached_outside);
  return make_write_plan(settings);
}

// Where `element`, counted in the packed region, lies.
std::string element_text(const Region& region, int components, int64_t element) {
  int64_t pixel = element / components;
  std::string out = "(";
  for (int axis = 0; axis < region.dimensions; ++axis) {
    out += (axis > 0 ? "," : "") + std::to_string(region.index[axis] + pixel % region.size[axis]);
    pixel /= region.size[axis];
  }
  out += ")";
  if (components > 1) out += " component " + std::to_string(element % components);
  return out;
}

}  // namespace

Session::Session(const Settings& settings, Statistics& statistics)
    : settings_(settings),
      statistics_(statistics),
      plan_(recover_and_plan(settings)),
      output_(open_output(plan_, settings, statistics)) {
  if (plan_.whole_image) stream_ = output_->stream();
}

void Session::note_direct(const Region& region) {
  covered_.add(region.relative_to(plan_.image.region.index));
}

void Session::store(const Region& region, std::span<const std::byte> pixels,
                    bool whole_or_nothing) {
  const int64_t pixel_bytes = plan_.source.bytes();
  const Split parts =
      Split::in_bytes(region, std::max(pixel_bytes, plan_.image.pixel.bytes()), part_bytes);
  const bool try_first =
      whole_or_nothing && plan_.conversion == SWR_CONVERSION_EXACT && plan_.converts();
  for (int pass = try_first ? 0 : 1; pass < 2; ++pass) {
    const std::byte* at = pixels.data();
    for (int64_t i = 0; i < parts.count(); ++i) {
      const Region part = parts.piece(i);
      store_part(part, at, pass == 0);
      at += part.pixels() * pixel_bytes;
    }
  }
  covered_.add(region.relative_to(plan_.image.region.index));
}

void Session::store_part(const Region& region, const std::byte* pixels, bool only_try) {
  const std::byte* const stored = convert_part(region, pixels);
  if (only_try) return;
  const auto bytes = static_cast<size_t>(region.pixels() * plan_.image.pixel.bytes());
  if (stream_ && continues_stream(region)) {
    stream_->append({stored, bytes});
    return;
  }
  stream_ = nullptr;
  output_->write(region.relative_to(plan_.image.region.index), stored);
}

// Component type first, so that an alpha that is added is opaque in the stored type; then component
// count; then byte order; each only where it differs.
const std::byte* Session::convert_part(const Region& region, const std::byte* pixels) {
  const PixelType& stored = plan_.image.pixel;
  const bool swaps = plan_.swaps();
  if (!plan_.converts() && !swaps) return pixels;
  const Stopwatch watch(statistics_.convert_nanoseconds);
  const int64_t count = region.pixels();
  if (plan_.source.component != stored.component || plan_.rescales()) {
    convert_values(region, pixels);
    pixels = converted_.data();
  }
  if (plan_.source.components != stored.components) {
    components_.resize(static_cast<size_t>(count * stored.bytes()));
    convert_components(pixels, plan_.source.components, components_.data(), stored.components,
                       stored.component, count);
    pixels = components_.data();
  }
  if (!swaps) return pixels;
  swapped_.assign(pixels, pixels + count * stored.bytes());
  swap_bytes(swapped_, swr_component_bytes(stored.component));
  return swapped_.data();
}

void Session::convert_values(const Region& region, const std::byte* pixels) {
  const swr_component from = plan_.source.component, to = plan_.image.pixel.component;
  const int64_t elements = region.pixels() * plan_.source.components;
  converted_.resize(static_cast<size_t>(elements * swr_component_bytes(to)));
  const ValueScale &given = plan_.source_scale, &stored = plan_.image.scale;
  const ConversionFailure failure =
      plan_.rescales() ? convert_scaled(pixels, from, converted_.data(), to, elements,
                                        plan_.conversion, given.slope / stored.slope,
                                        (given.intercept - stored.intercept) / stored.slope)
                       : convert(pixels, from, converted_.data(), to, elements, plan_.conversion);
  if (failure.element < 0) return;
  fail(SWR_ERROR_CONVERSION, plan_.path, ": the value ", failure.value, " at ",
       element_text(region, plan_.source.components, failure.element),
       " does not survive the conversion from ", swr_component_name(from), " to ",
       swr_component_name(to));
}

bool Session::continues_stream(const Region& region) const {
  return contiguous_begin(plan_.layout().order, region.relative_to(plan_.image.region.index)) ==
         stream_->position();
}

Region Session::first_missing() const {
  Region none = plan_.region;
  none.size = {};
  if (plan_.file || plan_.holes_allowed) return none;
  const auto missing = covered_.missing(plan_.region.relative_to(plan_.image.region.index));
  if (missing.empty()) return none;
  Region first = missing.front();
  for (int axis = 0; axis < first.dimensions; ++axis)
    first.index[axis] += plan_.image.region.index[axis];
  return first;
}

void Session::finish() {
  output_->finish(covered_);
}

}  // namespace swr
