// What the machine allows a writer that converts: each of some threads makes a piece, converts it
// in a loop, and writes it where it belongs. No order, no errors, nothing shared but a number.
//   out=x.raw  size=x,y,z  from=uint8 to=float32 | from=float64 to=int16 | from=uint16 (bytes
//   swapped)  threads=N  allocate=1 (after fallocate)
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "volume.h"

namespace {

constexpr int64_t piece_pixels = int64_t{1} << 18;
// As many as the source of bench_swr_write has: 1 to 8 MiB.
constexpr int64_t pattern_pixels = int64_t{1} << 20;

float as_float(uint8_t value) {
  return value;
}

int16_t clamped(double value) {
  return static_cast<int16_t>(std::lrint(std::clamp(value, -32768.0, 32767.0)));
}

uint16_t swapped(uint16_t value) {
  return static_cast<uint16_t>(value << 8 | value >> 8);
}

// Writes `pixels` pixels into `file`, with `threads` threads.
template <typename From, typename To, To (*convert)(From)>
void write_converted(int file, int64_t pixels, int64_t threads) {
  std::atomic<int64_t> next{0};
  const std::vector<From> pattern(static_cast<size_t>(pattern_pixels * (sizeof(From) == 2 ? 4 : 1)),
                                  From{100});
  const auto work = [&] {
    std::vector<From> piece(static_cast<size_t>(piece_pixels));
    std::vector<To> stored(piece.size());
    for (;;) {
      const int64_t begin = next++ * piece_pixels;
      if (begin >= pixels) return;
      const auto count = static_cast<size_t>(std::min(piece_pixels, pixels - begin));
      const auto at = static_cast<size_t>(begin) % pattern.size();
      std::memcpy(piece.data(), &pattern[at], count * sizeof(From));
      std::transform(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count),
                     stored.begin(), [](From value) { return convert(value); });
      const auto bytes = static_cast<ssize_t>(count * sizeof(To));
      if (pwrite(file, stored.data(), static_cast<size_t>(bytes),
                 begin * static_cast<int64_t>(sizeof(To))) != bytes)
        bench::die("pwrite");
    }
  };
  std::vector<std::thread> others;
  for (int64_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  int64_t size[3];
  arguments.three("size", "1024,1024,256", size);
  const int64_t pixels = size[0] * size[1] * size[2], threads = arguments.number("threads", 1);
  const std::string out = arguments.text("out"), from = arguments.text("from", "uint8");
  const int64_t stored_bytes = from == "uint8" ? 4 : 2;
  const bench::Meter meter;
  const int file = open(out.c_str(), O_RDWR | O_CREAT, 0644);
  if (file < 0) bench::die("open");
  if (arguments.has("allocate") && posix_fallocate(file, 0, pixels * stored_bytes) != 0)
    bench::die("fallocate");
  if (from == "uint8") {
    write_converted<uint8_t, float, as_float>(file, pixels, threads);
  } else if (from == "float64") {
    write_converted<double, int16_t, clamped>(file, pixels, threads);
  } else {
    write_converted<uint16_t, uint16_t, swapped>(file, pixels, threads);
  }
  if (close(file) != 0) bench::die("close");
  meter.print(pixels * 2, out);
}
