// MGH: what is planned is read back, files of nibabel say what it wrote, what follows the pixels
// stays, and headers that lie are found out.
#include "codecs/gzip.h"
#include "header_checks.h"
#include "sample_checks.h"
#include "stores/stream_suffix.h"

namespace swr {
extern const Format mgh_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = mgh_format;

// Numbers that float32 holds.
Image placed(std::vector<int64_t> size, swr_component component = SWR_INT16) {
  Image image = an_image(std::move(size), component);
  const int n = image.dimensions();
  for (int axis = 0; axis < n; ++axis) {
    image.spacing[axis] = 0.5 + 0.25 * axis;
    image.origin[axis] = -10.5 + 7 * axis;
  }
  // x to the left, y to the feet, z to the front
  for (int axis = 0; axis < 3; ++axis) image.direction[axis * n + axis] = 0;
  image.direction[0 * n + 0] = 1;
  image.direction[2 * n + 1] = -1;
  image.direction[1 * n + 2] = -1;
  return image;
}

NewFile planned(const Image& image, const std::string& path, const Description* base = nullptr) {
  NewFileRequest request = request_for(format, path);
  request.base = base;
  return format.plan(image, request);
}

template <typename Value>
std::string with_field(std::string header, size_t at, Value value) {
  store(reinterpret_cast<std::byte*>(header.data()) + at, value, true);
  return header;
}

template <typename Value>
Value field(const std::string& header, size_t at) {
  return load<Value>(reinterpret_cast<const std::byte*>(header.data()) + at, true);
}

const std::string& plain_header() {
  static const std::string header = planned(placed({5, 4, 3}), "plain.mgh").header;
  return header;
}

// --- Files of nibabel 5.0 ---

template <typename Component>
void expect_sample(const std::string& name, swr_component component) {
  const Description file = read_description(format, SWR_TEST_DATA "/mgh/" + name);
  assert_true((file.image.pixel == PixelType{component, 1, SWR_KIND_SCALAR}));
  expect_size(file.image, {13, 7, 5});
  const double spacing[] = {0.7, 0.8, 2.5}, origin[] = {-10.5, 20.25, 30};
  for (int axis = 0; axis < 3; ++axis) {
    expect_float(file.image.spacing[axis], spacing[axis]);
    expect_float(file.image.origin[axis], origin[axis]);
    for (int row = 0; row < 3; ++row)
      assert_true(file.image.direction[3 * row + axis] == (row == axis ? 1 : 0));
  }
  expect_series<Component>(format, file);
  assert_true(file.header->own_fields().empty());
}

void files_of_nibabel_say_what_it_wrote(void**) {
  expect_sample<uint8_t>("uint8.mgh", SWR_UINT8);
  expect_sample<int16_t>("int16.mgh", SWR_INT16);
  expect_sample<int32_t>("int32.mgh", SWR_INT32);
  expect_sample<float>("float32.mgh", SWR_FLOAT32);
  expect_sample<int16_t>("int16.mgz", SWR_INT16);
}

// nibabel writes twenty zeros after the pixels.
void header_and_end_of_a_file_of_nibabel_come_back(void**) {
  for (const char* name : {"uint8.mgh", "int16.mgh", "int32.mgh", "float32.mgh"}) {
    const std::string path = SWR_TEST_DATA "/mgh/" + std::string(name);
    const Description file = read_description(format, path);
    const NewFile plan = planned(file.image, "again.mgh", &file);
    assert_true(plan.header == read_bytes(path).substr(0, 284));
    assert_true(plan.trailer == std::string(20, '\0'));
  }
  const Description file = read_description(format, SWR_TEST_DATA "/mgh/int16.mgz");
  assert_true(planned(file.image, "again.mgz", &file).stream_suffix == std::string(20, '\0'));
}

// --- New files ---

void every_type_and_dimension_comes_back(void**) {
  for (const swr_component component : {SWR_UINT8, SWR_INT16, SWR_INT32, SWR_FLOAT32}) {
    for (const auto& size : std::vector<std::vector<int64_t>>{
             {5, 4, 3}, {1, 1, 1}, {5, 4, 3, 2}, {5, 4, 3, 1}, {1, 1, 1, 7}}) {
      const Description file = expect_round_trip(format, placed(size, component), "type.mgh");
      assert_true(file.layout.big_endian);
      assert_int_equal(file.layout.parts[0].offset, 284);
    }
  }
}

void start_index_and_place_of_frames_come_back(void**) {
  Image image = placed({5, 4, 3, 2});
  image.region.index = {-3, 7, int64_t{1} << 40, 1};
  image.origin = {};
  image.spacing[3] = 1.0 / 3;
  image.origin[3] = -2.0 / 7;
  expect_text(difference(expect_round_trip(format, placed({5, 4, 3, 2}), "place.mgh").image,
                         placed({5, 4, 3, 2}), true),
              "");
  const NewFile plan = planned(image, "place.mgh");
  const Image read = read_text(format, "place.mgh", plan.header).image;
  assert_true(read.region == image.region);
  expect_near(read.spacing[3], image.spacing[3]);
  expect_near(read.origin[3], image.origin[3]);
  // The longest notes fit.
  for (int axis = 0; axis < 4; ++axis) image.region.index[axis] = -5000000000000000000 - axis;
  image.spacing[3] = -1.2345678901234567e-300;
  image.origin[3] = 0;
  const NewFile longest = planned(image, "place.mgh");
  assert_int_equal(longest.header.size(), 284);
  assert_true(read_text(format, "place.mgh", longest.header).image.region == image.region);
}

// Frees the notes of a header that another image needs none of.
void notes_of_the_old_image_go(void**) {
  Image image = placed({5, 4, 3, 2});
  image.region.index[0] = 3;
  const Description file = read_text(format, "notes.mgh", planned(image, "notes.mgh").header);
  assert_true(planned(placed({5, 4, 3}), "notes.mgh", &file).header == plain_header());
}

void compressed_file_has_its_header_in_the_stream(void**) {
  for (const char* path : {"new.mgz", "new.mgh.gz"}) {
    const NewFile plan = planned(an_image({5, 4, 3}), path);
    assert_true(plan.header.empty());
    assert_int_equal(plan.stream_prefix.size(), 284);
    assert_int_equal(plan.layout.stream().prefix, 284);
    assert_int_equal(plan.layout.parts[0].offset, 0);
    assert_true(plan.stream_suffix.empty());
  }
}

// As FreeSurfer: the centre is at half of each size, not between the first pixel and the last.
void centre_is_at_half_of_each_size(void**) {
  Image image = an_image({4, 5, 6});
  image.spacing = {1, 2, 4};
  image.origin = {10, 20, 30};
  const std::string header = planned(image, "centre.mgh").header;
  assert_true(field<float>(header, 78) == -(10 + 2));
  assert_true(field<float>(header, 82) == -(20 + 5));
  assert_true(field<float>(header, 86) == 30 + 12);
  assert_true(field<float>(header, 42) == -1 && field<float>(header, 58) == -1 &&
              field<float>(header, 74) == 1);
  assert_int_equal(field<int16_t>(header, 28), 1);
}

void what_mgh_cannot_hold_is_refused(void**) {
  const auto refused = [](const Image& image, const std::string& words) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"refused.mgh", "cannot hold", words},
                   [&] { planned(image, "refused.mgh"); });
  };
  for (const auto component :
       {SWR_INT8, SWR_UINT16, SWR_UINT32, SWR_UINT64, SWR_INT64, SWR_FLOAT64})
    refused(an_image({4, 4, 4}, component), "pixels of");
  refused(an_image({4, 4, 4}, SWR_UINT8, 3, SWR_KIND_RGB), "pixels of");
  refused(an_image({4, 4}), "an image of 2 dimensions");
  refused(an_image({4, 4, 4, 4, 4}), "an image of 5 dimensions");
  refused(an_image({4, 4, int64_t{1} << 31}), "31 bits");
  Image image = an_image({4, 4, 4, 4});
  image.spacing[1] = -2;
  refused(image, "a spacing of -2");
  image.spacing[1] = 1e300;
  refused(image, "a spacing of 1e+300");
  image.spacing[1] = 1;
  image.origin[1] = 1e300;
  refused(image, "an origin");
  image.origin[1] = 0;
  image.direction[3 * 4 + 1] = 0.5;
  refused(image, "the axis of the frames");
}

