#include "formats/zarr_metadata.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/checked.h"
#include "formats/header_text.h"
#include "formats/json_patch.h"
#include "formats/zarr_codecs.h"
#include "formats/zarr_fields.h"
#include "formats/zarr_types.h"

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;

constexpr std::string_view slash = "/", dot = ".";

// --- What both versions have ---

char read_separator(const ZarrFields& fields, std::string_view field, std::string_view missing) {
  const std::string separator = fields.string(field, missing);
  if (separator != slash && separator != dot)
    fields.corrupt(field, in_quotes(separator), " is neither \".\" nor \"/\"");
  return separator[0];
}

void check_size(const ZarrFields& fields, std::string_view field, const ZarrShape& shape,
                const ZarrArray& array, int64_t most_bytes) {
  const auto bytes =
      bytes_of_axes(shape.data(), static_cast<int>(shape.size()), array.pixel.bytes());
  if (!bytes || *bytes > most_bytes) fields.refuse(field, "is too large");
}

void check_sizes(const ZarrFields& fields, std::string_view chunk_field, const ZarrArray& array) {
  check_size(fields, "shape", array.shape, array, std::numeric_limits<int64_t>::max());
  check_size(fields, chunk_field, array.file_shape(), array, most_zarr_file_bytes);
  check_size(fields, chunk_field, array.chunk, array, most_zarr_file_bytes);
}

std::vector<int> reversed_axes(size_t count) {
  std::vector<int> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = static_cast<int>(count - 1 - i);
  return order;
}

// --- Version 2 ---

ZarrArray read_version_2(const ZarrFields& fields) {
  ZarrArray array;
  array.format = 2;
  array.shape = fields.shape("shape");
  array.chunk = fields.shape("chunks", array.shape.size());
  read_zarr_dtype(fields, array);
  check_sizes(fields, "chunks", array);
  read_zarr_compressor(fields, array);
  if (!fields.at("fill_value").is_null()) array.fill = read_zarr_fill(fields, array);
  const std::string& order = fields.string("order");
  if (order != "C" && order != "F")
    fields.corrupt("order", in_quotes(order), " is neither \"C\" nor \"F\"");
  if (order == "F" && array.shape.size() > 1) array.axis_order = reversed_axes(array.shape.size());
  array.keys = {false, read_separator(fields, "dimension_separator", dot)};
  return array;
}

Json version_2(const ZarrArray& array) {
  Json document;
  document.add("zarr_format", Json::of(uint64_t{2}));
  document.add("shape", Json::list_of(std::span<const int64_t>(array.shape)));
  document.add("chunks", Json::list_of(std::span<const int64_t>(array.chunk)));
  document.add("dtype", Json::of(zarr_dtype(array)));
  document.add("compressor", zarr_compressor(array));
  document.add("fill_value", array.fill.empty() ? Json() : zarr_fill_value(array));
  document.add("order", Json::of(array.axis_order.empty() ? "C" : "F"));
  document.add("filters", Json());
  document.add("dimension_separator", Json::of(std::string(1, array.keys.separator)));
  return document;
}

// --- Version 3 ---

constexpr std::array<std::string_view, 11> array_fields = {
    "zarr_format",         "node_type",  "shape",  "data_type",  "chunk_grid",
    "chunk_key_encoding",  "fill_value", "codecs", "attributes", "dimension_names",
    "storage_transformers"};
constexpr std::array<std::string_view, 3> group_fields = {"zarr_format", "node_type", "attributes"};

// What a program must not ignore may change the meaning of all else.
void refuse_unknown_fields(const ZarrFields& fields, std::span<const std::string_view> known) {
  for (const auto& [key, value] : fields.members()) {
    if (std::ranges::find(known, key) != known.end() || value.is_null()) continue;
    const Json* const must = value.find("must_understand");
    if (!must || must->boolean() != std::optional(false))
      fields.refuse(in_quotes(key), "is a field that swr does not know");
  }
}

void read_grid(const ZarrFields& fields, ZarrArray& array) {
  const ZarrNamed grid = read_zarr_named(fields.at("chunk_grid"), fields, "chunk_grid");
  if (grid.name != "regular")
    fields.refuse("chunk_grid", in_quotes(grid.name), " is not one that swr reads: regular");
  array.chunk = ZarrFields(grid.configuration, fields.path(), "chunk_grid: ")
                    .shape("chunk_shape", array.shape.size());
}

