#include "image/pixel_conversion.h"

#include <algorithm>

#include "base/byte_order.h"
#include "base/error.h"
#include "image/convert.h"
#include "image/convert_components.h"

namespace swr {
namespace {

// check() converts so much at a time: small enough to stay in the cache.
constexpr int64_t part_bytes = int64_t{1} << 19;

}  // namespace

PixelConversion::PixelConversion(std::string path, const PixelType& source, const PixelType& stored,
                                 swr_conversion policy, bool stored_big_endian,
                                 std::optional<Rescaling> rescaling)
    : path_(std::move(path)),
      source_(source),
      stored_(stored),
      policy_(policy),
      rescaling_(rescaling),
      converts_values_(source.component != stored.component || rescaling),
      converts_components_(source.components != stored.components),
      swaps_(stored_big_endian != machine_is_big_endian &&
             swr_component_bytes(stored.component) > 1) {
  if (!changes()) return;
  source_unit_ = converts_components_ ? source.bytes() : swr_component_bytes(source.component);
  stored_unit_ = converts_components_ ? stored.bytes() : swr_component_bytes(stored.component);
}

// First the component type, so that an added alpha is opaque in the stored type; then the number of
// components; then the byte order.
std::span<const std::byte> PixelConversion::run(std::span<const std::byte> source, Buffers& buffers,
                                                const Place& place) const {
  if (!changes()) return source;
  std::span<const std::byte> pixels = source;
  std::vector<std::byte>* latest = nullptr;
  if (converts_values_) {
    convert_values(pixels, buffers, place);
    pixels = buffers.values;
    latest = &buffers.values;
  }
  if (converts_components_) {
    const int64_t count = std::ssize(source) / source_.bytes();
    buffers.components.resize(static_cast<size_t>(count * stored_.bytes()));
    convert_components(pixels.data(), source_.components, buffers.components.data(),
                       stored_.components, stored_.component, count);
    pixels = buffers.components;
    latest = &buffers.components;
  }
  if (!swaps_) return pixels;
  if (latest) {
    swap(*latest);
    return *latest;
  }
  buffers.values.resize(pixels.size());
  copy_swapped(pixels, buffers.values.data(), swr_component_bytes(stored_.component));
  return buffers.values;
}

void PixelConversion::check(std::span<const std::byte> source, const Place& place) const {
  if (!can_fail()) return;
  const int64_t part = std::max<int64_t>(1, part_bytes / source_unit_) * source_unit_;
  const int64_t component_bytes = swr_component_bytes(source_.component);
  Buffers scratch;
  for (int64_t at = 0; at < std::ssize(source); at += part) {
    const int64_t bytes = std::min(part, std::ssize(source) - at);
    run(source.subspan(static_cast<size_t>(at), static_cast<size_t>(bytes)), scratch,
        [&](int64_t component) { return place(at / component_bytes + component); });
  }
}

void PixelConversion::swap(std::span<std::byte> pixels) const {
  swap_bytes(pixels, swr_component_bytes(stored_.component));
}

void PixelConversion::convert_values(std::span<const std::byte> source, Buffers& buffers,
                                     const Place& place) const {
  const int64_t elements = std::ssize(source) / swr_component_bytes(source_.component);
  buffers.values.resize(static_cast<size_t>(elements * swr_component_bytes(stored_.component)));
  std::byte* const values = buffers.values.data();
  const ConversionFailure failure =
      rescaling_
          ? convert_scaled(source.data(), source_.component, values, stored_.component, elements,
                           policy_, rescaling_->factor, rescaling_->summand)
          : convert(source.data(), source_.component, values, stored_.component, elements, policy_);
  if (failure.element < 0) return;
  fail(SWR_ERROR_CONVERSION, path_, ": the value ", failure.value, " at ", place(failure.element),
       " does not survive the conversion from ", swr_component_name(source_.component), " to ",
       swr_component_name(stored_.component));
}

}  // namespace swr
