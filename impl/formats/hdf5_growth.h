// HDF5 whose image grows in place.
#pragma once

#include <optional>
#include <string>

#include "formats/format.h"

namespace swr {

// As Format::grow. Nothing for a file that is not exactly as swr would plan it: its structure may
// depend on the sizes in a way that swr does not know.
std::optional<Growth> grow_hdf5_file(const std::string& path, const Description& file,
                                     const Image& grown);

}  // namespace swr