// --- Headers of others ---

void geometry_that_is_not_stated_is_coronal_around_zero(void**) {
  const std::string header = with_field(plain_header(), 28, int16_t{0});
  const Image image = read_text(format, "default.mgh", header).image;
  const double direction[] = {1, 0, 0, 0, 0, -1, 0, -1, 0};
  for (int i = 0; i < 9; ++i) assert_true(image.direction[i] == direction[i]);
  const double origin[] = {-2.5, 1.5, 2};
  for (int axis = 0; axis < 3; ++axis) {
    assert_true(image.spacing[axis] == 1);
    expect_near(image.origin[axis], origin[axis]);
  }
  // Numbers that cannot be state nothing.
  for (const float number : {0.0F, std::nanf("")}) {
    std::string other = plain_header();
    for (size_t at = 30; at < 54; at += 4) other = with_field(other, at, number);
    const Image read = read_text(format, "default.mgh", other).image;
    assert_true(read.spacing[0] == 1 && read.direction[0] == 1 && read.direction[8] == 0);
  }
}

void version_with_an_intent_is_read_and_kept(void**) {
  const std::string header = with_field(plain_header(), 0, int32_t{0x0301});
  const Description file = read_text(format, "intent.mgh", header);
  assert_true(planned(file.image, "intent.mgh", &file).header == header);
}

