// What NIfTI's header has no field for, as text in a header extension.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace swr {

// An extension of a file. Its bytes are those after the eight that begin it.
struct NiftiExtension {
  int32_t code = 0;
  std::string bytes;
};

// What follows a header up to the pixels: the extensions of other programs, in order, and the
// entries of those that swr made.
struct NiftiExtensions {
  std::vector<NiftiExtension> others;
  Metadata entries;
  bool damaged =
      false;  // the search ended early, as every reader ends it: pixels do not depend on it
};
NiftiExtensions read_nifti_extensions(std::string_view bytes, bool big_endian);

// One extension with the entries: its length is a multiple of 16, and at least `least_bytes`, which
// is one too. Empty if there are no entries.
std::string make_nifti_extension(const Metadata& entries, int64_t least_bytes);
// An extension as it stands in a file.
std::string nifti_extension_bytes(const NiftiExtension& extension);

// Such as "AFNI (code 4)".
std::string nifti_extension_name(int32_t code);
// Whether extensions of the code describe the image's size, so that they are wrong when it changes.
bool describes_shape(int32_t code);

}  // namespace swr
