// What a format holds of an image besides its pixels, and what becomes of the rest.
#pragma once

#include <string>
#include <vector>

#include "engine/settings.h"
#include "formats/format.h"
#include "image/image.h"

namespace swr {

// Resets what the format does not hold of the image's geometry, except for units, and returns what
// that was, such as "the spacing 0.5 0.5 2". A start index is returned and stays: regions are in
// its index space.
std::vector<std::string> drop_geometry(Image& image, const Format& format);

// Makes the image one that the format holds. `base`: as in Format::stated_unit. What is left out is
// in the remarks.
// SWR_ERROR_UNSUPPORTED for geometry that the format does not hold, and for units that the
// application set and the header will not state, unless the settings drop geometry; and for a value
// scale. Units that come from another file are left out: most of them say only in which numbers
// that file states a length, and the numbers of an Image are in mm.
std::vector<Remark> make_held(Image& image, const Image* base, const Format& format,
                              const Settings& settings, const std::string& path);

}  // namespace swr
