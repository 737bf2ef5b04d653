// NumPy's .npy: what is planned is read back, headers as NumPy writes them say what they say, those
// that are no arrays of pixels or are damaged are refused, and shapes grow in place.
#include "codecs/checksum.h"
#include "header_checks.h"
#include "sample_checks.h"

namespace swr {
extern const Format npy_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = npy_format;

std::string little_endian(size_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xff);
  return text;
}

// The file as NumPy writes it: blanks up to a multiple of 64, and a newline.
std::string array(const std::string& dictionary, int major = 1, size_t blanks = 64) {
  const size_t begin = major == 1 ? 10 : 12;
  std::string text = dictionary;
  text.append(blanks - (begin + text.size() + 1) % blanks, ' ');
  text += '\n';
  return std::string("\x93NUMPY") + static_cast<char>(major) + '\0' +
         little_endian(text.size(), begin - 8) + text;
}

Description read_array(const std::string& dictionary, int major = 1) {
  return read_text(format, "array.npy", array(dictionary, major));
}

std::string dictionary(const std::string& descr, const std::string& shape,
                       const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

void expect_refused(swr_status status, const std::string& text, const std::string& word) {
  expect_failure(status, {"array.npy", word}, [&] { read_array(text); });
}

bool comes_back(const TypeOfPixel& type) {
  return type.kind == SWR_KIND_COMPLEX || type.kind == SWR_KIND_SCALAR ||
         (type.component == SWR_UINT8 ? type.kind != SWR_KIND_VECTOR
                                      : type.kind == SWR_KIND_VECTOR && type.components > 1);
}

void plan_of_each_type_is_read_back(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel()) {
    for (const auto& size :
         std::vector<std::vector<int64_t>>{{5}, {5, 4}, {5, 4, 3}, {5, 4, 3, 2}, {1, 1, 1}}) {
      const Image image = an_image(size, type.component, type.components, type.kind);
      if (comes_back(type)) {
        expect_round_trip(format, image, "type.npy");
      } else {
        const NewFile plan = format.plan(image, request_for(format, "type.npy"));
        assert_int_equal(plan.remarks.size(), 1);
        assert_true(plan.remarks[0].loss);
        const Image read = read_text(format, "type.npy", plan.header).image;
        assert_int_equal(read.pixel.components, type.components);
        assert_int_equal(read.pixel.component, type.component);
      }
    }
  }
}

void plan_has_pixels_at_a_page_and_a_version_that_all_read(void**) {
  for (int64_t size = 1; size < int64_t{1} << 40; size *= 7) {
    const NewFile plan = format.plan(an_image({3, size}), request_for(format, "new.npy"));
    assert_int_equal(plan.header.size(), 4096);
    assert_true(plan.header.starts_with(std::string("\x93NUMPY\1\0", 8)));
    assert_true(plan.header.ends_with(" \n"));
  }
}

void plan_has_shape_with_the_slowest_axis_first(void**) {
  const auto header = [](const Image& image) {
    return format.plan(image, request_for(format, "new.npy")).header.substr(10);
  };
  assert_true(
      header(an_image({13, 7, 5}, SWR_UINT16)).starts_with(dictionary("<u2", "(5, 7, 13)") + " "));
  assert_true(header(an_image({13}, SWR_UINT8)).starts_with(dictionary("|u1", "(13,)") + " "));
  assert_true(header(an_image({13, 7}, SWR_UINT8, 3, SWR_KIND_RGB))
                  .starts_with(dictionary("|u1", "(7, 13, 3)") + "\t "));
  assert_true(header(an_image({13, 7}, SWR_FLOAT32, 2, SWR_KIND_COMPLEX))
                  .starts_with(dictionary("<c8", "(7, 13)") + " "));
}

