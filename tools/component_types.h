// From a component type to the C++ type that holds it.
#pragma once

#include <cstdint>

#include "status.h"

namespace swr::tool {

// Calls visit(T()) with the type of the component.
template <class Visit>
auto with_component_type(swr_component component, Visit visit) {
  switch (component) {
    case SWR_UINT8: return visit(uint8_t());
    case SWR_INT8: return visit(int8_t());
    case SWR_UINT16: return visit(uint16_t());
    case SWR_INT16: return visit(int16_t());
    case SWR_UINT32: return visit(uint32_t());
    case SWR_INT32: return visit(int32_t());
    case SWR_UINT64: return visit(uint64_t());
    case SWR_INT64: return visit(int64_t());
    case SWR_FLOAT32: return visit(float());
    case SWR_FLOAT64: return visit(double());
    default: throw Failure(SWR_ERROR_INTERNAL, "the component type is unknown");
  }
}

}  // namespace swr::tool
