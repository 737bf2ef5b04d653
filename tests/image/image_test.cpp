// Images: the position of pixels, metadata, and when two images match.
#include "image/image.h"

#include <string>

#include "base/error.h"
#include "cmocka_cpp.h"

namespace {

using namespace swr;

Image a_volume() {
  Image image;
  image.region.dimensions = 3;
  image.region.index = {10, 20, -30};
  image.region.size = {4, 3, 2};
  image.pixel = {SWR_INT16, 1, SWR_KIND_SCALAR};
  image.set_default_geometry();
  image.spacing = {0.5, 2, 3};
  image.origin = {1, -2, 100};
  image.direction = {0, -1, 0, 1, 0, 0, 0, 0, 1};  // axis 0 goes along y, axis 1 against x
  return image;
}

void expect_difference(const Image& a, const Image& b, const std::string& words,
                       bool compare_size = true) {
  const std::string found = difference(a, b, compare_size);
  if (words.empty()) assert_string_equal(found.c_str(), "");
  if (found.find(words) == std::string::npos)
    print_error("\"%s\" is not in \"%s\"\n", words.c_str(), found.c_str());
  assert_true(found.find(words) != std::string::npos);
}

void first_pixel_lies_where_its_index_says(void**) {
  Image image = a_volume();
  const auto position = image.first_pixel_position();
  assert_true(position[0] == 1 - 40 && position[1] == -2 + 5 && position[2] == 100 - 90);
  image.set_origin_from_first_pixel(position);
  assert_true(image.origin[0] == 1 && image.origin[1] == -2 && image.origin[2] == 100);
}

void start_index_that_does_not_fit_changes_nothing(void**) {
  Region region = a_volume().region;
  assert_string_equal(start_index_text(region).c_str(), "10 20 -30");
  assert_true(set_start_index(region, " 0\t100  -200 "));
  assert_string_equal(start_index_text(region).c_str(), "0 100 -200");
  for (const char* text : {"", "1 2", "1 2 3 4", "1 2 x", "1 2 3x", "1,2,3",
                           "9223372036854775807 0 0", "99999999999999999999 0 0"}) {
    assert_false(set_start_index(region, text));
    assert_string_equal(start_index_text(region).c_str(), "0 100 -200");
  }
}

void bytes_that_overflow_are_refused(void**) {
  Image image = a_volume();
  assert_int_equal(image.bytes(), 48);
  image.region.size = {int64_t{1} << 31, int64_t{1} << 30, 2};
  try {
    image.bytes();
    assert_true(false);
  } catch (const Error& error) {
    assert_int_equal(error.status(), SWR_ERROR_REGION);
  }
}

void metadata_set_twice_has_the_last_value(void**) {
  Image image;
  image.set_metadata("a", "1");
  image.set_metadata("b", "2");
  image.set_metadata("a", "3");
  assert_int_equal(image.metadata.size(), 2);
  assert_string_equal(image.find_metadata("a")->c_str(), "3");
  assert_null(image.find_metadata("c"));
}

void each_property_differs_on_its_own(void**) {
  const Image file = a_volume();
  expect_difference(file, file, "");
  Image other = file;
  other.region.dimensions = 2;
  expect_difference(file, other, "dimensions is 3 in the file and 2 in the writer");
  other = file;
  other.region.size[1] = 4;
  expect_difference(file, other, "size is 4 3 2 in the file and 4 4 2 in the writer");
  expect_difference(file, other, "", false);
  other = file;
  other.region.index[0] = 11;
  expect_difference(file, other, "start index");
  expect_difference(file, other, "", false);
  other = file;
  other.pixel.component = SWR_UINT16;
  expect_difference(file, other, "component type is int16 in the file and uint16");
  other = file;
  other.pixel.components = 3;
  expect_difference(file, other, "number of components");
  other = file;
  other.spacing[1] = 2.1;
  expect_difference(file, other, "the spacing is 0.5 2 3 in the file and 0.5 2.1 3 in the writer");
  other = file;
  other.origin[2] = 101;
  expect_difference(file, other, "the origin is 1 -2 100 in the file");
  other = file;
  other.direction[0] = 0.1;
  expect_difference(file, other, "direction");
}

void geometry_compares_with_a_tolerance(void**) {
  const Image file = a_volume();
  Image other = file;
  for (int axis = 0; axis < 3; ++axis) {
    other.spacing[axis] = static_cast<float>(file.spacing[axis] * (1 + 5e-7));
    other.origin[axis] = static_cast<float>(file.origin[axis] + 4e-7);
  }
  other.direction[0] += 5e-7;
  expect_difference(file, other, "");
  other = file;
  other.spacing[0] *= 1 + 3e-6;
  expect_difference(file, other, "spacing");
  other = file;
  other.origin[0] += 1e-3;
  expect_difference(file, other, "origin");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(first_pixel_lies_where_its_index_says),
      cmocka_unit_test(start_index_that_does_not_fit_changes_nothing),
      cmocka_unit_test(bytes_that_overflow_are_refused),
      cmocka_unit_test(metadata_set_twice_has_the_last_value),
      cmocka_unit_test(each_property_differs_on_its_own),
      cmocka_unit_test(geometry_compares_with_a_tolerance),
  };
  return cmocka_run_group_tests_name("image", tests, nullptr, nullptr);
}
