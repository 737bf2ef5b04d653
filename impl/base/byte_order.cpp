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

// Plain loops over words that memcpy reads and writes: the compiler makes vector shuffles of them,
// because it sees in each caller whether `from` and `to` are the same.
template <typename Word>
SWR_ALWAYS_INLINE void swap_words(const std::byte* from, std::byte* to, size_t bytes) {
  for (size_t i = 0; i + sizeof(Word) <= bytes; i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, from + i, sizeof(Word));
    word = swapped(word);
    std::memcpy(to + i, &word, sizeof(Word));
  }
}

SWR_ALWAYS_INLINE void swap_each(const std::byte* from, std::byte* to, size_t bytes,
                                 int element_bytes) {
  switch (element_bytes) {
    case 2: swap_words<uint16_t>(from, to, bytes); break;
    case 4: swap_words<uint32_t>(from, to, bytes); break;
    case 8: swap_words<uint64_t>(from, to, bytes); break;
    default:
      if (from != to) std::memcpy(to, from, bytes);
  }
}

// Shuffles of bytes within a vector are faster than the shifts of processors without them.
SWR_FOR_AVX2 void swap_with_avx2(std::byte* data, size_t bytes, int element_bytes) {
  swap_each(data, data, bytes, element_bytes);
}

SWR_FOR_AVX2 void copy_with_avx2(const std::byte* from, std::byte* to, size_t bytes,
                                 int element_bytes) {
  swap_each(from, to, bytes, element_bytes);
}

bool has_avx2() {
  static const bool has = SWR_HAS_AVX2();
  return has;
}

}  // namespace

void swap_bytes(std::span<std::byte> data, int element_bytes) {
  if (has_avx2()) {
    swap_with_avx2(data.data(), data.size(), element_bytes);
  } else {
    swap_each(data.data(), data.data(), data.size(), element_bytes);
  }
}

void copy_swapped(std::span<const std::byte> data, std::byte* to, int element_bytes) {
  if (has_avx2()) {
    copy_with_avx2(data.data(), to, data.size(), element_bytes);
  } else {
    swap_each(data.data(), to, data.size(), element_bytes);
  }
}

}  // namespace swr
