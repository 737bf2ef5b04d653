// NIfTI-1 (nifti1.h of 2007, 348 bytes) and NIfTI-2 (nifti2.h of 2011, 540 bytes). The byte order
// is the one in which sizeof_hdr is right.
//
//   NIfTI-1
//     0 i32 sizeof_hdr = 348         76 f32 pixdim[8]             148 descrip[80]
//     4 data_type[10]               108 f32 vox_offset            228 aux_file[24]
//    14 db_name[18]                 112 f32 scl_slope             252 i16 qform_code
//    32 i32 extents                 116 f32 scl_inter             254 i16 sform_code
//    36 i16 session_error           120 i16 slice_end             256 f32 quatern_b c d
//    38 regular                     122 u8 slice_code             268 f32 qoffset_x y z
//    39 u8 dim_info                 123 u8 xyzt_units             280 f32 srow_x[4] srow_y[4]
//    40 i16 dim[8]                  124 f32 cal_max                      srow_z[4]
//    56 f32 intent_p1..3            128 f32 cal_min               328 intent_name[16]
//    68 i16 intent_code             132 f32 slice_duration        344 magic "n+1\0" or "ni1\0"
//    70 i16 datatype                136 f32 toffset
//    72 i16 bitpix                  140 i32 glmax glmin
//    74 i16 slice_start
//   NIfTI-2
//     0 i32 sizeof_hdr = 540        168 i64 vox_offset            344 i32 qform_code
//     4 magic "n+2\0" or "ni2\0",   176 f64 scl_slope             348 i32 sform_code
//        then \r \n 0x1a \n         184 f64 scl_inter             352 f64 quatern_b c d
//    12 i16 datatype                192 f64 cal_max               376 f64 qoffset_x y z
//    14 i16 bitpix                  200 f64 cal_min               400 f64 srow_x[4] srow_y[4]
//    16 i64 dim[8]                  208 f64 slice_duration               srow_z[4]
//    80 f64 intent_p1..3            216 f64 toffset               496 i32 slice_code
//   104 f64 pixdim[8]               224 i64 slice_start           500 i32 xyzt_units
//                                   232 i64 slice_end             504 i32 intent_code
//                                   240 descrip[80]               508 intent_name[16]
//                                   320 aux_file[24]              524 u8 dim_info
//
// Four bytes follow, the first of which says whether there are extensions.
#include "formats/nifti_header.h"

#include <cmath>
#include <cstring>

#include "base/byte_order.h"
#include "base/error.h"

namespace swr {
namespace {

constexpr std::string_view line_ends = "\r\n\x1a\n";  // a transfer in text mode would damage them

// FieldReader reads fields from the bytes, FieldWriter writes them: the list of fields below is
// written once for both.
class FieldReader {
 public:
  FieldReader(std::string_view bytes, bool big_endian)
      : bytes_(reinterpret_cast<const std::byte*>(bytes.data())), big_endian_(big_endian) {}
  template <typename Stored, typename Field>
  void number(int offset, Field& field) const {
    field = static_cast<Field>(load<Stored>(bytes_ + offset, big_endian_));
  }
  void characters(int offset, size_t room, std::string& field) const {
    const auto* begin = reinterpret_cast<const char*>(bytes_ + offset);
    field.assign(begin, strnlen(begin, room));
  }

 private:
  const std::byte* bytes_;
  bool big_endian_;
};

class FieldWriter {
 public:
  FieldWriter(std::string& bytes, bool big_endian)
      : bytes_(reinterpret_cast<std::byte*>(bytes.data())), big_endian_(big_endian) {}
  template <typename Stored, typename Field>
  void number(int offset, const Field& field) const {
    store(bytes_ + offset, static_cast<Stored>(field), big_endian_);
  }
  void characters(int offset, size_t room, const std::string& field) const {
    std::memcpy(bytes_ + offset, field.data(), std::min(room, field.size()));
  }