void read_keys(const ZarrFields& fields, ZarrArray& array) {
  constexpr std::string_view field = "chunk_key_encoding";
  const ZarrNamed encoding = read_zarr_named(fields.at(field), fields, field);
  array.keys.has_prefix = encoding.name == "default";
  if (!array.keys.has_prefix && encoding.name != "v2")
    fields.refuse(field, in_quotes(encoding.name), " is not one that swr reads: default and v2");
  array.keys.separator =
      read_separator(ZarrFields(encoding.configuration, fields.path(), std::string(field) + ": "),
                     "separator", array.keys.has_prefix ? slash : dot);
}

void read_axis_names(const ZarrFields& fields, ZarrArray& array) {
  constexpr std::string_view field = "dimension_names";
  const Json* const names = fields.find(field);
  if (!names || names->is_null()) return;
  if (!names->is_array() || names->array()->size() != array.shape.size())
    fields.corrupt(field, zarr_value_text(*names), " is not a list of a name for each axis");
  for (const Json& name : *names->array()) {
    if (!name.is_null() && !name.string())
      fields.corrupt(field, zarr_value_text(*names), " has a name that is not a string");
    array.axis_names.push_back(name.is_null() ? std::string() : *name.string());
  }
}

ZarrArray read_version_3(const ZarrFields& fields) {
  refuse_unknown_fields(fields, array_fields);
  const Json* const transformers = fields.find("storage_transformers");
  if (transformers && transformers->is_array() && !transformers->array()->empty())
    fields.refuse("storage_transformers", "are not read by swr");
  ZarrArray array;
  array.shape = fields.shape("shape");
  read_zarr_data_type(fields, array);
  read_grid(fields, array);
  read_keys(fields, array);
  read_zarr_codecs(fields, array);
  check_sizes(fields, "chunk_grid", array);
  array.fill = read_zarr_fill(fields, array);
  read_axis_names(fields, array);
  array.attributes = Json::of(Json::Object());
  if (const Json* const attributes = fields.find("attributes")) {
    if (!attributes->is_object()) fields.corrupt("attributes", "are not an object");
    array.attributes = *attributes;
  }
  return array;
}

Json named(std::string_view name, std::string_view key, Json value) {
  Json configuration, object;
  configuration.add(key, std::move(value));
  object.add("name", Json::of(name));
  object.add("configuration", std::move(configuration));
  return object;
}

Json axis_names(const ZarrArray& array) {
  Json::Array names;
  for (const std::string& name : array.axis_names)
    names.push_back(name.empty() ? Json() : Json::of(name));
  return Json::of(std::move(names));
}

Json version_3(const ZarrArray& array) {
  Json document;
  document.add("zarr_format", Json::of(uint64_t{3}));
  document.add("node_type", Json::of("array"));
  document.add("shape", Json::list_of(std::span<const int64_t>(array.shape)));
  document.add("data_type", Json::of(zarr_data_type(array)));
  document.add("chunk_grid", named("regular", "chunk_shape",
                                   Json::list_of(std::span<const int64_t>(array.file_shape()))));
  document.add("chunk_key_encoding", named(array.keys.has_prefix ? "default" : "v2", "separator",
                                           Json::of(std::string(1, array.keys.separator))));
  document.add("fill_value", zarr_fill_value(array));
  document.add("codecs", zarr_codecs(array));
  if (!array.axis_names.empty()) document.add("dimension_names", axis_names(array));
  document.add("attributes",
               array.attributes.is_null() ? Json::of(Json::Object()) : array.attributes);
  return document;
}

int format_of(const ZarrFields& fields) {
  const Json& value = fields.at("zarr_format");
  const auto format = value.whole();
  if (format != 2 && format != 3)
    fields.refuse("zarr_format", zarr_value_text(value), " is not one that swr reads: 2 and 3");
  return static_cast<int>(*format);
}

}  // namespace

