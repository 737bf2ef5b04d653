#include "stores/part_files.h"

#include "base/error.h"

namespace swr {

PartFiles::PartFiles(const std::vector<DataPart>& parts, OpenFiles* files) : files_(parts.size()) {
  for (size_t part = 0; part < parts.size(); ++part) {
    const std::string& path = parts[part].path;
    paths_.push_back(path);
    if (are_few()) {
      files_[part] = open_to_read(files, path);
    } else if (!file_exists(path)) {
      fail(SWR_ERROR_NOT_FOUND, path, ": there is no such data file");
    }
  }
}

const File& PartFiles::open(size_t part) {
  if (!files_[part]) {
    files_[last_].reset();
    files_[part] = open_to_read(nullptr, paths_[part]);
    last_ = part;
  }
  return *files_[part];
}

}  // namespace swr
