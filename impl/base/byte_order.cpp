#include "base/byte_order.h"

namespace swr {
namespace {

// Plain loops over words that memcpy reads and writes: the compiler makes vector shuffles of them.
template <typename Word, typename Swap>
void swap_words(std::span<std::byte> data, Swap swap) {
  for (size_t i = 0; i + sizeof(Word) <= data.size(); i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, data.data() + i, sizeof(Word));
    word = swap(word);
    std::memcpy(data.data() + i, &word, sizeof(Word));
  }
}

}  // namespace

void swap_bytes(std::span<std::byte> data, int element_bytes) {
  switch (element_bytes) {
    case 2: swap_words<uint16_t>(data, [](uint16_t w) { return __builtin_bswap16(w); }); break;
    case 4: swap_words<uint32_t>(data, [](uint32_t w) { return __builtin_bswap32(w); }); break;
    case 8: swap_words<uint64_t>(data, [](uint64_t w) { return __builtin_bswap64(w); }); break;
    default: break;
  }
}

}  // namespace swr
