#include "base/byte_order.h"

namespace swr {
namespace {

#if defined(__GNUC__)
uint16_t swapped(uint16_t word) {
  return __builtin_bswap16(word);
}
uint32_t swapped(uint32_t word) {
  return __builtin_bswap32(word);
}
uint64_t swapped(uint64_t word) {
  return __builtin_bswap64(word);
}
#else
template <typename Word>
Word swapped(Word word) {
  return byte_swapped(word);
}
#endif

// Plain loops over words that memcpy reads and writes: the compiler makes vector shuffles of them.
template <typename Word>
void swap_words(std::span<std::byte> data) {
  for (size_t i = 0; i + sizeof(Word) <= data.size(); i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, data.data() + i, sizeof(Word));
    word = swapped(word);
    std::memcpy(data.data() + i, &word, sizeof(Word));
  }
}

}  // namespace

void swap_bytes(std::span<std::byte> data, int element_bytes) {
  switch (element_bytes) {
    case 2: swap_words<uint16_t>(data); break;
    case 4: swap_words<uint32_t>(data); break;
    case 8: swap_words<uint64_t>(data); break;
    default: break;
  }
}

}  // namespace swr
