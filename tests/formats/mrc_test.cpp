// MRC: what is planned is read back, files of other programs say what they say, and headers that
// lie are found out.
#include "codecs/checksum.h"
#include "mrc_checks.h"
#include "sample_checks.h"

namespace {

using namespace swr;
using namespace swr::checks;

// --- Files of mrcfile 1.4.3 ---

template <typename Component>
void expect_sample(const std::string& name, const PixelType& pixel) {
  const Description file = read_description(mrc_format, mrc_sample(name));
  assert_true(file.image.pixel == pixel);
  assert_int_equal(file.image.dimensions(), 3);
  const double spacing[] = {0.7, 0.8, 2.5}, origin[] = {-10.5, 20.25, 30};
  const int64_t size[] = {13, 7, 5};
  for (int axis = 0; axis < 3; ++axis) {
    assert_int_equal(file.image.region.size[axis], size[axis]);
    expect_float(file.image.spacing[axis], spacing[axis]);
    expect_float(file.image.origin[axis], origin[axis]);
  }
  expect_series<Component>(mrc_format, file);
  assert_true(mrc_format.recognise(read_head(mrc_sample(name), 512), "any.name") ||
              name.ends_with(".gz"));
}

void files_of_mrcfile_say_what_it_wrote(void**) {
  expect_sample<int8_t>("mode0_int8.mrc", {SWR_INT8, 1, SWR_KIND_SCALAR});
  expect_sample<int16_t>("mode1_int16.mrc", {SWR_INT16, 1, SWR_KIND_SCALAR});
  expect_sample<float>("mode2_float32.mrc", {SWR_FLOAT32, 1, SWR_KIND_SCALAR});
  expect_sample<uint16_t>("mode6_uint16.mrc", {SWR_UINT16, 1, SWR_KIND_SCALAR});
  expect_sample<int16_t>("ext_int16.mrc", {SWR_INT16, 1, SWR_KIND_SCALAR});
  expect_sample<int16_t>("stack_int16.mrcs", {SWR_INT16, 1, SWR_KIND_SCALAR});
  expect_sample<int16_t>("gz_int16.mrc.gz", {SWR_INT16, 1, SWR_KIND_SCALAR});
  const Description file = read_description(mrc_format, mrc_sample("mode4_complex64.mrc"));
  assert_true((file.image.pixel == PixelType{SWR_FLOAT32, 2, SWR_KIND_COMPLEX}));
}

void modes_that_swr_does_not_read_are_named(void**) {
  const std::string four_bits =
      with_field<int32_t>(read_bytes(mrc_sample("mode1_int16.mrc")), mrc::mode, 101);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"four bits", "mode 101"},
                 [&] { read_text(mrc_format, "four.mrc", four_bits); });
}

void floats_of_16_bits_are_read_as_float32(void**) {
  const Description file = read_description(mrc_format, mrc_sample("mode12_float16.mrc"));
  assert_true((file.image.pixel == PixelType{SWR_FLOAT32, 1, SWR_KIND_SCALAR}));
  assert_int_equal(file.other_bytes, 0);
  assert_int_equal(checksum_of(Checksum::crc32, pixels_of(mrc_format, file)), 0x3da267e6);
  assert_true(mrc_format.form(file.layout, {}).read_only.find("16 bits") != std::string::npos);
}

// --- New files ---

void every_type_and_dimension_comes_back(void**) {
  const PixelType types[] = {{SWR_INT8, 1, SWR_KIND_SCALAR},   {SWR_INT16, 1, SWR_KIND_SCALAR},
                             {SWR_UINT16, 1, SWR_KIND_SCALAR}, {SWR_FLOAT32, 1, SWR_KIND_SCALAR},
                             {SWR_INT16, 2, SWR_KIND_COMPLEX}, {SWR_FLOAT32, 2, SWR_KIND_COMPLEX},
                             {SWR_UINT8, 3, SWR_KIND_RGB}};
  const std::vector<int64_t> sizes[] = {{7, 5}, {7, 5, 3}, {7, 5, 1}, {7, 5, 3, 2}, {7, 5, 3, 1}};
  for (const PixelType& type : types) {
    for (const auto& size : sizes) {
      for (const char* path : {"new.mrc", "new.mrcs", "new.rec", "new.st"}) {
        Image image = placed(size);
        image.pixel = type;
        expect_round_trip(mrc_format, image, path);
      }
    }
  }
}

