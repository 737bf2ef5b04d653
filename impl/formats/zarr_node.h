// Finds the array of an image in the folder of a Zarr array or group.
#pragma once

#include <optional>
#include <string>

#include "formats/json.h"
#include "formats/ngff.h"
#include "formats/zarr_metadata.h"
#include "storage/open_files.h"

namespace swr {

struct ZarrNode {
  std::string array_path;    // of .zarray, or of the array's zarr.json
  Json array{};              // what that file says
  std::string folder;        // of the array
  std::string group_folder;  // of the group that says where the image is; empty: none
  std::string group_path;    // of that group's metadata
  std::optional<NgffImage> ngff{};
  size_t level = 0;   // of ngff
  Json attributes{};  // of the group, or of an array without one
};

// `path`: the folder, or the file of the array's metadata. Which array of a group: that of the
// dataset that `files` names, or the finest level of a multiscale image. Nothing if the folder is
// neither an array nor a group. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED, SWR_ERROR_NOT_FOUND.
std::optional<ZarrNode> find_zarr_node(const std::string& path, OpenFiles& files);

// The group of which an array is one of several resolutions, found from the array's own folder;
// nothing if there is none. Groups that cannot be read count as none: the array is good without.
struct ZarrMultiscale {
  std::string folder, path;  // of the group, and of its metadata
  Json attributes{};
};
std::optional<ZarrMultiscale> find_zarr_multiscale(const std::string& array_folder,
                                                   OpenFiles& files);

}  // namespace swr
