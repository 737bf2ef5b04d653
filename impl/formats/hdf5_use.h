// Which bytes of a file of HDF5 nothing uses, and what lists its chunks. That is known of files
// whose structure is the one that swr writes: what follows it are the chunks and the nodes of the
// tree that lists them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "formats/format.h"
#include "storage/file.h"
#include "stores/holes.h"

namespace swr {

struct Hdf5Use {
  // Where the tree lists a chunk: [bytes: 4] [filters left out: 4] ..., at `address` [offset: 8].
  struct Listed {
    int64_t offset = 0, bytes = 0;  // of the chunk
    int64_t key = 0, address = 0;   // of the entry; 0: the chunk is not listed
  };
  Holes holes;
  std::vector<Listed> chunks;  // in the order of the grid
};

// Nothing for other files. Requires: hdf5_chunk_form(file.layout).
std::optional<Hdf5Use> find_hdf5_use(const Description& file, const File& bytes);

// Writes the end of such a file, with its checksum, into the superblock: [8 bytes at 28] and
// [checksum at 44].
void write_hdf5_end(const File& bytes, int64_t end,
                    const std::function<void(int64_t, std::span<const std::byte>)>& write);

}  // namespace swr