void what_mrc_cannot_hold_is_refused(void**) {
  const auto refused = [](const Image& image, const std::vector<std::string>& words) {
    expect_failure(SWR_ERROR_UNSUPPORTED, words, [&] { planned(image, "refused.mrc"); });
  };
  refused(an_image({4, 4}, SWR_UINT8), {"uint8", "int16"});
  for (const auto component : {SWR_UINT32, SWR_INT32, SWR_UINT64, SWR_INT64, SWR_FLOAT64})
    refused(an_image({4, 4}, component), {"cannot hold pixels"});
  refused(an_image({4, 4}, SWR_FLOAT32, 2, SWR_KIND_VECTOR), {"cannot hold pixels"});
  refused(an_image({4}), {"1 dimensions"});
  refused(an_image({4, 4, 4, 4, 4}), {"5 dimensions"});
  refused(an_image({4, 4, int64_t{1} << 31}), {"31 bits"});
  refused(an_image({4, 4, 1 << 16, 1 << 16}), {"31 bits"});
  Image image = an_image({4, 4, 4});
  image.spacing[1] = -2;
  refused(image, {"not positive"});
}

void start_index_comes_back_with_the_place_in_space(void**) {
  for (const double origin : {0.0, 5.5}) {
    Image image = placed({7, 5, 3});
    image.region.index = {3, -2, 100};
    for (int axis = 0; axis < 3; ++axis) image.origin[axis] = origin;
    expect_round_trip(mrc_format, image, "index.mrc");
    image.set_origin_from_first_pixel({});  // a zero that the start index must not replace
    expect_round_trip(mrc_format, image, "index.mrc");
  }
  Image far = placed({7, 5, 3});
  far.region.index[1] = int64_t{1} << 40;
  far.set_origin_from_first_pixel({});
  written(far, "far.mrc");
  assert_true(read_description(mrc_format, "far.mrc").image.region == far.region);
  Image volumes = placed({7, 5, 3, 2});
  volumes.region.index = {1, 2, 3, 4};
  expect_round_trip(mrc_format, volumes, "volumes.mrc");
  volumes.spacing[3] = 0.1;
  volumes.origin[3] = -7.3;
  expect_round_trip(mrc_format, volumes, "volumes.mrc");
}

void start_index_is_the_place_in_files_without_origin(void**) {
  const std::string header = written(placed({7, 5, 3}), "plain.mrc");
  std::string old = with_field<int32_t>(header, mrc::start, 4);
  for (size_t axis = 0; axis < 3; ++axis) old = with_field<float>(old, mrc::origin + 4 * axis, 0);
  const Image image = read_text(mrc_format, "old.mrc", old).image;
  assert_int_equal(image.region.index[0], 4);
  expect_near(image.first_pixel_position()[0], 4 * image.spacing[0]);
  expect_near(image.first_pixel_position()[1], 0);
}

void metadata_comes_back(void**) {
  Image image = placed({7, 5, 3});
  image.set_metadata("label_1", "made by a test");
  image.set_metadata("label_2", "and again");
  image.set_metadata("Modality", "EM");
  image.set_metadata("two lines", "one\nand = \\ two");
  image.set_metadata("label_4", "not the next one");
  expect_round_trip(mrc_format, image, "metadata.mrc");
  const MrcHeader header = header_of("metadata.mrc");
  assert_int_equal(header.integer(mrc::label_count), 2);
  assert_int_equal((mrc_header_bytes + header.integer(mrc::extended_bytes)) % 4096, 0);
  image.metadata = {};
  image.set_metadata("label_1", "nothing but a label");
  expect_round_trip(mrc_format, image, "label.mrc");
  assert_int_equal(header_of("label.mrc").integer(mrc::extended_bytes), 0);
}

