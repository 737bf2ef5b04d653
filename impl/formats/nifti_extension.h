// What NIfTI's header has no field for, as text in a header extension.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "image/image.h"

namespace swr {

// One extension with the entries: its length is a multiple of 16, and at least `least_bytes`, which
// is one too. Empty if there are no entries.
std::string make_nifti_extension(const Metadata& entries, int64_t least_bytes);

// The entries of the extensions that swr made among those in `extensions`, the bytes behind a
// header. Other programs' extensions are passed over, and what is damaged ends the search, as every
// reader does: the pixels do not depend on it.
Metadata read_nifti_extensions(std::string_view extensions, bool big_endian);

}  // namespace swr
