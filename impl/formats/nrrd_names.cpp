#include "formats/nrrd_names.h"

#include <algorithm>
#include <string>

#include "formats/header_text.h"

namespace swr {
namespace {

struct TypeName {
  std::string_view name;
  swr_component component;
};

// The first name of each component is written. "char" alone is not in the table: its sign depends
// on the compiler.
constexpr TypeName type_names[] = {
    {"unsigned char", SWR_UINT8},
    {"uchar", SWR_UINT8},
    {"uint8", SWR_UINT8},
    {"uint8_t", SWR_UINT8},
    {"signed char", SWR_INT8},
    {"int8", SWR_INT8},
    {"int8_t", SWR_INT8},
    {"unsigned short", SWR_UINT16},
    {"ushort", SWR_UINT16},
    {"unsigned short int", SWR_UINT16},
    {"uint16", SWR_UINT16},
    {"uint16_t", SWR_UINT16},
    {"short", SWR_INT16},
    {"short int", SWR_INT16},
    {"signed short", SWR_INT16},
    {"signed short int", SWR_INT16},
    {"int16", SWR_INT16},
    {"int16_t", SWR_INT16},
    {"unsigned int", SWR_UINT32},
    {"uint", SWR_UINT32},
    {"uint32", SWR_UINT32},
    {"uint32_t", SWR_UINT32},
    {"int", SWR_INT32},
    {"signed int", SWR_INT32},
    {"int32", SWR_INT32},
    {"int32_t", SWR_INT32},
    {"unsigned long long int", SWR_UINT64},
    {"ulonglong", SWR_UINT64},
    {"unsigned long long", SWR_UINT64},
    {"uint64", SWR_UINT64},
    {"uint64_t", SWR_UINT64},
    {"long long int", SWR_INT64},
    {"longlong", SWR_INT64},
    {"long long", SWR_INT64},
    {"signed long long", SWR_INT64},
    {"signed long long int", SWR_INT64},
    {"int64", SWR_INT64},
    {"int64_t", SWR_INT64},
    {"float", SWR_FLOAT32},
    {"double", SWR_FLOAT64},
};

// Kinds of axes that hold components. Those that swr_kind has no value for are vectors, as in ITK.
constexpr NrrdKind component_kinds[] = {
    {"list", SWR_KIND_VECTOR, 0},
    {"point", SWR_KIND_VECTOR, 0},
    {"vector", SWR_KIND_VECTOR, 0},
    {"contravariant-vector", SWR_KIND_VECTOR, 0},
    {"covariant-vector", SWR_KIND_COVARIANT_VECTOR, 0},
    {"normal", SWR_KIND_COVARIANT_VECTOR, 0},
    {"stub", SWR_KIND_SCALAR, 1},
    {"scalar", SWR_KIND_SCALAR, 1},
    {"complex", SWR_KIND_COMPLEX, 2},
    {"2-vector", SWR_KIND_VECTOR, 2},
    {"3-color", SWR_KIND_RGB, 3},
    {"rgb-color", SWR_KIND_RGB, 3},
    {"rgbcolor", SWR_KIND_RGB, 3},
    {"rgb", SWR_KIND_RGB, 3},
    {"hsv-color", SWR_KIND_VECTOR, 3},
    {"hsvcolor", SWR_KIND_VECTOR, 3},
    {"hsv", SWR_KIND_VECTOR, 3},
    {"xyz-color", SWR_KIND_VECTOR, 3},
    {"4-color", SWR_KIND_RGBA, 4},
    {"rgba-color", SWR_KIND_RGBA, 4},
    {"rgbacolor", SWR_KIND_RGBA, 4},
    {"rgba", SWR_KIND_RGBA, 4},
    {"3-vector", SWR_KIND_VECTOR, 3},
    {"3-gradient", SWR_KIND_COVARIANT_VECTOR, 3},
    {"3-normal", SWR_KIND_COVARIANT_VECTOR, 3},
    {"4-vector", SWR_KIND_VECTOR, 4},
    {"quaternion", SWR_KIND_VECTOR, 4},
    {"2d-symmetric-matrix", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-sym-matrix", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-symmetric-tensor", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-sym-tensor", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-masked-symmetric-matrix", SWR_KIND_VECTOR, 4},
    {"2d-masked-sym-matrix", SWR_KIND_VECTOR, 4},
    {"2d-masked-symmetric-tensor", SWR_KIND_VECTOR, 4},
    {"2d-masked-sym-tensor", SWR_KIND_VECTOR, 4},
    {"2d-matrix", SWR_KIND_VECTOR, 4},
    {"2d-tensor", SWR_KIND_VECTOR, 4},
    {"2d-masked-matrix", SWR_KIND_VECTOR, 5},
    {"2d-masked-tensor", SWR_KIND_VECTOR, 5},
    {"3d-symmetric-matrix", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-sym-matrix", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-symmetric-tensor", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-sym-tensor", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-masked-symmetric-matrix", SWR_KIND_VECTOR, 7},
    {"3d-masked-sym-matrix", SWR_KIND_VECTOR, 7},
    {"3d-masked-symmetric-tensor", SWR_KIND_VECTOR, 7},
    {"3d-masked-sym-tensor", SWR_KIND_VECTOR, 7},
    {"3d-matrix", SWR_KIND_VECTOR, 9},
    {"3d-tensor", SWR_KIND_VECTOR, 9},
    {"3d-masked-matrix", SWR_KIND_VECTOR, 10},
    {"3d-masked-tensor", SWR_KIND_VECTOR, 10},
};

// Spaces without anatomical directions are not turned. (ITK turns LAS into LPS by negating x; it is
// y that has to be negated.)
constexpr NrrdSpaceName spaces[] = {
    {"rightanteriorsuperior", 3, true, true},
    {"ras", 3, true, true},
    {"leftanteriorsuperior", 3, false, true},
    {"las", 3, false, true},
    {"leftposteriorsuperior", 3, false, false},
    {"lps", 3, false, false},
    {"rightanteriorsuperiortime", 4, true, true},
    {"rast", 4, true, true},
    {"leftanteriorsuperiortime", 4, false, true},
    {"last", 4, false, true},
    {"leftposteriorsuperiortime", 4, false, false},
    {"lpst", 4, false, false},
    {"scannerxyz", 3, false, false},
    {"scannerxyztime", 4, false, false},
    {"scannerxyzt", 4, false, false},
    {"3drighthanded", 3, false, false},
    {"3dlefthanded", 3, false, false},
    {"3drighthandedtime", 4, false, false},
    {"3dlefthandedtime", 4, false, false},
};

}  // namespace

const NrrdSpaceName* find_nrrd_space(std::string_view name) {
  std::string wanted = lower_case(name);
  std::erase_if(wanted, [](char c) { return c == '-' || c == ' '; });
  const auto found = std::find_if(std::begin(spaces), std::end(spaces),
                                  [&](const NrrdSpaceName& entry) { return entry.name == wanted; });
  return found == std::end(spaces) ? nullptr : found;
}

swr_component nrrd_component(std::string_view name) {
  const std::string wanted = lower_case(name);
  const auto found = std::find_if(std::begin(type_names), std::end(type_names),
                                  [&](const TypeName& entry) { return entry.name == wanted; });
  return found == std::end(type_names) ? SWR_COMPONENT_UNKNOWN : found->component;
}

const char* nrrd_type(swr_component component) {
  return std::find_if(std::begin(type_names), std::end(type_names),
                      [&](const TypeName& entry) { return entry.component == component; })
      ->name.data();
}

const NrrdKind* find_nrrd_kind(std::string_view name) {
  const std::string wanted = lower_case(name);
  const auto found = std::find_if(std::begin(component_kinds), std::end(component_kinds),
                                  [&](const NrrdKind& entry) { return entry.name == wanted; });
  return found == std::end(component_kinds) ? nullptr : found;
}

const char* nrrd_kind(const PixelType& pixel) {
  switch (pixel.kind) {
    case SWR_KIND_SCALAR: return nullptr;
    case SWR_KIND_RGB: return "RGB-color";
    case SWR_KIND_RGBA: return "RGBA-color";
    case SWR_KIND_COMPLEX: return "complex";
    case SWR_KIND_COVARIANT_VECTOR: return "covariant-vector";
    case SWR_KIND_SYMMETRIC_TENSOR:
      if (pixel.components == 3) return "2D-symmetric-matrix";
      if (pixel.components == 6) return "3D-symmetric-matrix";
      return "vector";
    default: return "vector";
  }
}

}  // namespace swr
