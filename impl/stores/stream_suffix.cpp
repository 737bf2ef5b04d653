#include "stores/stream_suffix.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "codecs/stream_head.h"
#include "stores/foreign_stream.h"
#include "stores/slot_directory.h"
#include "stores/stream_extent.h"

namespace swr {
namespace {

constexpr std::array<std::byte, 2> last_block = {std::byte{3}, std::byte{0}};

int64_t member_bytes(int64_t suffix_bytes) {
  return static_cast<int64_t>(plain_gzip_head.size() + last_block.size()) + trailer_bytes(true) +
         stored_prefix_bytes(suffix_bytes);
}

// Takes the bytes out of stored blocks.
std::string unstored(std::span<const std::byte> blocks, int64_t bytes) {
  std::string suffix(static_cast<size_t>(bytes), '\0');
  for (int64_t i = 0; i < bytes; ++i) {
    const auto at = static_cast<size_t>(position_in_stored_prefix(i));
    suffix[static_cast<size_t>(i)] = static_cast<char>(blocks[at]);
  }
  return suffix;
}

}  // namespace

std::vector<std::byte> suffix_member(std::string_view suffix) {
  const auto raw = std::as_bytes(std::span(suffix));
  std::vector<std::byte> member(plain_gzip_head.begin(), plain_gzip_head.end());
  const std::vector<std::byte> blocks = store_prefix(raw);
  member.insert(member.end(), blocks.begin(), blocks.end());
  member.insert(member.end(), last_block.begin(), last_block.end());
  const auto end = trailer(true, checksum_of(Checksum::crc32, raw), std::ssize(raw));
  member.insert(member.end(), end.begin(), end.end());
  return member;
}

std::optional<SuffixMember> find_suffix_member(const File& file) {
  const int64_t size = file.size();
  std::array<std::byte, 4> length;
  if (size < std::ssize(length)) return std::nullopt;
  file.read_at(size - std::ssize(length), length);
  const int64_t bytes = load<uint32_t>(length.data());
  if (bytes < 1 || bytes > most_suffix_bytes) return std::nullopt;
  const int64_t begin = size - member_bytes(bytes);
  if (begin < member_bytes(0)) return std::nullopt;
  std::vector<std::byte> member(static_cast<size_t>(size - begin));
  file.read_at(begin, member);
  SuffixMember found{begin, unstored(std::span(member).subspan(plain_gzip_head.size()), bytes)};
  if (suffix_member(found.suffix) != member) return std::nullopt;
  return found;
}

std::string read_stream_suffix(const File& file, const Layout& layout, int64_t most) {
  const StreamExtent extent = stream_extent(file, layout);
  if (SlotFooter::find(file, extent.begin, extent.bytes)) return {};
  const int64_t end = checked_add(layout.stream().prefix, layout.parts[0].bytes);
  ForeignStream stream(file, extent, end, 0);
  std::string suffix;
  std::vector<std::byte> block(65536);
  while (std::ssize(suffix) < most) {
    const int64_t got = stream.read_some(end + std::ssize(suffix), block);
    if (got == 0) break;
    suffix.append(reinterpret_cast<const char*>(block.data()), static_cast<size_t>(got));
  }
  suffix.resize(static_cast<size_t>(std::min<int64_t>(std::ssize(suffix), most)));
  return suffix;
}

}  // namespace swr
