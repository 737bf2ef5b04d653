// The types of pixels in HDF5: numbers, and compounds of two floats, which are complex numbers as
// h5py writes them.
#pragma once

#include <optional>
#include <string>

#include "formats/hdf5_driver.h"
#include "image/pixel_type.h"

namespace swr {

struct Hdf5PixelType {
  swr_component component = SWR_COMPONENT_UNKNOWN;
  bool is_complex = false;  // a compound
  bool big_endian = false;
  bool is_half = false;  // stored in 16 bits; float32 for swr
};

// Nothing for a type that swr does not read.
std::optional<Hdf5PixelType> read_hdf5_type(hid_t type);
// What such a type is called in a message.
std::string hdf5_type_name(hid_t type);
// The type of pixels as swr gets them, in the byte order of the file: of floats of 16 bits float32.
Hdf5Id hdf5_memory_type(const Hdf5File& file, hid_t type);
// The type of new pixels, little-endian.
Hdf5Id new_hdf5_type(const Hdf5File& file, swr_component component, bool is_complex);
// ITK's name of a component.
const char* itk_voxel_type(swr_component component);

}  // namespace swr
