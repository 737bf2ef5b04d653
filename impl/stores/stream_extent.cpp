#include "stores/stream_extent.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace swr {
namespace {

int64_t skip_lines(const File& file, int64_t begin, int64_t lines) {
  std::array<std::byte, 4096> buffer;
  int64_t position = begin;
  while (lines > 0) {
    const int64_t bytes = file.read_some(position, buffer);
    if (bytes == 0)
      fail(SWR_ERROR_CORRUPT, file.path(), ": the text lines before the data have no end");
    const auto end = buffer.begin() + bytes;
    auto at = buffer.begin();
    while (lines > 0 && (at = std::find(at, end, std::byte{'\n'})) != end) {
      ++at;
      --lines;
    }
    position += at - buffer.begin();
  }
  return position;
}

}  // namespace

StreamExtent stream_extent(const File& file, const Layout& layout) {
  if (layout.parts.size() != 1)
    fail(SWR_ERROR_INTERNAL, "a stream is in one file, not in ", layout.parts.size());
  const DataPart& part = layout.parts[0];
  const int64_t stream_bytes = layout.stream().stream_bytes;
  const int64_t size = file.size();
  if (part.offset < 0 && stream_bytes < 0)
    fail(SWR_ERROR_CORRUPT, file.path(),
         ": the header does not give the start of the compressed data");
  const int64_t offset = part.offset >= 0 ? part.offset : size - stream_bytes;
  if (offset < 0 || offset > size)
    fail(SWR_ERROR_CORRUPT, file.path(), ": the compressed data would begin at byte ", offset,
         " of ", size);
  StreamExtent extent;
  extent.begin = skip_lines(file, offset, part.lines_to_skip);
  extent.bytes = size - extent.begin;
  if (stream_bytes >= 0) {
    if (stream_bytes > extent.bytes) {
      fail(SWR_ERROR_CORRUPT, file.path(), ": the header gives ", stream_bytes,
           " compressed bytes, but the file has ", extent.bytes);
    }
    extent.bytes = stream_bytes;
  }
  return extent;
}

}  // namespace swr
