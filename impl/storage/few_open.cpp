#include "storage/few_open.h"

#include <algorithm>

#include "base/error.h"

namespace swr {

File& FewOpen::use(File& file, const std::string& path, const Identity& identity) {
  const auto end = files_.begin() + static_cast<std::ptrdiff_t>(count_);
  auto place = std::find(files_.begin(), end, &file);
  if (!file.is_open()) reopen(file, path, identity);
  if (place == end) {
    if (count_ == most) {
      File& oldest = *files_.back();
      --count_;
      if (oldest.is_open()) oldest.close();
    }
    place = files_.begin() + static_cast<std::ptrdiff_t>(count_++);
    *place = &file;
  }
  std::rotate(files_.begin(), place, place + 1);
  return file;
}

void FewOpen::reopen(File& file, const std::string& path, const Identity& identity) const {
  file.reopen(path, mode_);
  if (identity.is_of(identity_of(file), true)) return;
  file.close();
  fail(SWR_ERROR_IO, file.path(), ": was replaced by another file while it was being changed");
}

}  // namespace swr
