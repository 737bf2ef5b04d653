// The smaller versions of an image in a group of OME-NGFF that swr has made: the arrays "1", "2"
// and so on beside the array "0".
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "formats/format.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_node.h"

namespace swr {

// The pyramid of the image that the node describes; null if it has none, or one of another program.
// `image`: the layout of its pixels. SWR_ERROR_CORRUPT if an array is none of its levels.
std::shared_ptr<const Pyramid> read_zarr_levels(const ZarrNode& node, const Layout& image,
                                                swr_component component, OpenFiles& files);

// Adds levels of these sizes to the plan of a new image, which is complete otherwise.
void add_zarr_levels(NewFile& file, const std::vector<Index>& sizes, PyramidMethod method,
                     swr_component component);

}  // namespace swr
