// Which bytes of a file of HDF5 nothing uses. That is known of files whose structure is the one that
// swr writes: what follows it are the chunks and the nodes of the tree that lists them.
#pragma once

#include <optional>

#include "formats/format.h"
#include "storage/file.h"
#include "stores/holes.h"

namespace swr {

// Nothing for other files. Requires: hdf5_chunk_form(file.layout).
std::optional<Holes> find_hdf5_holes(const Description& file, const File& bytes);

}  // namespace swr
