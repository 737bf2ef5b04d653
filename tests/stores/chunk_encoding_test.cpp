// Chunks that are encoded are what ChunkDecoder undoes, and not longer than was said.
#include "stores/chunk_encoding.h"

#include <cstring>
#include <random>
#include <string>

#include "base/error.h"
#include "codecs/lz4.h"
#include "image/cmocka_cpp.h"
#include "stores/chunk_decoder.h"

#undef fail  // cmocka's macro

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;
using Bytes = std::vector<std::byte>;

constexpr int64_t row_samples = 60, rows = 70;

Bytes pixels(int64_t sample_bytes, bool is_noise) {
  std::mt19937 random(3);
  Bytes bytes(static_cast<size_t>(row_samples * rows * sample_bytes));
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(is_noise ? random() : i / 7 % 50);
  return bytes;
}

std::vector<std::vector<ChunkFilter>> chains(int64_t sample_bytes) {
  const auto differences = [&](Kind kind) {
    return ChunkFilter{
        .kind = kind, .sample_bytes = sample_bytes, .row_samples = row_samples, .distance = 3};
  };
  std::vector<std::vector<ChunkFilter>> all = {
      {},
      {{.kind = Kind::zlib}},
      {{.kind = Kind::zlib}, differences(Kind::differences)},
      {{.kind = Kind::zlib}, {.kind = Kind::shuffle, .sample_bytes = sample_bytes}},
      {{.kind = Kind::gzip}},
      {{.kind = Kind::crc32c}, {.kind = Kind::gzip}},
      {{.kind = Kind::zlib}, {.kind = Kind::crc32c}},
  };
  if (has_lz4()) all.push_back({{.kind = Kind::sized_lz4}});
  if (has_blosc()) all.push_back({{.kind = Kind::crc32c}, {.kind = Kind::blosc}});
  if (has_zstd()) {
    all.push_back({{.kind = Kind::zstd}});
    all.push_back({{.kind = Kind::zstd}, differences(Kind::differences)});
  }
  if (sample_bytes >= 4)
    all.push_back({{.kind = Kind::zlib}, differences(Kind::float_differences)});
  return all;
}

void what_is_encoded_is_decoded(void**) {
  for (const int64_t sample_bytes : {1, 2, 4, 8}) {
    for (const auto& filters : chains(sample_bytes)) {
      for (const bool big_endian : {false, true}) {
        for (const bool is_noise : {false, true}) {
          const Bytes raw = pixels(sample_bytes, is_noise);
          const auto size = static_cast<int64_t>(raw.size());
          const ChunkEncoding encoding(filters, big_endian, {.level = 3});
          const ChunkDecoder decoder(filters, big_endian, "a file");
          Bytes stored = encoding.encode(Bytes(raw));
          assert_true(static_cast<int64_t>(stored.size()) <= encoding.longest(size));
          if (!filters.empty() && !is_noise) assert_true(stored.size() < raw.size() / 2);
          assert_true(encoding.encode(Bytes(raw)) == stored);
          assert_null(decoder.flaw_of_sizes(static_cast<int64_t>(stored.size()), size));
          assert_null(decoder.decode(stored, size));
          assert_true(stored == raw);
        }
      }
    }
  }
}

// A slope has differences that are all alike.
void predictors_make_slopes_small(void**) {
  Bytes raw(static_cast<size_t>(row_samples * rows * 2));
  for (int64_t i = 0; i < row_samples * rows; ++i) {
    const auto value = static_cast<uint16_t>(i % row_samples * 301 + i / row_samples * 77);
    std::memcpy(raw.data() + 2 * i, &value, 2);
  }
  const std::vector<ChunkFilter> plain = {{.kind = Kind::zlib}};
  const std::vector<ChunkFilter> with = {
      {.kind = Kind::zlib},
      {.kind = Kind::differences, .sample_bytes = 2, .row_samples = row_samples, .distance = 1}};
  assert_true(ChunkEncoding(with, false, {}).encode(Bytes(raw)).size() * 4 <
              ChunkEncoding(plain, false, {}).encode(Bytes(raw)).size());
}

void every_engine_makes_zlib_streams(void**) {
  const std::vector<ChunkFilter> filters = {{.kind = Kind::zlib}};
  const ChunkDecoder decoder(filters, false, "a file");
  const Bytes raw = pixels(2, false);
  for (const char* const engine : {"zlib", "libdeflate", "isal"}) {
    for (const int level : {1, 6, 9}) {
      Bytes stored;
      try {
        stored =
            ChunkEncoding(filters, false, {.level = level, .engine = engine}).encode(Bytes(raw));
      } catch (const Error& error) {
        assert_int_equal(error.status(), SWR_ERROR_UNSUPPORTED);  // it is not built in
        continue;
      }
      assert_null(decoder.decode(stored, static_cast<int64_t>(raw.size())));
      assert_true(stored == raw);
    }
  }
}

void what_has_no_encoder_is_told(void**) {
  for (const Kind kind : {Kind::lzw, Kind::packbits, Kind::xz, Kind::lzf, Kind::half_floats}) {
    const std::vector<ChunkFilter> filters = {{.kind = kind}};
    assert_false(can_encode(filters));
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_is_encoded_is_decoded),
      cmocka_unit_test(predictors_make_slopes_small),
      cmocka_unit_test(every_engine_makes_zlib_streams),
      cmocka_unit_test(what_has_no_encoder_is_told),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
