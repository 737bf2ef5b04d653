// How fast each pair of component types is converted, against memcpy: GB/s read and written
// together, medians of seven.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "image/convert.h"

namespace {

constexpr int64_t count = 1 << 20;  // of elements: buffers of 1 to 8 MiB, the size of a piece

template <typename Work>
double gigabytes_per_second(int64_t bytes, const Work& work) {
  std::array<double, 7> rates{};
  for (double& rate : rates) {
    const auto begin = std::chrono::steady_clock::now();
    int rounds = 0;
    std::chrono::duration<double> elapsed{};
    do {
      work();
      ++rounds;
      elapsed = std::chrono::steady_clock::now() - begin;
    } while (elapsed.count() < 0.01);
    rate = static_cast<double>(bytes) * rounds / elapsed.count() / 1e9;
  }
  std::nth_element(rates.begin(), rates.begin() + 3, rates.end());
  return rates[3];
}

void print_table(const char* title, swr_conversion policy,
                 const std::vector<std::byte>& small_numbers) {
  std::printf("%s, GB/s\nfrom \\ to ", title);
  for (int to = SWR_UINT8; to <= SWR_FLOAT64; ++to)
    std::printf("%8s", swr_component_name(static_cast<swr_component>(to)));
  std::printf("\n");
  std::vector<std::byte> in(count * 8), out(count * 8);
  for (int f = SWR_UINT8; f <= SWR_FLOAT64; ++f) {
    const auto from = static_cast<swr_component>(f);
    swr::convert(small_numbers.data(), SWR_UINT8, in.data(), from, count, SWR_CONVERSION_CLAMP);
    std::printf("%-10s", swr_component_name(from));
    for (int t = SWR_UINT8; t <= SWR_FLOAT64; ++t) {
      const auto to = static_cast<swr_component>(t);
      const int64_t bytes = count * (swr_component_bytes(from) + swr_component_bytes(to));
      std::printf("%8.1f", gigabytes_per_second(bytes, [&] {
                    swr::convert(in.data(), from, out.data(), to, count, policy);
                  }));
    }
    std::printf("\n");
  }
}

}  // namespace

int main() {
  std::vector<std::byte> numbers(count), copy(count * 8), in(count * 8);
  std::mt19937 random(1);
  for (auto& number : numbers)
    number = static_cast<std::byte>(random() % 128);  // every type holds them
  std::printf("memcpy, GB/s read and written:");
  for (const int64_t bytes : {1, 2, 4, 8}) {
    std::printf("  %d MiB %.1f", static_cast<int>(bytes),
                gigabytes_per_second(2 * bytes * count, [&] {
                  std::memcpy(copy.data(), in.data(), static_cast<size_t>(bytes * count));
                }));
  }
  std::printf("\n");
  print_table("CLAMP", SWR_CONVERSION_CLAMP, numbers);
  print_table("EXACT", SWR_CONVERSION_EXACT, numbers);
}
