// A NIfTI header that starts from an old one: everything that is still true is kept.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "formats/nifti_extension.h"
#include "formats/nifti_header.h"
#include "header_checks.h"

namespace swr {
extern const Format nifti_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

NiftiExtension afni() {
  return {4, "<?xml version=\"1.0\"?><AFNI_attributes/>\n"};
}

// Every field has a value, and the two forms contradict each other.
NiftiHeader rich_header() {
  NiftiHeader header;
  header.dim = {4, 8, 6, 5, 1, 1, 1, 1};
  header.datatype = nifti_int16;
  header.bits_per_pixel = 16;
  header.intent_code = 3;
  header.intent_parameter = {42, 1, 2};
  header.pixdim = {1, 1.5, 2, 3, 2.5, 1, 1, 1};
  header.slope = 0.5, header.intercept = -1024;
  header.calibration_max = 8, header.calibration_min = -3;
  header.dim_info = 57;
  header.slice_code = nifti_slices_upwards, header.slice_end = 4, header.slice_duration = 0.0625;
  header.time_offset = 12;
  header.units = 3 | 32;
  header.qform_code = 1, header.sform_code = 4;
  header.quaternion = {0, 0, 0.5}, header.quaternion_offset = {5, 6, 7};
  header.sform = {0, -2, 0.25, 30, 1.5, 0, 0, -20, 0, 0, 3, 10};
  header.description = "what it shows";
  header.auxiliary_file = "none.txt";
  header.intent_name = "tstat";
  header.data_type = "dsr", header.database_name = "db";
  header.global_max = 12, header.global_min = 3, header.extents = 16384;
  return header;
}

// Writes and reads the file, and plans a new header for the image after `change`.
struct Copy {
  Description file;
  NewFile planned;
  NiftiHeader header;
  std::vector<NiftiExtension> extensions;
};

template <typename Change>
Copy copy_of(NiftiHeader old, const Change& change) {
  const std::string extension = nifti_extension_bytes(afni());
  old.extended = true;
  old.vox_offset = static_cast<double>(old.bytes() + 4 + std::ssize(extension));
  int64_t pixels = 1;
  for (int64_t i = 1; i <= old.dim[0]; ++i) pixels *= old.dim[static_cast<size_t>(i)];
  write_bytes("old.nii", nifti_header_bytes(old) + extension +
                             std::string(static_cast<size_t>(pixels * old.bits_per_pixel / 8), 0));
  Copy copy;
  copy.file = read_description(nifti_format, "old.nii");
  Image image = copy.file.image;
  change(image);
  NewFileRequest request;
  request.path = "new.nii";
  request.base = &copy.file;
  copy.planned = nifti_format.plan(image, request);
  copy.header = parse_nifti_header(copy.planned.header, "new.nii");
  copy.extensions = read_nifti_extensions(std::string_view(copy.planned.header)
                                              .substr(static_cast<size_t>(copy.header.bytes()) + 4),
                                          false)
                        .others;
  return copy;
}

// All bytes of the header, except those that a test expects to change.
std::string without_offset(NiftiHeader header) {
  header.vox_offset = 0;
  header.extended = true;
  return nifti_header_bytes(header);
}

void assert_near(double a, double b) {
  if (!(std::abs(a - b) <= 1e-5 * std::max(1.0, std::abs(b)))) stop(text(a, " is not ", b));
}

void a_copy_has_every_field_and_extension(void**) {
  for (const int version : {1, 2}) {
    for (const bool big_endian : {false, true}) {
      NiftiHeader old = rich_header();
      old.version = version;
      old.big_endian = big_endian;
      const Copy copy = copy_of(old, [](Image&) {});
      assert_int_equal(copy.header.version, version);
      old.big_endian = false;
      assert_true(without_offset(copy.header) == without_offset(old));
      if (big_endian) continue;  // the extension is little-endian
      assert_int_equal(copy.extensions.size(), 1);
      assert_int_equal(copy.extensions[0].code, 4);
      assert_true(copy.extensions[0].bytes.starts_with(afni().bytes));
      assert_true(copy.planned.remarks.empty());
    }
  }
}

void a_header_that_says_nothing_goes_on_to_say_nothing(void**) {
  NiftiHeader old = rich_header();
  old.qform_code = old.sform_code = old.units = 0;
  old.pixdim[4] = 0;
  old.slope = 0;
  const Copy copy = copy_of(old, [](Image& image) { image.region.index[0] = 0; });
  assert_true(without_offset(copy.header) == without_offset(old));
}

void a_crop_moves_both_forms(void**) {
  const NiftiHeader old = rich_header();
  const Copy copy = copy_of(old, [](Image& image) {
    image.region.index = {2, 1, 3};
    image.region.size = {4, 4, 2};
  });
  // Each by its own matrix, in the file's unit.
  assert_near(copy.header.sform[3], 30 + 0 * 2 - 2 * 1 + 0.25 * 3);
  assert_near(copy.header.sform[7], -20 + 1.5 * 2);
  assert_near(copy.header.sform[11], 10 + 3 * 3);
  const double c = 0.5, s = std::sqrt(0.75);  // a turn of 60 degrees about z
  assert_near(copy.header.quaternion_offset[0], 5 + c * 1.5 * 2 - s * 2 * 1);
  assert_near(copy.header.quaternion_offset[1], 6 + s * 1.5 * 2 + c * 2 * 1);
  assert_near(copy.header.quaternion_offset[2], 7 + 3 * 3);
  assert_int_equal(copy.header.sform_code, 4);
  assert_int_equal(copy.header.qform_code, 1);
  // The remaining slices keep their order; the extension describes another size.
  assert_int_equal(copy.header.slice_code, nifti_slices_upwards);
  assert_int_equal(copy.header.slice_end, 1);
  assert_int_equal(copy.header.dim[0], 4);
  assert_int_equal(copy.extensions.size(), 1);
  assert_int_equal(copy.planned.remarks.size(), 1);
  assert_true(copy.planned.remarks[0].text.find("AFNI") != std::string::npos);
  assert_false(copy.planned.remarks[0].loss);
}

void an_order_of_slices_that_alternates_is_lost_in_a_part(void**) {
  NiftiHeader old = rich_header();
  old.slice_code = 3;
  const Copy copy = copy_of(old, [](Image& image) { image.region.size[2] = 3; });
  assert_int_equal(copy.header.slice_code, 0);
  assert_true(std::ranges::any_of(copy.planned.remarks, [](const Remark& remark) {
    return remark.loss && remark.text.find("slice_code 3") != std::string::npos;
  }));
  // Slices that are added were not acquired: the others keep their order.
  const Copy longer = copy_of(old, [](Image& image) { image.region.size[2] = 9; });
  assert_int_equal(longer.header.slice_code, 3);
  assert_int_equal(longer.header.slice_end, 4);
}

void a_place_that_was_set_is_told_by_the_form_that_counts(void**) {
  const Copy copy = copy_of(rich_header(), [](Image& image) { image.origin[0] += 100; });
  assert_int_equal(copy.header.qform_code, 1);  // sheared, so that the quaternion was chosen
  assert_int_equal(copy.header.sform_code, 0);
  assert_true(std::ranges::any_of(copy.planned.remarks, [](const Remark& remark) {
    return remark.text.find("sform (code 4)") != std::string::npos;
  }));
  assert_int_equal(copy.header.intent_code, 3);
}

void another_type_and_scale_change_nothing_else(void**) {
  NiftiHeader old = rich_header();
  const Copy copy = copy_of(old, [](Image& image) {
    image.pixel.component = SWR_FLOAT32;
    image.scale = {2, 1, true};
  });
  old.datatype = nifti_float32, old.bits_per_pixel = 32;
  old.slope = 2, old.intercept = 1;
  old.global_max = old.global_min = 0;
  assert_true(without_offset(copy.header) == without_offset(old));
}

void flat_and_sheared_images_are_where_the_matrix_says(void**) {
  NiftiHeader old = rich_header();
  old.dim = {2, 8, 6, 1, 1, 1, 1, 1};
  old.qform_code = 0;
  old.units = 2;
  old.sform = {1, 0, 0, -10, 0, 0, -3, 44, 0, 2, 0, -30};  // upright
  const Image flat = copy_of(old, [](Image&) {}).file.image;
  assert_true(flat.placement.has_value());
  assert_near(flat.placement->direction[7], 1);
  assert_near(flat.placement->origin[1], -44);
  assert_near(flat.placement->origin[2], -30);
  old.dim = {3, 8, 6, 5, 1, 1, 1, 1};
  old.sform = {1.1, 0.02, 0, -90, 0, 1.05, 0.1, -126, 0, -0.08, 0.95, -72};
  const Image sheared = copy_of(old, [](Image&) {}).file.image;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) {
      const double expected = (row < 2 ? -1 : 1) * old.sform[static_cast<size_t>(4 * row + axis)];
      assert_near(sheared.direction[row * 3 + axis] * sheared.spacing[axis], expected);
    }
  }
}

