// Decoders of whole chunks: what encoders make is read back, and streams that are damaged, too
// short or too long are found out. tests/formats reads streams of other programs.
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_order.h"
#include "codecs/blosc.h"
#include "codecs/crc32c.h"
#include "codecs/fletcher32.h"
#include "codecs/gzip.h"
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
#include "image/cmocka_cpp.h"
#include "lzw_encoder.h"

#ifdef SWR_HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef SWR_HAVE_LZ4
#include <lz4.h>
#endif
#ifdef SWR_HAVE_LZMA
#include <lzma.h>
#endif

namespace {

using namespace swr;
using namespace swr::checks;

using Bytes = std::vector<std::byte>;
using Decode = const char* (*)(std::span<const std::byte>, std::span<std::byte>);

Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// Runs, repetitions and noise: `kind` says how much of each.
Bytes pattern(size_t count, int kind) {
  Bytes bytes(count);
  uint32_t state = 1;
  for (size_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    const uint32_t values[] = {7, static_cast<uint32_t>(i / 300), static_cast<uint32_t>(i % 23),
                               state >> 24, (state >> 30) * 50};
    bytes[i] = static_cast<std::byte>(values[kind]);
  }
  return bytes;
}

Bytes packbits_of(std::span<const std::byte> raw) {
  Bytes out;
  for (size_t at = 0; at < raw.size();) {
    size_t run = 1;
    while (run < 128 && at + run < raw.size() && raw[at + run] == raw[at]) ++run;
    if (run > 1) {
      out.push_back(static_cast<std::byte>(1 - static_cast<int>(run)));
      out.push_back(raw[at]);
      at += run;
      continue;
    }
    const size_t count = std::min<size_t>(128, raw.size() - at);
    out.push_back(static_cast<std::byte>(count - 1));
    out.insert(out.end(), raw.begin() + static_cast<ptrdiff_t>(at),
               raw.begin() + static_cast<ptrdiff_t>(at + count));
    at += count;
  }
  return out;
}

Bytes zlib_of(std::span<const std::byte> raw) {
  uLongf bytes = compressBound(static_cast<uLong>(raw.size()));
  Bytes out(bytes);
  assert_int_equal(
      compress2(reinterpret_cast<Bytef*>(out.data()), &bytes,
                reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()), 6),
      Z_OK);
  out.resize(bytes);
  return out;
}

Bytes gzip_member_of(std::span<const std::byte> raw) {
  const std::string member =
      gzip_of(std::string(reinterpret_cast<const char*>(raw.data()), raw.size()));
  const auto bytes = std::as_bytes(std::span(member));
  return {bytes.begin(), bytes.end()};
}

#ifdef SWR_HAVE_ZSTD
Bytes zstd_of(std::span<const std::byte> raw) {
  Bytes out(ZSTD_compressBound(raw.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 3));
  return out;
}
#endif

#ifdef SWR_HAVE_LZ4
Bytes lz4_of(std::span<const std::byte> raw) {
  Bytes out(static_cast<size_t>(LZ4_compressBound(static_cast<int>(raw.size()))));
  out.resize(static_cast<size_t>(LZ4_compress_default(
      reinterpret_cast<const char*>(raw.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(raw.size()), static_cast<int>(out.size()))));
  return out;
}
#endif

#ifdef SWR_HAVE_LZMA
Bytes xz_stream_of(std::span<const std::byte> raw, lzma_filter* filters) {
  Bytes out(lzma_stream_buffer_bound(raw.size()));
  size_t made = 0;
  assert_int_equal(
      lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, nullptr,
                                reinterpret_cast<const uint8_t*>(raw.data()), raw.size(),
                                reinterpret_cast<uint8_t*>(out.data()), &made, out.size()),
      LZMA_OK);
  out.resize(made);
  return out;
}

// With an encoder's window of so many bytes.
Bytes xz_of_window(std::span<const std::byte> raw, uint32_t window) {
  lzma_options_lzma options{};
  assert_int_equal(lzma_lzma_preset(&options, 1), 0);
  options.dict_size = window;
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  return xz_stream_of(raw, filters);
}

