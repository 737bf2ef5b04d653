// What the header of a MetaImage file says of the image and of its pixels' place.
#pragma once

#include "formats/metaimage_header.h"

namespace swr {

Description describe_metaimage(MetaImageHeader header);

}  // namespace swr
