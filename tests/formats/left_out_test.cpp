// Formats that a build of the library lacks are named where their files are met.
#include "formats/left_out.h"

#include <array>

#include "header_checks.h"

namespace swr {

extern const Format npy_format;

// The table of a library without most formats.
std::span<const Format* const> all_formats() {
  static constexpr std::array table = {&npy_format};
  return table;
}

}  // namespace swr

namespace {

using namespace swr;
using namespace swr::checks;

void file_of_a_format_that_was_left_out_is_refused_with_the_reason(void**) {
  for (const char* name : {"plain_int8.h5", "userblock_uint16.h5", "netcdf4_int16.nc"})
    expect_failure(SWR_ERROR_UNSUPPORTED, {name, "this build of swr has no HDF5", "libhdf5"},
                   [&] { read_description(SWR_TEST_DATA "/hdf5/" + std::string(name)); });
}

void new_file_of_a_format_that_was_left_out_is_refused_by_suffix_and_by_name(void**) {
  expect_failure(SWR_ERROR_UNSUPPORTED, {"x.H5", "has no HDF5"},
                 [] { refuse_left_out_suffix("x.H5"); });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"hdf5", "has no HDF5"},
                 [] { refuse_left_out_name("hdf5"); });
  refuse_left_out_suffix("x.h");
  refuse_left_out_name("HDF");
}

void file_that_no_format_knows_is_refused_as_before(void**) {
  write_bytes("other.h5", "no signature");
  expect_failure(SWR_ERROR_FORMAT, {"other.h5", "no format"}, [] { read_description("other.h5"); });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(file_of_a_format_that_was_left_out_is_refused_with_the_reason),
      cmocka_unit_test(new_file_of_a_format_that_was_left_out_is_refused_by_suffix_and_by_name),
      cmocka_unit_test(file_that_no_format_knows_is_refused_as_before),
  };
  return cmocka_run_group_tests_name("left_out", tests, nullptr, nullptr);
}
