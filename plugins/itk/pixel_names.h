// ITK's names for components and pixels, and swr's.
#pragma once

#include <itkImageIOBase.h>

#include "swr/swr.h"

namespace swr_itk {

inline swr_component component_of_io(const itk::ImageIOBase& io) {
  using C = itk::IOComponentEnum;
  const bool is_long = io.GetComponentSize() == 8;  // long has 4 bytes on some systems
  switch (io.GetComponentType()) {
    case C::UCHAR: return SWR_UINT8;
    case C::CHAR: return SWR_INT8;
    case C::USHORT: return SWR_UINT16;
    case C::SHORT: return SWR_INT16;
    case C::UINT: return SWR_UINT32;
    case C::INT: return SWR_INT32;
    case C::ULONG: return is_long ? SWR_UINT64 : SWR_UINT32;
    case C::LONG: return is_long ? SWR_INT64 : SWR_INT32;
    case C::ULONGLONG: return SWR_UINT64;
    case C::LONGLONG: return SWR_INT64;
    case C::FLOAT: return SWR_FLOAT32;
    case C::DOUBLE: return SWR_FLOAT64;
    default: return SWR_COMPONENT_UNKNOWN;
  }
}

inline itk::IOComponentEnum io_component(swr_component component) {
  using C = itk::IOComponentEnum;
  const bool is_long = sizeof(long) == 8;
  switch (component) {
    case SWR_UINT8: return C::UCHAR;
    case SWR_INT8: return C::CHAR;
    case SWR_UINT16: return C::USHORT;
    case SWR_INT16: return C::SHORT;
    case SWR_UINT32: return C::UINT;
    case SWR_INT32: return C::INT;
    case SWR_UINT64: return is_long ? C::ULONG : C::ULONGLONG;
    case SWR_INT64: return is_long ? C::LONG : C::LONGLONG;
    case SWR_FLOAT32: return C::FLOAT;
    case SWR_FLOAT64: return C::DOUBLE;
    default: return C::UNKNOWNCOMPONENTTYPE;
  }
}

inline swr_kind kind_of_io(const itk::ImageIOBase& io) {
  using P = itk::IOPixelEnum;
  if (io.GetNumberOfComponents() == 1) return SWR_KIND_SCALAR;
  switch (io.GetPixelType()) {
    case P::RGB: return SWR_KIND_RGB;
    case P::RGBA: return SWR_KIND_RGBA;
    case P::COMPLEX: return SWR_KIND_COMPLEX;
    case P::COVARIANTVECTOR: return SWR_KIND_COVARIANT_VECTOR;
    case P::SYMMETRICSECONDRANKTENSOR:
    case P::DIFFUSIONTENSOR3D: return SWR_KIND_SYMMETRIC_TENSOR;
    default: return SWR_KIND_VECTOR;
  }
}

inline itk::IOPixelEnum io_kind(swr_kind kind) {
  using P = itk::IOPixelEnum;
  switch (kind) {
    case SWR_KIND_SCALAR: return P::SCALAR;
    case SWR_KIND_RGB: return P::RGB;
    case SWR_KIND_RGBA: return P::RGBA;
    case SWR_KIND_COMPLEX: return P::COMPLEX;
    case SWR_KIND_COVARIANT_VECTOR: return P::COVARIANTVECTOR;
    case SWR_KIND_SYMMETRIC_TENSOR: return P::SYMMETRICSECONDRANKTENSOR;
    default: return P::VECTOR;
  }
}

}  // namespace swr_itk