void header_of_each_version_and_byte_order_is_understood(void**) {
  for (const int version : {1, 2, 3}) {
    const Description little = read_array(dictionary("<u2", "(5, 7, 13)"), version);
    expect_size(little.image, {13, 7, 5});
    assert_int_equal(little.image.pixel.component, SWR_UINT16);
    assert_false(little.layout.big_endian);
    assert_int_equal(little.layout.parts[0].offset % 64, 0);
    assert_true(read_array(dictionary(">f8", "(5, 7, 13)"), version).layout.big_endian);
  }
  assert_int_equal(read_array(dictionary("<c16", "(4, 3)")).image.pixel.kind, SWR_KIND_COMPLEX);
  expect_text(read_array(dictionary("<i4", "(4, 3)")).read_only, "");
}

template <typename Component>
void expect_sample(const std::string& name, const PixelType& pixel) {
  const Description file = read_description(format, SWR_TEST_DATA "/npy/" + name + ".npy");
  assert_true(file.image.pixel == pixel);
  expect_size(file.image, {13, 7, 5});
  assert_true(file.image.spacing[0] == 1 && file.image.origin[0] == 0);
  expect_series<Component>(format, file);
}

// Of NumPy 1.24.
void arrays_of_numpy_have_the_pixels_that_it_wrote(void**) {
  const auto scalar = [](swr_component component) {
    return PixelType{component, 1, SWR_KIND_SCALAR};
  };
  expect_sample<uint8_t>("uint8", scalar(SWR_UINT8));
  expect_sample<int8_t>("int8", scalar(SWR_INT8));
  expect_sample<uint16_t>("uint16", scalar(SWR_UINT16));
  expect_sample<uint16_t>("be_uint16", scalar(SWR_UINT16));
  expect_sample<int32_t>("int32", scalar(SWR_INT32));
  expect_sample<int64_t>("int64", scalar(SWR_INT64));
  expect_sample<float>("float32", scalar(SWR_FLOAT32));
  expect_sample<double>("float64", scalar(SWR_FLOAT64));
}

void array_of_floats_of_16_bits_is_read_as_float32(void**) {
  const Description file = read_description(format, SWR_TEST_DATA "/npy/float16.npy");
  assert_true((file.image.pixel == PixelType{SWR_FLOAT32, 1, SWR_KIND_SCALAR}));
  assert_int_equal(checksum_of(Checksum::crc32, pixels_of(format, file)), 0x3da267e6);
  assert_true(format.form(file.layout, {}).read_only.find("16 bits") != std::string::npos);
}

// The real parts are the series, the others 0.
void array_of_complex_numbers_has_the_pixels_that_numpy_wrote(void**) {
  const Description file = read_description(format, SWR_TEST_DATA "/npy/complex64.npy");
  assert_true((file.image.pixel == PixelType{SWR_FLOAT32, 2, SWR_KIND_COMPLEX}));
  expect_size(file.image, {13, 7, 5});
  const std::vector<std::byte> bytes = pixels_of(format, file);
  for (int64_t i = 0; i < 5 * 7 * 13; ++i) {
    assert_true(load<float>(bytes.data() + 8 * i) == static_cast<float>((37 * i + 11) % 30011));
    assert_true(load<float>(bytes.data() + 8 * i + 4) == 0);
  }
}

// The same array in the order of its first index: an image whose first axis that is.
void array_in_fortran_order_is_read_in_the_order_of_the_file(void**) {
  const Description file = read_description(format, SWR_TEST_DATA "/npy/fortran_int16.npy");
  expect_size(file.image, {5, 7, 13});
  const std::vector<std::byte> bytes = pixels_of(format, file);
  for (int64_t x = 0; x < 5 * 7 * 13; ++x) {
    const int64_t i = x / 35 + 13 * (x / 5 % 7) + 13 * 7 * (x % 5);
    assert_int_equal(load<int16_t>(bytes.data() + 2 * x), (37 * i + 11) % 30011);
  }
}

