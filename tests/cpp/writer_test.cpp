// Writing: sources, containers, pastes, regions that are put, growth, frames.
#include <array>
#include <complex>
#include <cstddef>
#include <numeric>
#include <vector>

#include "cpp/cpp_tests.h"

namespace {

// A pixel of the program's own.
struct Colour {
  uint8_t red, green, blue;
  friend bool operator==(const Colour& a, const Colour& b) {
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
  }
};

}  // namespace

template <>
struct swr::PixelTraits<Colour> {
  static constexpr swr_component component = SWR_UINT8;
  static constexpr int32_t components = 3;
  static constexpr swr_kind kind = SWR_KIND_RGB;
};

namespace {

void a_lambda_streams_an_image(void**) {
  swr::Writer writer = small_writer("image.mha");
  writer.set_spacing({0.5, 0.5, 2}).set_origin(std::vector<double>{1, 2, 3});
  int64_t called = 0;
  writer.write([&](swr::Piece& piece) {
    if (piece.number() == called && piece.count() == 4 && piece.bytes() == 60) ++called;
    fill(piece);
  });
  assert_int_equal(called, 4);
  assert_int_equal(writer.statistic(SWR_STATISTIC_PULLS), 4);
  assert_string_equal(writer.message().c_str(), "");
  swr::Reader reader("image.mha");
  assert_int_equal(reader.read<uint16_t>().at(6 * 5 * 3 + 6 * 2 + 1), value_at(1, 2, 3));
}

void any_callable_is_a_source(void**) {
  swr::Writer writer = small_writer("image.nrrd");
  writer.write(fill);  // a function
  std::function<void(swr::Piece&)> function = fill;
  writer.write(function);
  struct Counted {
    int calls = 0;
    Counted() = default;
    Counted(const Counted&) = delete;  // a source is not copied
    void operator()(swr::Piece& piece) {
      ++calls;
      fill(piece);
    }
  } counted;
  writer.write(counted);
  assert_int_equal(counted.calls, 4);
  volume v = volume_new(&static_cast<const swr_region&>(swr::Region({6, 5, 4})), SWR_UINT16, 1);
  std::memset(v.bytes, 7, static_cast<size_t>(volume_bytes(&v)));
  writer.write(pull_volume, &v);  // a source of C
  volume_free(&v);
  assert_int_equal(swr::Reader("image.nrrd").read<uint16_t>().at(0), 0x0707);
}

template <class Container>
void expect_container(const swr::Axes& size, const Container& pixels) {
  using Pixel = std::remove_const_t<std::remove_pointer_t<decltype(std::data(pixels))>>;
  swr::Writer writer("image.nrrd");
  writer.set_image_region(size).set_pixel_type<Pixel>();
  writer.write(pixels);
  assert_true(writer.statistic(SWR_STATISTIC_LENT) > 0);
  swr::Reader reader("image.nrrd");
  const std::vector<Pixel> read = reader.read<Pixel>();
  assert_int_equal(read.size(), std::size(pixels));
  assert_true(std::equal(read.begin(), read.end(), std::data(pixels)));
}

void containers_are_written_as_a_whole(void**) {
  expect_container({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  expect_container({2, 2}, std::array<int64_t, 4>{-1, 2, INT64_MIN, 4});
  const unsigned char plain[] = {1, 2, 3};
  expect_container({3, 1}, plain);
  expect_container({3, 1}, swr::Span<const unsigned char>(plain));
  expect_container({2}, std::vector<std::complex<double>>{{1, 2}, {3, 4}});
  expect_container({2}, std::vector<std::array<uint8_t, 3>>{{{1, 2, 3}}, {{4, 5, 6}}});
  expect_container({2}, std::vector<Colour>{{1, 2, 3}, {4, 5, 6}});
  assert_int_equal(swr::Reader("image.nrrd").pixel_type().kind, SWR_KIND_RGB);
  swr::Writer writer("rgb.mha");  // single components; or bytes, which are of any type
  writer.set_image_region({2, 1}).set_pixel_type<uint8_t>(3, SWR_KIND_RGB);
  writer.write(std::vector<uint8_t>{1, 2, 3, 4, 5, 6});
  writer.write(std::vector<std::byte>(6, std::byte{9}));
  swr::Reader reader("rgb.mha");
  assert_true(reader.pixel_type() == (swr::PixelType{SWR_UINT8, 3, SWR_KIND_RGB}));
  assert_int_equal(reader.read<uint8_t>().at(5), 9);
}

// Of many pieces: all are served from the memory of the container.
void a_container_serves_all_pieces(void**) {
  std::vector<uint16_t> pixels(6 * 5 * 4);
  std::iota(pixels.begin(), pixels.end(), uint16_t{0});
  swr::Writer writer = small_writer("image.nii.gz");
  writer.set_pull_threads(2);
  writer.write(pixels);
  assert_true(swr::Reader("image.nii.gz").read<uint16_t>() == pixels);
}

void a_paste_changes_its_box_alone(void**) {
  make_small("image.mha");
  std::vector<uint16_t> expected = swr::Reader("image.mha").read<uint16_t>();
  swr::Writer writer("image.mha");
  writer.set_paste_region({{1, 2, 3}, {2, 2, 1}});
  assert_int_equal(writer.method().method, SWR_METHOD_IN_PLACE);
  writer.write(std::vector<uint16_t>{1, 2, 3, 4});
  for (int i = 0; i < 4; ++i)
    expected.at(static_cast<size_t>(90 + 6 * (2 + i / 2) + 1 + i % 2)) =
        static_cast<uint16_t>(i + 1);
  assert_true(swr::Reader("image.mha").read<uint16_t>() == expected);
}

void regions_are_put_in_any_order(void**) {
  swr::Writer writer = small_writer("image.mha");
  writer.begin();
  for (const int z : {2, 0, 3}) {
    const std::vector<uint16_t> slice(30, static_cast<uint16_t>(z));
    writer.put({{0, 0, z}, {6, 5, 1}}, slice);
  }
  assert_throws<swr::IncompleteError>([&] { writer.finish(); }, "was not put");
  assert_throws<swr::StateError>([&] { writer.set_divisions(2); }, "under way");
  const uint16_t slice[30] = {1, 1};
  writer.put({{0, 0, 1}, {6, 5, 1}}, slice);
  writer.finish();
  assert_int_equal(swr::Reader("image.mha").read<uint16_t>().at(31), 1);
}

void a_mask_selects_the_pixels_that_are_put(void**) {
  make_small("image.mha");
  const auto before = swr::Reader("image.mha").read<uint16_t>();
  swr::Writer writer = small_writer("image.mha");
  writer.set_existing(SWR_EXISTING_UPDATE).begin();
  const swr::Region two({0, 0, 0}, {2, 1, 1});
  writer.put_masked(two, std::vector<uint16_t>{7777, 8888}, std::vector<unsigned char>{0, 1});
  assert_throws<swr::ArgumentError>(
      [&] {
        writer.put_masked(two, std::vector<uint16_t>{1, 2}, std::vector<unsigned char>{1});
      },
      "mask");
  writer.finish();
  const auto after = swr::Reader("image.mha").read<uint16_t>();
  assert_int_equal(after.at(0), before.at(0));
  assert_int_equal(after.at(1), 8888);
}

void what_is_put_has_to_fit(void**) {
  make_small("image.mha");
  snapshot* before = snapshot_take();
  swr::Writer writer = small_writer("image.mha");
  const swr::Region slice({0, 0, 1}, {6, 5, 1});
  writer.begin();
  assert_throws<swr::ArgumentError>([&] { writer.put(slice, std::vector<int16_t>(30)); },
                                    "1 x int16, the pixels of 1 x uint16");
  assert_throws<swr::ArgumentError>([&] { writer.put(slice, std::vector<uint16_t>(29)); }, "60");
  assert_throws<swr::RegionError>(
      [&] {
        writer.put({{0, 0, 4}, {6, 5, 1}}, std::vector<uint16_t>(30));
      },
      "not inside");
  writer.abandon();
  using Pair = std::array<uint16_t, 2>;
  assert_throws<swr::ArgumentError>([&] { writer.write(std::vector<Pair>(60)); }, "2 x uint16");
  assert_throws<swr::ArgumentError>([&] { writer.write(std::vector<uint16_t>(119)); }, "238");
  assert_throws<swr::ArgumentError>([&] { writer.write(std::vector<std::byte>(241)); }, "241");
  assert_throws<swr::ArgumentError>([&] { writer.append(std::vector<float>(30)); }, "float32");
  assert_unchanged(before);
  snapshot_free(before);
}

void an_unfinished_writer_leaves_the_file(void**) {
  make_small("image.mha");
  snapshot* before = snapshot_take();
  {
    swr::Writer writer("image.mha");
    writer.set_paste_region({{0, 0, 0}, {6, 5, 1}});
    writer.begin();
    writer.put({{0, 0, 0}, {6, 5, 1}}, std::vector<uint16_t>(30, 9));
  }
  assert_unchanged(before);
  snapshot_free(before);
}

void an_image_grows_and_is_allocated(void**) {
  make_small("image.mha");
  swr::Writer writer("image.mha");
  writer.set_image_region({6, 5, 6}).set_pixel_type<uint16_t>().set_fill_value(3);
  writer.set_existing(SWR_EXISTING_EXTEND);
  writer.allocate();
  swr::Reader reader("image.mha");
  assert_int_equal(reader.image_region().size[2], 6);
  assert_int_equal(reader.read<uint16_t>().back(), 3);
  assert_int_equal(reader.read<uint16_t>({{1, 2, 3}, {1, 1, 1}}).at(0), value_at(1, 2, 3));
}

void frames_are_appended(void**) {
  {
    swr::Writer writer("series.nrrd");
    writer.set_image_region({3, 2, 1}).set_pixel_type<float>();
    writer.set_option("append.every_frames", "2");
    writer.append(std::vector<float>{1, 2, 3, 4, 5, 6});
    writer.flush();
    assert_int_equal(writer.statistic(SWR_STATISTIC_FRAMES_KEPT), 1);
    swr::Reader reader("series.nrrd");
    writer.append(std::vector<float>(12, 7));
    assert_throws<swr::ArgumentError>([&] { writer.append(std::vector<double>(6)); }, "float64");
    assert_throws<swr::ArgumentError>([&] { writer.append(std::vector<float>(7)); }, "");
    writer.finish();
    assert_int_equal(reader.image_region().size[2], 1);
    reader.refresh();
    assert_int_equal(reader.image_region().size[2], 3);
    assert_true(reader.read<float>().back() == 7);
  }
  swr::Writer again("series.nrrd");  // the path is enough
  again.set_existing(SWR_EXISTING_EXTEND);
  again.append(std::vector<float>(6, 8));
  again.finish();
  assert_int_equal(swr::Reader("series.nrrd").image_region().size[2], 4);
}

void a_reader_is_copied_and_converted(void**) {
  make_small("image.mha");
  swr::Reader reader("image.mha");
  swr::Writer writer("copy.nii.gz");
  writer.set_header_from(reader).set_pixel_type<float>().set_source_type<uint16_t>();
  writer.set_conversion(SWR_CONVERSION_EXACT).set_compression("deflate", 1);
  writer.write(reader);
  swr::Reader copy("copy.nii.gz");
  assert_true(copy.encoding().name == "deflate" && copy.encoding().slotted);
  assert_true(copy.read<float>().at(31) == static_cast<float>(value_at(1, 0, 1)));
  swr::Reader moved = std::move(reader);
  assert_throws<swr::ArgumentError>([&] { writer.set_header_from(reader); }, "moved");
}

void queries_answer_before_a_write(void**) {
  swr::Writer writer = small_writer("image.mha");
  writer.check();
  assert_int_equal(writer.piece_count(), 4);
  assert_int_equal(writer.piece_bytes(), 60);
  assert_true(writer.memory_need() > 0);
  assert_int_equal(writer.actual_divisions(3), 2);
  assert_true(writer.split_region(1, 2) == swr::Region({0, 0, 2}, {6, 5, 2}));
  assert_true(writer.pulled_type().component == SWR_UINT16);
  assert_int_equal(writer.method().method, SWR_METHOD_CREATE);
  int64_t bytes_read = -1, bytes_written = -1;
  swr_get_method(writer.get(), nullptr, &bytes_read, &bytes_written);
  assert_int_equal(writer.method().bytes_read, bytes_read);
  assert_int_equal(writer.method().bytes_written, bytes_written);
  assert_throws<swr::ArgumentError>([&] { writer.split_region(7, 2); }, "no piece 7");
  writer.set_path("no/such/folder/image.mha");
  assert_throws<swr::NotFoundError>([&] { writer.check(); }, "no/such/folder");
}

void defaults_come_back(void**) {
  swr::Writer writer = small_writer("image.mha");
  writer.set_format("NRRD").reset_format().set_compression("deflate").reset_compression();
  writer.set_option("strict", "on").reset_option("strict");
  writer.set_metadata("a", "b").remove_metadata("a");
  writer.set_paste_region({{0, 0, 0}, {1, 1, 1}}).reset_paste_region();
  writer.reset_header_from().reset_header_region().set_keep_header(false).reset_divisions();
  std::vector<uint16_t> memory(120);
  writer.set_buffers({memory.data()}, 240).reset_buffers();
  writer.set_memory_limit(1 << 20).set_threads(1).set_pull_threads(1).set_rollback(true);
  writer.set_sync(false).set_axis_unit(0, SWR_UNIT_MILLIMETRE).set_value_scale(1, 0);
  writer.set_source_components(0).set_source_scale(1, 0).set_direction({1, 0, 0, 0, 1, 0, 0, 0, 1});
  writer.set_progress([](const swr::Progress&) {}).reset_progress().set_log(nullptr);
  writer.write(fill);
  swr::Reader reader("image.mha");
  assert_true(reader.format() == "MetaImage" && reader.encoding().name == "none");
  assert_true(!reader.metadata("a"));
  assert_true(reader.read<uint16_t>().back() == value_at(5, 4, 3));
  assert_throws<swr::ArgumentError>([&] { writer.set_option("no.such", "x"); }, "no.such");
  writer.set_image_region({6, 5, 4}).reset_image_region();
  assert_throws<swr::Error>([&] { writer.check(); }, "");
}

void the_memory_of_the_caller_is_used(void**) {
  std::vector<uint16_t> one(30), two(30);
  const std::array<void*, 2> buffers = {one.data(), two.data()};
  swr::Writer writer = small_writer("image.mha");
  writer.set_buffers(buffers, 60);
  bool own = true;
  writer.write([&](swr::Piece& piece) {
    own = own && (piece.buffer() == one.data() || piece.buffer() == two.data());
    fill(piece);
  });
  assert_true(own);
}

void text_with_a_zero_byte_is_refused(void**) {
  using namespace std::string_literals;
  assert_throws<swr::ArgumentError>([] { swr::Writer("a.mha\0.nrrd"s); }, "\"a.mha\" goes on");
  swr::Writer writer;
  assert_throws<swr::ArgumentError>([&] { writer.set_metadata("key", "x\0y"s); }, "zero byte");
}

void moved_writers_keep_their_work(void**) {
  int reports = 0;
  swr::Writer first = small_writer("image.mha");
  first.set_progress([&](const swr::Progress&) { ++reports; });
  first.begin();
  swr::Writer second = std::move(first);
  second.put(swr::Region({6, 5, 4}), std::vector<uint16_t>(120, 5));
  first = std::move(second);
  first.finish();
  assert_int_equal(reports, 1);
  assert_int_equal(swr::Reader("image.mha").read<uint16_t>().at(0), 5);
  assert_throws<swr::ArgumentError>([&] { second.check(); }, "NULL");
  assert_throws<swr::ArgumentError>([&] { second.write(fill); }, "NULL");
  assert_throws<swr::ArgumentError>([&] { second.set_progress([](const swr::Progress&) {}); },
                                    "NULL");
  assert_throws<swr::ArgumentError>([&] { second.statistic(SWR_STATISTIC_PULLS); }, "NULL");
  assert_null(second.get());
}

}  // namespace

void add_writer_tests() {
  TEST(a_lambda_streams_an_image);
  TEST(any_callable_is_a_source);
  TEST(containers_are_written_as_a_whole);
  TEST(a_container_serves_all_pieces);
  TEST(a_paste_changes_its_box_alone);
  TEST(regions_are_put_in_any_order);
  TEST(a_mask_selects_the_pixels_that_are_put);
  TEST(what_is_put_has_to_fit);
  TEST(an_unfinished_writer_leaves_the_file);
  TEST(an_image_grows_and_is_allocated);
  TEST(frames_are_appended);
  TEST(a_reader_is_copied_and_converted);
  TEST(queries_answer_before_a_write);
  TEST(defaults_come_back);
  TEST(the_memory_of_the_caller_is_used);
  TEST(text_with_a_zero_byte_is_refused);
  TEST(moved_writers_keep_their_work);
}
