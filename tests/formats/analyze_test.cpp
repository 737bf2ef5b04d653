// Analyze 7.5: pairs of .hdr and .img without NIfTI's magic, which NIfTI's code reads. Files of
// nibabel say what it wrote; what other programs wrote into spare fields places nothing in space.
#include <filesystem>

#include "base/byte_order.h"
#include "codecs/gzip.h"
#include "formats/nifti_header.h"
#include "header_checks.h"
#include "sample_checks.h"

namespace swr {
extern const Format nifti_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = nifti_format;

// Where fields of SPM are. `originator` holds five numbers there, the index of a pixel.
constexpr size_t datatype_field = 70, scale_field = 112, orient_field = 252, origin_field = 253;

template <typename Value>
std::string with_field(std::string header, size_t at, Value value, bool big_endian = false) {
  store(reinterpret_cast<std::byte*>(header.data()) + at, value, big_endian);
  return header;
}

// Of 4 x 3 x 2 numbers of int16.
std::string plain_header(bool big_endian = false) {
  NiftiHeader header;
  header.big_endian = big_endian;
  header.dim = {3, 4, 3, 2, 1, 1, 1, 1};
  header.datatype = nifti_int16;
  header.bits_per_pixel = 16;
  header.pixdim = {1, 0.5, 0.75, 2, 1, 1, 1, 1};
  std::string bytes = nifti_header_bytes(header).substr(0, 348);
  bytes.replace(344, 4, 4, '\0');
  return bytes;
}

void write_pair(const std::string& name, const std::string& header) {
  write_bytes(name + ".hdr", header);
  write_bytes(name + ".img", std::string(48, '\5'));
}

Description read_pair(const std::string& header) {
  write_pair("old", header);
  return read_description(format, "old.hdr");
}

template <typename Component>
void expect_sample(const std::string& name, swr_component component) {
  for (const char* suffix : {".hdr", ".img"}) {
    const std::string path = SWR_TEST_DATA "/analyze/" + name + suffix;
    assert_true(&format_of_file(path) == &format);
    const Description file = read_description(path);
    assert_true((file.image.pixel == PixelType{component, 1, SWR_KIND_SCALAR}));
    expect_size(file.image, {13, 7, 5});
    const double spacing[] = {0.7, 0.8, 2.5};
    for (int axis = 0; axis < 3; ++axis) {
      expect_float(file.image.spacing[axis], spacing[axis]);
      assert_true(file.image.origin[axis] == 0);
      for (int row = 0; row < 3; ++row)
        assert_true(file.image.direction[3 * row + axis] == (row == axis ? 1 : 0));
    }
    expect_series<Component>(format, file);
    assert_false(file.read_only.empty());
  }
}

void files_of_nibabel_say_what_it_wrote(void**) {
  expect_sample<uint8_t>("uint8", SWR_UINT8);
  expect_sample<int16_t>("int16", SWR_INT16);
  expect_sample<int32_t>("int32", SWR_INT32);
  expect_sample<float>("float32", SWR_FLOAT32);
  expect_sample<double>("float64", SWR_FLOAT64);
}

void both_byte_orders_and_compressed_files_are_read(void**) {
  for (const bool big_endian : {false, true}) {
    const std::string header = plain_header(big_endian);
    const Description file = read_pair(header);
    expect_size(file.image, {4, 3, 2});
    assert_int_equal(file.layout.big_endian, big_endian);
    assert_true(file.image.spacing[2] == 2);
    write_bytes("packed.hdr.gz", gzip_of(header));
    write_bytes("packed.img.gz", gzip_of(std::string(48, '\5')));
    const Description packed = read_description("packed.hdr.gz");
    expect_equal(packed.image, file.image);
    assert_true(pixels_of(format, packed) == pixels_of(format, file));
  }
}

void fields_of_nifti_mean_nothing(void**) {
  std::string header = with_field(plain_header(), origin_field - 1, int16_t{1});  // qform_code
  header = with_field(header, 254, int16_t{1});                                   // sform_code
  header = with_field(header, scale_field, 7.0F);
  header = with_field(header, 68, int16_t{1007});  // intent_code: vectors
  header = with_field(header, 123, uint8_t{1});    // xyzt_units: metres
  expect_equal(read_pair(header).image, read_pair(plain_header()).image);
  assert_true(read_pair(header).image.scale == ValueScale());
}

// SPM stores there the pixel at the origin. What is left and right of it, the file does not say.
void origin_of_spm_places_nothing(void**) {
  std::string header = with_field(plain_header(), orient_field, uint8_t{1});
  for (size_t axis = 0; axis < 3; ++axis)
    header = with_field(header, origin_field + 2 * axis, static_cast<int16_t>(axis + 2));
  const Image image = read_pair(header).image;
  expect_equal(image, read_pair(plain_header()).image);
  assert_true(image.origin[0] == 0 && image.direction[0] == 1);
}

// Some programs state the offset of the pixels as a negative number: it counts for every volume.
void pixels_begin_where_the_header_says(void**) {
  for (const float offset : {16.0F, -16.0F})
    assert_int_equal(read_pair(with_field(plain_header(), 108, offset)).layout.parts[0].offset, 16);
}

void what_is_no_image_is_refused(void**) {
  const auto refused = [](swr_status status, const std::string& word, const std::string& header) {
    expect_failure(status, {"old.hdr", word}, [&] { read_pair(header); });
  };
  refused(SWR_ERROR_UNSUPPORTED, "datatype",
          with_field(plain_header(), datatype_field, int16_t{1}));
  refused(SWR_ERROR_CORRUPT, "dim", with_field(plain_header(), 42, int16_t{-4}));
  std::string huge = plain_header();
  huge = with_field(huge, 40, int16_t{7});
  for (size_t axis = 0; axis < 7; ++axis)
    huge = with_field(huge, 42 + 2 * axis, std::numeric_limits<int16_t>::max());
  refused(SWR_ERROR_CORRUPT, "more bytes", huge);
}

// A file of one part has the magic; a new .hdr is NIfTI.
void only_pairs_have_no_magic(void**) {
  write_bytes("old.nii", plain_header() + std::string(100, '\0'));
  expect_failure(SWR_ERROR_CORRUPT, {"old.nii", "magic"}, [] { read_description("old.nii"); });
  const NewFile plan = format.plan(read_pair(plain_header()).image, request_for(format, "new.hdr"));
  expect_text(plan.header.substr(344, 3), "ni1");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_nibabel_say_what_it_wrote),
      cmocka_unit_test(both_byte_orders_and_compressed_files_are_read),
      cmocka_unit_test(fields_of_nifti_mean_nothing),
      cmocka_unit_test(origin_of_spm_places_nothing),
      cmocka_unit_test(pixels_begin_where_the_header_says),
      cmocka_unit_test(what_is_no_image_is_refused),
      cmocka_unit_test(only_pairs_have_no_magic),
  };
  return cmocka_run_group_tests_name("analyze", tests, nullptr, nullptr);
}
