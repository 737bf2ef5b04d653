// A program that uses libhdf5 itself, such as one with h5py: what it has told the library stays.
#include <hdf5.h>

#include "header_checks.h"

namespace swr {
extern const Format hdf5_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

constexpr const char* path = "texts.h5";
int conversions = 0;

hid_t text_type(H5T_cset_t letters) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  assert_true(H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, letters) >= 0);
  return type;
}

// As h5py has its Python objects.
hid_t object_type() {
  const hid_t type = H5Tcreate(H5T_OPAQUE, sizeof(void*));
  assert_true(H5Tset_tag(type, "object of the program") >= 0);
  return type;
}

herr_t count_conversion(hid_t, hid_t to, H5T_cdata_t* data, size_t, size_t, size_t, void*, void*,
                        hid_t) {
  if (data->command == H5T_CONV_INIT && H5Tget_size(to) != sizeof(void*)) return -1;
  if (data->command == H5T_CONV_CONV) ++conversions;
  return 0;
}

void make_file_with_text() {
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t size[] = {4, 4};
  const hid_t space = H5Screate_simple(2, size, nullptr), scalar = H5Screate(H5S_SCALAR);
  const hid_t pixels =
      H5Dcreate2(file, "x", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t type = text_type(H5T_CSET_UTF8);
  const hid_t unit = H5Acreate2(pixels, "unit", type, scalar, H5P_DEFAULT, H5P_DEFAULT);
  const char* const value = "nanometre";
  assert_true(H5Awrite(unit, type, &value) >= 0);
  H5Aclose(unit);
  H5Tclose(type);
  H5Dclose(pixels);
  H5Sclose(scalar);
  H5Sclose(space);
  H5Fclose(file);
}

void convert_text() {
  const hid_t from = text_type(H5T_CSET_UTF8), to = object_type();
  const char* text = "text";
  assert_true(H5Tconvert(from, to, 1, &text, nullptr, H5P_DEFAULT) >= 0);
  H5Tclose(to);
  H5Tclose(from);
}

void conversions_of_the_program_stay_its_own(void**) {
  make_file_with_text();
  const hid_t from = text_type(H5T_CSET_UTF8), to = object_type();
  assert_true(H5Tregister(H5T_PERS_SOFT, "of the program", from, to, count_conversion) >= 0);
  convert_text();
  assert_int_equal(conversions, 1);
  const Image image = read_description(hdf5_format, path).image;
  expect_text(*image.find_metadata("unit"), "nanometre");
  convert_text();
  assert_int_equal(conversions, 2);
  H5Tunregister(H5T_PERS_SOFT, "of the program", from, to, count_conversion);
  H5Tclose(to);
  H5Tclose(from);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(conversions_of_the_program_stay_its_own),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
