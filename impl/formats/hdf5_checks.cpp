#include "formats/hdf5_checks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"

namespace swr {
namespace {

bool begins_with(std::span<const std::byte> block, std::string_view name) {
  return block.size() >= name.size() && std::memcmp(block.data(), name.data(), name.size()) == 0;
}

constexpr uint64_t most_header_bytes = uint64_t{64} << 20;
constexpr size_t checksum_bytes = 4;

// The last four bytes are the checksum of the others.
void check_sum(std::span<const std::byte> block) {
  if (block.size() < checksum_bytes) return;
  const size_t summed = block.size() - checksum_bytes;
  if (load<uint32_t>(block.data() + summed) != hdf5_checksum(block.first(summed)))
    fail(SWR_ERROR_CORRUPT, "the header of an object is damaged: its checksum is wrong");
}

// A header is continued elsewhere where a message says so:
//   message: [type: 1] [bytes: 2] [flags: 1] [number: 2, if there are numbers] content
//   content of type 16: [address: 8] [bytes: 8]
//   there: "OCHK" messages [checksum: 4]
class Continuations {
 public:
  Continuations(Hdf5Bytes& file, bool has_order) : file_(file), message_head_(has_order ? 6 : 4) {}

  void check(std::span<const std::byte> messages, int depth) {
    constexpr int most_depth = 100;
    constexpr auto continuation = std::byte{16};
    constexpr size_t content_bytes = 16;
    if (depth > most_depth) fail(SWR_ERROR_CORRUPT, "the header of an object has no end");
    while (messages.size() >= message_head_) {
      const size_t end = message_head_ + load<uint16_t>(messages.data() + 1);
      if (end > messages.size()) return;
      if (messages[0] == continuation && end == message_head_ + content_bytes)
        follow(messages.subspan(message_head_), depth);
      messages = messages.subspan(end);
    }
  }

 private:
  Hdf5Bytes& file_;
  const size_t message_head_;
  uint64_t left_ = most_header_bytes;  // of all that follows