void new_files_say_that_their_statistics_are_unknown(void**) {
  written(placed({7, 5, 3}, SWR_FLOAT32), "floats.mrc");
  const MrcHeader floats = header_of("floats.mrc");
  assert_true(floats.number(mrc::most) < floats.number(mrc::least));
  assert_true(floats.number(mrc::mean) < floats.number(mrc::most));
  assert_true(floats.number(mrc::deviation) < 0);
  written(placed({7, 5, 3}, SWR_INT8), "bytes.mrc");  // a range that tells that they have a sign
  const MrcHeader bytes = header_of("bytes.mrc");
  expect_near(bytes.number(mrc::least), -128);
  expect_near(bytes.number(mrc::most), 127);
}

// --- Existing files ---

void growth_changes_size_grid_and_cell(void**) {
  for (const char* path : {"grow.mrc", "grow.mrcs"}) {
    written(placed({7, 5, 3}), path);
    assert_true(!grown_header(mrc_format, path, 9).empty());
    const MrcHeader header = header_of(path);
    assert_int_equal(header.integer(mrc::size, 2), 9);
    assert_int_equal(header.integer(mrc::grid, 2), 9);
    expect_float(header.number(mrc::cell, 2), 9);
  }
  written(placed({7, 5, 3, 2}), "grow.mrc");
  assert_true(!grown_header(mrc_format, "grow.mrc", 4).empty());
  assert_int_equal(header_of("grow.mrc").integer(mrc::size, 2), 12);
  assert_int_equal(header_of("grow.mrc").integer(mrc::grid, 2), 3);
  written(placed({7, 5}), "grow.mrc");
  assert_true(!grown_header(mrc_format, "grow.mrc", 8).empty());
}

void growth_keeps_the_spacing_of_stacks_and_parts_of_maps(void**) {
  write_bytes("stack.mrcs", read_bytes(mrc_sample("stack_int16.mrcs")));
  Description file = read_description(mrc_format, "stack.mrcs");
  Image grown = file.image;
  grown.region.size[2] = 10;
  const auto growth = mrc_format.grow("stack.mrcs", file, grown);
  assert_true(growth.has_value());
  std::string bytes = read_bytes("stack.mrcs");
  for (const HeaderPatch& patch : growth->patches)
    bytes.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
  const Image read = read_text(mrc_format, "stack.mrcs", bytes).image;
  assert_int_equal(read.region.size[2], 10);
  expect_float(read.spacing[2], 2.5);
  // A part of a map of 100 sections: the cell is that of the map.
  const std::string header = written(placed({7, 5, 3}), "part.mrc");
  write_bytes("part.mrc", with_field<int32_t>(header, mrc::grid + 8, 100));
  const double spacing = read_description(mrc_format, "part.mrc").image.spacing[2];
  grown_header(mrc_format, "part.mrc", 6);
  assert_int_equal(header_of("part.mrc").integer(mrc::grid, 2), 100);
  expect_near(read_description(mrc_format, "part.mrc").image.spacing[2], spacing);
}

void change_of_pixels_outdates_the_statistics_once(void**) {
  const Description file = read_description(mrc_format, mrc_sample("mode1_int16.mrc"));
  const auto patches = mrc_format.outdate(file);
  assert_int_equal(patches.size(), 1);
  std::string bytes = read_bytes(mrc_sample("mode1_int16.mrc"));
  bytes.replace(static_cast<size_t>(patches[0].offset), patches[0].bytes.size(), patches[0].bytes);
  const Description changed = read_text(mrc_format, "changed.mrc", bytes);
  expect_equal(changed.image, file.image);
  assert_true(mrc_format.outdate(changed).empty());
  const Description packed = read_description(mrc_format, mrc_sample("gz_int16.mrc.gz"));
  assert_true(mrc_format.outdate(packed).at(0).in_stream_prefix);
}

