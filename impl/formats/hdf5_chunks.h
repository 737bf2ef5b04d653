// The pixels of a dataset in chunks. The HDF5 library says where each chunk is; the chunks are then
// read and decoded without it, so that a damaged one cannot make it allocate what does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5_driver.h"
#include "image/layout.h"
#include "image/stored_chunks.h"
#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

inline constexpr const char* damaged_hdf5_chunks = "the pixels' description is damaged";

struct Hdf5Chunk {
  int64_t offset = 0, bytes = 0;
  uint32_t skipped = 0;  // filters that were not applied: bit i is the i-th one that was listed
};

// Finds the chunks of a dataset. The file and the dataset must outlive it.
class Hdf5Places {
 public:
  // Chunks of more bytes than `most_bytes` are damaged.
  Hdf5Places(const Hdf5File& file, hid_t dataset, int64_t most_bytes)
      : file_(file), dataset_(dataset), most_bytes_(most_bytes) {}

  // The chunk that begins with this element, the slowest axis first; nothing if it is not stored.
  // SWR_ERROR_CORRUPT.
  std::optional<Hdf5Chunk> find(const std::vector<hsize_t>& at);

 private:
  const Hdf5File& file_;
  const hid_t dataset_;
  const int64_t most_bytes_;
  std::unique_ptr<std::byte[]> buffer_;
  int64_t buffer_bytes_ = 0;
};

// Why the pixels cannot be read: a filter that swr does not know; empty if they can.
std::string hdf5_filter_fault(const Hdf5File& file, hid_t creation);

// The filters in the order in which they were applied, to elements of so many bytes. Requires:
// there is no such fault.
std::vector<ChunkFilter> hdf5_filters(const Hdf5File& file, hid_t creation, int64_t element_bytes);
// The fill value as this type; empty if the file has none of its own.
std::vector<std::byte> hdf5_fill(const Hdf5File& file, hid_t creation, hid_t type);

// Requires: the dataset is in chunks, and has no such fault. SWR_ERROR_MEMORY_LIMIT.
// A change of one of two chunks that share bytes would change both: SWR_ERROR_UNSUPPORTED if there
// are such chunks. `reader` is one of read_hdf5_chunks().
void refuse_shared_hdf5_chunks(const PixelReader& reader);
std::unique_ptr<PixelReader> read_hdf5_chunks(const Hdf5File& file, hid_t dataset,
                                              const Layout& layout, const ReadOptions& options);

}  // namespace swr
