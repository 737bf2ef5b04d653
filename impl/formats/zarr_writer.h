// Plans a new Zarr image.
#pragma once

#include "formats/format.h"

namespace swr {

NewFile plan_zarr_folder(const Image& image, const NewFileRequest& request);

}  // namespace swr
