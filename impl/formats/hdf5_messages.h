// The messages in the header of an object of HDF5, read without the library: whether it may open
// the object is to be known before, since opening decodes what they say.
#pragma once

#include <optional>
#include <string>

#include "formats/hdf5_driver.h"

namespace swr {

// Where the header of an object is: links to it are followed. Nothing if it cannot be read.
std::optional<haddr_t> hdf5_address(hid_t where, const std::string& name, hid_t link_access);
// Why swr does not open the object there: its pixels are in other files. Empty if they are not.
// SWR_ERROR_CORRUPT.
std::string hdf5_elsewhere(const Hdf5File& file, haddr_t address);
// Fails if there is such a reason, or no address.
void check_hdf5_here(const Hdf5File& file, std::optional<haddr_t> address,
                     const std::string& object);

}  // namespace swr