void units_come_in_as_millimetres_and_go_out_as_they_were(void**) {
  Image image;
  image.pixel = {SWR_INT16, 1, SWR_KIND_SCALAR};
  image.region.dimensions = 4;
  image.region.size = {2, 2, 2, 2};
  image.set_default_geometry();
  image.spacing = {0.0005, 0.0005, 0.002, 1.5};
  image.origin = {-0.25, 0.5, 1, 0};
  image.units = {SWR_UNIT_MICROMETRE, SWR_UNIT_MICROMETRE, SWR_UNIT_MICROMETRE,
                 SWR_UNIT_MILLISECOND};
  NewFileRequest request;
  request.path = "units.nii";
  const NewFile file = nifti_format.plan(image, request);
  const NiftiHeader header = parse_nifti_header(file.header, "units.nii");
  assert_int_equal(header.units, 3 | 16);
  assert_near(header.pixdim[1], 0.5);
  assert_near(header.pixdim[4], 1500);
  assert_near(header.sform[3], 250);
  image.units[0] = SWR_UNIT_INCH;  // NIfTI has no inches
  assert_int_equal(parse_nifti_header(nifti_format.plan(image, request).header, "units.nii").units,
                   2 | 16);
}

void sizes_of_zero_and_long_first_axes_are_read(void**) {
  NiftiHeader old = rich_header();
  old.dim = {4, 8, 6, 5, 1, 1, 1, 1};
  std::string bytes = nifti_header_bytes(old);
  const auto put = [&](size_t at, auto value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
  };
  put(108, 352.0F);
  put(48, int16_t{0});  // dim[4]
  write_bytes("zero.nii", bytes + std::string(480, '\0'));
  assert_int_equal(read_description(nifti_format, "zero.nii").image.dimensions(), 3);
  put(48, int16_t{1});
  put(42, int16_t{-1});      // dim[1]
  put(144, int32_t{40000});  // glmin
  write_bytes("long.nii", bytes + std::string(100, '\0'));
  assert_int_equal(read_description(nifti_format, "long.nii").image.region.size[0], 40000);
}

