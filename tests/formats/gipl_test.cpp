// GIPL: what is planned is read back, headers of other programs say what they say, those that are
// damaged are refused, and sizes grow in place.
#include "base/byte_order.h"
#include "header_checks.h"

namespace swr {
extern const Format gipl_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = gipl_format;

void set_placed_geometry(Image& image) {
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    image.spacing[axis] = 0.5 + 0.25 * axis;
    image.origin[axis] = -10.1 + 7.3 * axis;
  }
}

constexpr swr_component components[] = {SWR_UINT8,  SWR_INT8,  SWR_UINT16,  SWR_INT16,
                                        SWR_UINT32, SWR_INT32, SWR_FLOAT32, SWR_FLOAT64};

std::string header_of(const Image& image) {
  return format.plan(image, request_for(format, "new.gipl")).header;
}

template <typename T>
void put(std::string& header, size_t at, T value) {
  store(reinterpret_cast<std::byte*>(header.data()) + at, value, true);
}

template <typename T>
T get(const std::string& header, size_t at) {
  return load<T>(reinterpret_cast<const std::byte*>(header.data()) + at, true);
}

void expect_refused(const Image& image, const std::string& word) {
  expect_failure(SWR_ERROR_UNSUPPORTED, {"new.gipl", word}, [&] { header_of(image); });
}

void plan_of_each_type_and_number_of_axes_is_read_back(void**) {
  for (const swr_component component : components) {
    for (const auto& size : std::vector<std::vector<int64_t>>{{5},
                                                              {5, 4},
                                                              {5, 4, 3},
                                                              {5, 4, 3, 2},
                                                              {1},
                                                              {5, 1},
                                                              {5, 4, 1},
                                                              {1, 1, 1, 1},
                                                              {5, 4, 3, 1}}) {
      Image image = an_image(size, component);
      set_placed_geometry(image);
      const Description file = expect_round_trip(format, image, "type.gipl");
      assert_true(file.layout.big_endian);
      assert_int_equal(file.layout.parts[0].offset, 256);
    }
  }
}

void plan_of_compressed_pixels_has_its_header_in_the_stream(void**) {
  const Image image = an_image({5, 4, 3});
  const NewFile plan = format.plan(image, request_for(format, "new.gipl.gz", true));
  assert_true(plan.header.empty());
  assert_int_equal(plan.stream_prefix.size(), 256);
  assert_int_equal(plan.layout.stream().prefix, 256);
  assert_int_equal(plan.layout.parts[0].offset, 0);
}

// The bytes of a file that ITK 5.2 wrote.
void plan_is_written_as_itk_writes(void**) {
  Image image = an_image({4, 3, 2});
  image.spacing = {0.7, 0.8, 2.5};
  image.origin = {-10.5, 20.25, 30};
  const std::string header = header_of(image);
  const unsigned char first[] = {0x00, 0x04, 0x00, 0x03, 0x00, 0x02, 0x00, 0x01, 0x00,
                                 0x0f, 0x3f, 0x33, 0x33, 0x33, 0x3f, 0x4c, 0xcc, 0xcd,
                                 0x40, 0x20, 0x00, 0x00, 0x3f, 0x80, 0x00, 0x00};
  assert_memory_equal(header.data(), first, sizeof first);
  expect_text(header.substr(26, 22), "No Patient Information");
  assert_true(get<double>(header, 204) == -10.5);
  assert_true(get<double>(header, 212) == 20.25);
  assert_int_equal(get<uint32_t>(header, 252), 0xefffe9b0);
  assert_int_equal(header.size(), 256);
}

void images_that_it_cannot_hold_are_refused(void**) {
  expect_refused(an_image({5, 4}, SWR_INT64), "int64");
  expect_refused(an_image({5, 4}, SWR_UINT8, 3, SWR_KIND_RGB), "rgb");
  expect_refused(an_image({5, 65536}), "65535");
  expect_refused(an_image({1, 1, 1, 1, 1}), "dimensions");
  Image mirrored = an_image({5, 4});
  mirrored.spacing[1] = -1;
  expect_refused(mirrored, "a spacing of -1");
  mirrored.spacing[1] = 1e-300;
  expect_refused(mirrored, "a spacing of 1e-300");
}

void text_of_the_patient_stays_in_a_new_header(void**) {
  std::string header = header_of(an_image({5, 4, 3}));
  header.replace(26, 22, "Somebody              ");
  const Description file = read_text(format, "patient.gipl", header);
  assert_int_equal(file.header->own_fields().size(), 1);
  NewFileRequest request = request_for(format, "new.gipl");
  request.base = &file;
  const std::string again = format.plan(an_image({5, 4, 1}), request).header;
  expect_text(again.substr(26, 25), "Somebody swr_dimensions=3");
  assert_int_equal(read_text(format, "again.gipl", again).image.dimensions(), 3);
}

// What is known of all values is not known any more.
void extremes_are_forgotten_by_each_change(void**) {
  std::string header = header_of(an_image({5, 4, 3}));
  put(header, 188, -7.0);
  put(header, 196, 4095.0);
  const Description file = read_text(format, "extremes.gipl", header);
  const std::vector<HeaderPatch> patches = format.outdate(file);
  assert_int_equal(patches.size(), 1);
  const auto offset = static_cast<size_t>(patches[0].offset);
  header.replace(offset, patches[0].bytes.size(), patches[0].bytes);
  assert_true(header == header_of(an_image({5, 4, 3})));
  assert_true(format.outdate(read_text(format, "extremes.gipl", header)).empty());
  NewFileRequest request = request_for(format, "new.gipl");
  request.base = &file;
  assert_true(format.plan(an_image({5, 4, 3}), request).header == header);
}

