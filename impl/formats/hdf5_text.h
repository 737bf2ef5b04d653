// Strings of any length in HDF5, which are in heaps of their own.
#pragma once

#include <optional>
#include <string>

#include "formats/hdf5_driver.h"

namespace swr {

// The string of an attribute or a dataset that has one; nothing if its place is damaged.
std::optional<std::string> read_hdf5_long_text(const Hdf5File& file, hid_t object,
                                               bool is_attribute);

}  // namespace swr
