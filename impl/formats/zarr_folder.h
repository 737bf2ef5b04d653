// Which folders are Zarr's and nothing else, so that a new image may take their place.
#pragma once

#include <string>
#include <vector>

namespace swr {

// SWR_ERROR_EXISTS if there is a folder at `path` with something in it that is not part of a Zarr
// array or group, or that is neither. What writers of these have not finished, or left when they
// died, is part of them. Nothing happens if there is none, or an empty one.
void refuse_other_than_zarr(const std::string& path);

// The metadata of the arrays and groups in the folder, of not more than some dozens.
std::vector<std::string> zarr_headers_in(const std::string& path);

}  // namespace swr
