// Reading: what a file says, its pixels, damage.
#include <array>
#include <cstdio>
#include <vector>

#include "cpp/cpp_tests.h"

namespace {

void a_reader_tells_what_the_file_says(void**) {
  const std::vector<double> direction = {0, -1, 0, 1, 0, 0, 0, 0, 1};
  swr::Writer writer("image.nrrd");
  writer.set_image_region({{1, 2, 3}, {6, 5, 4}}).set_pixel_type<uint16_t>();
  writer.set_spacing({0.5, 0.5, 2}).set_origin({1, 2, 3}).set_direction(direction);
  writer.set_metadata("author", "someone").set_metadata("place", "here");
  for (const int axis : {0, 1, 2}) writer.set_axis_unit(axis, SWR_UNIT_MICROMETRE);
  writer.write(fill);
  swr::Reader reader("image.nrrd");
  assert_true(reader.image_region() == swr::Region({1, 2, 3}, {6, 5, 4}));
  assert_true(reader.pixel_type() == swr::PixelType::of<uint16_t>());
  assert_true((reader.spacing() == std::vector<double>{0.5, 0.5, 2}));
  assert_int_equal(reader.origin().size(), 3);
  assert_true(reader.direction() == direction);
  assert_int_equal(reader.axis_unit(2), SWR_UNIT_MICROMETRE);
  assert_true(reader.format() == "NRRD");
  assert_true(reader.data_file() == "image.nrrd");
  assert_true(reader.metadata("author").value() == "someone");
  assert_true(!reader.metadata("no such"));
  bool has_place = false;
  for (const auto& [key, value] : reader.metadata())
    has_place = has_place || (key == "place" && value == "here");
  assert_true(has_place);
  assert_true(reader.encoding().name == "none" && !reader.encoding().slotted);
  assert_true(reader.chunk_shape().empty());
  assert_false(reader.big_endian());
  assert_true(reader.value_scale().slope == 1 && reader.value_scale().intercept == 0);
  reader.verify();
  assert_string_equal(reader.message().c_str(), "");
}

void chunks_tell_their_shape(void**) {
  swr::Writer writer("image.tif");
  writer.set_image_region({{0, 0, 0}, {40, 36, 2}}).set_pixel_type<uint16_t>();
  writer.set_option("chunk.shape", "32,16").write(fill);
  const swr::Reader reader("image.tif");
  assert_true((reader.chunk_shape() == std::vector<int64_t>{32, 16, 1}));
}

void regions_are_read_into_containers_that_fit(void**) {
  make_small("image.mha");
  swr::Reader reader;
  reader.set_threads(1).set_memory_limit(1 << 20).set_option("detached.outside", "refuse");
  reader.open("image.mha");
  const swr::Region box({1, 2, 3}, {2, 1, 1});
  std::array<uint16_t, 2> two = {};
  reader.read(box, two);
  assert_int_equal(two[1], value_at(2, 2, 3));
  uint16_t plain[2] = {};
  reader.read(box, plain);
  assert_int_equal(plain[0], value_at(1, 2, 3));
  reader.read(box, swr::Span<uint16_t>(two));
  std::vector<std::byte> bytes(4);
  reader.read(box, bytes);
  assert_memory_equal(bytes.data(), plain, 4);
  std::vector<uint16_t> three(3);
  assert_throws<swr::ArgumentError>([&] { reader.read(box, three); }, "");
  assert_throws<swr::ArgumentError>([&] { reader.read<float>(box); }, "float32");
}

// No memory is asked for before it is known that the region is one of the image.
void regions_outside_are_refused(void**) {
  make_small("image.mha");
  swr::Reader reader("image.mha");
  const int64_t far = INT64_MAX / 2;
  const swr::Region outside[] = {swr::Region({far, far, 1}),
                                 {{0, 0, 4}, {1, 1, 1}},
                                 {{-1, 0, 0}, {2, 1, 1}},
                                 {{INT64_MIN, 0, 0}, {INT64_MAX, 1, 1}},
                                 {{INT64_MAX, 0, 0}, {INT64_MAX, 1, 1}},
                                 {{5, 0, 0}, {2, 1, 1}},
                                 {{0, 0, 0}, {0, 1, 1}},
                                 {{0, 0}, {1, 1}}};
  for (const swr::Region& region : outside)
    assert_throws<swr::RegionError>([&] { reader.read<uint16_t>(region); }, "");
  assert_int_equal(reader.read<uint16_t>({{5, 4, 3}, {1, 1, 1}}).at(0), value_at(5, 4, 3));
}

void files_that_cannot_be_read_are_told_by_kind(void**) {
  assert_throws<swr::NotFoundError>([] { swr::Reader("none.mha"); }, "none.mha");
  save_file("text.txt", "no image", 8);
  assert_throws<swr::FormatError>([] { swr::Reader("text.txt"); }, "text.txt");
  make_small("image.mha");
  int64_t bytes = 0;
  unsigned char* content = load_file("image.mha", &bytes);
  save_file("short.mha", content, bytes - 1);
  free(content);
  assert_throws<swr::CorruptError>([] { swr::Reader("short.mha"); }, "short.mha");
  swr::Reader reader;
  assert_throws<swr::StateError>([&] { reader.image_region(); }, "");
  assert_throws<swr::ArgumentError>([&] { reader.set_option("no.such", "x"); }, "no.such");
  reader.open("image.mha");
  reader.close();
  assert_throws<swr::StateError>([&] { reader.read<uint16_t>(); }, "");
  swr::Reader other = std::move(reader);
  assert_throws<swr::ArgumentError>([&] { reader.verify(); }, "NULL");
  other.open("image.mha");
}

void a_recovery_tells_what_it_left_alone(void**) {
  make_small("image.mha");
  assert_int_equal(swr::recover("image.mha"), 0);
  save_file(".image.mha.swr-undo", "no journal", 10);
  swr::Reader reader;
  assert_int_equal(reader.recover("image.mha"), 0);
  assert_says(reader.message().c_str(), ".image.mha.swr-undo");
}

}  // namespace

void add_reader_tests() {
  TEST(a_reader_tells_what_the_file_says);
  TEST(chunks_tell_their_shape);
  TEST(regions_are_read_into_containers_that_fit);
  TEST(regions_outside_are_refused);
  TEST(files_that_cannot_be_read_are_told_by_kind);
  TEST(a_recovery_tells_what_it_left_alone);
}
