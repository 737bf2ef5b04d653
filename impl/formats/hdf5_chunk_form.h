// How the chunks of a dataset are stored, for those who write them: their shape and their filters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/hdf5_driver.h"
#include "image/image.h"
#include "image/layout.h"

namespace swr {

struct Hdf5ChunkForm final : FormatStorage {
  const char* encoding = "chunks";  // what users call it
  std::string read_only{};          // why the chunks cannot be changed; empty if they can
  // Of each chunk, in pixels. The grid of the layout has less where the image is smaller.
  Index chunk{};
  std::vector<ChunkFilter> filters{};  // in the order in which they are undone
  std::vector<std::byte> fill{};       // an element; empty: zeros
  // Of the slowest axis, up to which the dataset can grow.
  int64_t most_slices = 0;

  int64_t pixels() const;  // of a chunk
};

// Null if the pixels are in no chunks.
const Hdf5ChunkForm* hdf5_chunk_form(const Layout& layout);

// Of the chunks of an image, or of one that it grows to.
Grid grid_of_hdf5_chunks(const Hdf5ChunkForm& form, const LinearOrder& order);

// What the dataset says; `layout` gets it too. Requires: the dataset is in chunks and has no
// filter that swr does not know; layout.order is that of the image. SWR_ERROR_CORRUPT.
void read_hdf5_chunk_form(const Hdf5File& file, hid_t dataset, hid_t creation, bool is_half,
                          Layout& layout);

// Of a new dataset with elements of so many bytes. `asked` has no sizes if swr is to choose the
// shape. SWR_ERROR_UNSUPPORTED for one that HDF5 has not.
std::shared_ptr<const Hdf5ChunkForm> new_hdf5_chunk_form(const std::string& path,
                                                         const Image& image, const Chunked& asked,
                                                         int64_t element_bytes);

}  // namespace swr