void what_other_formats_lack_is_named(void**) {
  const Copy copy = copy_of(rich_header(), [](Image&) {});
  const std::vector<std::string> fields = copy.file.header->own_fields();
  for (const char* name : {"intent_code", "cal_min and cal_max", "dim_info", "slice_code",
                           "slice_duration", "sform", "extension AFNI (code 4)"}) {
    if (std::ranges::find(fields, name) == fields.end()) stop(text(name, " is not named"));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_copy_has_every_field_and_extension),
      cmocka_unit_test(a_header_that_says_nothing_goes_on_to_say_nothing),
      cmocka_unit_test(a_crop_moves_both_forms),
      cmocka_unit_test(an_order_of_slices_that_alternates_is_lost_in_a_part),
      cmocka_unit_test(a_place_that_was_set_is_told_by_the_form_that_counts),
      cmocka_unit_test(another_type_and_scale_change_nothing_else),
      cmocka_unit_test(flat_and_sheared_images_are_where_the_matrix_says),
      cmocka_unit_test(units_come_in_as_millimetres_and_go_out_as_they_were),
      cmocka_unit_test(sizes_of_zero_and_long_first_axes_are_read),
      cmocka_unit_test(what_other_formats_lack_is_named),
  };
  return cmocka_run_group_tests_name("nifti from an old header", tests, nullptr, nullptr);
}
