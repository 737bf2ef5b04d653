// What a file of HDF5 says of its image.
#pragma once

#include <string>

#include "formats/format.h"

namespace swr {

// `dataset`: the one that is asked for; empty if none is. SWR_ERROR_NOT_FOUND if it is not there,
// SWR_ERROR_UNSUPPORTED if it is no image, or if the file does not say which dataset is meant.
Description read_hdf5_image(std::shared_ptr<const File> file, const std::string& dataset);

}  // namespace swr
