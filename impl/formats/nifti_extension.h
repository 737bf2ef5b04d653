// Header extensions of NIfTI; swr keeps there, as text, what the header has no field for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace swr {

// An extension of a file. `bytes` are those after its head of eight bytes.
struct NiftiExtension {
  int32_t code = 0;
  std::string bytes;
};

// What is between a header and the pixels: the extensions of other programs, in order, and the
// entries of swr's own.
struct NiftiExtensions {
  std::vector<NiftiExtension> others;
  Metadata entries;
  int64_t bytes = 0;  // of the whole extensions
  // the search ended early, as in every reader: the pixels do not depend on it
  bool damaged = false;
};
NiftiExtensions read_nifti_extensions(std::string_view bytes, bool big_endian);

// One extension with the entries. Its length is a multiple of 16 and at least `least_bytes`, which
// must be a multiple of 16 too. Empty if there are no entries.
std::string make_nifti_extension(const Metadata& entries, int64_t least_bytes);
// The bytes of an extension in a file, with its head.
std::string nifti_extension_bytes(const NiftiExtension& extension);

// Such as "AFNI (code 4)".
std::string nifti_extension_name(int32_t code);
// Whether extensions of this code describe the image's size, so that they become wrong when it
// changes.
bool describes_shape(int32_t code);

}  // namespace swr
