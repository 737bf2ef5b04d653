// The files of a NIfTI image: their names, and the bytes in front of the pixels, inflated where
// they are compressed.
#pragma once

#include <cstdint>
#include <string>

#include "formats/nifti_header.h"
#include "storage/open_files.h"

namespace swr {

// The header's file for the path of a NIfTI image, which may be that of the pixels: for .img and
// .img.gz the .hdr beside it, else the path itself. Of several names the one that exists; the plain
// one if none does.
std::string nifti_header_path(const std::string& path, OpenFiles& files);
// The pixels' file that goes with a header without pixels: `path` if that is one, else the .img or
// .img.gz beside the header.
std::string nifti_data_path(const std::string& path, const std::string& header_path,
                            OpenFiles& files);
// `path` with its NIfTI suffix replaced, in the case of letters that it has.
std::string with_nifti_suffix(const std::string& path, std::string_view suffix);
bool is_nifti_data_path(const std::string& path);

struct NiftiHead {
  NiftiHeader header;
  bool compressed = false;  // the file with the header is a gzip stream
  std::string
      extensions;  // the bytes between the header and the pixels, if it says that there are extensions; at most 64 MiB
};

// SWR_ERROR_CORRUPT, SWR_ERROR_NOT_FOUND.
NiftiHead read_nifti_head(const std::string& header_path, const File& file);

// header.vox_offset, checked.
int64_t nifti_pixel_offset(const NiftiHead& head, const std::string& header_path);

// The most that swr reads of extensions.
inline constexpr int64_t nifti_extension_limit = int64_t{64} << 20;

}  // namespace swr
