// Bytes of a header that follow the pixels in a gzip stream, such as the tags of an .mgz. Other
// programs write them into one stream with the pixels. New files have them in a gzip member of
// their own, so that the stream of the pixels before it can be changed in place:
//
//   stream of prefix and pixels | head | stored blocks | 03 00 | CRC-32 | length
//
// A reader of gzip sees one sequence of bytes. The blocks are not compressed: so the length at the
// end of the file tells where the member begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/layout.h"
#include "storage/file.h"

namespace swr {

// A longer suffix is not kept.
inline constexpr int64_t most_suffix_bytes = int64_t{16} << 20;

// Requires: the suffix is not empty, and not longer than most_suffix_bytes.
std::vector<std::byte> suffix_member(std::string_view suffix);

struct SuffixMember {
  int64_t begin = 0;  // in the file; the stream of the pixels ends here
  std::string suffix{};
};
// The member at the end of a file that swr wrote; nothing if there is none.
std::optional<SuffixMember> find_suffix_member(const File& file);

// What follows the pixels in a stream without such a member, up to `most` bytes; empty if nothing
// does. Inflates the whole stream, unless it is slotted. SWR_ERROR_CORRUPT.
std::string read_stream_suffix(const File& file, const Layout& layout, int64_t most);

}  // namespace swr
