#include "formats/file_head.h"

#include <span>

#include "base/error.h"
#include "codecs/gzip.h"

namespace swr {

FileHead::FileHead(std::shared_ptr<const File> file)
    : file_(std::move(file)), is_compressed_(read_head(*file_, 2) == "\x1f\x8b") {}

std::string FileHead::first(int64_t count) const {
  if (!is_compressed_) return read_head(*file_, count);
  const auto read = [&](int64_t at, std::span<std::byte> out) { return file_->read_some(at, out); };
  InflatedHead head = inflate_head(read, count);
  if (head.state == InflatedHead::State::complete) return std::move(head.bytes);
  fail(SWR_ERROR_CORRUPT, file_->path(), ": the compressed header is damaged");
}

}  // namespace swr