void damaged_header_is_refused(void**) {
  const std::string header = header_of(an_image({5, 4, 3}));
  for (const size_t bytes : {size_t{0}, size_t{100}, size_t{255}}) {
    expect_failure(SWR_ERROR_CORRUPT, {"short.gipl", "256"},
                   [&] { read_text(format, "short.gipl", header.substr(0, bytes)); });
  }
  std::string other = header;
  put<uint16_t>(other, 8, 144);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"type.gipl", "144"},
                 [&] { read_text(format, "type.gipl", other); });
  // Numbers that are none leave the default.
  other = header;
  put(other, 10, std::nanf(""));
  put(other, 204, std::nan(""));
  const Image image = read_text(format, "nan.gipl", other).image;
  assert_true(image.spacing[0] == 1 && image.origin[0] == 0);
  // A note that the sizes do not bear out.
  other = header;
  other.replace(26, 16, "swr_dimensions=2");
  other.replace(42, 6, 6, '\0');
  assert_int_equal(read_text(format, "note.gipl", other).image.dimensions(), 3);
}

void sizes_of_too_many_bytes_are_refused_with_the_file_named(void**) {
  std::string header = header_of(an_image({5, 4, 3, 2}));
  for (size_t axis = 0; axis < 4; ++axis) put(header, 2 * axis, uint16_t{65535});
  expect_failure(SWR_ERROR_CORRUPT, {"large.gipl", "65535"},
                 [&] { read_text(format, "large.gipl", header); });
}

// Also of axes that the image does not have, and numbers in another way than swr writes them.
void numbers_that_need_not_change_keep_their_bytes_in_a_new_header(void**) {
  std::string header = header_of(an_image({7, 5}));
  put(header, 4, uint16_t{0});
  put(header, 10, -0.5F);
  for (size_t axis = 2; axis < 4; ++axis) put(header, 10 + 4 * axis, 2.5F);
  put(header, 204 + 16, 30.0);
  header.replace(26, 80, 80, '\0');
  const Description old = read_text(format, "old.gipl", header);
  NewFileRequest request = request_for(format, "new.gipl");
  request.base = &old;
  assert_true(format.plan(old.image, request).header == header);
  Image other = old.image;
  other.spacing[0] = 0.25;
  const std::string changed = format.plan(other, request).header;
  put(header, 10, 0.25F);
  assert_true(changed == header);
}

void text_that_need_not_change_keeps_its_bytes_in_a_new_header(void**) {
  const std::string patient("  Jane Doe\0born 1950", 20);
  std::string header = header_of(an_image({5, 4, 3}));
  header.replace(26, patient.size(), patient);
  const Description file = read_text(format, "bytes.gipl", header);
  NewFileRequest request = request_for(format, "new.gipl");
  request.base = &file;
  const std::string rewritten = format.plan(an_image({9, 4, 3}), request).header;
  assert_true(rewritten.substr(26, 80) == header.substr(26, 80));
}

// The number of axes takes the place of the last words, or of bytes that the text hides.
void text_that_gives_way_is_told(void**) {
  const auto remarks_of = [](const std::string& patient) {
    std::string header = header_of(an_image({5, 4, 3}));
    header.replace(26, 80, (patient + std::string(80, '\0')).substr(0, 80));
    const Description file = read_text(format, "words.gipl", header);
    NewFileRequest request = request_for(format, "new.gipl");
    request.base = &file;
    return format.plan(an_image({5, 4, 1}), request).remarks;
  };
  assert_int_equal(remarks_of("Jane Doe").size(), 0);
  assert_int_equal(remarks_of(std::string(63, 'x')).size(), 0);
  for (const std::string& patient : {std::string(64, 'x'), std::string("Jane\0Doe", 8)}) {
    assert_int_equal(remarks_of(patient).size(), 1);
    assert_true(remarks_of(patient)[0].loss);
  }
}

void size_grows_in_place_up_to_65535(void**) {
  for (const auto& size : std::vector<std::vector<int64_t>>{{5}, {5, 4}, {5, 4, 3}, {5, 4, 3, 1}}) {
    for (const int64_t grown : {int64_t{300}, int64_t{65535}}) {
      write_bytes("grow.gipl", header_of(an_image(size)));
      assert_int_equal(grown_header(format, "grow.gipl", grown).size(), 256);
    }
    expect_text(grown_header(format, "grow.gipl", 65536), "");
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plan_of_each_type_and_number_of_axes_is_read_back),
      cmocka_unit_test(plan_of_compressed_pixels_has_its_header_in_the_stream),
      cmocka_unit_test(plan_is_written_as_itk_writes),
      cmocka_unit_test(images_that_it_cannot_hold_are_refused),
      cmocka_unit_test(text_of_the_patient_stays_in_a_new_header),
      cmocka_unit_test(extremes_are_forgotten_by_each_change),
      cmocka_unit_test(damaged_header_is_refused),
      cmocka_unit_test(sizes_of_too_many_bytes_are_refused_with_the_file_named),
      cmocka_unit_test(numbers_that_need_not_change_keep_their_bytes_in_a_new_header),
      cmocka_unit_test(text_that_need_not_change_keeps_its_bytes_in_a_new_header),
      cmocka_unit_test(text_that_gives_way_is_told),
      cmocka_unit_test(size_grows_in_place_up_to_65535),
  };
  return cmocka_run_group_tests_name("gipl", tests, nullptr, nullptr);
}
