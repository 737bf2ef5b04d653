#include "stores/stream_rest.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "codecs/stream_head.h"
#include "storage/file.h"
#include "stores/foreign_stream.h"
#include "stores/slot_directory.h"
#include "stores/stream_extent.h"
#include "stores/stream_suffix.h"

namespace swr {
namespace {

constexpr int64_t most_counted = int64_t{1} << 20;

// The last number of a gzip stream is the length of what its last member inflates to. Other bytes
// in its place have that value once in 2^32 times.
bool ends_in_its_length(const File& file, const StreamExtent& extent, int64_t raw_bytes,
                        int64_t most_more) {
  std::array<std::byte, 2> head{};
  std::array<std::byte, 4> length{};
  if (extent.bytes < std::ssize(head) + std::ssize(length)) return false;
  file.read_at(extent.begin, head);
  file.read_at(extent.end() - std::ssize(length), length);
  const auto more = load<uint32_t>(length.data()) - static_cast<uint32_t>(raw_bytes);
  return begins_like_gzip(head) && more <= static_cast<uint32_t>(most_more);
}

StreamRest scanned(const File& file, const StreamExtent& extent, int64_t raw_bytes,
                   bool has_open_end) {
  ForeignStream stream(file, extent, raw_bytes, 0);
  std::vector<std::byte> block(65536);
  StreamRest rest;
  int64_t more = 0;
  for (int64_t got = 1; got > 0; more += got) {
    if (!has_open_end && more >= most_counted) return {more, 0};
    got = stream.read_some(checked_add(raw_bytes, more), block);
  }
  if (!has_open_end) rest.in_stream = more;
  rest.after_stream = stream.trailing_bytes();
  return rest;
}

}  // namespace

StreamRest rest_of_stream(const Layout& layout, OpenFiles& files) {
  if (!layout.is_compressed() || layout.parts.size() != 1) return {};
  const std::shared_ptr<const File> file = files.open(layout.parts[0].path);
  const Deflate& stream = layout.stream();
  const int64_t raw_bytes = checked_add(stream.prefix, layout.parts[0].bytes);
  try {
    const StreamExtent extent = stream_extent(*file, layout);
    if (stream.stream_bytes >= 0) {
      const auto member = find_suffix_member(*file);
      const bool is_header = member && member->begin == extent.end();
      return {0, is_header ? 0 : file->size() - extent.end()};
    }
    const auto slots = SlotFooter::find(*file, extent.begin, extent.bytes);
    if (slots && slots->shape.prefix_bytes + slots->shape.pixel_bytes == raw_bytes) return {};
    const int64_t most_more = stream.has_open_end ? most_suffix_bytes : 0;
    if (ends_in_its_length(*file, extent, raw_bytes, most_more)) return {};
    return scanned(*file, extent, raw_bytes, stream.has_open_end);
  } catch (const Error& error) {
    if (error.status() != SWR_ERROR_CORRUPT && error.status() != SWR_ERROR_UNSUPPORTED) throw;
    return {};
  }
}

}  // namespace swr
