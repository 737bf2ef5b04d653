// The open files of a layout's parts. Few files are open from the beginning, so that these very
// files are read even if other files get their names. Of many files one is open at a time: a
// process may not have many open files.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "image/layout.h"
#include "storage/open_files.h"

namespace swr {

class PartFiles {
 public:
  // `files`: where files are open already; may be null, and is not needed afterwards. Fails if a
  // file is missing.
  PartFiles(const std::vector<DataPart>& parts, OpenFiles* files);

  // Valid until the next call.
  const File& open(size_t part);

 private:
  static constexpr size_t most_open = 8;

  bool are_few() const { return files_.size() <= most_open; }

  std::vector<std::string> paths_;
  std::vector<std::shared_ptr<const File>> files_;
  size_t last_ = 0;  // of many: the one that is open
};

}  // namespace swr
