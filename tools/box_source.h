// A source that answers with a box of an open file, which may have more or fewer axes than what is
// written: the others, at the end, have the size 1.
#pragma once

#include "swr/swr.h"

namespace swr::tool {

class BoxSource {
 public:
  // `from` lies in the file's index space, `to` in that of what is written. Their first axes have
  // the same sizes. A Failure if the boxes are not alike.
  BoxSource(swr_reader* reader, const swr_region& from, const swr_region& to);

  // The box of the file for one of what is written.
  swr_region source_of(const swr_region& written) const;
  swr_reader* reader() const { return reader_; }

 private:
  swr_reader* reader_;
  swr_region from_, to_;
};

// For swr_write(): `user` is a BoxSource.
int32_t pull_box(swr_piece* piece, void* user);

}  // namespace swr::tool
