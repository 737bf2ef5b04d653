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

// The checksum of HDF5's metadata: Jenkins' hash "lookup3" (HDF5 File Format Specification,
// appendix A).
uint32_t lookup3(std::span<const std::byte> bytes) {
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

// The bytes of an object header with its checksum; 0 if they are not known from its beginning:
//   "OHDR" version flags [times: 16] [limits: 4] [bytes of messages: 1 to 8] messages [checksum: 4]
int64_t object_header_bytes(std::span<const std::byte> block) {
  constexpr size_t flags_at = 5;
  if (block.size() <= flags_at) return 0;
  const auto flags = static_cast<unsigned>(block[flags_at]);
  size_t at = flags_at + 1;
  if (flags & 0x20) at += 16;
  if (flags & 0x10) at += 4;
  const size_t width = size_t{1} << (flags & 3);
  if (block.size() < at + width) return 0;
  uint64_t messages = 0;
  for (size_t i = width; i-- > 0;) messages = messages << 8 | static_cast<uint64_t>(block[at + i]);
  constexpr uint64_t most = uint64_t{64} << 20;
  if (messages > most) fail(SWR_ERROR_CORRUPT, "the header of an object has ", messages, " bytes");
  return static_cast<int64_t>(at + width + messages + sizeof(uint32_t));
}

// The last four bytes are the checksum of the others.
void check_sum(std::span<const std::byte> block) {
  if (block.size() < sizeof(uint32_t)) return;
  const size_t summed = block.size() - sizeof(uint32_t);
  if (load<uint32_t>(block.data() + summed) != lookup3(block.first(summed)))
    fail(SWR_ERROR_CORRUPT, "the header of an object is damaged: its checksum is wrong");
}

}  // namespace

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

// The library (1.10) loses memory where the checksum is wrong, and complains of it on the standard
// error stream when the program ends.
void check_hdf5_object_header(Hdf5Bytes& file, int64_t offset, std::span<const std::byte> block) {
  if (begins_with(block, "OCHK")) return check_sum(block);
  if (!begins_with(block, "OHDR")) return;
  std::vector<std::byte> whole(static_cast<size_t>(object_header_bytes(block)));
  file.read(offset, whole);
  check_sum(whole);
}

}  // namespace swr
