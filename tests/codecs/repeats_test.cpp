#include "codecs/repeats.h"

#include <zlib.h>

#include <vector>

#include "codecs/deflate_run.h"
#include "image/cmocka_cpp.h"

namespace {

using Bytes = std::vector<std::byte>;

constexpr size_t window = 32768;

Bytes noise(size_t count, uint32_t seed = 1) {
  Bytes bytes(count);
  for (std::byte& value : bytes) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<std::byte>(seed >> 24);
  }
  return bytes;
}

// All bytes of the pattern differ.
Bytes repeated(size_t period, size_t count, int first = 1) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::byte>(static_cast<size_t>(first) + i % period);
  return bytes;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes inflated(std::span<const std::byte> deflated, size_t raw_bytes, int expected) {
  z_stream z{};
  inflateInit2(&z, -15);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(deflated.data()));
  z.avail_in = static_cast<uInt>(deflated.size());
  Bytes raw(raw_bytes + 1);
  z.next_out = reinterpret_cast<Bytef*>(raw.data());
  z.avail_out = static_cast<uInt>(raw.size());
  assert_int_equal(inflate(&z, Z_SYNC_FLUSH), expected);
  assert_int_equal(z.avail_in, 0);
  raw.resize(raw.size() - z.avail_out);
  inflateEnd(&z);
  return raw;
}

std::vector<swr::DeflateMethod> methods() {
  std::vector<swr::DeflateMethod> all = {{swr::DeflateEngine::zlib, 1},
                                         {swr::DeflateEngine::zlib, 6},
                                         {swr::DeflateEngine::libdeflate, 6},
                                         {swr::DeflateEngine::isal, 2}};
  std::erase_if(all, [](const auto& method) { return !swr::engine_is_built(method.engine); });
  return all;
}

void expect_encoded(const Bytes& raw, size_t most) {
  for (const auto& method : methods()) {
    const auto encoder = swr::make_run_encoder(method);
    const auto run = encoder->encode(raw);
    assert_true(run.size() <= most);
    assert_true(inflated(run, raw.size(), Z_OK) == raw);
    const auto whole = encoder->encode_whole(raw);
    assert_true(whole.size() <= most);
    assert_true(inflated(whole, raw.size(), Z_STREAM_END) == raw);
  }
}

constexpr size_t known_periods[] = {1, 2, 3, 4, 6, 8, 12, 24};

void repeat_of_every_pixel_size_is_found_and_inflates(void**) {
  for (const size_t period : known_periods) {
    for (const size_t more : {0, 1, 257, 258, 100000}) {
      const Bytes stretch = repeated(period, window + 600 + more);
      const Bytes raw = joined({noise(1000), stretch, noise(500, 2)});
      const auto repeat = swr::find_repeat(raw);
      assert_true(repeat.has_value());
      assert_int_equal(repeat->period, period);
      assert_int_equal((repeat->end - repeat->begin) % 258, 0);
      assert_true(repeat->end - repeat->begin >= window);
      assert_in_range(repeat->begin, 1000 + period, 1000 + period + 257);
      assert_in_range(repeat->end, 1000 + stretch.size(), 1000 + stretch.size() + 1);
      // Of a match, at most five bits; what is before it and after it is stored.
      expect_encoded(raw, 2000 + 5 * stretch.size() / 258 / 8);
    }
  }
}

void repeats_are_found_wherever_they_are(void**) {
  const Bytes zeros(50000), twos = repeated(2, 70001, 7);
  for (const std::vector<Bytes>& parts :
       std::vector<std::vector<Bytes>>{{zeros},
                                       {twos, noise(3)},
                                       {noise(1), zeros},
                                       {zeros, twos, zeros},
                                       {noise(20000), zeros, noise(40), twos, noise(20000, 3)}}) {
    size_t other = 0, repeats = 0;
    for (const Bytes& part : parts) (part.size() >= 50000 ? repeats : other) += part.size();
    expect_encoded(joined(parts), other + repeats / 200 + 900);
  }
}

void what_repeats_for_less_than_the_window_is_no_repeat(void**) {
  assert_false(swr::find_repeat(noise(300000)).has_value());
  assert_false(swr::find_repeat(Bytes(window)).has_value());
  assert_false(swr::find_repeat(Bytes(23)).has_value());
  assert_false(swr::find_repeat(Bytes()).has_value());
  Bytes cut(200000);
  for (size_t i = 30000; i < cut.size(); i += 30000) cut[i] = std::byte{1};
  assert_false(swr::find_repeat(cut).has_value());
  expect_encoded(cut, 2000);
  // Periods of no pixel.
  for (const size_t period : {5, 7, 25}) {
    const Bytes raw = repeated(period, 200000);
    assert_false(swr::find_repeat(raw).has_value());
    expect_encoded(raw, 6000);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(repeat_of_every_pixel_size_is_found_and_inflates),
      cmocka_unit_test(repeats_are_found_wherever_they_are),
      cmocka_unit_test(what_repeats_for_less_than_the_window_is_no_repeat),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