void header_is_recognised_by_its_name_or_by_its_geometry(void**) {
  const std::string& header = plain_header();
  assert_true(format.recognise(header, "x.mgh") && format.recognise(header, "x.raw"));
  const std::string bare = with_field(header, 28, int16_t{0});
  assert_true(format.recognise(bare, "x.mgz"));
  assert_false(format.recognise(bare, "x.raw"));
  assert_false(format.recognise(bare, ""));
  assert_false(format.recognise(with_field(header, 42, 2.0F), "x.raw"));
  assert_false(format.recognise(with_field(header, 0, int32_t{2}), "x.mgh"));
  assert_false(format.recognise(header.substr(0, 283), "x.mgh"));
  assert_false(format.recognise(std::string(512, '\0'), "x.mgh"));
  const std::string faulty = with_field(header, 8, int32_t{0});
  assert_true(format.recognise(faulty, "x.mgh"));
  assert_false(format.recognise(faulty, "x.raw"));
}

void damaged_header_is_refused(void**) {
  const auto refused = [](swr_status status, const std::string& header, const std::string& word) {
    expect_failure(status, {"lie.mgh", word}, [&] { read_text(format, "lie.mgh", header); });
  };
  for (const size_t bytes : {size_t{0}, size_t{100}, size_t{283}})
    refused(SWR_ERROR_CORRUPT, plain_header().substr(0, bytes), "284");
  refused(SWR_ERROR_CORRUPT, with_field(plain_header(), 0, int32_t{2}), "version is 2");
  refused(SWR_ERROR_CORRUPT, with_field(plain_header(), 8, int32_t{0}), "height is 0");
  refused(SWR_ERROR_CORRUPT, with_field(plain_header(), 16, int32_t{-1}), "frames is -1");
  refused(SWR_ERROR_CORRUPT, with_field(plain_header(), 20, int32_t{99}), "type 99");
  refused(SWR_ERROR_UNSUPPORTED, with_field(plain_header(), 20, int32_t{9}), "type 9");
  std::string large = plain_header();
  for (size_t at = 4; at < 20; at += 4) large = with_field(large, at, int32_t{0x7fffffff});
  refused(SWR_ERROR_CORRUPT, large, "more bytes");
}

// --- What follows the pixels ---

std::string tail_text() {
  std::string tail(20, '\0');
  tail = with_field(tail, 0, 2300.0F);
  return tail + std::string("\0\0\0\3\0\0\0\0\0\0\0\5tags\0", 17);
}

void end_of_a_file_stays_in_new_headers(void**) {
  const std::string pixels(120, 'p');
  for (const bool compressed : {false, true}) {
    const std::string path = compressed ? "tail.mgz" : "tail.mgh";
    const std::string bytes = plain_header() + pixels + tail_text();
    write_bytes(path, compressed ? gzip_of(bytes) : bytes);
    const Description file = read_description(format, path);
    assert_int_equal(file.header->own_fields().size(), 1);
    assert_int_equal(file.layout.is_compressed(), compressed);
    const NewFile raw = planned(file.image, "new.mgh", &file);
    assert_true(raw.trailer == tail_text() && raw.stream_suffix.empty());
    const NewFile stream = planned(file.image, "new.mgz", &file);
    assert_true(stream.stream_suffix == tail_text() && stream.trailer.empty());
    format.reader(file.layout, {})->verify();
  }
}

void end_in_a_member_of_its_own_is_found_without_the_stream(void**) {
  const auto member = suffix_member(tail_text());
  const std::string stream = gzip_of(plain_header() + std::string(120, 'p'));
  write_bytes("own.mgz",
              stream + std::string(reinterpret_cast<const char*>(member.data()), member.size()));
  const Description file = read_description(format, "own.mgz");
  assert_int_equal(file.layout.stream().stream_bytes, stream.size());
  assert_true(planned(file.image, "new.mgh", &file).trailer == tail_text());
  format.reader(file.layout, {})->verify();
  // A stream in which it cannot be kept does not grow where it is.
  Image grown = file.image;
  grown.region.size[2] = 4;
  assert_false(format.grow("own.mgz", file, grown).has_value());
}

