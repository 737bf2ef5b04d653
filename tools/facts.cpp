#include "facts.h"

#include <charconv>

namespace swr::tool {

std::string Facts::pixel_text() const {
  std::string text = std::string(swr_component_name(component)) + " " + swr_kind_name(kind);
  if (kind == SWR_KIND_VECTOR || kind == SWR_KIND_COVARIANT_VECTOR ||
      kind == SWR_KIND_SYMMETRIC_TENSOR)
    text += " of " + std::to_string(components);
  return text;
}

std::string Facts::encoding_text() const {
  if (encoding == "none" || encoding == "chunks") return encoding;
  if (!chunk_shape.empty()) return encoding + ", in chunks";
  // The blocks of VTI are only read.
  if (encoding != "deflate" || format == "VTI") return encoding;
  return slotted ? "deflate, slotted" : "deflate, not slotted";
}

Facts read_facts(swr_reader* reader) {
  Facts facts;
  check(reader, swr_reader_get_image_region(reader, &facts.region));
  check(reader,
        swr_reader_get_pixel_type(reader, &facts.component, &facts.components, &facts.kind));
  const int n = facts.dimensions();
  facts.spacing.resize(n);
  facts.origin.resize(n);
  facts.direction.resize(n * n);
  check(reader, swr_reader_get_spacing(reader, facts.spacing.data(), n));
  check(reader, swr_reader_get_origin(reader, facts.origin.data(), n));
  check(reader, swr_reader_get_direction(reader, facts.direction.data(), n * n));
  for (int axis = 0; axis < n; ++axis)
    check(reader, swr_reader_get_axis_unit(reader, axis, &facts.units.emplace_back()));
  check(reader, swr_reader_get_value_scale(reader, &facts.slope, &facts.intercept));
  int32_t entries = 0;
  check(reader, swr_reader_get_metadata_count(reader, &entries));
  for (int32_t i = 0; i < entries; ++i) {
    const char *key = nullptr, *value = nullptr;
    check(reader, swr_reader_get_metadata_at(reader, i, &key, &value));
    facts.metadata.emplace_back(key, value);
  }
  const char *format = nullptr, *encoding = nullptr, *data_file = nullptr;
  int32_t slotted = 0, big_endian = 0;
  check(reader, swr_reader_get_format(reader, &format));
  check(reader, swr_reader_get_encoding(reader, &encoding, &slotted));
  check(reader, swr_reader_get_big_endian(reader, &big_endian));
  check(reader, swr_reader_get_data_file(reader, &data_file));
  facts.chunk_shape.resize(static_cast<size_t>(n));
  check(reader, swr_reader_get_chunk_shape(reader, facts.chunk_shape.data(), n));
  if (facts.chunk_shape[0] == 0) facts.chunk_shape.clear();
  facts.format = format;
  facts.encoding = encoding;
  facts.data_file = data_file;
  facts.slotted = slotted != 0;
  facts.big_endian = big_endian != 0;
  return facts;
}

std::string number_text(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

std::string number_text(const std::vector<double>& values) {
  std::string text;
  for (double value : values) text += (text.empty() ? "" : " ") + number_text(value);
  return text;
}

}  // namespace swr::tool