void new_header_keeps_what_the_old_one_says(void**) {
  const Description old = read_description(mrc_format, mrc_sample("ext_int16.mrc"));
  const NewFile file = planned(old.image, "kept.mrc", &old);
  const std::string before = read_bytes(mrc_sample("ext_int16.mrc"));
  assert_int_equal(file.header.size(), 2048);
  for (size_t at = 0; at < file.header.size(); ++at) {
    const bool is_statistic = (at >= mrc::least && at < mrc::space_group) ||
                              (at >= mrc::deviation && at < mrc::label_count);
    if (!is_statistic && file.header[at] != before[at]) stop(text("byte ", at, " differs"));
  }
  Image more = old.image;
  more.set_metadata("key", "value");
  more.region.size[2] = 4;
  const NewFile other = planned(more, "kept.mrc", &old);
  assert_int_equal(other.remarks.size(), 2);  // no place for the metadata; sections differ
}

void both_byte_orders_are_read_and_kept(void**) {
  const std::string little = read_bytes(mrc_sample("mode1_int16.mrc"));
  std::string big = little;
  auto* const bytes = reinterpret_cast<std::byte*>(big.data());
  for (const auto& [begin, end] :
       {std::pair<size_t, size_t>(0, 104), {108, 112}, {196, 208}, {216, 224}})
    swap_bytes(std::span(bytes + begin, bytes + end), 4);
  big[mrc::stamp] = big[mrc::stamp + 1] = 0x11;
  swap_bytes(std::span(bytes + mrc_header_bytes, bytes + big.size()), 2);
  const Description file = read_text(mrc_format, "big.mrc", big);
  assert_true(file.layout.big_endian);
  expect_equal(file.image, read_description(mrc_format, mrc_sample("mode1_int16.mrc")).image);
  expect_series<int16_t>(mrc_format, file);
  const NewFile copy = planned(file.image, "copy.mrc", &file);
  assert_true(copy.layout.big_endian);
  expect_equal(read_text(mrc_format, "copy.mrc", copy.header).image, file.image);
  big[mrc::stamp] = big[mrc::stamp + 1] = 0;  // told by the sizes alone
  assert_true(read_text(mrc_format, "big.mrc", big).layout.big_endian);
}

void bytes_without_sign_are_told_by_flags_or_values(void**) {
  const std::string header = written(placed({7, 5, 3}, SWR_INT8), "bytes.mrc");
  const auto component = [](const std::string& bytes) {
    return read_text(mrc_format, "bytes.mrc", bytes).image.pixel.component;
  };
  assert_int_equal(component(header), SWR_INT8);
  std::string wide = with_field<float>(with_field<float>(header, mrc::least, 0), mrc::most, 200);
  assert_int_equal(component(wide), SWR_UINT8);
  std::string imod = with_field<int32_t>(header, mrc::imod_stamp, 1146047817);
  assert_int_equal(component(imod), SWR_UINT8);
  assert_int_equal(component(with_field<int32_t>(imod, mrc::imod_flags, 1)), SWR_INT8);
  const Description file = read_text(mrc_format, "bytes.mrc", wide);
  expect_equal(
      read_text(mrc_format, "copy.mrc", planned(file.image, "copy.mrc", &file).header).image,
      file.image);
  Image small = file.image;
  small.pixel.component = SWR_INT8;
  expect_equal(read_text(mrc_format, "copy.mrc", planned(small, "copy.mrc", &file).header).image,
               small);
}

