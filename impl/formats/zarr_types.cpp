#include "formats/zarr_types.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include "base/byte_order.h"
#include "codecs/half_float.h"

namespace swr {
namespace {

struct TypeRow {
  std::string_view code;  // of version 2, without the byte order
  std::string_view name;  // of version 3
  swr_component component;
  swr_kind kind = SWR_KIND_SCALAR;
};

constexpr std::string_view boolean_name = "bool", half_name = "float16";
constexpr TypeRow types[] = {
    {"b1", boolean_name, SWR_UINT8},
    {"u1", "uint8", SWR_UINT8},
    {"i1", "int8", SWR_INT8},
    {"u2", "uint16", SWR_UINT16},
    {"i2", "int16", SWR_INT16},
    {"u4", "uint32", SWR_UINT32},
    {"i4", "int32", SWR_INT32},
    {"u8", "uint64", SWR_UINT64},
    {"i8", "int64", SWR_INT64},
    {"f2", half_name, SWR_FLOAT32},
    {"f4", "float32", SWR_FLOAT32},
    {"f8", "float64", SWR_FLOAT64},
    {"c8", "complex64", SWR_FLOAT32, SWR_KIND_COMPLEX},
    {"c16", "complex128", SWR_FLOAT64, SWR_KIND_COMPLEX},
};

void set_type(const TypeRow& row, ZarrArray& array) {
  array.pixel = {row.component, row.kind == SWR_KIND_COMPLEX ? 2 : 1, row.kind};
  array.is_boolean = row.name == boolean_name;
  array.is_half_float = row.name == half_name;
}

const TypeRow& row_of(const ZarrArray& array) {
  return *std::ranges::find_if(types, [&](const TypeRow& row) {
    return row.component == array.pixel.component && row.kind == array.pixel.kind &&
           (row.name == boolean_name) == array.is_boolean &&
           (row.name == half_name) == array.is_half_float;
  });
}

// --- Fill values ---

template <typename T>
bool put_whole(const Json& value, std::byte* to, bool big_endian) {
  if constexpr (std::is_signed_v<T>) {
    const auto number = value.whole();
    if (!number || *number < std::numeric_limits<T>::min() ||
        *number > std::numeric_limits<T>::max())
      return false;
    store(to, static_cast<T>(*number), big_endian);
  } else {
    const auto number = value.unsigned_whole();
    if (!number || *number > std::numeric_limits<T>::max()) return false;
    store(to, static_cast<T>(*number), big_endian);
  }
  return true;
}

// The bits that "0x..." has, in as many digits as there are.
template <typename Bits>
std::optional<Bits> bits_of(const Json& value) {
  const std::string* const text = value.string();
  if (!text || !text->starts_with("0x") || text->size() != 2 + 2 * sizeof(Bits))
    return std::nullopt;
  Bits bits{};
  constexpr int base = 16;
  const char* const end = text->data() + text->size();
  const auto result = std::from_chars(text->data() + 2, end, bits, base);
  return result.ec == std::errc{} && result.ptr == end ? std::optional(bits) : std::nullopt;
}

template <typename T, typename Bits>
bool put_real(const Json& value, std::byte* to, bool big_endian) {
  if (const auto bits = bits_of<Bits>(value)) {
    store(to, *bits, big_endian);
    return true;
  }
  const auto number = value.any_real();
  if (!number || (std::isfinite(*number) && std::abs(*number) > std::numeric_limits<T>::max()))
    return false;
  store(to, static_cast<T>(*number), big_endian);
  return true;
}

bool put_half(const Json& value, std::byte* to, bool big_endian) {
  const auto bits = bits_of<uint16_t>(value);
  if (!bits) return put_real<float, uint32_t>(value, to, big_endian);
  store(to, widened_half_float(*bits), big_endian);
  return true;
}

bool put_component(const ZarrArray& array, const Json& value, std::byte* to) {
  const bool big = array.big_endian;
  if (array.is_boolean) {
    const auto flag = value.boolean();
    if (flag) store(to, static_cast<uint8_t>(*flag ? 1 : 0));
    return flag ||
           (value.whole() && *value.whole() >> 1 == 0 && put_whole<uint8_t>(value, to, big));
  }
  switch (array.pixel.component) {
    case SWR_UINT8: return put_whole<uint8_t>(value, to, big);
    case SWR_INT8: return put_whole<int8_t>(value, to, big);
    case SWR_UINT16: return put_whole<uint16_t>(value, to, big);
    case SWR_INT16: return put_whole<int16_t>(value, to, big);
    case SWR_UINT32: return put_whole<uint32_t>(value, to, big);
    case SWR_INT32: return put_whole<int32_t>(value, to, big);
    case SWR_UINT64: return put_whole<uint64_t>(value, to, big);
    case SWR_INT64: return put_whole<int64_t>(value, to, big);
    case SWR_FLOAT32:
      return array.is_half_float ? put_half(value, to, big)
                                 : put_real<float, uint32_t>(value, to, big);
    default: return put_real<double, uint64_t>(value, to, big);
  }
}

// A NaN with other bits than that of the processor keeps them in version 3.
template <typename T, typename Bits>
Json real_value(const std::byte* at, const ZarrArray& array) {
  const T value = load<T>(at, array.big_endian);
  const Bits bits = load<Bits>(at, array.big_endian);
  if (array.format == 2 || !std::isnan(value) ||
      bits == std::bit_cast<Bits>(std::numeric_limits<T>::quiet_NaN()))
    return Json::of(double{value});
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 8 * static_cast<int>(sizeof(Bits)) - 4; shift >= 0; shift -= 4)
    text += digits[bits >> shift & 15];
  return Json::of(text);
}

Json component_value(const ZarrArray& array, const std::byte* at) {
  const bool big = array.big_endian;
  if (array.is_boolean) return Json::of(*at != std::byte{});
  switch (array.pixel.component) {
    case SWR_UINT8: return Json::of(uint64_t{load<uint8_t>(at)});
    case SWR_INT8: return Json::of(int64_t{load<int8_t>(at)});
    case SWR_UINT16: return Json::of(uint64_t{load<uint16_t>(at, big)});
    case SWR_INT16: return Json::of(int64_t{load<int16_t>(at, big)});
    case SWR_UINT32: return Json::of(uint64_t{load<uint32_t>(at, big)});
    case SWR_INT32: return Json::of(int64_t{load<int32_t>(at, big)});
    case SWR_UINT64: return Json::of(load<uint64_t>(at, big));
    case SWR_INT64: return Json::of(load<int64_t>(at, big));
    case SWR_FLOAT32:
      return array.is_half_float ? Json::of(double{load<float>(at, big)})
                                 : real_value<float, uint32_t>(at, array);
    default: return real_value<double, uint64_t>(at, array);
  }
}

}  // namespace