Bytes xz_of(std::span<const std::byte> raw) {
  return xz_of_window(raw, 1U << 20);
}
#endif

#ifdef SWR_HAVE_BLOSC
Bytes blosc_of(const char* compressor, std::span<const std::byte> raw) {
  return encode_blosc({compressor, 5, BloscShuffle::bytes, 2, 0}, raw);
}
#endif

// The longest match that begins at most 600 bytes before, if it is worth it.
Bytes lzf_of(std::span<const std::byte> raw) {
  constexpr size_t farthest = 600, longest = 264, most_literals = 32;
  Bytes out, literals;
  const auto put_literals = [&] {
    if (!literals.empty()) out.push_back(static_cast<std::byte>(literals.size() - 1));
    out.insert(out.end(), literals.begin(), literals.end());
    literals.clear();
  };
  for (size_t at = 0; at < raw.size();) {
    size_t best = 0, distance = 0;
    for (size_t back = 1; back <= std::min(at, farthest); ++back) {
      size_t same = 0;
      while (same < longest && at + same < raw.size() && raw[at + same] == raw[at + same - back])
        ++same;
      if (same > best) best = same, distance = back;
    }
    if (best < 3) {
      literals.push_back(raw[at++]);
      if (literals.size() == most_literals) put_literals();
      continue;
    }
    put_literals();
    const size_t length = best - 2, high = (distance - 1) >> 8;
    out.push_back(static_cast<std::byte>(std::min<size_t>(length, 7) << 5 | high));
    if (length >= 7) out.push_back(static_cast<std::byte>(length - 7));
    out.push_back(static_cast<std::byte>(distance - 1));
    at += best;
  }
  put_literals();
  return out;
}

struct Codec {
  const char* name;
  Bytes (*encode)(std::span<const std::byte>);
  Decode decode;
};
const Codec codecs[] = {
    {"LZW", [](std::span<const std::byte> raw) { return lzw_of(raw); }, decode_lzw},
    {"PackBits", packbits_of, decode_packbits},
    {"zlib", zlib_of, decode_zlib},
    {"gzip", gzip_member_of, decode_gzip},
#ifdef SWR_HAVE_ZSTD
    {"zstd", zstd_of, decode_zstd},
#endif
#ifdef SWR_HAVE_LZ4
    {"LZ4", lz4_of, decode_lz4},
    {"sized LZ4", [](std::span<const std::byte> raw) { return encode_sized_lz4(1, raw); },
     decode_sized_lz4},
#endif
#ifdef SWR_HAVE_BLOSC
    {"Blosc of LZ4", [](std::span<const std::byte> raw) { return blosc_of("lz4", raw); },
     decode_blosc},
    {"Blosc of Zstandard", [](std::span<const std::byte> raw) { return blosc_of("zstd", raw); },
     decode_blosc},
#endif
#ifdef SWR_HAVE_LZMA
    {"xz", xz_of, decode_xz},
#endif
    {"LZF", lzf_of, decode_lzf},
};

void expect_flaw(const char* flaw, std::string_view part) {
  assert_non_null(flaw);
  if (std::string_view(flaw).find(part) == std::string_view::npos)
    fail_msg("\"%s\" does not say \"%s\"", flaw, std::string(part).c_str());
}

void every_decoder_gives_back_what_was_encoded(void**) {
  for (const Codec& codec : codecs) {
    for (int kind = 0; kind < 5; ++kind) {
      for (const size_t count : {1u, 2u, 3u, 127u, 128u, 129u, 255u, 1000u, 5000u, 70000u}) {
        const Bytes raw = pattern(count, kind), stored = codec.encode(raw);
        Bytes out(count);
        const char* const flaw = codec.decode(stored, out);
        if (flaw || out != raw)
          fail_msg("%s, pattern %d of %zu bytes: %s", codec.name, kind, count,
                   flaw ? flaw : "other bytes");
      }
    }
  }
}

