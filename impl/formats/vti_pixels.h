// Where the pixels of VTK's XML image data are: in the arrays of one piece or of several.
#pragma once

#include <cstdint>
#include <memory>

#include "formats/format.h"
#include "formats/vti_header.h"
#include "storage/file.h"

namespace swr {

int64_t size_of_axis(const VtiExtent& extent, size_t axis);

// SWR_ERROR_UNSUPPORTED if the pieces have no PointData, or pixels of different types.
PixelType vti_pixel_of_pieces(const VtiHeader& header, const std::string& path);

// Sets the storage and the parts of the layout, and why the file cannot be changed. Returns the
// first byte after the pixels. SWR_ERROR_UNSUPPORTED unless the pieces are slabs in the order of
// the image, and one if they are compressed; SWR_ERROR_CORRUPT if the lengths in the file
// contradict the extents.
int64_t find_vti_pixels(const VtiHeader& header, const VtiExtent& whole, const File& file,
                        Description& found);

// The stores of the pixels.
PixelForm form_of_vti_pixels(const Layout& layout, const FormOptions& options);
std::unique_ptr<PixelReader> read_vti_pixels(const Layout& layout, const ReadOptions& options);

}  // namespace swr
