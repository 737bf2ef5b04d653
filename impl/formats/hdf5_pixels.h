// The pixels of a dataset of HDF5. Those that are stored as they are, in one stretch or in chunks
// of whole slices, are parts of the file. Those in other chunks (hdf5_chunks.h) may move when they
// change (hdf5_chunk_sink.h). All others cannot be changed: they are within the header of their
// dataset, or without space in the file.
#pragma once

#include <string>

#include "formats/format.h"
#include "formats/hdf5_driver.h"
#include "formats/hdf5_type.h"

namespace swr {

// `read_only` becomes the reason why the pixels cannot be changed, if there is one.
// SWR_ERROR_UNSUPPORTED for pixels in other files or behind filters that swr does not read.
Layout hdf5_layout(const Hdf5File& file, hid_t dataset, const Image& image,
                   const Hdf5PixelType& type, std::string& read_only);

PixelForm form_of_hdf5_pixels(const Layout& layout, const FormOptions& options);
std::unique_ptr<PixelReader> read_hdf5_pixels(const Layout& layout, const ReadOptions& options);

}  // namespace swr
