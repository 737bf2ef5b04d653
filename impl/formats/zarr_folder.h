// Which folders are Zarr's and nothing else, so that a new image may take their place.
#pragma once

#include <string>

namespace swr {

// SWR_ERROR_EXISTS if there is a folder at `path` with something in it that is not part of a Zarr
// array or group, or that is neither. Nothing happens if there is none, or an empty one.
void refuse_other_than_zarr(const std::string& path);

}  // namespace swr
