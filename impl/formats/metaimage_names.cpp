#include "formats/metaimage_names.h"

#include <algorithm>

#include "formats/header_text.h"

namespace swr {
namespace {

constexpr std::string_view descriptive_fields[] = {"AcquisitionDate", "Comment", "Modality",
                                                   "Name"};

constexpr std::string_view own_fields[] = {
    "AcquisitionDate",
    "AnatomicalOrientation",
    "BinaryData",
    "BinaryDataByteOrderMSB",
    "CenterOfRotation",
    "Color",
    "Comment",
    "CompressedData",
    "CompressedDataSize",
    "DimSize",
    "DistanceUnits",
    "ElementByteOrderMSB",
    "ElementDataFile",
    "ElementDirection",
    "ElementMax",
    "ElementMin",
    "ElementNBits",
    "ElementNumberOfChannels",
    "ElementOrigin",
    "ElementSize",
    "ElementSpacing",
    "ElementToIntensityFunctionOffset",
    "ElementToIntensityFunctionSlope",
    "ElementType",
    "FileFormatVersion",
    "HeaderSize",
    "ID",
    "ImagePosition",
    "Modality",
    "NDims",
    "Name",
    "ObjectSubType",
    "ObjectType",
    "Offset",
    "Orientation",
    "Origin",
    "ParentID",
    "Position",
    "Rotation",
    "SequenceID",
    "TransformMatrix",
};

struct TypeName {
  std::string_view name;
  swr_component component;
};

// The first name of each component is written. MET_LONG has 4 bytes in every MetaIO since 2014,
// regardless of the machine's long.
constexpr TypeName type_names[] = {
    {"MET_UCHAR", SWR_UINT8},       {"MET_CHAR", SWR_INT8},       {"MET_USHORT", SWR_UINT16},
    {"MET_SHORT", SWR_INT16},       {"MET_UINT", SWR_UINT32},     {"MET_INT", SWR_INT32},
    {"MET_ULONG_LONG", SWR_UINT64}, {"MET_LONG_LONG", SWR_INT64}, {"MET_FLOAT", SWR_FLOAT32},
    {"MET_DOUBLE", SWR_FLOAT64},    {"MET_ASCII_CHAR", SWR_INT8}, {"MET_STRING", SWR_INT8},
    {"MET_ULONG", SWR_UINT32},      {"MET_LONG", SWR_INT32},
};

}  // namespace

bool metaimage_flag(std::string_view value) {
  value = trimmed(value);
  return value.starts_with('T') || value.starts_with('t') || value.starts_with('1');
}

bool is_metaimage_field(std::string_view name) {
  return std::find(std::begin(own_fields), std::end(own_fields), name) != std::end(own_fields);
}

bool is_descriptive_field(std::string_view name) {
  return std::find(std::begin(descriptive_fields), std::end(descriptive_fields), name) !=
         std::end(descriptive_fields);
}

swr_component metaimage_component(std::string_view type) {
  if (type.ends_with("_ARRAY")) type.remove_suffix(6);
  const auto found = std::find_if(std::begin(type_names), std::end(type_names),
                                  [&](const TypeName& entry) { return entry.name == type; });
  return found == std::end(type_names) ? SWR_COMPONENT_UNKNOWN : found->component;
}

const char* metaimage_type(swr_component component) {
  const auto found =
      std::find_if(std::begin(type_names), std::end(type_names),
                   [&](const TypeName& entry) { return entry.component == component; });
  return found->name.data();
}

swr_kind metaimage_default_kind(swr_component component, int components) {
  if (component == SWR_UINT8 && components == 3) return SWR_KIND_RGB;
  if (component == SWR_UINT8 && components == 4) return SWR_KIND_RGBA;
  return default_kind(components);
}

}  // namespace swr
