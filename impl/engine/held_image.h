// What a format holds of an image besides its pixels, and what becomes of the rest.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "image/image.h"

namespace swr {

// Resets what the format does not hold of the image's geometry and units, and returns what that
// was, such as "the spacing 0.5 0.5 2". A start index is returned and stays: regions are in its
// index space.
std::vector<std::string> drop_geometry(Image& image, const Format& format);

// Makes the image one that the format holds. SWR_ERROR_UNSUPPORTED for geometry that it does not
// hold, unless `drops_geometry`, and for a value scale. What is left out is in the remarks.
std::vector<Remark> make_held(Image& image, const Format& format, const std::string& path,
                              bool drops_geometry);

}  // namespace swr
