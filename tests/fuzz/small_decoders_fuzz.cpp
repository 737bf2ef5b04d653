// Any bytes as the stored form of a chunk: LZW, PackBits, zlib, Zstandard; then predictors, shuffle
// and checksum on what came out.
#include <vector>

#include "base/error.h"
#include "codecs/fletcher32.h"
#include "codecs/lzw.h"
#include "codecs/packbits.h"
#include "codecs/predictor.h"
#include "codecs/shuffle.h"
#include "codecs/zlib_stream.h"
#include "codecs/zstd.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const auto kind = input.number(1);
  const auto row_samples = static_cast<int64_t>(input.number(1)) + 1;
  const auto rows = static_cast<int64_t>(input.number(1)) + 1;
  const int64_t width = int64_t{1} << (kind >> 4 & 3);
  const int64_t distance = 1 + static_cast<int64_t>(kind >> 6 & 3);
  std::vector<std::byte> out(static_cast<size_t>(rows * row_samples * width));
  const auto stored = std::as_bytes(input.rest());
  const char* flaw = nullptr;
  switch (kind & 3) {
    case 0: flaw = swr::decode_lzw(stored, out); break;
    case 1: flaw = swr::decode_packbits(stored, out); break;
    case 2: flaw = swr::decode_zlib(stored, out); break;
    default: flaw = swr::has_zstd() ? swr::decode_zstd(stored, out) : nullptr;
  }
  if (flaw) return 0;
  const swr::Differences how{width, row_samples, distance, (kind & 4) != 0};
  if (kind & 8) {
    swr::undo_differences(how, out);
  } else {
    swr::undo_float_differences(how, out);
  }
  swr::undo_shuffle(width, out);
  fuzz::expect(swr::is_fletcher32(swr::fletcher32(out), out), "a checksum is that of its bytes");
  return 0;
}
