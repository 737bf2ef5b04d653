#include "swr/types.h"

#include <array>
#include <cstring>

#include "image/unit.h"

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

constexpr std::array<const char*, 7> kinds = {
    "scalar", "vector", "rgb", "rgba", "complex", "covariant_vector", "symmetric_tensor"};

const ComponentRow& row(swr_component component) {
  const auto number = static_cast<size_t>(component);
  return components[number < components.size() ? number : 0];
}

}  // namespace

extern "C" {

const char* swr_status_name(swr_status status) {
  switch (status) {
#define SWR_STATUS_ROW(number, name, sentence) \
  case SWR_##name: return #name;
    SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
    default: return "UNKNOWN";
  }
}

const char* swr_status_text(swr_status status) {
  switch (status) {
#define SWR_STATUS_ROW(number, name, sentence) \
  case SWR_##name: return sentence;
    SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
    default: return "there is no such status";
  }
}

const char* swr_version(void) {
  return SWR_VERSION_STRING;
}

int32_t swr_component_bytes(swr_component component) {
  return row(component).bytes;
}

const char* swr_component_name(swr_component component) {
  return row(component).name;
}

swr_component swr_component_from_name(const char* name) {
  for (size_t i = 1; name && i < components.size(); ++i) {
    if (std::strcmp(components[i].name, name) == 0) return static_cast<swr_component>(i);
  }
  return SWR_COMPONENT_UNKNOWN;
}

const char* swr_kind_name(swr_kind kind) {
  const auto number = static_cast<size_t>(kind);
  const char* name = "unknown";
  if (number < kinds.size()) name = kinds[number];
  return name;
}

const char* swr_unit_name(swr_unit unit) {
  return swr::unit_name(unit);
}

swr_unit swr_unit_from_name(const char* name) {
  return name ? swr::unit_of_name(name) : SWR_UNIT_NONE;
}

}  // extern "C"
