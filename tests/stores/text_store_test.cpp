// Pixels written as decimal numbers.
#include "stores/text_store.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>

#include "base/byte_order.h"
#include "base/error.h"

// cmocka.h needs the others in front of it, and takes the name `fail` from all headers that come
// later. clang-format off
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
extern "C" {
#include <cmocka.h>
}
// clang-format on

namespace {

using namespace swr;

Layout layout_of(swr_component component,
                 const std::vector<std::pair<std::string, int64_t>>& texts_and_counts) {
  Layout layout;
  layout.storage = Text{component};
  layout.big_endian = machine_is_big_endian;
  for (const auto& [text, count] : texts_and_counts) {
    DataPart part;
    part.path = "text" + std::to_string(layout.parts.size()) + ".txt";
    part.bytes = count * swr_component_bytes(component);
    std::ofstream(part.path, std::ios::binary) << text;
    layout.parts.push_back(part);
  }
  return layout;
}

template <typename T>
std::vector<T> read_values(ReadStore& store, int64_t first, size_t count) {
  std::vector<T> values(count);
  store.read(first * static_cast<int64_t>(sizeof(T)), std::as_writable_bytes(std::span(values)));
  return values;
}

template <typename T>
std::vector<T> values_of(swr_component component, const std::string& text, size_t count) {
  return read_values<T>(*open_text_store(layout_of(component, {{text, count}})), 0, count);
}

swr_status status_of(const std::function<void()>& work, const char* word = "") {
  try {
    work();
  } catch (const Error& error) {
    if (std::string(error.what()).find(word) == std::string::npos)
      fail_msg("the message \"%s\" lacks \"%s\"", error.what(), word);
    return error.status();
  }
  return SWR_OK;
}

void numbers_of_every_type_are_read(void**) {
  assert_true((values_of<uint8_t>(SWR_UINT8, "0 255 +7", 3) == std::vector<uint8_t>{0, 255, 7}));
  assert_true((values_of<int8_t>(SWR_INT8, "-128 127", 2) == std::vector<int8_t>{-128, 127}));
  assert_true((values_of<uint16_t>(SWR_UINT16, "65535", 1) == std::vector<uint16_t>{65535}));
  assert_true((values_of<int16_t>(SWR_INT16, "-32768", 1) == std::vector<int16_t>{-32768}));
  assert_true(
      (values_of<uint32_t>(SWR_UINT32, "4294967295", 1) == std::vector<uint32_t>{4294967295u}));
  assert_true((values_of<int32_t>(SWR_INT32, "-2147483648", 1) == std::vector<int32_t>{INT32_MIN}));
  assert_true((values_of<uint64_t>(SWR_UINT64, "18446744073709551615", 1) ==
               std::vector<uint64_t>{UINT64_MAX}));
  assert_true((values_of<int64_t>(SWR_INT64, "-9223372036854775808 9007199254740993", 2) ==
               std::vector<int64_t>{INT64_MIN, 9007199254740993}));
  assert_true((values_of<float>(SWR_FLOAT32, "0.1 -3e38 1e-50 -0", 4) ==
               std::vector<float>{0.1f, -3e38f, 0, 0}));
  assert_true((values_of<double>(SWR_FLOAT64, "0.1 1e308 1e-400 -inf", 4) ==
               std::vector<double>{0.1, 1e308, 0, -std::numeric_limits<double>::infinity()}));
  assert_true(std::isnan(values_of<float>(SWR_FLOAT32, "nan", 1)[0]));
  // Whole numbers may be written as others are.
  assert_true(
      (values_of<int16_t>(SWR_INT16, "3.0 1e3 -2.", 3) == std::vector<int16_t>{3, 1000, -2}));
}

void blanks_lines_and_commas_separate(void**) {
  assert_true((values_of<int32_t>(SWR_INT32, "\r\n 1,2 ,3\t4\r\n\n5,\n,6", 6) ==
               std::vector<int32_t>{1, 2, 3, 4, 5, 6}));
}

void what_is_no_such_number_is_corrupt(void**) {
  const auto corrupt = [](const std::string& text, const char* word) {
    assert_int_equal(status_of([&] { values_of<uint8_t>(SWR_UINT8, text, 1); }, word),
                     SWR_ERROR_CORRUPT);
  };
  for (const char* text : {"x", "1x", "--1", "+-1", "0x10", "1;2", "1.5.2", "-"})
    corrupt(text, "no number at byte 0");
  for (const char* text : {"256", "-1", "1.5", "nan", "1e400", "99999999999999999999999"})
    corrupt(text, "is not a valid uint8");
  for (const char* text : {"1e39", "-1e39", "1e400"}) {
    assert_int_equal(
        status_of([&] { values_of<float>(SWR_FLOAT32, text, 1); }, "is not a valid float32"),
        SWR_ERROR_CORRUPT);
  }
  assert_int_equal(status_of([] { values_of<int64_t>(SWR_INT64, "9223372036854775808", 1); },
                             "is not a valid int64"),
                   SWR_ERROR_CORRUPT);
  corrupt(std::string(100000, '1'), "too long");
  corrupt(std::string("\0", 1), "no number");
}

void too_few_numbers_are_corrupt(void**) {
  for (const char* text : {"", " \n ", "1 2 3", "1 2 3,"}) {
    const auto store = open_text_store(layout_of(SWR_INT16, {{text, 4}}));
    assert_int_equal(status_of([&] { read_values<int16_t>(*store, 0, 4); }, "the numbers end"),
                     SWR_ERROR_CORRUPT);
    assert_int_equal(status_of([&] { store->verify(); }, "text0.txt"), SWR_ERROR_CORRUPT);
  }
}

// Longer than the store's window on the file, so that numbers cross its end.
void any_stretch_is_read_in_any_order(void**) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7) + (i % 11 == 10 ? "\n" : " ");
  const auto store = open_text_store(layout_of(SWR_UINT32, {{text, 100000}}));
  for (const int64_t first : {0, 99990, 5, 6, 7, 50000, 49999, 16384, 0}) {
    const auto values = read_values<uint32_t>(*store, first, 10);
    for (size_t i = 0; i < values.size(); ++i)
      assert_int_equal(values[i], (first + static_cast<int64_t>(i)) * 7);
  }
  store->verify();
  assert_int_equal(read_values<uint32_t>(*store, 3, 1)[0], 21);
}