void end_that_is_too_long_is_no_part_of_the_image_or_is_refused(void**) {
  const std::string bytes =
      plain_header() + std::string(120, 'p') + std::string(most_suffix_bytes + 1, 't');
  const Description raw = read_text(format, "long.mgh", bytes);
  assert_int_equal(raw.trailer_bytes, 0);
  assert_int_equal(raw.other_bytes, most_suffix_bytes + 1);
  assert_true(planned(raw.image, "new.mgh", &raw).trailer.empty());
  assert_true(raw.header->own_fields().empty());
  const Description stream = read_text(format, "long.mgz", gzip_of(bytes));
  expect_failure(SWR_ERROR_UNSUPPORTED, {"long.mgz", "follow the pixels"},
                 [&] { planned(stream.image, "new.mgh", &stream); });
  assert_int_equal(stream.header->own_fields().size(), 1);
}

// --- Growth ---

void size_and_centre_grow_in_place(void**) {
  for (const auto& size :
       std::vector<std::vector<int64_t>>{{5, 4, 3}, {5, 4, 3, 2}, {5, 4, 3, 1}}) {
    for (const int64_t grown : {int64_t{8}, int64_t{4096}}) {
      write_bytes("grow.mgh", planned(placed(size), "grow.mgh").header);
      assert_int_equal(grown_header(format, "grow.mgh", grown).size(), 284);
    }
    expect_text(grown_header(format, "grow.mgh", int64_t{1} << 31), "");
  }
}

void unstated_geometry_stays_so_in_a_new_header(void**) {
  const std::string header = with_field(plain_header(), 28, int16_t{0});
  const Description old = read_text(format, "old.mgh", header);
  assert_true(planned(old.image, "new.mgh", &old).header == header);
  Image moved = old.image;
  moved.origin[1] += 1;
  const std::string stated = planned(moved, "new.mgh", &old).header;
  expect_equal(read_text(format, "new.mgh", stated).image, moved);
}

void unstated_geometry_is_stated_when_the_centre_moves(void**) {
  write_bytes("grow.mgh", with_field(plain_header(), 28, int16_t{0}));
  const std::string header = grown_header(format, "grow.mgh", 8);
  assert_int_equal(field<int16_t>(header, 28), 1);
}

void end_of_a_file_goes_after_the_grown_pixels(void**) {
  write_bytes("grow.mgh", plain_header() + std::string(120, 'p') + tail_text());
  const Description file = read_description(format, "grow.mgh");
  Image grown = file.image;
  grown.region.size[2] = 7;
  const auto growth = format.grow("grow.mgh", file, grown);
  assert_true(growth && growth->trailer == tail_text());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_nibabel_say_what_it_wrote),
      cmocka_unit_test(header_and_end_of_a_file_of_nibabel_come_back),
      cmocka_unit_test(every_type_and_dimension_comes_back),
      cmocka_unit_test(start_index_and_place_of_frames_come_back),
      cmocka_unit_test(notes_of_the_old_image_go),
      cmocka_unit_test(compressed_file_has_its_header_in_the_stream),
      cmocka_unit_test(centre_is_at_half_of_each_size),
      cmocka_unit_test(what_mgh_cannot_hold_is_refused),
      cmocka_unit_test(geometry_that_is_not_stated_is_coronal_around_zero),
      cmocka_unit_test(version_with_an_intent_is_read_and_kept),
      cmocka_unit_test(header_is_recognised_by_its_name_or_by_its_geometry),
      cmocka_unit_test(damaged_header_is_refused),
      cmocka_unit_test(end_of_a_file_stays_in_new_headers),
      cmocka_unit_test(end_in_a_member_of_its_own_is_found_without_the_stream),
      cmocka_unit_test(end_that_is_too_long_is_no_part_of_the_image_or_is_refused),
      cmocka_unit_test(size_and_centre_grow_in_place),
      cmocka_unit_test(unstated_geometry_stays_so_in_a_new_header),
      cmocka_unit_test(unstated_geometry_is_stated_when_the_centre_moves),
      cmocka_unit_test(end_of_a_file_goes_after_the_grown_pixels),
  };
  return cmocka_run_group_tests_name("mgh", tests, nullptr, nullptr);
}
