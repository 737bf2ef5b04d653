// Which metadata a NRRD header can hold, and in which fields.
#pragma once

#include <string>
#include <string_view>

namespace swr {

// Fields that are kept as metadata, under the keys that ITK uses.
inline constexpr std::string_view nrrd_content_key = "NRRD_content";
inline constexpr std::string_view nrrd_sample_units_key = "NRRD_sample units";
inline constexpr std::string_view nrrd_measurement_frame_key = "NRRD_measurement frame";
// The key of the value scale, "slope intercept", for which NRRD has no field.
inline constexpr std::string_view nrrd_value_scale_key = "swr_value_scale";

// Why a header with a space of `axes` cannot hold a piece of metadata; nullptr if it can.
const char* nrrd_metadata_fault(const std::string& key, const std::string& value, int axes);

// The field that a key of metadata stands for; empty if it stands for a key/value pair.
std::string_view nrrd_field_of(std::string_view key);

}  // namespace swr
