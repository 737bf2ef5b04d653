// The valid components and kinds of pixels, and their combinations. The functions of swr/types.h
// about them are defined here, because the engine needs them without the C interface.
#include "image/pixel_type.h"

#include <array>
#include <cstring>

#include "base/error.h"

namespace swr {
namespace {

struct ComponentRow {
  const char* name;
  int32_t bytes;
};

constexpr std::array<ComponentRow, 11> components = {{{"unknown", 0},
                                                      {"uint8", 1},
                                                      {"int8", 1},
                                                      {"uint16", 2},
                                                      {"int16", 2},
                                                      {"uint32", 4},
                                                      {"int32", 4},
                                                      {"uint64", 8},
                                                      {"int64", 8},
                                                      {"float32", 4},
                                                      {"float64", 8}}};

struct KindRow {
  const char* name;
  int components;  // 0: any number
};

constexpr std::array<KindRow, 7> kinds = {{{"scalar", 1},
                                           {"vector", 0},
                                           {"rgb", 3},
                                           {"rgba", 4},
                                           {"complex", 2},
                                           {"covariant_vector", 0},
                                           {"symmetric_tensor", 0}}};

constexpr int most_components = 65535;

const ComponentRow& row(swr_component component) {
  const auto number = static_cast<size_t>(component);
  return components[number < components.size() ? number : 0];
}

bool is_triangular(int number) {
  int n = 1;
  while (n * (n + 1) / 2 < number) ++n;
  return n * (n + 1) / 2 == number;
}

}  // namespace

std::string PixelType::text() const {
  std::string out = swr_component_name(component);
  if (kind == SWR_KIND_SCALAR) return out;
  out += std::string(" ") + swr_kind_name(kind);
  if (kind == SWR_KIND_VECTOR || kind == SWR_KIND_COVARIANT_VECTOR ||
      kind == SWR_KIND_SYMMETRIC_TENSOR) {
    out += " of " + std::to_string(components);
  }
  return out;
}

void check_component(swr_component component) {
  if (component < SWR_UINT8 || component > SWR_FLOAT64)
    fail(SWR_ERROR_ARGUMENT, "there is no component type ", static_cast<int>(component));
}

void check_component_count(int count, int least) {
  if (count < least || count > most_components)
    fail(SWR_ERROR_ARGUMENT, "a pixel has ", count, " components; 1 to ", most_components,
         " are possible");
}

void check_pixel_type(const PixelType& pixel) {
  check_component(pixel.component);
  const auto number = static_cast<size_t>(pixel.kind);
  if (number >= kinds.size())
    fail(SWR_ERROR_ARGUMENT, "there is no kind ", static_cast<int>(pixel.kind));
  check_component_count(pixel.components, 1);
  const KindRow& kind = kinds[number];
  if (kind.components > 0 && pixel.components != kind.components)
    fail(SWR_ERROR_ARGUMENT, kind.name, " pixels have ", kind.components, " components, not ",
         pixel.components);
  if (pixel.kind == SWR_KIND_SYMMETRIC_TENSOR && !is_triangular(pixel.components))
    fail(SWR_ERROR_ARGUMENT, "a symmetric tensor has n(n+1)/2 components, not ", pixel.components);
}

}  // namespace swr

extern "C" {

int32_t swr_component_bytes(swr_component component) {
  return swr::row(component).bytes;
}

const char* swr_component_name(swr_component component) {
  return swr::row(component).name;
}

swr_component swr_component_from_name(const char* name) {
  for (size_t i = 1; name && i < swr::components.size(); ++i) {
    if (std::strcmp(swr::components[i].name, name) == 0) return static_cast<swr_component>(i);
  }
  return SWR_COMPONENT_UNKNOWN;
}

const char* swr_kind_name(swr_kind kind) {
  const auto number = static_cast<size_t>(kind);
  return number < swr::kinds.size() ? swr::kinds[number].name : "unknown";
}

}  // extern "C"
