#include "formats/hdf5_type.h"

#include <array>

namespace swr {
namespace {

struct Type {
  swr_component component;
  hid_t little, big;
  const char* itk;
};

// The library fills its variables when it is first used.
std::array<Type, 10> all_types() {
  return {{{SWR_INT8, H5T_STD_I8LE, H5T_STD_I8BE, "CHAR"},
           {SWR_UINT8, H5T_STD_U8LE, H5T_STD_U8BE, "UCHAR"},
           {SWR_INT16, H5T_STD_I16LE, H5T_STD_I16BE, "SHORT"},
           {SWR_UINT16, H5T_STD_U16LE, H5T_STD_U16BE, "USHORT"},
           {SWR_INT32, H5T_STD_I32LE, H5T_STD_I32BE, "INT"},
           {SWR_UINT32, H5T_STD_U32LE, H5T_STD_U32BE, "UINT"},
           {SWR_INT64, H5T_STD_I64LE, H5T_STD_I64BE, "LONG"},
           {SWR_UINT64, H5T_STD_U64LE, H5T_STD_U64BE, "ULONG"},
           {SWR_FLOAT32, H5T_IEEE_F32LE, H5T_IEEE_F32BE, "FLOAT"},
           {SWR_FLOAT64, H5T_IEEE_F64LE, H5T_IEEE_F64BE, "DOUBLE"}}};
}

// Floats of 16 bits as IEEE 754 has them, for which libhdf5 1.10 has no name:
//   [sign: bit 15] [exponent + 15: bits 10 to 14] [significand: bits 0 to 9]
std::optional<Hdf5PixelType> read_half(hid_t type) {
  if (H5Tget_class(type) != H5T_FLOAT || H5Tget_size(type) != 2) return std::nullopt;
  size_t sign = 0, exponent = 0, exponent_bits = 0, significand = 0, significand_bits = 0;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &significand, &significand_bits) < 0)
    return std::nullopt;
  const H5T_order_t order = H5Tget_order(type);
  const bool is_known = sign == 15 && exponent == 10 && exponent_bits == 5 && significand == 0 &&
                        significand_bits == 10 && H5Tget_ebias(type) == 15 &&
                        H5Tget_norm(type) == H5T_NORM_IMPLIED &&
                        (order == H5T_ORDER_LE || order == H5T_ORDER_BE);
  if (!is_known) return std::nullopt;
  return Hdf5PixelType{
      .component = SWR_FLOAT32, .big_endian = order == H5T_ORDER_BE, .is_half = true};
}

std::optional<Hdf5PixelType> read_number(hid_t type) {
  for (const Type& each : all_types()) {
    if (H5Tequal(type, each.little) > 0) return Hdf5PixelType{.component = each.component};
    if (H5Tequal(type, each.big) > 0)
      return Hdf5PixelType{.component = each.component, .big_endian = true};
  }
  return read_half(type);
}

// The names that h5py and others give the two parts.
bool is_part_name(hid_t type, unsigned part) {
  const std::unique_ptr<char, herr_t (*)(void*)> name(
      H5Tget_member_name(type, part), [](void* memory) { return H5free_memory(memory); });
  const std::string_view text = name ? name.get() : "";
  return part == 0 ? text == "r" || text == "re" || text == "real"
                   : text == "i" || text == "im" || text == "imag";
}

std::optional<Hdf5PixelType> read_complex(hid_t type) {
  if (H5Tget_nmembers(type) != 2) return std::nullopt;
  const Hdf5Id first(H5Tget_member_type(type, 0), H5Tclose);
  const Hdf5Id second(H5Tget_member_type(type, 1), H5Tclose);
  auto part = read_number(first.get());
  const bool is_float =
      part && !part->is_half && (part->component == SWR_FLOAT32 || part->component == SWR_FLOAT64);
  if (!is_float || H5Tequal(first.get(), second.get()) <= 0) return std::nullopt;
  const size_t bytes = H5Tget_size(first.get());
  if (H5Tget_size(type) != 2 * bytes || H5Tget_member_offset(type, 0) != 0 ||
      H5Tget_member_offset(type, 1) != bytes || !is_part_name(type, 0) || !is_part_name(type, 1))
    return std::nullopt;
  part->is_complex = true;
  return part;
}

const Type& type_for(const std::array<Type, 10>& types, swr_component component) {
  for (const Type& type : types) {
    if (type.component == component) return type;
  }
  fail(SWR_ERROR_INTERNAL, "HDF5 has no such component");
}

}  // namespace

std::optional<Hdf5PixelType> read_hdf5_type(hid_t type) {
  return H5Tget_class(type) == H5T_COMPOUND ? read_complex(type) : read_number(type);
}

std::string hdf5_type_name(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER: return text("integers of ", H5Tget_precision(type), " bits");
    case H5T_FLOAT: return text("floats of ", H5Tget_precision(type), " bits");
    case H5T_STRING: return "strings";
    case H5T_COMPOUND: return "compounds";
    case H5T_ENUM: return "names of values (an enumeration)";
    case H5T_ARRAY: return "arrays";
    case H5T_REFERENCE: return "references";
    case H5T_VLEN: return "lists of any length";
    default: return "bytes without a meaning";
  }
}

Hdf5Id hdf5_memory_type(const Hdf5File& file, hid_t type) {
  const auto read = read_hdf5_type(type);
  const hid_t wide = read && read->big_endian ? H5T_IEEE_F32BE : H5T_IEEE_F32LE;
  return file.valid(H5Tcopy(read && read->is_half ? wide : type), H5Tclose, "the type is damaged");
}

Hdf5Id new_hdf5_type(const Hdf5File& file, swr_component component, bool is_complex) {
  constexpr const char* what = "cannot describe the pixels";
  const auto types = all_types();
  const Type& type = type_for(types, component);
  if (!is_complex) return file.valid(H5Tcopy(type.little), H5Tclose, what);
  const size_t bytes = H5Tget_size(type.little);
  Hdf5Id both = file.valid(H5Tcreate(H5T_COMPOUND, 2 * bytes), H5Tclose, what);
  file.check(H5Tinsert(both.get(), "r", 0, type.little), what);
  file.check(H5Tinsert(both.get(), "i", bytes, type.little), what);
  return both;
}

const char* itk_voxel_type(swr_component component) {
  const auto types = all_types();
  return type_for(types, component).itk;
}

}  // namespace swr
