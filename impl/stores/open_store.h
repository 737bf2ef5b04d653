// Picks the store that can read a layout.
#pragma once

#include <memory>

#include "storage/open_files.h"
#include "stores/store.h"

namespace swr {

struct ReadOptions {
  int threads = 0;  // 0: all cores
  int64_t memory_limit = int64_t{256} << 20;
  bool keeps_chunks = true;            // decoded ones, for the next read
  std::shared_ptr<OpenFiles> files{};  // where the files are open already, if they are
};

// Checks that each data file exists and holds what the layout says (SWR_ERROR_CORRUPT,
// SWR_ERROR_NOT_FOUND).
std::unique_ptr<ReadStore> open_store(const Layout& layout, const ReadOptions& options);

}  // namespace swr
