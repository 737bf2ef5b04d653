#include "codecs/shuffle.h"

#include <algorithm>
#include <vector>

namespace swr {
namespace {

// `Width` is the number of bytes of an element. A fixed width and a fixed number of elements at a
// time are what compilers make vector instructions of.
constexpr size_t at_a_time = 32;

template <size_t Width>
void take_apart(const std::byte* __restrict plain, size_t elements, std::byte* __restrict planes) {
  size_t i = 0;
  for (; i + at_a_time <= elements; i += at_a_time) {
    for (size_t plane = 0; plane < Width; ++plane) {
      for (size_t j = 0; j < at_a_time; ++j)
        planes[plane * elements + i + j] = plain[(i + j) * Width + plane];
    }
  }
  for (; i < elements; ++i) {
    for (size_t plane = 0; plane < Width; ++plane)
      planes[plane * elements + i] = plain[i * Width + plane];
  }
}

template <size_t Width>
void put_together(const std::byte* __restrict planes, size_t elements,
                  std::byte* __restrict plain) {
  size_t i = 0;
  for (; i + at_a_time <= elements; i += at_a_time) {
    for (size_t j = 0; j < at_a_time; ++j) {
      for (size_t plane = 0; plane < Width; ++plane)
        plain[(i + j) * Width + plane] = planes[plane * elements + i + j];
    }
  }
  for (; i < elements; ++i) {
    for (size_t plane = 0; plane < Width; ++plane)
      plain[i * Width + plane] = planes[plane * elements + i];
  }
}

void take_apart(size_t width, const std::byte* plain, size_t elements, std::byte* planes) {
  for (size_t plane = 0; plane < width; ++plane) {
    for (size_t i = 0; i < elements; ++i) planes[plane * elements + i] = plain[i * width + plane];
  }
}

void put_together(size_t width, const std::byte* planes, size_t elements, std::byte* plain) {
  for (size_t plane = 0; plane < width; ++plane) {
    for (size_t i = 0; i < elements; ++i) plain[i * width + plane] = planes[plane * elements + i];
  }
}

}  // namespace

void make_shuffle(int64_t element_bytes, std::span<const std::byte> plain,
                  std::span<std::byte> shuffled) {
  const auto width = static_cast<size_t>(element_bytes);
  const size_t elements = plain.size() / width;
  const std::span<const std::byte> rest = plain.subspan(elements * width);
  std::ranges::copy(rest, shuffled.end() - std::ssize(rest));
  switch (width) {
    case 2: return take_apart<2>(plain.data(), elements, shuffled.data());
    case 4: return take_apart<4>(plain.data(), elements, shuffled.data());
    case 8: return take_apart<8>(plain.data(), elements, shuffled.data());
    default: return take_apart(width, plain.data(), elements, shuffled.data());
  }
}

void undo_shuffle(int64_t element_bytes, std::span<std::byte> bytes) {
  const auto width = static_cast<size_t>(element_bytes);
  const size_t elements = bytes.size() / width;
  if (width < 2 || elements < 2) return;
  const std::vector<std::byte> stored(bytes.begin(), bytes.end());
  switch (width) {
    case 2: return put_together<2>(stored.data(), elements, bytes.data());
    case 4: return put_together<4>(stored.data(), elements, bytes.data());
    case 8: return put_together<8>(stored.data(), elements, bytes.data());
    default: return put_together(width, stored.data(), elements, bytes.data());
  }
}

}  // namespace swr
