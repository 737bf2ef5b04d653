// The header of an MGH file: its fields, and what they say of an image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "formats/big_endian_fields.h"
#include "image/image.h"

namespace swr {

inline constexpr size_t mgh_header_bytes = 284;
inline constexpr int64_t largest_mgh_size = std::numeric_limits<int32_t>::max();
inline constexpr int mgh_space_axes = 3, mgh_frames_axis = 3;

// Whether the bytes begin like an MGH file. There is no mark: under a name with one of its suffixes
// the version is enough, so that the header's faults are told one by one; else a header is told by
// a stated geometry too, which hardly anything else looks like.
bool begins_like_mgh(std::string_view head, bool has_suffix);

// Sets all that the header says of the image. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED.
void read_mgh_image(const BigEndianFields& fields, const std::string& path, Image& image);

// Sets all fields that say something of the image; the others stay. SWR_ERROR_UNSUPPORTED for what
// MGH cannot hold.
void write_mgh_image(const Image& image, const std::string& path, BigEndianFields& fields);

// Sets the fields of an image that differs from that of the header in the size of the slowest axis.
void resize_mgh_image(const Image& grown, const std::string& path, BigEndianFields& fields);

}  // namespace swr
