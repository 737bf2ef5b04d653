// The first bytes of a file whose header may be in a gzip stream, as in .mrc.gz.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/file.h"

namespace swr {

class FileHead {
 public:
  explicit FileHead(std::shared_ptr<const File> file);

  bool is_compressed() const { return is_compressed_; }
  // The first `count` bytes, inflated if they are compressed; less at the end of the file.
  // SWR_ERROR_CORRUPT if the stream is damaged.
  std::string first(int64_t count) const;

 private:
  std::shared_ptr<const File> file_;
  bool is_compressed_;
};

}  // namespace swr
