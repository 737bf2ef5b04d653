// The binary header of NIfTI-1 and NIfTI-2, as fields.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace swr {

// The codes of data types and intents in the specification.
enum NiftiType {
  nifti_uint8 = 2,
  nifti_int16 = 4,
  nifti_int32 = 8,
  nifti_float32 = 16,
  nifti_complex64 = 32,
  nifti_float64 = 64,
  nifti_rgb24 = 128,
  nifti_int8 = 256,
  nifti_uint16 = 512,
  nifti_uint32 = 768,
  nifti_int64 = 1024,
  nifti_uint64 = 1280,
  nifti_complex128 = 1792,
  nifti_rgba32 = 2304
};
enum NiftiIntent {
  nifti_general_matrix = 1004,
  nifti_symmetric_matrix = 1005,
  nifti_displacement = 1006,
  nifti_vector = 1007
};
// The orders in which slices are acquired.
enum NiftiSliceOrder {
  nifti_slices_unknown = 0,
  nifti_slices_upwards = 1,
  nifti_slices_downwards = 2
};

struct NiftiHeader {
  int version = 1;  // 1 or 2
  bool big_endian = false;
  // the pixels are in a detached file ("ni1"), not after the header ("n+1")
  bool pair = false;
  // the size of a NIfTI-1 header without its magic: Analyze 7.5, a pair; only set by reading
  bool analyze = false;
  // extensions follow; parse_nifti_header() sets it if it gets the four bytes that say so
  bool extended = false;
  std::array<int64_t, 8> dim{};  // [0]: the number of axes
  int datatype = 0, bits_per_pixel = 0, intent_code = 0;
  std::array<double, 3> intent_parameter{};
  std::array<double, 8> pixdim{
      1, 1, 1, 1, 1, 1, 1, 1};  // [0]: qfac, -1 if the quaternion's third axis is reversed
  double vox_offset = 0;        // of the first pixel; a whole number, if the file is sound
  double slope = 0, intercept = 0;
  double calibration_max = 0, calibration_min = 0;  // the values to display, after the scale
  int dim_info = 0;  // bits 0-1, 2-3, 4-5: the axes of frequency, phase and slices; 0 if unknown
  int slice_code = 0;
  int64_t slice_start = 0, slice_end = 0;
  double slice_duration = 0;
  double time_offset = 0;
  int units = 0;  // bits 0-2: space, 3-5: time
  int qform_code = 0, sform_code = 0;
  std::array<double, 3> quaternion{}, quaternion_offset{};  // b c d; x y z
  std::array<double, 12> sform{};                           // 3 rows of 4
  std::string description, auxiliary_file, intent_name;
  // Left over from Analyze 7.5, only in NIfTI-1; no program needs them.
  std::string data_type, database_name;
  int extents = 0, session_error = 0, regular = 'r', global_max = 0, global_min = 0;

  // The slice axis, counted from 0; -1 if the header does not state it.
  int slice_axis() const { return ((dim_info >> 4) & 3) - 1; }

  // The length of the header, without the four bytes that say whether extensions follow.
  int bytes() const { return version == 1 ? 348 : 540; }
  // Position of dim[axis + 1].
  int64_t size_field(int axis) const { return version == 1 ? 42 + 2 * axis : 24 + 8 * axis; }
};

// The capacity of the header's text fields, in characters.
inline constexpr size_t nifti_description_room = 79, nifti_auxiliary_file_room = 23,
                        nifti_intent_name_room = 15;
// The largest size of an axis in NIfTI-1.
inline constexpr int64_t nifti1_largest_size = 32767;
// The longest header, with the four bytes after it.
inline constexpr int64_t nifti_longest_header = 544;

// Whether the bytes begin with the size of a NIfTI header, in either byte order. `with_magic`: they
// must have the magic too.
bool begins_like_nifti(std::string_view head, bool with_magic);

// SWR_ERROR_CORRUPT, naming `path`, if there are too few bytes or they begin otherwise. Fields are
// not validated; each caller validates what it uses.
NiftiHeader parse_nifti_header(std::string_view head, const std::string& path);

// The bytes of the header and the four after it, the first of which says whether extensions follow.
std::string nifti_header_bytes(const NiftiHeader& header);

}  // namespace swr
