// Strings of FieldData that are not text: appended, or in base64, as VTK's own writer has them.
//
// Their bytes are stored like those of pixels (vti_pixels.cpp), compressed if those are. Each
// string ends in a zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "formats/vti_header.h"
#include "storage/file.h"

namespace swr {

// All strings of a file may have so many bytes, as they are stored and as they are read.
inline constexpr int64_t most_stored_strings = int64_t{4} << 20;

// The one string of the array. Nothing if its bytes are not those of one string, are damaged, have
// a compressor that this swr does not have, or are more than `most`. Requires: the array is not
// text.
std::optional<std::string> stored_vti_string(const File& file, const VtiHeader& header,
                                             const VtiArray& array, int64_t most);

}  // namespace swr