void a_stream_of_more_or_fewer_bytes_than_the_chunk_is_found_out(void**) {
  for (const Codec& codec : codecs) {
    for (int kind = 0; kind < 5; ++kind) {
      const Bytes raw = pattern(5000, kind), stored = codec.encode(raw);
      Bytes longer(5001), shorter(4999);
      expect_flaw(codec.decode(stored, longer), "it ends too early");
      expect_flaw(codec.decode(stored, shorter), "it holds more");
    }
  }
}

void a_stream_that_is_cut_off_anywhere_is_found_out(void**) {
  for (const Codec& codec : codecs) {
    const Bytes raw = pattern(700, 4), stored = codec.encode(raw);
    // LZW may do without the code at its end.
    const size_t most = codec.decode == decode_lzw ? stored.size() - 2 : stored.size();
    for (size_t count = 0; count < most; ++count) {
      Bytes out(raw.size());
      const Bytes part(stored.begin(), stored.begin() + static_cast<ptrdiff_t>(count));
      if (!codec.decode(part, out)) fail_msg("%s, cut after %zu bytes", codec.name, count);
    }
  }
}

// Under a sanitizer this shows that nothing outside of the buffers is touched.
void damaged_streams_end_without_a_crash(void**) {
  for (const Codec& codec : codecs) {
    const Bytes raw = pattern(300, 4), stored = codec.encode(raw);
    for (size_t at = 0; at < stored.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        Bytes damaged = stored, out(raw.size());
        damaged[at] ^= static_cast<std::byte>(1 << bit);
        codec.decode(damaged, out);
      }
    }
  }
}

void lzf_matches_reach_as_far_as_they_can(void**) {
  // "abc", then 264 bytes that repeat it, then 3 bytes from the very first one on
  Bytes out(270);
  assert_null(decode_lzf(bytes_of({2, 'a', 'b', 'c', 7 << 5, 255, 2, 1 << 5 | 1, 10}), out));
  for (size_t i = 0; i < out.size(); ++i)
    assert_int_equal(std::to_integer<int>(out[i]), "abc"[i % 3]);
  expect_flaw(decode_lzf(bytes_of({2, 'a', 'b', 'c', 7 << 5, 255, 3}), out), "in front of");
  expect_flaw(decode_lzf(bytes_of({1 << 5, 0}), out), "in front of");
  expect_flaw(decode_lzf(bytes_of({0, 'a', 7 << 5}), out), "it ends too early");
  expect_flaw(decode_lzf(bytes_of({0, 'a', 7 << 5, 255}), out), "it ends too early");
  expect_flaw(decode_lzf({}, out), "it ends too early");
}

#ifdef SWR_HAVE_LZMA
void xz_of_a_larger_window_than_allowed_is_refused(void**) {
  const Bytes raw = pattern(5000, 4);
  Bytes out(raw.size());
  assert_null(decode_xz(xz_of_window(raw, 64U << 20), out));
  assert_true(out == raw);
  expect_flaw(decode_xz(xz_of_window(raw, 96U << 20), out), "64 MiB");
}

// libtiff has differences in front of LZMA2.
void xz_of_differences_is_read(void**) {
  const Bytes raw = pattern(5000, 2);
  lzma_options_lzma options{};
  lzma_options_delta differences{};
  differences.type = LZMA_DELTA_TYPE_BYTE;
  differences.dist = 2;
  assert_int_equal(lzma_lzma_preset(&options, 6), 0);
  lzma_filter filters[] = {{LZMA_FILTER_DELTA, &differences},
                           {LZMA_FILTER_LZMA2, &options},
                           {LZMA_VLI_UNKNOWN, nullptr}};
  Bytes out(raw.size());
  assert_null(decode_xz(xz_stream_of(raw, filters), out));
  assert_true(out == raw);
}
#endif

