// The files of a NIfTI image: their names, and the bytes in front of the pixels, inflated if
// necessary.
#pragma once

#include <cstdint>
#include <string>

#include "formats/nifti_header.h"
#include "storage/open_files.h"

namespace swr {

// The header file for the path of a NIfTI image. For .img and .img.gz it is the .hdr or .hdr.gz
// beside it, the one that exists or else the .hdr; otherwise it is the path itself.
std::string nifti_header_path(const std::string& path, OpenFiles& files);
// The data file of a header without pixels: `path` if it ends in .img or .img.gz, else the .img or
// .img.gz beside the header.
std::string nifti_data_path(const std::string& path, const std::string& header_path,
                            OpenFiles& files);
// `path` with its NIfTI suffix replaced, in upper or lower case as before.
std::string with_nifti_suffix(const std::string& path, std::string_view suffix);
bool is_nifti_data_path(const std::string& path);

struct NiftiHead {
  NiftiHeader header;
  bool compressed = false;  // the file with the header is a gzip stream
  // the bytes between the header and the pixels, if it says that there are extensions; at most 64
  // MiB
  std::string extensions;
};

// SWR_ERROR_CORRUPT, SWR_ERROR_NOT_FOUND.
NiftiHead read_nifti_head(const std::string& header_path, const File& file);

// Checks header.vox_offset and returns it.
int64_t nifti_pixel_offset(const NiftiHead& head, const std::string& header_path);

// The most bytes of extensions that swr reads.
inline constexpr int64_t nifti_extension_limit = int64_t{64} << 20;

}  // namespace swr
