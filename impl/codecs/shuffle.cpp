#include "codecs/shuffle.h"

#include <vector>

namespace swr {

void make_shuffle(int64_t element_bytes, std::span<std::byte> bytes) {
  const auto width = static_cast<size_t>(element_bytes);
  const size_t elements = bytes.size() / width;
  if (width < 2 || elements < 2) return;
  const std::vector<std::byte> plain(bytes.begin(), bytes.end());
  for (size_t plane = 0; plane < width; ++plane) {
    for (size_t i = 0; i < elements; ++i) bytes[plane * elements + i] = plain[i * width + plane];
  }
}

void undo_shuffle(int64_t element_bytes, std::span<std::byte> bytes) {
  const auto width = static_cast<size_t>(element_bytes);
  const size_t elements = bytes.size() / width;
  if (width < 2 || elements < 2) return;
  const std::vector<std::byte> stored(bytes.begin(), bytes.end());
  for (size_t plane = 0; plane < width; ++plane) {
    for (size_t i = 0; i < elements; ++i) bytes[i * width + plane] = stored[plane * elements + i];
  }
}

}  // namespace swr
