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

// What a write to one of the arrays of the image leaves as it is: a sentence.
std::string zarr_levels_left_stale(const ZarrMultiscale& image);

// The pyramid of the image that the node describes; null if it has none, or one of another program,
// which may have replaced that of swr. `image`: the layout of its pixels. SWR_ERROR_CORRUPT if an
// array is missing.
std::shared_ptr<const Pyramid> read_zarr_levels(const ZarrNode& node, const Layout& image,
                                                swr_component component, OpenFiles& files);

// The layout of the same array with another size.
Layout resized_zarr_layout(const Layout& old, const Index& size);
// The pyramid of an image that grows to this size.
std::shared_ptr<const Pyramid> grown_zarr_levels(const Layout& image, const Index& size);

// Adds levels of these sizes to the plan of a new image, which is complete otherwise.
void add_zarr_levels(NewFile& file, const std::vector<Index>& sizes, PyramidMethod method,
                     swr_component component);

}  // namespace swr
