#include "formats/nrrd_metadata.h"

#include <algorithm>

#include "base/error.h"
#include "formats/nrrd_header.h"

namespace swr {
namespace {

bool is_one_line(std::string_view value) {
  return !trimmed(value).empty() && trimmed(value) == value &&
         value.find('\n') == std::string_view::npos;
}

// Whether the value is n vectors of n numbers, as the field requires.
bool is_measurement_frame(const std::string& value, int n) {
  NrrdHeader header;
  header.fields["measurement frame"] = {value, 0};
  try {
    const auto vectors = nrrd_vectors(header, "measurement frame", n, n);
    return std::all_of(vectors.begin(), vectors.end(),
                       [](const NrrdVector& vector) { return vector.has_value(); });
  } catch (const Error&) {
    return false;
  }
}

bool has_unescapable(const std::string& text) {
  return text.find_first_of(std::string_view("\r\0", 2)) != std::string::npos;
}

}  // namespace

const char* nrrd_metadata_fault(const std::string& key, const std::string& value, int axes) {
  if (is_reserved_key(key) || key == nrrd_value_scale_key) return "swr uses that name itself";
  if (key.empty() || key.front() == '#') return "the name is empty, or begins with '#'";
  const size_t colon = key.find(':');
  if (key.find(":=") != std::string::npos ||
      (colon != std::string::npos && is_nrrd_field(key.substr(0, colon))))
    return "the name has ':' where NRRD separates";
  if (has_unescapable(key) || has_unescapable(value))
    return "it has a carriage return or a zero byte";
  if ((key == nrrd_content_key || key == nrrd_sample_units_key) && !is_one_line(value))
    return "the value is empty, has blanks at its ends, or several lines";
  if (key == nrrd_measurement_frame_key &&
      (axes == 0 || !is_one_line(value) || !is_measurement_frame(value, axes))) {
    return "it is not one vector for each dimension, like (1,0,0) (0,1,0) (0,0,1)";
  }
  return nullptr;
}

std::string_view nrrd_field_of(std::string_view key) {
  if (key == nrrd_content_key) return "content";
  if (key == nrrd_sample_units_key) return "sample units";
  if (key == nrrd_measurement_frame_key) return "measurement frame";
  return {};
}

}  // namespace swr
