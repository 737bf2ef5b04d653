// Which files are swr's, and which are left to ITK.
#pragma once

#include <string>
#include <vector>

namespace swr_itk {

// Formats that swr takes: MetaImage, NRRD and NIfTI, and those that ITK does not have. The others
// (MRC, GIPL, VTK, TIFF, HDF5) are left to ITK, which writes pixels there that swr refuses.
bool takes_format(const std::string& name);

// The suffixes of the files of these formats that have a capability (SWR_CAN_...).
std::vector<std::string> suffixes_with(unsigned capability);

// The format that swr writes to a path; "" if it is left to ITK.
std::string written_format(const std::string& path);

// Whether a format that swr takes has a capability or holds something (SWR_HOLDS_...).
bool format_can(const std::string& name, unsigned capability);

// Whether the suffix alone decides if files of the format are compressed, as .nii and .nii.gz.
bool suffix_decides_compression(const std::string& name);

bool has_suffix(const std::string& path, const std::string& suffix);

}  // namespace swr_itk
