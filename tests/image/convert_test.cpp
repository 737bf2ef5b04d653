// All pairs of component types against a slow model in long double and 128-bit integers.
#include "image/convert.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "cmocka_cpp.h"
#include "image/convert_components.h"

namespace swr {
namespace {

constexpr swr_component all_types[] = {SWR_UINT8, SWR_INT8,   SWR_UINT16, SWR_INT16,   SWR_UINT32,
                                       SWR_INT32, SWR_UINT64, SWR_INT64,  SWR_FLOAT32, SWR_FLOAT64};

bool is_floating(swr_component type) {
  return type == SWR_FLOAT32 || type == SWR_FLOAT64;
}

struct Range {
  __int128 least, most;
};

Range range_of(swr_component type) {
  const int bits = 8 * swr_component_bytes(type);
  const bool is_signed =
      type == SWR_INT8 || type == SWR_INT16 || type == SWR_INT32 || type == SWR_INT64;
  if (is_signed)
    return {-(static_cast<__int128>(1) << (bits - 1)),
            (static_cast<__int128>(1) << (bits - 1)) - 1};
  return {0, (static_cast<__int128>(1) << bits) - 1};
}

// x87's long double holds every value of the ten types.
static_assert(std::numeric_limits<long double>::digits >= 64);

template <typename T>
long double loaded(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return static_cast<long double>(value);
}

long double load(swr_component type, const std::byte* at) {
  switch (type) {
    case SWR_UINT8: return loaded<uint8_t>(at);
    case SWR_INT8: return loaded<int8_t>(at);
    case SWR_UINT16: return loaded<uint16_t>(at);
    case SWR_INT16: return loaded<int16_t>(at);
    case SWR_UINT32: return loaded<uint32_t>(at);
    case SWR_INT32: return loaded<int32_t>(at);
    case SWR_UINT64: return loaded<uint64_t>(at);
    case SWR_INT64: return loaded<int64_t>(at);
    case SWR_FLOAT32: return loaded<float>(at);
    default: return loaded<double>(at);
  }
}

// The bytes of a value that the type holds.
void store(swr_component type, long double value, std::byte* at) {
  if (type == SWR_FLOAT32) {
    const auto number = static_cast<float>(value);
    std::memcpy(at, &number, 4);
  } else if (type == SWR_FLOAT64) {
    const auto number = static_cast<double>(value);
    std::memcpy(at, &number, 8);
  } else {
    const auto number = static_cast<uint64_t>(static_cast<__int128>(value));
    const auto bytes = static_cast<size_t>(swr_component_bytes(type));
    const size_t low = std::endian::native == std::endian::big ? sizeof number - bytes : 0;
    std::memcpy(at, reinterpret_cast<const std::byte*>(&number) + low, bytes);
  }
}

bool holds(swr_component type, long double value) {
  if (type == SWR_FLOAT64)
    return std::isnan(value) || static_cast<long double>(static_cast<double>(value)) == value;
  if (type == SWR_FLOAT32)
    return std::isnan(value) || static_cast<long double>(static_cast<float>(value)) == value;
  const Range range = range_of(type);
  return value == std::trunc(value) && value >= static_cast<long double>(range.least) &&
         value <= static_cast<long double>(range.most);
}

// What CLAMP makes of a value: rounded half to even, saturated; NaN to 0 in integers.
long double model(swr_component to, long double value) {
  if (is_floating(to)) {
    if (std::isnan(value) || std::isinf(value)) return value;
    const long double most =
        to == SWR_FLOAT32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
    if (value > most) return most;
    if (value < -most) return -most;
    return to == SWR_FLOAT32 ? static_cast<long double>(static_cast<float>(value))
                             : static_cast<long double>(static_cast<double>(value));
  }
  if (std::isnan(value)) return 0;
  const Range range = range_of(to);
  if (value <= static_cast<long double>(range.least)) return static_cast<long double>(range.least);
  if (value >= static_cast<long double>(range.most)) return static_cast<long double>(range.most);
  const long double below = std::floor(value), fraction = value - below;
  const bool odd = (static_cast<__int128>(below) & 1) != 0;
  return fraction > 0.5L || (fraction == 0.5L && odd) ? below + 1 : below;
}

bool same(long double a, long double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// Values around every limit and every tie, and random ones of all magnitudes; those that the type
// holds.
std::vector<long double> values_of(swr_component type) {
  std::vector<long double> wanted = {0.0L,
                                     -0.0L,
                                     0.5L,
                                     1.5L,
                                     2.5L,
                                     3.5L,
                                     0.25L,
                                     0.75L,
                                     1e-40L,
                                     1e-300L,
                                     1e30L,
                                     1e300L,
                                     3.4028235677973366e38L,
                                     3.4028235e38L};
  for (int bit = 0; bit <= 64; ++bit) {
    const long double power = std::ldexp(1.0L, bit);
    for (const long double delta : {0.0L, 1.0L, 2.0L, 3.0L, 0.5L, 1.5L, 0.25L}) {
      wanted.push_back(power + delta);
      wanted.push_back(power - delta);
    }
    for (int below = 1; below <= 64; ++below)
      wanted.push_back(power - std::ldexp(1.0L, bit - below));
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 4000; ++i) {
    const auto bits = static_cast<long double>(random());
    wanted.push_back(std::floor(std::ldexp(bits, -static_cast<int>(random() % 64))));
    wanted.push_back(std::ldexp(bits, -static_cast<int>(random() % 70)));
  }
  std::vector<long double> values;
  const auto take = [&](long double value) {
    if (type == SWR_FLOAT32) value = static_cast<long double>(static_cast<float>(value));
    if (type == SWR_FLOAT64) value = static_cast<long double>(static_cast<double>(value));
    if (holds(type, value)) values.push_back(value);
  };
  for (const long double value : wanted) {
    take(value);
    take(-value);
  }
  if (is_floating(type)) {
    values.push_back(std::numeric_limits<long double>::infinity());
    values.push_back(-std::numeric_limits<long double>::infinity());
    values.push_back(std::numeric_limits<long double>::quiet_NaN());
  }
  return values;
}

// Packed at an odd address.
std::vector<std::byte> packed(swr_component type, const std::vector<long double>& values) {
  std::vector<std::byte> bytes(1 + values.size() * static_cast<size_t>(swr_component_bytes(type)) +
                               8);
  for (size_t i = 0; i < values.size(); ++i)
    store(type, values[i], bytes.data() + 1 + i * static_cast<size_t>(swr_component_bytes(type)));
  return bytes;
}

// All tests run for each kind of instructions that the processor has.
Instructions instructions = Instructions::all;

ConversionFailure run(const std::byte* in, swr_component from, std::byte* out, swr_component to,
                      int64_t count, swr_conversion policy) {
  return convert(in, from, out, to, count, policy, instructions);
}

template <typename Check>
void for_each_pair(const Check& check) {
  for (const swr_component from : all_types) {
    const auto values = values_of(from);
    for (const swr_component to : all_types) check(from, to, values);
  }
}

void clamp_of_every_pair_equals_the_model(void**) {
  for_each_pair([](swr_component from, swr_component to, const std::vector<long double>& values) {
    const auto in = packed(from, values);
    std::vector<std::byte> out(1 + values.size() * static_cast<size_t>(swr_component_bytes(to)));
    const auto failure = run(in.data() + 1, from, out.data() + 1, to,
                             static_cast<int64_t>(values.size()), SWR_CONVERSION_CLAMP);
    assert_int_equal(failure.element, -1);
    for (size_t i = 0; i < values.size(); ++i) {
      const long double got =
          load(to, out.data() + 1 + i * static_cast<size_t>(swr_component_bytes(to)));
      const long double expected = model(to, values[i]);
      if (!same(got, expected))
        fail_msg("%s %.20Lg became %s %.20Lg, not %.20Lg", swr_component_name(from), values[i],
                 swr_component_name(to), got, expected);
    }
  });
}

void exact_of_every_pair_takes_what_survives_and_nothing_else(void**) {
  for_each_pair([](swr_component from, swr_component to, const std::vector<long double>& values) {
    for (const long double value : values) {
      const auto in = packed(from, {value});
      std::byte out[8] = {};
      const auto failure = run(in.data() + 1, from, out, to, 1, SWR_CONVERSION_EXACT);
      const bool survives = holds(to, value) && !(std::isnan(value) && !is_floating(to));
      if ((failure.element < 0) != survives) {
        fail_msg("%s %.20Lg to %s: %s", swr_component_name(from), value, swr_component_name(to),
                 survives ? "refused" : "taken");
      }
      if (survives && !same(load(to, out), value))
        fail_msg("%s %.20Lg to %s changed", swr_component_name(from), value,
                 swr_component_name(to));
      if (!survives) assert_true(same(failure.value, static_cast<double>(value)));
    }
  });
}

void exact_names_the_first_element_that_is_lost(void**) {
  for (const int64_t lost : {0, 1, 1023, 1024, 1025, 4000, 4999}) {
    std::vector<int16_t> in(5000, 7);
    std::vector<uint8_t> out(5000);
    in[static_cast<size_t>(lost)] = -3;
    in[4999] = -4;
    const auto failure =
        run(reinterpret_cast<std::byte*>(in.data()), SWR_INT16,
            reinterpret_cast<std::byte*>(out.data()), SWR_UINT8, 5000, SWR_CONVERSION_EXACT);
    assert_int_equal(failure.element, lost);
    assert_true(failure.value == (lost == 4999 ? -4.0 : -3.0));
  }
}

void exact_of_survivors_converts_all_blocks(void**) {
  std::vector<double> in(3333);
  std::vector<int16_t> out(3333);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<double>(i) - 1000;
  const auto failure =
      run(reinterpret_cast<std::byte*>(in.data()), SWR_FLOAT64,
          reinterpret_cast<std::byte*>(out.data()), SWR_INT16, 3333, SWR_CONVERSION_EXACT);
  assert_int_equal(failure.element, -1);
  for (size_t i = 0; i < in.size(); ++i) assert_int_equal(out[i], static_cast<int>(i) - 1000);
}

void every_uint16_and_int16_is_right_in_every_type(void**) {
  for (const swr_component from : {SWR_UINT16, SWR_INT16}) {
    std::vector<uint16_t> in(65536);
    for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<uint16_t>(i);
    for (const swr_component to : all_types) {
      const auto bytes = static_cast<size_t>(swr_component_bytes(to));
      std::vector<std::byte> out(65536 * bytes);
      run(reinterpret_cast<std::byte*>(in.data()), from, out.data(), to, 65536,
          SWR_CONVERSION_CLAMP);
      for (size_t i = 0; i < in.size(); ++i) {
        const long double value = from == SWR_UINT16 ? in[i] : static_cast<int16_t>(in[i]);
        assert_true(load(to, out.data() + i * bytes) == model(to, value));
      }
    }
  }
}

void conversion_writes_nothing_past_its_end(void**) {
  for (const swr_component from : all_types) {
    for (const swr_component to : all_types) {
      std::vector<std::byte> in(37 * 8), out(37 * 8 + 16, std::byte{0xA5});
      run(in.data(), from, out.data(), to, 37, SWR_CONVERSION_CLAMP);
      for (auto i = static_cast<size_t>(37 * swr_component_bytes(to)); i < out.size(); ++i)
        assert_true(out[i] == std::byte{0xA5});
    }
  }
}

void components_change_where_the_meaning_is_plain(void**) {
  for (int from = 0; from <= 6; ++from) {
    for (int to = 0; to <= 6; ++to) {
      const bool plain = from == to || (from == 1 && (to == 3 || to == 4)) ||
                         (from == 3 && to == 4) || (from == 4 && to == 3);
      assert_int_equal(components_convert(from, to), plain);
    }
  }
  for (const swr_component type : all_types) {
    const long double opaque =
        is_floating(type) ? 1 : static_cast<long double>(range_of(type).most);
    const auto bytes = static_cast<size_t>(swr_component_bytes(type));
    const auto grey = packed(type, {5, 6});
    std::vector<std::byte> out(8 * bytes), back(6 * bytes);
    const auto at = [&](size_t i) { return load(type, out.data() + i * bytes); };
    convert_components(grey.data() + 1, 1, out.data(), 3, type, 2);
    for (size_t i = 0; i < 6; ++i) assert_true(at(i) == (i < 3 ? 5 : 6));
    convert_components(grey.data() + 1, 1, out.data(), 4, type, 2);
    for (size_t i = 0; i < 8; ++i) assert_true(at(i) == (i % 4 == 3 ? opaque : i < 3 ? 5 : 6));
    const auto colours = packed(type, {1, 2, 3, 4, 5, 6});
    convert_components(colours.data() + 1, 3, out.data(), 4, type, 2);
    assert_true(at(2) == 3 && at(3) == opaque && at(4) == 4 && at(7) == opaque);
    convert_components(out.data(), 4, back.data(), 3, type, 2);
    assert_memory_equal(back.data(), colours.data() + 1, 6 * bytes);
  }
}

void encoded_value_is_held_or_refused(void**) {
  std::byte out[8];
  for (const swr_component type : all_types) {
    for (const long double value : values_of(SWR_FLOAT64)) {
      const bool fits_float = std::isnan(value) || std::isinf(value) ||
                              std::fabs(value) <= std::numeric_limits<float>::max();
      const bool fits = type == SWR_FLOAT32
                            ? fits_float
                            : holds(type, value) && (is_floating(type) || !std::isnan(value));
      assert_int_equal(encode_value(static_cast<double>(value), type, out), fits);
      if (fits && type == SWR_FLOAT32)
        assert_true(same(load(type, out), static_cast<long double>(static_cast<float>(value))));
      if (fits && type != SWR_FLOAT32) assert_true(same(load(type, out), value));
    }
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(clamp_of_every_pair_equals_the_model),
      cmocka_unit_test(exact_of_every_pair_takes_what_survives_and_nothing_else),
      cmocka_unit_test(exact_names_the_first_element_that_is_lost),
      cmocka_unit_test(exact_of_survivors_converts_all_blocks),
      cmocka_unit_test(every_uint16_and_int16_is_right_in_every_type),
      cmocka_unit_test(conversion_writes_nothing_past_its_end),
      cmocka_unit_test(components_change_where_the_meaning_is_plain),
      cmocka_unit_test(encoded_value_is_held_or_refused),
  };
  const int failed = cmocka_run_group_tests_name("all processors", tests, nullptr, nullptr);
  if (best_instructions() == Instructions::all) return failed;
  instructions = best_instructions();
  return failed + cmocka_run_group_tests_name("AVX2", tests, nullptr, nullptr);
}
