// Reads which bytes of which files a journal has saved, without the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "storage/file.h"
#include "storage/identity.h"

namespace swr {

// Goes through the journal of a writer that may live and add entries meanwhile. Checksums are not
// looked at: what is found says where to look again, and is not undone.
class SavedRanges {
 public:
  struct Range {
    Identity file;
    int64_t begin = 0, end = 0;
  };

  // `journal` must outlive the object. A file that is not a journal, and a journal that is over,
  // have no ranges.
  explicit SavedRanges(const File& journal);
  // The next one; nothing if there are no more.
  std::optional<Range> next();

 private:
  std::span<const std::byte> bytes_at(int64_t offset, int64_t count);
  bool enter_block();

  const File& journal_;
  std::vector<std::byte> window_;
  int64_t window_begin_ = 0;
  int64_t at_ = 0;         // of the next entry
  int64_t block_end_ = 0;  // of the current block
  int64_t blocks_ = 0;     // that were entered
  std::vector<Identity> files_;
  bool is_over_ = false;
};

}  // namespace swr
