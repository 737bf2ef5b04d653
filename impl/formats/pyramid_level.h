// A smaller version of an image as an image of its own.
#pragma once

#include <string>

#include "formats/format.h"

namespace swr {

// The level of an image's pyramid, from 1 on. Its first pixel has index 0, and each pixel is in the
// middle of those for which it stands. SWR_ERROR_NOT_FOUND, naming `path`, if the image has no such
// level.
Description level_of(const Description& image, int level, const std::string& path);

}  // namespace swr