// By the definition of binary16.
double value_of_half(uint32_t half) {
  const int exponent = static_cast<int>(half >> 10 & 31);
  const double fraction = half & 1023, sign = half >> 15 ? -1 : 1;
  if (exponent == 31) return sign * std::numeric_limits<double>::infinity();
  return sign *
         (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

void half_floats_are_widened_exactly(void**) {
  for (uint32_t half = 0; half < 65536; ++half) {
    const uint32_t bits = widened_half_float(static_cast<uint16_t>(half));
    const bool is_nan = (half & 0x7c00) == 0x7c00 && (half & 0x3ff) != 0;
    const uint32_t nan = half >> 15 << 31 | 0x7f800000 | (half & 0x3ff) << 13;
    const auto expected = std::bit_cast<uint32_t>(static_cast<float>(value_of_half(half)));
    assert_int_equal(bits, is_nan ? nan : expected);
  }
}

void half_floats_are_widened_in_place(void**) {
  for (const bool big_endian : {false, true}) {
    Bytes bytes(40);
    for (uint16_t i = 0; i < 10; ++i)
      store(bytes.data() + 20 + 2 * i, static_cast<uint16_t>(0x3c01 * i), big_endian);
    widen_half_floats(bytes, big_endian);
    for (uint16_t i = 0; i < 10; ++i)
      assert_int_equal(load<uint32_t>(bytes.data() + 4 * i, big_endian),
                       widened_half_float(static_cast<uint16_t>(0x3c01 * i)));
  }
}

void lzw_may_end_without_its_last_code(void**) {
  const Bytes raw = pattern(5000, 4);
  Bytes out(raw.size());
  assert_null(decode_lzw(lzw_of(raw, false), out));
  assert_true(out == raw);
}

// The example of TIFF 6.0, section 13.
void lzw_of_the_specification_is_read(void**) {
  CodeWriter codes;
  for (const unsigned code : {256, 7, 258, 8, 8, 258, 6, 6, 257}) codes.put(code, 9);
  Bytes out(9);
  assert_null(decode_lzw(codes.bytes(), out));
  assert_true(out == bytes_of({7, 7, 7, 8, 8, 7, 7, 6, 6}));
}

void lzw_codes_without_meaning_are_found_out(void**) {
  for (const unsigned code : {259u, 300u, 511u}) {
    CodeWriter codes;
    codes.put(256, 9);
    codes.put(7, 9);
    codes.put(code, 9);
    Bytes out(100);
    expect_flaw(decode_lzw(codes.bytes(), out), "stands for nothing");
  }
  CodeWriter first;
  first.put(256, 9);
  first.put(258, 9);
  Bytes out(100);
  expect_flaw(decode_lzw(first.bytes(), out), "stands for nothing");
}

void old_lzw_is_told_from_that_of_the_specification(void**) {
  assert_true(is_old_lzw(bytes_of({0x00, 0x01, 0x02})));
  assert_false(is_old_lzw(bytes_of({0x80, 0x01, 0x02})));
  assert_false(is_old_lzw(bytes_of({0x00})));
  assert_false(is_old_lzw(lzw_of(pattern(100, 2))));
}

// The example of Apple's Technical Note 1023.
void packbits_of_the_technical_note_is_read(void**) {
  const Bytes stored = bytes_of(
      {0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa});
  const Bytes raw =
      bytes_of({0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00,
                0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa});
  Bytes out(raw.size());
  assert_null(decode_packbits(stored, out));
  assert_true(out == raw);
}

void packbits_passes_over_what_means_nothing(void**) {
  Bytes out(2);
  assert_null(decode_packbits(bytes_of({0x80, 0x01, 5, 6, 0x80, 0x80}), out));
  assert_true(out == bytes_of({5, 6}));
  assert_null(decode_packbits(bytes_of({0x01, 5, 6, 0x00}), out));  // one byte, for an even number
}

void bytes_after_a_zlib_stream_do_not_count(void**) {
  const Bytes raw = pattern(1000, 2);
  Bytes stored = zlib_of(raw), out(raw.size());
  stored.resize(stored.size() + 100);
  assert_null(decode_zlib(stored, out));
  assert_true(out == raw);
}

void several_gzip_members_are_one_chunk(void**) {
  const Bytes raw = pattern(1000, 2);
  Bytes stored = gzip_member_of(std::span(raw).first(300)), out(raw.size());
  for (const Bytes& more : {gzip_member_of({}), gzip_member_of(std::span(raw).subspan(300))})
    stored.insert(stored.end(), more.begin(), more.end());
  assert_null(decode_gzip(stored, out));
  assert_true(out == raw);
  Bytes shorter(999);
  expect_flaw(decode_gzip(stored, shorter), "it holds more");
  stored.resize(stored.size() + 100);
  assert_null(decode_gzip(stored, out));
}

#ifdef SWR_HAVE_LZ4
void sized_lz4_begins_with_its_size(void**) {
  const Bytes raw = pattern(1000, 2);
  for (const int acceleration : {1, 9}) {
    Bytes stored = encode_sized_lz4(acceleration, raw), out(raw.size());
    assert_int_equal(load<uint32_t>(stored.data()), 1000);
    assert_null(decode_lz4(std::span(stored).subspan(4), out));
    assert_true(out == raw);
  }
  Bytes out(1000);
  expect_flaw(decode_sized_lz4(bytes_of({1, 2, 3}), out), "within its size");
  for (const auto& [size, part] : {std::pair(999u, "too early"), std::pair(1001u, "holds more")}) {
    Bytes stored = encode_sized_lz4(1, raw);
    store(stored.data(), uint32_t{size});
    expect_flaw(decode_sized_lz4(stored, out), part);
  }
}
#endif

#ifdef SWR_HAVE_BLOSC
void blosc_of_every_compressor_is_read(void**) {
  const Bytes raw = pattern(70000, 2);
  int tried = 0;
  for (const char* compressor : {"blosclz", "lz4", "lz4hc", "zlib", "zstd", "snappy"}) {
    assert_true(is_blosc_compressor(compressor));
    if (!has_blosc_compressor(compressor)) continue;
    ++tried;
    for (const BloscShuffle shuffle :
         {BloscShuffle::none, BloscShuffle::bytes, BloscShuffle::bits}) {
      for (const int level : {0, 1, 9}) {
        const Bytes stored = encode_blosc({compressor, level, shuffle, 4, 0}, raw);
        Bytes out(raw.size());
        assert_null(decode_blosc(stored, out));
        assert_true(out == raw);
        assert_true(stored == encode_blosc({compressor, level, shuffle, 4, 0}, raw));
        assert_int_equal(std::to_integer<int>(stored[3]), 4);
      }
    }
  }
  assert_true(tried >= 2);
  assert_false(is_blosc_compressor("LZ4") || has_blosc_compressor("") ||
               has_blosc_compressor("none"));
}

void chunk_of_blosc_with_a_false_head_is_found_out(void**) {
  const Bytes raw = pattern(5000, 4), stored = blosc_of("zstd", raw);
  Bytes out(raw.size());
  const auto expect = [&](size_t at, int value, const char* part) {
    Bytes damaged = stored;
    damaged[at] = static_cast<std::byte>(value);
    expect_flaw(decode_blosc(damaged, out), part);
  };
  expect_flaw(decode_blosc(std::span(stored).first(15), out), "16 bytes");
  expect(0, 0, "not a chunk of Blosc 1");
  expect(0, 5, "not a chunk of Blosc 1");
  expect(2, 0xa0, "unknown");
  expect(15, 1, "not as many bytes as it says");
  expect(8, 0, "");  // the size of a block
}
#endif

void crc32c_is_that_of_the_standard(void**) {
  const auto of_text = [](std::string_view text) { return crc32c(std::as_bytes(std::span(text))); };
  assert_int_equal(of_text(""), 0);
  assert_int_equal(of_text("a"), 0xc1d04330);
  assert_int_equal(of_text("123456789"), 0xe3069283);
  // RFC 3720, B.4
  assert_int_equal(crc32c(Bytes(32)), 0x8a9136aa);
  assert_int_equal(crc32c(Bytes(32, std::byte{0xff})), 0x62a8ab43);
  Bytes rising(32), falling(32);
  for (size_t i = 0; i < 32; ++i) {
    rising[i] = static_cast<std::byte>(i);
    falling[i] = static_cast<std::byte>(31 - i);
  }
  assert_int_equal(crc32c(rising), 0x46dd794e);
  assert_int_equal(crc32c(falling), 0x113fdb5c);
  const Bytes raw = pattern(1000, 3);
  for (const size_t first : {0u, 1u, 7u, 8u, 9u, 500u, 1000u}) {
    const auto all = std::span<const std::byte>(raw);
    assert_int_equal(crc32c(crc32c(all.first(first)), all.subspan(first)), crc32c(raw));
  }
}

// --- What was done to pixels before they were compressed ---

template <typename Sample>
Bytes packed(std::initializer_list<uint64_t> values, bool big_endian) {
  Bytes bytes(values.size() * sizeof(Sample));
  std::byte* at = bytes.data();
  for (const uint64_t value : values) {
    store(at, static_cast<Sample>(value), big_endian);
    at += sizeof(Sample);
  }
  return bytes;
}

template <typename Sample>
void expect_differences_undone() {
  for (const bool big_endian : {false, true}) {
    const Differences how{sizeof(Sample), 4, 1, big_endian};
    Bytes rows = packed<Sample>({250, 10, uint64_t{0} - 20, 1, 1, 2, 3, 4}, big_endian);
    undo_differences(how, rows);
    assert_true(rows == packed<Sample>({250, 260, 240, 241, 1, 3, 6, 10}, big_endian));
    const Differences pairs{sizeof(Sample), 6, 2, big_endian};
    Bytes row = packed<Sample>({1, 100, 1, 100, 1, 100}, big_endian);
    undo_differences(pairs, row);
    assert_true(row == packed<Sample>({1, 100, 2, 200, 3, 300}, big_endian));
  }
}

void differences_are_added_up_in_every_width_and_byte_order(void**) {
  expect_differences_undone<uint8_t>();
  expect_differences_undone<uint16_t>();
  expect_differences_undone<uint32_t>();
  expect_differences_undone<uint64_t>();
}

// Bytes of one significance together, most significant first, as differences.
template <typename Number>
void expect_float_differences_undone(int64_t distance) {
  constexpr size_t width = sizeof(Number), samples = 6;
  for (const bool big_endian : {false, true}) {
    Bytes raw(2 * samples * width);
    for (size_t i = 0; i < 2 * samples; ++i)
      store(raw.data() + i * width, static_cast<Number>(1.37) * static_cast<Number>(i), big_endian);
    Bytes stored(raw.size());
    for (size_t row = 0; row < 2; ++row) {
      std::byte* const to = stored.data() + row * samples * width;
      for (size_t i = 0; i < samples * width; ++i) {
        const size_t plane = i / samples, byte = big_endian ? plane : width - 1 - plane;
        to[i] = raw[(row * samples + i % samples) * width + byte];
      }
      for (size_t i = samples * width - 1; i >= static_cast<size_t>(distance); --i)
        to[i] = static_cast<std::byte>(std::to_integer<int>(to[i]) -
                                       std::to_integer<int>(to[i - static_cast<size_t>(distance)]));
    }
    undo_float_differences({width, samples, distance, big_endian}, stored);
    assert_true(stored == raw);
  }
}

void differences_of_floating_numbers_are_undone(void**) {
  expect_float_differences_undone<float>(1);
  expect_float_differences_undone<float>(3);
  expect_float_differences_undone<double>(1);
  expect_float_differences_undone<double>(2);
}

void shuffled_bytes_come_together_again(void**) {
  Bytes bytes = bytes_of({1, 2, 3, 4, 11, 12, 13, 14, 99});
  undo_shuffle(2, bytes);
  assert_true(bytes == bytes_of({1, 11, 2, 12, 3, 13, 4, 14, 99}));
  Bytes same = bytes_of({1, 2, 3});
  undo_shuffle(1, same);
  assert_true(same == bytes_of({1, 2, 3}));
  undo_shuffle(4, same);
  assert_true(same == bytes_of({1, 2, 3}));
}

// Of all widths with loops of their own and others, and of numbers of elements around theirs.
void shuffles_of_every_width_are_undone(void**) {
  for (size_t width = 1; width <= 16; ++width) {
    for (const size_t elements : {1, 2, 31, 32, 33, 64, 1000}) {
      Bytes raw(width * elements + width / 2);
      for (size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::byte>(i * 7 + i / 256);
      Bytes expected = raw;
      if (elements > 1) {
        for (size_t i = 0; i < width * elements; ++i)
          expected[i % width * elements + i / width] = raw[i];
      }
      Bytes bytes(raw.size());
      make_shuffle(static_cast<int64_t>(width), raw, bytes);
      assert_true(bytes == expected);
      undo_shuffle(static_cast<int64_t>(width), bytes);
      assert_true(bytes == raw);
    }
  }
}

// Sums of two words, and of more than are added up between two divisions.
void fletcher32_is_the_sum_of_words_and_of_sums(void**) {
  assert_int_equal(fletcher32(bytes_of({0x01, 0x02, 0x03, 0x04})),
                   (0x0102u * 2 + 0x0304u) << 16 | (0x0102u + 0x0304u));
  assert_int_equal(fletcher32(bytes_of({0x01, 0x02, 0x03})),
                   (0x0102u * 2 + 0x0300u) << 16 | (0x0102u + 0x0300u));
  const Bytes many(40000, std::byte{0xff});  // each word is 65535, which is 0
  assert_int_equal(fletcher32(many), 0);
  const uint32_t right = fletcher32(bytes_of({1, 2, 3, 4}));
  const uint32_t old = (right & 0x00ff00ff) << 8 | (right & 0xff00ff00) >> 8;
  assert_true(is_fletcher32(right, bytes_of({1, 2, 3, 4})));
  assert_true(is_fletcher32(old, bytes_of({1, 2, 3, 4})));
  assert_false(is_fletcher32(right + 1, bytes_of({1, 2, 3, 4})));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_decoder_gives_back_what_was_encoded),
      cmocka_unit_test(a_stream_of_more_or_fewer_bytes_than_the_chunk_is_found_out),
      cmocka_unit_test(a_stream_that_is_cut_off_anywhere_is_found_out),
      cmocka_unit_test(damaged_streams_end_without_a_crash),
      cmocka_unit_test(lzf_matches_reach_as_far_as_they_can),
#ifdef SWR_HAVE_LZMA
      cmocka_unit_test(xz_of_a_larger_window_than_allowed_is_refused),
      cmocka_unit_test(xz_of_differences_is_read),
#endif
      cmocka_unit_test(half_floats_are_widened_exactly),
      cmocka_unit_test(half_floats_are_widened_in_place),
      cmocka_unit_test(lzw_may_end_without_its_last_code),
      cmocka_unit_test(lzw_of_the_specification_is_read),
      cmocka_unit_test(lzw_codes_without_meaning_are_found_out),
      cmocka_unit_test(old_lzw_is_told_from_that_of_the_specification),
      cmocka_unit_test(packbits_of_the_technical_note_is_read),
      cmocka_unit_test(packbits_passes_over_what_means_nothing),
      cmocka_unit_test(bytes_after_a_zlib_stream_do_not_count),
      cmocka_unit_test(several_gzip_members_are_one_chunk),
#ifdef SWR_HAVE_LZ4
      cmocka_unit_test(sized_lz4_begins_with_its_size),
#endif
#ifdef SWR_HAVE_BLOSC
      cmocka_unit_test(blosc_of_every_compressor_is_read),
      cmocka_unit_test(chunk_of_blosc_with_a_false_head_is_found_out),
#endif
      cmocka_unit_test(crc32c_is_that_of_the_standard),
      cmocka_unit_test(differences_are_added_up_in_every_width_and_byte_order),
      cmocka_unit_test(differences_of_floating_numbers_are_undone),
      cmocka_unit_test(shuffled_bytes_come_together_again),
      cmocka_unit_test(shuffles_of_every_width_are_undone),
      cmocka_unit_test(fletcher32_is_the_sum_of_words_and_of_sums),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