void header_in_fortran_order_has_the_fastest_axis_first(void**) {
  const Description file = read_array(dictionary("<i2", "(5, 7, 13)", "True"));
  expect_size(file.image, {5, 7, 13});
  // A new header that starts from it keeps the order, so that the array keeps its shape.
  NewFileRequest request = request_for(format, "again.npy");
  request.base = &file;
  Image grown = file.image;
  grown.region.size[0] = 6;
  assert_true(format.plan(grown, request)
                  .header.substr(10)
                  .starts_with(dictionary("<i2", "(6, 7, 13)", "True") + " "));
}

void header_in_any_white_space_and_order_is_understood(void**) {
  expect_size(read_array("{ \"shape\":(3L,\n4) ,'fortran_order' :False,'descr':'=i2'}").image,
              {4, 3});
  expect_size(read_array(dictionary("<i2", "(  3,4,  )")).image, {4, 3});
}

void array_of_truth_values_is_read_and_not_changed(void**) {
  const Description file = read_array(dictionary("|b1", "(2, 2)"));
  assert_int_equal(file.image.pixel.component, SWR_UINT8);
  assert_false(file.read_only.empty());
}

void axis_of_three_is_components_only_where_a_tab_says_so(void**) {
  expect_size(read_array(dictionary("|u1", "(7, 13, 3)")).image, {3, 13, 7});
  const Image image = read_array(dictionary("|u1", "(7, 13, 3)") + "\t").image;
  expect_size(image, {13, 7});
  assert_int_equal(image.pixel.kind, SWR_KIND_RGB);
}

void array_that_is_no_image_is_refused(void**) {
  const auto refuse = [](const std::string& text, const std::string& word) {
    expect_refused(SWR_ERROR_UNSUPPORTED, text, word);
  };
  refuse("{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (3,), }",
         "structures");
  for (const char* descr : {"|O", "<U7", "|S4", "<M8[ns]", "|V8", "<f16", "", "<u3", "u2"})
    refuse(dictionary(descr, "(3,)"), "type");
  refuse(dictionary("<u2", "()"), "0 axes");
  refuse(dictionary("<u2", "(3, 0)"), "empty");
  refuse(dictionary("<u2", "(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)"), "17 axes");
}

void damaged_header_is_refused(void**) {
  const auto refuse = [](const std::string& text, const std::string& word) {
    expect_refused(SWR_ERROR_CORRUPT, text, word);
  };
  refuse("", "dictionary");
  refuse("[]", "dictionary");
  refuse("{}", "lacks one of");
  refuse("{'descr': '<u2', 'fortran_order': False, }", "lacks one of");
  refuse("{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (3,)}", "key");
  refuse("{'descr': '<u2', 'fortran_order': False, 'shape': (3,), 'more': 1}", "key");
  refuse(dictionary("<u2", "(3,)", "Perhaps"), "neither True");
  refuse(dictionary("<u2", "(3,)") + " or 1", "more than");
  refuse(dictionary("<u2", "(-3,)"), "");
  refuse(dictionary("<u2", "(x,)"), "no size");
  refuse(dictionary("<u2", "(3"), "");
  refuse(dictionary("<u2", "(3)"), "shape that is a number");
  refuse("{'descr': '<u2', \x1b\x01" + std::string(300, 'x'), "{'descr': '<u2', ??xxx");
  refuse(std::string(300, 'x'), "it is \"" + std::string(80, 'x') + "...\"");
  refuse(dictionary("<u2", "(99999999999999999999,)"), "no size");
  refuse(dictionary("<u2", "(9000000000000000000, 9)"), "more bytes");
  refuse("{'descr': '<u2", "end");
  refuse("{'descr", "end");
}