int64_t ZarrArray::chunk_bytes() const {
  int64_t bytes = zarr_element_bytes(*this);
  for (const int64_t size : chunk) bytes = checked_multiply(bytes, size);
  return bytes;
}

std::vector<ChunkFilter> ZarrArray::filters() const {
  std::vector<ChunkFilter> filters;
  for (auto codec = codecs.rbegin(); codec != codecs.rend(); ++codec)
    filters.push_back({.kind = codec->kind});
  if (is_half_float) filters.push_back({.kind = Kind::half_floats});
  return filters;
}

std::string ZarrArray::read_only() const {
  if (is_half_float) return "its pixels are floating numbers of 16 bits";
  if (is_boolean) return "its pixels are true or false";
  if (shards && !shards->index_at_end) return "the index of its shards is at their beginning";
  return {};
}

const char* ZarrArray::encoding() const {
  for (const ZarrCodec& codec : codecs) {
    switch (codec.kind) {
      case Kind::zlib:
      case Kind::gzip: return "deflate";
      case Kind::zstd: return "zstd";
      case Kind::sized_lz4: return "lz4";
      case Kind::blosc: return "blosc";
      default: break;
    }
  }
  return "none";
}

bool is_zarr_group(const Json& document, const std::string& path) {
  const ZarrFields fields(document, path);
  if (format_of(fields) == 2) return !fields.find("shape") && !fields.find("dtype");
  const std::string& type = fields.string("node_type");
  if (type != "array" && type != "group")
    fields.corrupt("node_type", in_quotes(type), " is neither \"array\" nor \"group\"");
  if (type == "group") refuse_unknown_fields(fields, group_fields);
  return type == "group";
}

ZarrArray read_zarr_array(const Json& document, const std::string& path) {
  const ZarrFields fields(document, path);
  return format_of(fields) == 2 ? read_version_2(fields) : read_version_3(fields);
}

std::string zarr_array_text(const ZarrArray& array) {
  return json_text(array.format == 2 ? version_2(array) : version_3(array));
}

std::string zarr_group_text(int format, const Json& attributes) {
  Json document;
  document.add("zarr_format", Json::of(int64_t{format}));
  if (format == 3) {
    document.add("node_type", Json::of("group"));
    document.add("attributes", attributes.is_null() ? Json::of(Json::Object()) : attributes);
  }
  return json_text(document);
}

std::string with_zarr_shape(std::string_view text, std::span<const int64_t> shape) {
  constexpr std::array<std::string_view, 1> place = {"shape"};
  return with_json(text, place, Json::list_of(shape));
}

std::string with_consolidated_shape(std::string_view text, int format, std::string_view array,
                                    std::span<const int64_t> shape) {
  const std::string key = std::string(array) + "/" + std::string(zarr_array_name);
  const std::vector<std::string_view> place =
      format == 2
          ? std::vector<std::string_view>{"metadata", key, "shape"}
          : std::vector<std::string_view>{"consolidated_metadata", "metadata", array, "shape"};
  if (!find_json(text, place)) return std::string(text);
  return with_json(text, place, Json::list_of(shape));
}

std::string zarr_key(const ZarrKeys& keys, std::span<const int64_t> place) {
  std::string key = keys.has_prefix ? "c" : "";
  for (const int64_t number : place) {
    if (!key.empty()) key += keys.separator;
    key += std::to_string(number);
  }
  return key;
}

std::optional<ZarrShape> zarr_place(const ZarrKeys& keys, std::string_view name, int dimensions) {
  ZarrShape place;
  const char* at = name.data();
  const char* const end = at + name.size();
  if (keys.has_prefix && (at == end || *at++ != 'c')) return std::nullopt;
  for (int axis = 0; axis < dimensions; ++axis) {
    if ((keys.has_prefix || axis > 0) && (at == end || *at++ != keys.separator))
      return std::nullopt;
    int64_t number = 0;
    const auto parsed = std::from_chars(at, end, number);
    if (parsed.ec != std::errc{} || number < 0) return std::nullopt;
    at = parsed.ptr;
    place.push_back(number);
  }
  // Not "-0" or "007".
  if (at != end || zarr_key(keys, place) != name) return std::nullopt;
  return place;
}

}  // namespace swr
