// Swapping the bytes of arrays: every width, lengths around those of vectors, any alignment.
#include "base/byte_order.h"

#include <algorithm>
#include <vector>

#include "image/cmocka_cpp.h"

namespace swr {
namespace {

void bytes_of_each_element_are_reversed(void**) {
  for (const int width : {1, 2, 4, 8}) {
    for (int count = 0; count < 100; ++count) {
      for (int shift = 0; shift < 4; ++shift) {
        std::vector<std::byte> all(static_cast<size_t>(shift + count * width + 8));
        for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::byte>(i * 7 + 1);
        std::vector<std::byte> expected = all;
        for (int i = 0; i < count; ++i) {
          const auto begin = expected.begin() + shift + i * width;
          std::reverse(begin, begin + width);
        }
        std::vector<std::byte> copy = all;
        copy_swapped(std::span<const std::byte>(all).subspan(static_cast<size_t>(shift),
                                                             static_cast<size_t>(count * width)),
                     copy.data() + shift, width);
        assert_memory_equal(copy.data(), expected.data(), copy.size());
        swap_bytes(
            std::span(all).subspan(static_cast<size_t>(shift), static_cast<size_t>(count * width)),
            width);
        assert_memory_equal(all.data(), expected.data(), all.size());
      }
    }
  }
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::bytes_of_each_element_are_reversed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