void stretches_may_cut_a_number_in_two(void**) {
  const auto store = open_text_store(layout_of(SWR_UINT32, {{"16909060 84281096 151653132", 3}}));
  const std::vector<uint32_t> values = {16909060, 84281096, 151653132};
  std::array<std::byte, 12> expected;
  std::memcpy(expected.data(), values.data(), expected.size());
  for (size_t step = 1; step <= expected.size(); ++step) {
    std::array<std::byte, 12> bytes{};
    for (size_t at = 0; at < bytes.size(); at += step) {
      store->read(static_cast<int64_t>(at),
                  std::span(bytes).subspan(at, std::min(step, bytes.size() - at)));
    }
    assert_true(bytes == expected);
  }
}

void fractions_are_parts_of_255(void**) {
  Layout layout = layout_of(SWR_UINT8, {{"0 1 0.5 0.00392157 0.498039 .0019 0.00197 1e0", 8}});
  std::get<Text>(layout.storage).fractions = true;
  assert_true((read_values<uint8_t>(*open_text_store(layout), 0, 8) ==
               std::vector<uint8_t>{0, 255, 128, 1, 127, 0, 1, 255}));
  for (const char* const wrong : {"1.01", "-0.5", "128", "nan", "red"}) {
    layout = layout_of(SWR_UINT8, {{wrong, 1}});
    std::get<Text>(layout.storage).fractions = true;
    assert_int_equal(status_of([&] { open_text_store(layout)->verify(); }, "at byte 0"),
                     SWR_ERROR_CORRUPT);
  }
}

void parts_follow_each_other(void**) {
  Layout layout =
      layout_of(SWR_INT16, {{"1 2 3", 3}, {"", 0}, {"4 5 99", 2}, {"header\nof two lines\n6", 1}});
  layout.parts[3].lines_to_skip = 2;
  const auto store = open_text_store(layout);
  assert_true((read_values<int16_t>(*store, 0, 6) == std::vector<int16_t>{1, 2, 3, 4, 5, 6}));
  assert_true((read_values<int16_t>(*store, 2, 3) == std::vector<int16_t>{3, 4, 5}));
  layout.parts[3].lines_to_skip = 5;
  assert_int_equal(status_of([&] { open_text_store(layout)->verify(); }, "lines"),
                   SWR_ERROR_CORRUPT);
}

void numbers_begin_at_the_offset(void**) {
  Layout layout = layout_of(SWR_INT16, {{"ElementDataFile = LOCAL\n8 9", 2}});
  layout.parts[0].offset = 24;
  assert_true((read_values<int16_t>(*open_text_store(layout), 0, 2) == std::vector<int16_t>{8, 9}));
  layout.parts[0].offset = 1 << 20;
  assert_int_equal(status_of([&] { open_text_store(layout)->verify(); }), SWR_ERROR_CORRUPT);
  layout.parts[0].offset = -1;
  assert_int_equal(status_of([&] { open_text_store(layout); }), SWR_ERROR_UNSUPPORTED);
}

void numbers_are_those_of_the_open_file(void**) {
  const Layout layout = layout_of(SWR_INT16, {{"1 2 3", 3}, {"4 5 6", 3}});
  OpenFiles files(File::Mode::read);
  for (const DataPart& part : layout.parts) files.open(part.path);
  for (const DataPart& part : layout.parts) std::filesystem::rename(part.path, part.path + "~");
  layout_of(SWR_INT16, {{"7 7 7", 3}, {"7 7 7", 3}});
  const auto store = open_text_store(layout, &files);
  files.forget_all();
  for (int pass = 0; pass < 2; ++pass)
    assert_true((read_values<int16_t>(*store, 0, 6) == std::vector<int16_t>{1, 2, 3, 4, 5, 6}));
}

void missing_file_is_not_found(void**) {
  Layout layout = layout_of(SWR_INT16, {{"1", 1}});
  layout.parts[0].path = "there is none.txt";
  assert_int_equal(status_of([&] { open_text_store(layout); }, "there is none.txt"),
                   SWR_ERROR_NOT_FOUND);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(numbers_of_every_type_are_read),
      cmocka_unit_test(blanks_lines_and_commas_separate),
      cmocka_unit_test(what_is_no_such_number_is_corrupt),
      cmocka_unit_test(too_few_numbers_are_corrupt),
      cmocka_unit_test(any_stretch_is_read_in_any_order),
      cmocka_unit_test(stretches_may_cut_a_number_in_two),
      cmocka_unit_test(fractions_are_parts_of_255),
      cmocka_unit_test(parts_follow_each_other),
      cmocka_unit_test(numbers_begin_at_the_offset),
      cmocka_unit_test(numbers_are_those_of_the_open_file),
      cmocka_unit_test(missing_file_is_not_found),
  };
  return cmocka_run_group_tests_name("text store", tests, nullptr, nullptr);
}
