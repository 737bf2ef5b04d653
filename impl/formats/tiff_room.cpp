#include "formats/tiff_room.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/error.h"

namespace swr {

void TiffTarget::write(int64_t offset, std::span<const std::byte> bytes) {
  if (changes_) {
    changes_->write(number_, offset, bytes);
  } else {
    file_.write_at(offset, bytes);
  }
}

void TiffTarget::resize(int64_t bytes) {
  changes_ ? changes_->resize(number_, bytes) : file_.resize(bytes);
}

TiffFile TiffTarget::read_again() {
  return TiffFile(std::shared_ptr<const File>(std::shared_ptr<const void>(), &file_));
}

TiffRoom::TiffRoom(TiffTarget bytes, Holes holes, bool erases)
    : bytes_(bytes),
      holes_(std::move(holes)),
      erases_(erases),
      is_big_(bytes_.read_again().numbers().big),
      end_(bytes_.file().size()) {}

int64_t TiffRoom::take(int64_t bytes, int64_t alignment) {
  const auto aligned = [&](int64_t offset) { return round_up(offset, alignment); };
  if (const auto hole = holes_.take(bytes + alignment - 2)) {
    const int64_t offset = aligned(*hole);
    holes_.add(*hole, offset - *hole);
    holes_.add(offset + bytes, *hole + alignment - 2 - offset);
    return offset;
  }
  const int64_t begin = holes_.take_last(end_).value_or(end_);
  const int64_t offset = aligned(begin);
  holes_.add(begin, offset - begin);
  end_ = checked_add(offset, bytes);
  if (!is_big_ && end_ > most_classic_tiff_bytes)
    fail(SWR_ERROR_UNSUPPORTED, bytes_.file().path(),
         ": the file would get longer than 4 GiB, and it is no BigTIFF; copy the image to a file"
         " that ends in .btf");
  return offset;
}

void TiffRoom::leave(int64_t offset, int64_t bytes) {
  if (bytes <= 0) return;
  holes_.add(offset, bytes);
  if (erases_) bytes_.write(offset, std::vector<std::byte>(static_cast<size_t>(bytes)));
}

// What was free at the end before is another program's.
void TiffRoom::trim() {
  const auto unused = holes_.take_last(end_);
  if (!unused) return;
  bytes_.resize(*unused);
  end_ = *unused;
}

}  // namespace swr