void header_that_lies_is_found_out(void**) {
  const std::string header = written(placed({7, 5, 3}), "sound.mrc");
  const auto rejected = [&](swr_status status, const std::string& word, const std::string& bytes) {
    expect_failure(status, {word}, [&] { read_text(mrc_format, "lie.mrc", bytes); });
  };
  rejected(SWR_ERROR_CORRUPT, "1024", header.substr(0, 1000));
  rejected(SWR_ERROR_CORRUPT, "size of axis 1", with_field<int32_t>(header, mrc::size + 4, 0));
  rejected(SWR_ERROR_CORRUPT, "size of axis 2", with_field<int32_t>(header, mrc::size + 8, -5));
  rejected(SWR_ERROR_CORRUPT, "nsymbt", with_field<int32_t>(header, mrc::extended_bytes, -1));
  rejected(SWR_ERROR_CORRUPT, "mode 9", with_field<int32_t>(header, mrc::mode, 9));
  rejected(SWR_ERROR_UNSUPPORTED, "four bits", with_field<int32_t>(header, mrc::mode, 101));
  rejected(SWR_ERROR_UNSUPPORTED, "mapc", with_field<int32_t>(header, mrc::axes, 2));
  rejected(SWR_ERROR_CORRUPT, "stamp of the byte order (byte 212) says big-endian",
           with_field<int16_t>(header, mrc::stamp, 0x1111));
  rejected(SWR_ERROR_UNSUPPORTED, "angle", with_field<float>(header, mrc::angles + 8, 120));
  std::string huge = header;
  for (size_t axis = 0; axis < 3; ++axis)
    huge = with_field<int32_t>(huge, mrc::size + 4 * axis, 0x7fffffff);
  rejected(SWR_ERROR_CORRUPT, "more bytes", huge);
  const std::string no_cell = with_field<float>(header, mrc::cell, 0);
  expect_near(read_text(mrc_format, "lie.mrc", no_cell).image.spacing[0], 1);
}

void other_bytes_are_not_recognised(void**) {
  const std::string header = written(placed({7, 5, 3}), "sound.mrc").substr(0, 512);
  assert_true(mrc_format.recognise(header, "sound.mrc"));
  assert_true(mrc_format.recognise(header, "sound.dat"));
  std::string old = header;
  old.replace(mrc::mark, 8, 8, '\0');
  assert_true(mrc_format.recognise(old, "sound.mrc"));
  assert_false(mrc_format.recognise(old, "sound.dat"));
  assert_false(mrc_format.recognise(std::string(512, 'x'), "sound.mrc"));
  assert_false(mrc_format.recognise(header.substr(0, 100), "sound.mrc"));
}

// What is wrong is told by name, and not that the file does not begin like one of its suffix.
void faults_of_a_file_with_the_mark_are_told_by_their_fields(void**) {
  const std::string header = written(placed({7, 5, 3}), "sound.mrc");
  const auto rejected = [&](const std::string& word, const std::string& bytes) {
    write_bytes("lie.mrc", bytes);
    expect_failure(SWR_ERROR_CORRUPT, {"lie.mrc", word}, [] { read_description("lie.mrc"); });
    write_bytes("lie.dat", bytes);
    expect_failure(SWR_ERROR_FORMAT, {"lie.dat"}, [] { read_description("lie.dat"); });
  };
  rejected("mode 9", with_field<int32_t>(header, mrc::mode, 9));
  rejected("size of axis 1", with_field<int32_t>(header, mrc::size + 4, -1));
  rejected("nsymbt", with_field<int32_t>(header, mrc::extended_bytes, -1));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_mrcfile_say_what_it_wrote),
      cmocka_unit_test(modes_that_swr_does_not_read_are_named),
      cmocka_unit_test(floats_of_16_bits_are_read_as_float32),
      cmocka_unit_test(every_type_and_dimension_comes_back),
      cmocka_unit_test(what_mrc_cannot_hold_is_refused),
      cmocka_unit_test(start_index_comes_back_with_the_place_in_space),
      cmocka_unit_test(start_index_is_the_place_in_files_without_origin),
      cmocka_unit_test(metadata_comes_back),
      cmocka_unit_test(new_files_say_that_their_statistics_are_unknown),
      cmocka_unit_test(growth_changes_size_grid_and_cell),
      cmocka_unit_test(growth_keeps_the_spacing_of_stacks_and_parts_of_maps),
      cmocka_unit_test(change_of_pixels_outdates_the_statistics_once),
      cmocka_unit_test(new_header_keeps_what_the_old_one_says),
      cmocka_unit_test(both_byte_orders_are_read_and_kept),
      cmocka_unit_test(bytes_without_sign_are_told_by_flags_or_values),
      cmocka_unit_test(header_that_lies_is_found_out),
      cmocka_unit_test(other_bytes_are_not_recognised),
      cmocka_unit_test(faults_of_a_file_with_the_mark_are_told_by_their_fields),
  };
  return cmocka_run_group_tests_name("mrc", tests, nullptr, nullptr);
}