void read_zarr_dtype(const ZarrFields& fields, ZarrArray& array) {
  constexpr std::string_view field = "dtype";
  const Json& value = fields.at(field);
  if (value.is_array()) fields.refuse(field, "is a structure of several fields");
  const std::string_view text = fields.string(field);
  constexpr std::string_view orders = "<>|";
  const bool has_order = !text.empty() && orders.find(text[0]) != orders.npos;
  const auto* const row =
      has_order ? std::ranges::find(types, text.substr(1), &TypeRow::code) : std::end(types);
  if (row == std::end(types))
    fields.refuse(field, zarr_value_text(value), " is not one that swr reads");
  set_type(*row, array);
  array.big_endian = text[0] == '>' && zarr_element_bytes(array) > 1;
  if (text[0] == '|' && zarr_element_bytes(array) > 1)
    fields.corrupt(field, zarr_value_text(value), " has no byte order");
}

void read_zarr_data_type(const ZarrFields& fields, ZarrArray& array) {
  constexpr std::string_view field = "data_type";
  const Json& value = fields.at(field);
  const ZarrNamed named = read_zarr_named(value, fields, field);
  const auto* const row = std::ranges::find(types, named.name, &TypeRow::name);
  if (row == std::end(types) || !named.configuration.object()->empty())
    fields.refuse(field, zarr_value_text(value), " is not one that swr reads");
  set_type(*row, array);
}

std::string zarr_dtype(const ZarrArray& array) {
  const bool has_order = swr_component_bytes(array.pixel.component) > 1;
  return std::string(1, !has_order ? '|' : array.big_endian ? '>' : '<').append(row_of(array).code);
}

std::string zarr_data_type(const ZarrArray& array) {
  return std::string(row_of(array).name);
}

int zarr_element_bytes(const ZarrArray& array) {
  return static_cast<int>(array.pixel.bytes()) / (array.is_half_float ? 2 : 1);
}

std::vector<std::byte> read_zarr_fill(const ZarrFields& fields, const ZarrArray& array) {
  constexpr std::string_view field = "fill_value";
  const Json& value = fields.at(field);
  const int components = array.pixel.components;
  std::vector<std::byte> bytes(static_cast<size_t>(array.pixel.bytes()));
  const size_t step = bytes.size() / static_cast<size_t>(components);
  const Json::Array* const parts = value.array();
  if (components > 1 && (!parts || std::ssize(*parts) != components))
    fields.corrupt(field, zarr_value_text(value), " has no real and imaginary part");
  for (size_t i = 0; i < static_cast<size_t>(components); ++i) {
    if (!put_component(array, components > 1 ? (*parts)[i] : value, bytes.data() + i * step))
      fields.corrupt(field, zarr_value_text(value), " is no value of ", zarr_data_type(array));
  }
  return bytes;
}

Json zarr_fill_value(const ZarrArray& array) {
  std::vector<std::byte> bytes = array.fill;
  bytes.resize(static_cast<size_t>(array.pixel.bytes()));
  if (array.pixel.components == 1) return component_value(array, bytes.data());
  Json::Array parts;
  const auto step = static_cast<size_t>(swr_component_bytes(array.pixel.component));
  for (size_t at = 0; at < bytes.size(); at += step)
    parts.push_back(component_value(array, bytes.data() + at));
  return Json::of(std::move(parts));
}

}  // namespace swr