  void follow(std::span<const std::byte> place, int depth) {
    constexpr std::string_view name = "OCHK";
    const auto bytes = load<uint64_t>(place.data() + 8);
    const auto at = load<int64_t>(place.data());
    if (at < 0 || bytes > left_ || bytes < name.size() + checksum_bytes)
      fail(SWR_ERROR_CORRUPT, "the header of an object is damaged");
    left_ -= bytes;
    std::vector<std::byte> block(static_cast<size_t>(bytes));
    file_.read(at, block);
    if (!begins_with(block, name)) fail(SWR_ERROR_CORRUPT, "the header of an object is damaged");
    check_sum(block);
    check(std::span(block).subspan(name.size(), block.size() - name.size() - checksum_bytes),
          depth + 1);
  }
};

// The same of version 1, as far as it was read; how long a continuation is, not what it holds:
//   [version: 1] 0 [messages: 2] [users: 4] [bytes: 4] 0 0 0 0 messages
//   message: [type: 2] [bytes: 2] [flags: 1] 0 0 0 content
void check_first_version(std::span<const std::byte> block) {
  constexpr size_t head = 16, message_head = 8, content_bytes = 16;
  constexpr uint16_t continuation = 16;
  if (block.size() < head || block[0] != std::byte{1} || block[1] != std::byte{0}) return;
  auto messages = block.subspan(head);
  messages = messages.first(std::min<size_t>(messages.size(), load<uint32_t>(block.data() + 8)));
  while (messages.size() >= message_head) {
    const size_t end = message_head + load<uint16_t>(messages.data() + 2);
    if (end > messages.size()) return;
    const bool is_continued =
        load<uint16_t>(messages.data()) == continuation && end == message_head + content_bytes;
    if (is_continued && load<uint64_t>(messages.data() + message_head + 8) > most_header_bytes)
      fail(SWR_ERROR_CORRUPT, "the header of an object is damaged");
    messages = messages.subspan(end);
  }
}

// Whether the file counts its places from its first byte.
bool begins_at_zero(Hdf5Bytes& file) {
  std::array<std::byte, 8> head{};
  file.read(0, head);
  return begins_with(head, "\x89HDF\r\n\x1a\n");
}

}  // namespace

uint32_t hdf5_checksum(std::span<const std::byte> bytes) {
  constexpr size_t step = 12;
  uint32_t a = 0xdeadbeef + static_cast<uint32_t>(bytes.size()), b = a, c = a;
  const auto add = [&](const std::byte* from) {
    a += load<uint32_t>(from);
    b += load<uint32_t>(from + 4);
    c += load<uint32_t>(from + 8);
  };
  // Changes `x`, and returns what becomes of `z`.
  const auto stir = [](uint32_t& x, uint32_t y, uint32_t z, int bits) {
    x = (x - z) ^ std::rotl(z, bits);
    return z + y;
  };
  while (bytes.size() > step) {
    add(bytes.data());
    c = stir(a, b, c, 4);
    a = stir(b, c, a, 6);
    b = stir(c, a, b, 8);
    c = stir(a, b, c, 16);
    a = stir(b, c, a, 19);
    b = stir(c, a, b, 4);
    bytes = bytes.subspan(step);
  }
  if (bytes.empty()) return c;
  std::array<std::byte, step> last{};
  std::ranges::copy(bytes, last.begin());
  add(last.data());
  const auto finish = [](uint32_t& x, uint32_t y, int bits) { x = (x ^ y) - std::rotl(y, bits); };
  finish(c, b, 14);
  finish(a, c, 11);
  finish(b, a, 25);
  finish(c, b, 16);
  finish(a, c, 4);
  finish(b, a, 14);
  finish(c, b, 24);
  return c;
}

uint64_t hdf5_number(std::span<const std::byte> bytes, size_t at, size_t width) {
  uint64_t number = 0;
  for (size_t i = width; i-- > 0;) number = number << 8 | static_cast<uint64_t>(bytes[at + i]);
  return number;
}

Hdf5HeaderHead hdf5_header_head(std::span<const std::byte> block) {
  constexpr size_t flags_at = 5;
  if (block.size() <= flags_at) return {};
  const auto flags = static_cast<unsigned>(block[flags_at]);
  size_t at = flags_at + 1;
  if (flags & 0x20) at += 16;
  if (flags & 0x10) at += 4;
  const size_t width = size_t{1} << (flags & 3);
  if (block.size() < at + width) return {};
  const uint64_t messages = hdf5_number(block, at, width);
  if (messages > most_header_bytes)
    fail(SWR_ERROR_CORRUPT, "the header of an object has ", messages, " bytes");
  return {static_cast<int64_t>(at + width), messages, (flags & 4) != 0};
}

// A heap of strings, as far as it was read, of which the library does not check the lengths:
//   "GCOL" version 0 0 0 [bytes: 8] objects
//   object: [number: 2] [users: 2] 0 0 0 0 [bytes: 8] content, up to a multiple of 8
// Object 0 is the space that is left, with these 16 bytes.
void check_hdf5_heap(std::span<const std::byte> heap) {
  constexpr int64_t head = 16, object_head = 16;
  if (std::ssize(heap) < head || !begins_with(heap, "GCOL")) return;
  const auto end = load<int64_t>(heap.data() + 8);
  for (int64_t at = head; at <= std::min(end, std::ssize(heap)) - object_head;) {
    const std::byte* const object = heap.data() + at;
    const auto bytes = load<int64_t>(object + 8);
    const bool is_rest = load<uint16_t>(object) == 0;
    const int64_t most = end - at - (is_rest ? 0 : object_head);
    if (bytes < 0 || bytes > most || (is_rest && bytes < object_head))
      fail(SWR_ERROR_CORRUPT, "a heap of strings is damaged");
    if (is_rest) return;
    at += object_head + round_up(bytes, 8);
  }
}

// The library (1.10) loses memory where a checksum is wrong. It allocates as many bytes as
// a continuation says.
void check_hdf5_object_header(Hdf5Bytes& file, int64_t offset, std::span<const std::byte> block) {
  if (!begins_with(block, "OHDR")) return check_first_version(block);
  const Hdf5HeaderHead header = hdf5_header_head(block);
  if (header.messages_at == 0) return;
  std::vector<std::byte> whole(static_cast<size_t>(header.messages_at) +
                               static_cast<size_t>(header.message_bytes) + checksum_bytes);
  file.read(offset, whole);
  check_sum(whole);
  const auto messages = std::span(whole).first(whole.size() - checksum_bytes);
  if (begins_at_zero(file))
    Continuations(file, header.has_order)
        .check(messages.subspan(static_cast<size_t>(header.messages_at)), 0);
}

}  // namespace swr