void file_that_ends_in_its_header_or_is_of_another_version_is_refused(void**) {
  const std::string whole = array(dictionary("<u2", "(5, 7, 13)"));
  for (const size_t bytes : {size_t{0}, size_t{5}, size_t{9}, size_t{11}, whole.size() - 1}) {
    expect_failure(SWR_ERROR_CORRUPT, {"short.npy"},
                   [&] { read_text(format, "short.npy", whole.substr(0, bytes)); });
  }
  expect_failure(SWR_ERROR_CORRUPT, {"long.npy", "4294967295"}, [&] {
    read_text(format, "long.npy", std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12) + whole);
  });
  for (const int version : {0, 4}) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"array.npy", "version"},
                   [&] { read_array(dictionary("<u2", "(3,)"), version); });
  }
  expect_failure(SWR_ERROR_UNSUPPORTED, {"packed.npy", "gzip"}, [&] {
    read_text(format, "packed.npy", std::string("\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0", 13));
  });
}

void shape_grows_in_place_to_any_size(void**) {
  for (const auto& text : {dictionary("<u2", "(9, 7, 13)"), dictionary("<u2", "(13, 7, 9)", "True"),
                           dictionary("|u1", "(9, 7, 13, 3)") + "\t"}) {
    for (const int64_t size : {10, 99999, 1000000000}) {
      write_bytes("grow.npy", array(text));
      const std::string before = read_bytes("grow.npy");
      const std::string header = grown_header(format, "grow.npy", size);
      assert_int_equal(header.size(), before.size());
      assert_true(header.find(std::to_string(size)) != std::string::npos);
    }
  }
  const NewFile plan = format.plan(an_image({4, 9}), request_for(format, "new.npy"));
  write_bytes("new.npy", plan.header);
  assert_false(grown_header(format, "new.npy", 99999999999999999).empty());
}

void shape_without_room_does_not_grow_in_place(void**) {
  const std::string text = dictionary("<u2", "(9, 7)");
  write_bytes("full.npy",
              std::string("\x93NUMPY\1\0", 8) + little_endian(text.size() + 1, 2) + text + "\n");
  expect_text(grown_header(format, "full.npy", 10), "");
  write_bytes("full.npy", std::string("\x93NUMPY\1\0", 8) + little_endian(text.size(), 2) + text);
  expect_text(grown_header(format, "full.npy", 10), "");
}

// NumPy appends a second array if it saves to an open file.
void further_array_is_no_part_of_the_image(void**) {
  const std::string one = array(dictionary("<u2", "(2, 3)")) + std::string(12, '\1');
  assert_int_equal(read_text(format, "one.npy", one).other_bytes, 0);
  assert_int_equal(read_text(format, "two.npy", one + one).other_bytes, one.size());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plan_of_each_type_is_read_back),
      cmocka_unit_test(plan_has_pixels_at_a_page_and_a_version_that_all_read),
      cmocka_unit_test(plan_has_shape_with_the_slowest_axis_first),
      cmocka_unit_test(header_of_each_version_and_byte_order_is_understood),
      cmocka_unit_test(arrays_of_numpy_have_the_pixels_that_it_wrote),
      cmocka_unit_test(array_of_floats_of_16_bits_is_read_as_float32),
      cmocka_unit_test(array_of_complex_numbers_has_the_pixels_that_numpy_wrote),
      cmocka_unit_test(array_in_fortran_order_is_read_in_the_order_of_the_file),
      cmocka_unit_test(header_in_fortran_order_has_the_fastest_axis_first),
      cmocka_unit_test(header_in_any_white_space_and_order_is_understood),
      cmocka_unit_test(array_of_truth_values_is_read_and_not_changed),
      cmocka_unit_test(axis_of_three_is_components_only_where_a_tab_says_so),
      cmocka_unit_test(array_that_is_no_image_is_refused),
      cmocka_unit_test(damaged_header_is_refused),
      cmocka_unit_test(file_that_ends_in_its_header_or_is_of_another_version_is_refused),
      cmocka_unit_test(shape_grows_in_place_to_any_size),
      cmocka_unit_test(shape_without_room_does_not_grow_in_place),
      cmocka_unit_test(further_array_is_no_part_of_the_image),
  };
  return cmocka_run_group_tests_name("npy", tests, nullptr, nullptr);
}
