#include "formats/hdf5_target.h"

#include <limits>

#include "base/checked.h"
#include "base/error.h"

namespace swr {

void Hdf5Target::read(int64_t offset, std::span<std::byte> out) {
  read_hdf5_structure(file_, offset, out);
}

void Hdf5Target::write(int64_t offset, std::span<const std::byte> bytes) {
  if (changes_) {
    changes_->write(number_, offset, bytes);
  } else {
    file_.write_at(offset, bytes);
  }
}

// As of a file that is read (Hdf5FileBytes).
int64_t Hdf5Target::stored_end() const {
  return std::numeric_limits<int64_t>::max() / 2;
}

int64_t Hdf5Target::allocate(bool, int64_t bytes) {
  if (bytes > 0) {
    if (const auto hole = holes_.take(bytes)) return *hole;
  }
  const int64_t begin = holes_.take_last(end_).value_or(end_);
  end_ = checked_add(begin, bytes);
  return begin;
}

void Hdf5Target::begin() {
  const int64_t size = file_.size();
  if (end_ > size)
    fail(SWR_ERROR_CORRUPT, file_.path(), ": the file ends after ", size, " bytes; it should have ",
         end_);
  end_ = size;
}

void Hdf5Target::finish() {
  if (end_ == file_.size()) return;
  changes_ ? changes_->resize(number_, end_) : file_.resize(end_);
}

}  // namespace swr
