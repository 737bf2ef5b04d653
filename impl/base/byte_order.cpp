#include "base/byte_order.h"

#include "base/processor.h"

namespace swr {
namespace {

#if defined(__GNUC__)
SWR_ALWAYS_INLINE uint16_t swapped(uint16_t word) {
  return __builtin_bswap16(word);
}
SWR_ALWAYS_INLINE uint32_t swapped(uint32_t word) {
  return __builtin_bswap32(word);
}
SWR_ALWAYS_INLINE uint64_t swapped(uint64_t word) {
  return __builtin_bswap64(word);
}
#else
template <typename Word>
SWR_ALWAYS_INLINE Word swapped(Word word) {
  return byte_swapped(word);
}
#endif

// Plain loops over words that memcpy reads and writes: the compiler makes vector shuffles of them.
template <typename Word>
SWR_ALWAYS_INLINE void swap_words(std::span<std::byte> data) {
  for (size_t i = 0; i + sizeof(Word) <= data.size(); i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, data.data() + i, sizeof(Word));
    word = swapped(word);
    std::memcpy(data.data() + i, &word, sizeof(Word));
  }
}

SWR_ALWAYS_INLINE void swap_each(std::span<std::byte> data, int element_bytes) {
  switch (element_bytes) {
    case 2: swap_words<uint16_t>(data); break;
    case 4: swap_words<uint32_t>(data); break;
    case 8: swap_words<uint64_t>(data); break;
    default: break;
  }
}

// Shuffles of bytes within a vector are faster than the shifts of processors without them.
SWR_FOR_AVX2 void swap_with_avx2(std::span<std::byte> data, int element_bytes) {
  swap_each(data, element_bytes);
}

}  // namespace

void swap_bytes(std::span<std::byte> data, int element_bytes) {
  static const bool has_avx2 = SWR_HAS_AVX2();
  if (has_avx2) {
    swap_with_avx2(data, element_bytes);
  } else {
    swap_each(data, element_bytes);
  }
}

}  // namespace swr
