// A source that delivers a box of an open file. The file may have more or fewer axes than the
// written image; the axes that only one of them has must have size 1.
#pragma once

#include "swr/swr.h"

namespace swr::tool {

class BoxSource {
 public:
  // `from` is in the index space of the file, `to` in that of the written image. Throws a Failure
  // unless the sizes of their common axes are equal and the other axes have size 1.
  BoxSource(swr_reader* reader, const swr_region& from, const swr_region& to);

  // The box of the file for a box of the written image.
  swr_region source_of(const swr_region& written) const;
  swr_reader* reader() const { return reader_; }

 private:
  swr_reader* reader_;
  swr_region from_, to_;
};

// For swr_write(): `user` is a BoxSource.
int32_t pull_box(swr_piece* piece, void* user);

}  // namespace swr::tool
