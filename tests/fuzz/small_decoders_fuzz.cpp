// Any bytes as the stored form of a chunk: LZW, PackBits, zlib, gzip, Zstandard, LZF, LZ4, .xz,
// Blosc; then predictors, shuffle, checksums and widening on what came out.
#include <vector>

#include "base/error.h"
#include "codecs/blosc.h"
#include "codecs/crc32c.h"
#include "codecs/fletcher32.h"
#include "codecs/half_float.h"
#include "codecs/lz4.h"
#include "codecs/lzf.h"
#include "codecs/lzw.h"
#include "codecs/packbits.h"
#include "codecs/predictor.h"
#include "codecs/shuffle.h"
#include "codecs/xz.h"
#include "codecs/zlib_stream.h"
#include "codecs/zstd.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const auto kind = input.number(1);
  const auto row_samples = static_cast<int64_t>(input.number(1)) + 1;
  const auto number = input.number(1);
  const auto rows = static_cast<int64_t>(number & 63) + 1;
  const auto codec = (kind & 3) + (number >> 6) * 4;
  const int64_t width = int64_t{1} << (kind >> 4 & 3);
  const int64_t distance = 1 + static_cast<int64_t>(kind >> 6 & 3);
  std::vector<std::byte> out(static_cast<size_t>(rows * row_samples * width));
  const auto stored = std::as_bytes(input.rest());
  const char* flaw = nullptr;
  switch (codec) {
    case 0: flaw = swr::decode_lzw(stored, out); break;
    case 1: flaw = swr::decode_packbits(stored, out); break;
    case 2: flaw = swr::decode_zlib(stored, out); break;
    case 3: flaw = swr::has_zstd() ? swr::decode_zstd(stored, out) : nullptr; break;
    case 4: flaw = swr::decode_lzf(stored, out); break;
    case 5: flaw = swr::has_lz4() ? swr::decode_lz4(stored, out) : nullptr; break;
    case 6: flaw = swr::decode_gzip(stored, out); break;
    case 7: flaw = swr::has_lz4() ? swr::decode_sized_lz4(stored, out) : nullptr; break;
    case 8: flaw = swr::has_blosc() ? swr::decode_blosc(stored, out) : nullptr; break;
    default: flaw = swr::has_xz() ? swr::decode_xz(stored, out) : nullptr;
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
  const auto all = std::span<const std::byte>(out);
  const auto first = all.first(out.size() / 3);
  fuzz::expect(swr::crc32c(swr::crc32c(first), all.subspan(first.size())) == swr::crc32c(all),
               "a checksum goes on from any place");
  if (out.size() % 4 == 0) swr::widen_half_floats(out, (kind & 4) != 0);
  return 0;
}