 private:
  std::byte* bytes_;
  bool big_endian_;
};

template <typename Stored, typename Access, typename Values>
void numbers(const Access& access, int offset, Values& values) {
  for (size_t i = 0; i < values.size(); ++i)
    access.template number<Stored>(offset + static_cast<int>(i * sizeof(Stored)), values[i]);
}

template <typename Access, typename Header>
void fields_of_version_1(const Access& access, Header& header) {
  access.characters(4, 10, header.data_type);
  access.characters(14, 18, header.database_name);
  access.template number<int32_t>(32, header.extents);
  access.template number<int16_t>(36, header.session_error);
  access.template number<uint8_t>(38, header.regular);
  access.template number<uint8_t>(39, header.dim_info);
  numbers<int16_t>(access, 40, header.dim);
  numbers<float>(access, 56, header.intent_parameter);
  access.template number<int16_t>(68, header.intent_code);
  access.template number<int16_t>(70, header.datatype);
  access.template number<int16_t>(72, header.bits_per_pixel);
  access.template number<int16_t>(74, header.slice_start);
  numbers<float>(access, 76, header.pixdim);
  access.template number<float>(108, header.vox_offset);
  access.template number<float>(112, header.slope);
  access.template number<float>(116, header.intercept);
  access.template number<int16_t>(120, header.slice_end);
  access.template number<uint8_t>(122, header.slice_code);
  access.template number<uint8_t>(123, header.units);
  access.template number<float>(124, header.calibration_max);
  access.template number<float>(128, header.calibration_min);
  access.template number<float>(132, header.slice_duration);
  access.template number<float>(136, header.time_offset);
  access.template number<int32_t>(140, header.global_max);
  access.template number<int32_t>(144, header.global_min);
  access.characters(148, 80, header.description);
  access.characters(228, 24, header.auxiliary_file);
  access.template number<int16_t>(252, header.qform_code);
  access.template number<int16_t>(254, header.sform_code);
  numbers<float>(access, 256, header.quaternion);
  numbers<float>(access, 268, header.quaternion_offset);
  numbers<float>(access, 280, header.sform);
  access.characters(328, 16, header.intent_name);
}

template <typename Access, typename Header>
void fields_of_version_2(const Access& access, Header& header) {
  access.template number<int16_t>(12, header.datatype);
  access.template number<int16_t>(14, header.bits_per_pixel);
  numbers<int64_t>(access, 16, header.dim);
  numbers<double>(access, 80, header.intent_parameter);
  numbers<double>(access, 104, header.pixdim);
  access.template number<int64_t>(168, header.vox_offset);
  access.template number<double>(176, header.slope);
  access.template number<double>(184, header.intercept);
  access.template number<double>(192, header.calibration_max);
  access.template number<double>(200, header.calibration_min);
  access.template number<double>(208, header.slice_duration);
  access.template number<double>(216, header.time_offset);
  access.template number<int64_t>(224, header.slice_start);
  access.template number<int64_t>(232, header.slice_end);
  access.characters(240, 80, header.description);
  access.characters(320, 24, header.auxiliary_file);
  access.template number<int32_t>(344, header.qform_code);
  access.template number<int32_t>(348, header.sform_code);
  numbers<double>(access, 352, header.quaternion);
  numbers<double>(access, 376, header.quaternion_offset);
  numbers<double>(access, 400, header.sform);
  access.template number<int32_t>(496, header.slice_code);
  access.template number<int32_t>(500, header.units);
  access.template number<int32_t>(504, header.intent_code);
  access.characters(508, 16, header.intent_name);
  access.template number<uint8_t>(524, header.dim_info);
}

// The version and the byte order that the first four bytes indicate; version 0 if none.
struct Start {
  int version = 0;
  bool big_endian = false;
};

Start start_of(std::string_view head) {
  if (head.size() < sizeof(int32_t)) return {};
  const auto* bytes = reinterpret_cast<const std::byte*>(head.data());
  for (const bool big_endian : {false, true}) {
    const int32_t size = load<int32_t>(bytes, big_endian);
    if (size == 348 || size == 540) return {size == 348 ? 1 : 2, big_endian};
  }
  return {};
}

std::string magic(int version, bool pair) {
  if (version == 1) return std::string(pair ? "ni1" : "n+1", 4);
  return std::string(pair ? "ni2" : "n+2", 4).append(line_ends);
}

// The magic of the header; empty if it is cut off.
std::string_view magic_in(std::string_view head, int version) {
  if (version == 1) return head.size() < 348 ? std::string_view() : head.substr(344, 4);
  return head.size() < 12 ? std::string_view() : head.substr(4, 8);
}

// Analyze 7.5 has other fields in the place of NIfTI's forms and value scale.
void forget_other_meanings(NiftiHeader& header) {
  const NiftiHeader none;
  header.extended = false;
  header.intent_code = 0;
  header.intent_parameter = none.intent_parameter;
  header.slope = header.intercept = header.time_offset = header.slice_duration = 0;
  header.slice_start = header.slice_end = 0;
  header.dim_info = header.slice_code = header.units = 0;
  header.qform_code = header.sform_code = 0;
  header.quaternion = none.quaternion;
  header.quaternion_offset = none.quaternion_offset;
  header.sform = none.sform;
  header.intent_name.clear();
  header.vox_offset = std::abs(header.vox_offset);
}

// FreeSurfer writes -1 for a first axis whose size exceeds 16 bits, and the size in glmin.
void read_long_first_axis(NiftiHeader& header) {
  if (header.dim[1] != -1 || header.global_min < 1) return;
  header.dim[1] = header.global_min;
  header.global_min = 0;
}

}  // namespace

bool begins_like_nifti(std::string_view head, bool with_magic) {
  const Start start = start_of(head);
  if (start.version == 0) return false;
  const std::string_view found = magic_in(head, start.version);
  return !with_magic || found == magic(start.version, false) || found == magic(start.version, true);
}

NiftiHeader parse_nifti_header(std::string_view head, const std::string& path) {
  const Start start = start_of(head);
  if (start.version == 0)
    fail(SWR_ERROR_CORRUPT, path, ": sizeof_hdr is neither 348 nor 540, as in a NIfTI header");
  NiftiHeader header;
  header.version = start.version;
  header.big_endian = start.big_endian;
  const size_t bytes = static_cast<size_t>(header.bytes());
  if (head.size() < bytes)
    fail(SWR_ERROR_CORRUPT, path, ": the file ends within its NIfTI header of ", bytes, " bytes");
  const std::string_view found = magic_in(head, start.version);
  header.pair = found == magic(start.version, true);
  if (!header.pair && found != magic(start.version, false)) {
    if (start.version == 2)
      fail(SWR_ERROR_CORRUPT, path, ": the magic of the NIfTI-2 header is damaged");
    header.analyze = header.pair = true;
  }
  const FieldReader fields(head, start.big_endian);
  if (start.version == 1) {
    fields_of_version_1(fields, header);
  } else {
    fields_of_version_2(fields, header);
  }
  header.extended = head.size() > bytes && head[bytes] != 0;
  if (header.analyze) forget_other_meanings(header);
  if (header.version == 1 && !header.analyze) read_long_first_axis(header);
  return header;
}

std::string nifti_header_bytes(const NiftiHeader& header) {
  std::string bytes(static_cast<size_t>(header.bytes()) + 4, '\0');
  const FieldWriter fields(bytes, header.big_endian);
  fields.number<int32_t>(0, header.bytes());
  const std::string mark = magic(header.version, header.pair);
  if (header.version == 1) {
    fields_of_version_1(fields, header);
    fields.characters(344, mark.size(), mark);
  } else {
    fields_of_version_2(fields, header);
    fields.characters(4, mark.size(), mark);
  }
  bytes[static_cast<size_t>(header.bytes())] = header.extended ? 1 : 0;
  return bytes;
}

}  // namespace swr
