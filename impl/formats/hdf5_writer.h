// The structure of a new file of HDF5: all of it is in front of the pixels, which are contiguous
// and end the file.
#pragma once

#include "formats/format.h"

namespace swr {

NewFile plan_hdf5_file(const Image& image, const NewFileRequest& request);

}  // namespace swr
