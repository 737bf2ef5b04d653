#include "stores/bzip2_store.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "codecs/bzip2.h"
#include "storage/file.h"
#include "stores/contiguous.h"

namespace swr {
namespace {

constexpr size_t skipped_at_a_time = 65536;

// Reads one file from its first pixel on.
class Bzip2File {
 public:
  Bzip2File(const DataPart& part, int64_t prefix)
      : file_(part.path, File::Mode::read),
        at_(data_begin(part, file_)),
        decoder_(
            [this](std::span<std::byte> out) {
              const int64_t got = file_.read_some(at_, out);
              at_ += got;
              return static_cast<size_t>(got);
            },
            part.path) {
    skip(prefix);
  }

  void read(std::span<std::byte> out) {
    const size_t got = decoder_.read(out);
    if (got < out.size())
      fail(SWR_ERROR_CORRUPT, file_.path(), ": the bzip2 stream ends before the image does");
  }

  void skip(int64_t bytes) {
    std::vector<std::byte> scratch(std::min(skipped_at_a_time, static_cast<size_t>(bytes)));
    while (bytes > 0) {
      const auto count = std::min(static_cast<int64_t>(scratch.size()), bytes);
      read(std::span(scratch).first(static_cast<size_t>(count)));
      bytes -= count;
    }
  }

 private:
  File file_;
  int64_t at_;  // in the file
  Bzip2Decoder decoder_;
};

class Bzip2Store : public ReadStore {
 public:
  explicit Bzip2Store(const Layout& layout) : layout_(layout) {}

  void read(int64_t offset, std::span<std::byte> out) override {
    if (offset < at_) rewind();
    step(offset - at_, {});
    step(static_cast<int64_t>(out.size()), out);
  }

  void verify() override {
    rewind();
    int64_t bytes = 0;
    for (const DataPart& part : layout_.parts) bytes += part.bytes;
    step(bytes, {});
  }

 private:
  void rewind() {
    file_.reset();
    next_part_ = 0;
    at_ = left_in_part_ = 0;
  }

  // Advances by `bytes`, and stores them in `out` unless it is empty.
  void step(int64_t bytes, std::span<std::byte> out) {
    while (bytes > 0) {
      while (left_in_part_ == 0) open_next_part();
      const int64_t count = std::min(bytes, left_in_part_);
      if (out.empty()) {
        file_->skip(count);
      } else {
        file_->read(out.first(static_cast<size_t>(count)));
        out = out.subspan(static_cast<size_t>(count));
      }
      bytes -= count;
      at_ += count;
      left_in_part_ -= count;
    }
  }

  void open_next_part() {
    if (next_part_ == layout_.parts.size())
      fail(SWR_ERROR_INTERNAL, "byte ", at_, " is after the last part of the pixels");
    const DataPart& part = layout_.parts[next_part_++];
    file_ = std::make_unique<Bzip2File>(part, std::get<Bzip2>(layout_.storage).prefix);
    left_in_part_ = part.bytes;
  }

  const Layout layout_;
  std::unique_ptr<Bzip2File> file_;
  size_t next_part_ = 0;
  int64_t at_ = 0, left_in_part_ = 0;
};

}  // namespace

std::unique_ptr<ReadStore> open_bzip2_store(const Layout& layout) {
  for (const DataPart& part : layout.parts) {
    if (!file_exists(part.path))
      fail(SWR_ERROR_NOT_FOUND, part.path, ": there is no such data file");
  }
  return std::make_unique<Bzip2Store>(layout);
}

}  // namespace swr
