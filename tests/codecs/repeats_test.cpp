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
      const auto repeat = swr::find_repeat(raw, 0);
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
  assert_false(swr::find_repeat(noise(300000), 0).has_value());
  assert_false(swr::find_repeat(Bytes(window), 0).has_value());
  assert_false(swr::find_repeat(Bytes(23), 0).has_value());
  assert_false(swr::find_repeat(Bytes(), 0).has_value());
  Bytes cut(200000);
  for (size_t i = 30000; i < cut.size(); i += 30000) cut[i] = std::byte{1};
  assert_false(swr::find_repeat(cut, 0).has_value());
  expect_encoded(cut, 2000);
  // Periods of no pixel.
  for (const size_t period : {5, 7, 25}) {
    const Bytes raw = repeated(period, 200000);
    assert_false(swr::find_repeat(raw, 0).has_value());
    expect_encoded(raw, 6000);
  }
}

void shorter_repeats_than_asked_for_are_left_out(void**) {
  const Bytes raw = joined({Bytes(50000), noise(100), Bytes(300000)});
  const auto repeat = swr::find_repeat(raw, 200000);
  assert_true(repeat.has_value());
  assert_int_equal(repeat->end, raw.size());
  assert_false(swr::find_repeat(raw, 300001).has_value());
}

// After the bytes of a pixel, which are stored.
void block_of_a_repeat_inflates(void**) {
  for (const size_t period : known_periods) {
    for (const size_t matches : {128, 1000}) {
      for (const bool is_final : {false, true}) {
        const Bytes raw = repeated(period, period + 258 * matches);
        swr::BitWriter bits;
        bits.put(0, 8);  // a stored block
        bits.put(static_cast<uint32_t>(period), 16);
        bits.put(~static_cast<uint32_t>(period) & 0xffff, 16);
        for (size_t i = 0; i < period; ++i) bits.put(std::to_integer<uint32_t>(raw[i]), 8);
        swr::write_repeat({period, raw.size(), static_cast<int>(period)}, is_final, bits);
        if (!is_final) swr::write_flush(bits);
        assert_true(bits.bits() <= 5 * static_cast<int64_t>(matches) + 8 * 60);
        assert_true(inflated(bits.bytes(), raw.size(), is_final ? Z_STREAM_END : Z_OK) == raw);
      }
    }
  }
}

// Notes what it has to encode, and stores it.
class Noting : public swr::RunEncoder {
 public:
  size_t searched = 0;

 protected:
  size_t deflate_into(std::span<const std::byte> raw, std::span<std::byte>, End) override {
    searched += raw.size();
    return 0;
  }
};

void only_what_is_mostly_a_repeat_is_not_searched(void**) {
  struct Case {
    size_t before, repeat, after, most_searched;
  };
  for (const Case& each : {Case{0, 40000, 0, 300},
                           {1000, 100000, 500, 1800},
                           {7, 40000, 0, 300},
                           {30000, 100000, 0, 130000},
                           {0, 100000, 30000, 130000}}) {
    const Bytes raw = joined({noise(each.before), Bytes(each.repeat), noise(each.after, 2)});
    Noting encoder;
    const auto run = encoder.encode(raw);
    assert_true(encoder.searched <= each.most_searched);
    assert_true(inflated(run, raw.size(), Z_OK) == raw);
    encoder.searched = 0;
    const auto whole = encoder.encode_whole(raw);
    assert_true(encoder.searched <= each.most_searched);
    assert_true(inflated(whole, raw.size(), Z_STREAM_END) == raw);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(repeat_of_every_pixel_size_is_found_and_inflates),
      cmocka_unit_test(repeats_are_found_wherever_they_are),
      cmocka_unit_test(what_repeats_for_less_than_the_window_is_no_repeat),
      cmocka_unit_test(shorter_repeats_than_asked_for_are_left_out),
      cmocka_unit_test(block_of_a_repeat_inflates),
      cmocka_unit_test(only_what_is_mostly_a_repeat_is_not_searched),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
