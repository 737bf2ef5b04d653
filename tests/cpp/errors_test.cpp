// Exceptions by kind, regions and spans.
#include <array>
#include <set>
#include <type_traits>
#include <vector>

#include "cpp/cpp_tests.h"

namespace {

template <swr_status Status>
void expect_class_of() {
  try {
    swr::throw_error(Status, "a sentence");
  } catch (const swr::ErrorOf<Status>& error) {
    assert_int_equal(error.status(), Status);
    assert_string_equal(error.what(), "a sentence");
  }
  try {
    swr::throw_error(Status);
  } catch (const swr::Error& error) {
    assert_int_equal(error.status(), Status);
    assert_string_equal(error.what(), swr_status_text(Status));
  }
}

void each_status_has_its_class(void**) {
#define SWR_STATUS_ROW(number, name, sentence) expect_class_of<SWR_##name>();
  SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
}

void an_unknown_status_is_an_error(void**) {
  try {
    swr::throw_error(static_cast<swr_status>(4711));
  } catch (const swr::Error& error) {
    assert_int_equal(error.status(), 4711);
    return;
  }
  fail();
}

// A status that is added to C needs a name in error.hpp, and a row here.
void each_class_has_a_name(void**) {
  const std::set<swr_status> named = {
      swr::CancelledError().status(),    swr::ArgumentError().status(),
      swr::StateError().status(),        swr::MemoryError().status(),
      swr::MemoryLimitError().status(),  swr::IoError().status(),
      swr::NotFoundError().status(),     swr::ExistsError().status(),
      swr::FormatError().status(),       swr::CorruptError().status(),
      swr::UnsupportedError().status(),  swr::MismatchError().status(),
      swr::RegionError().status(),       swr::SourceError().status(),
      swr::SourceRegionError().status(), swr::IncompleteError().status(),
      swr::ConversionError().status(),   swr::InternalError().status(),
      swr::BusyError().status()};
#define SWR_STATUS_ROW(number, name, sentence) \
  if (SWR_##name != SWR_OK) assert_true(named.count(SWR_##name) == 1);
  SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
}

void regions_are_made_of_lists_and_containers(void**) {
  const swr::Region box({1, 2, 3}, {4, 5, 6});
  assert_int_equal(box.dimensions, 3);
  assert_int_equal(box.index[2], 3);
  assert_int_equal(box.size[0], 4);
  assert_int_equal(box.pixels(), 120);
  const std::vector<std::size_t> size = {4, 5, 6};
  const std::array<int, 3> first = {1, 2, 3};
  assert_true(swr::Region(first, size) == box);
  assert_true(swr::Region(size) != box);
  assert_true(swr::Region(size) == swr::Region({4, 5, 6}));
  const swr_region in_c = box;  // an object of C, and back
  assert_true(swr::Region(in_c) == box);
}

void impossible_regions_are_refused(void**) {
  assert_throws<swr::ArgumentError>([] { swr::Region({1, 2}, {1, 2, 3}); }, "index of 2 axes");
  assert_throws<swr::ArgumentError>([] { swr::Region(std::vector<int>(17, 1)); }, "17 axes");
  assert_throws<swr::ArgumentError>([] { swr::Region(std::vector<uint64_t>{UINT64_MAX}); },
                                    "too large");
  assert_throws<swr::RegionError>([] { swr::Region({INT64_MAX, 2}).pixels(); }, "too large");
  assert_throws<swr::RegionError>([] { swr::Region({-1, 2}).pixels(); }, "negative");
  assert_throws<swr::RegionError>([] { swr::Region().pixels(); }, "0 axes");
}

void types_of_pixels_follow_from_types_of_elements(void**) {
  assert_true(swr::PixelType::of<uint8_t>() == (swr::PixelType{SWR_UINT8, 1, SWR_KIND_SCALAR}));
  assert_true(swr::PixelType::of<long long>().component == SWR_INT64);
  // It has 64 bits, or 32 on Windows.
  assert_true(swr::PixelType::of<unsigned long>().component ==
              (sizeof(unsigned long) == 8 ? SWR_UINT64 : SWR_UINT32));
  assert_true(swr::PixelType::of<double>().component == SWR_FLOAT64);
  assert_true(swr::PixelType::of<std::complex<float>>() ==
              (swr::PixelType{SWR_FLOAT32, 2, SWR_KIND_COMPLEX}));
  using Rgb = std::array<uint8_t, 3>;
  assert_true(swr::PixelType::of<Rgb>() == (swr::PixelType{SWR_UINT8, 3, SWR_KIND_VECTOR}));
  assert_int_equal(swr::PixelType::of<Rgb>().bytes(), 3);
  assert_string_equal(swr::name(SWR_UINT16).c_str(), "uint16");
  assert_string_equal(swr::name(SWR_KIND_RGB).c_str(), "rgb");
  assert_string_equal(swr::name(SWR_UNIT_MICROMETRE).c_str(), "um");
  assert_string_equal(swr::name(SWR_ERROR_IO).c_str(), "ERROR_IO");
  assert_int_equal(swr::component_from_name("float32"), SWR_FLOAT32);
  assert_int_equal(swr::unit_from_name("microns"), SWR_UNIT_MICROMETRE);
}

void formats_are_listed(void**) {
  const std::vector<swr::Format> all = swr::formats();
  assert_int_equal(all.size(), swr_format_count());
  for (const swr::Format& format : all) {
    assert_true(format.can(SWR_CAN_READ));
    assert_true(format.least_dimensions >= 1 && format.most_dimensions >= format.least_dimensions);
    assert_true(format.suffixes[0] == '.');
  }
  assert_throws<swr::FormatError>([] { swr::format("JPEG 3000"); }, "no format \"JPEG 3000\"");
  assert_string_equal(swr::version().c_str(), swr_version());
}

// Handles are not copied, and objects of which a mistake could be made are not made silently.
static_assert(!std::is_copy_constructible_v<swr::Writer> && !std::is_copy_assignable_v<swr::Writer>,
              "move-only");
static_assert(std::is_nothrow_move_constructible_v<swr::Writer> &&
                  std::is_nothrow_move_assignable_v<swr::Writer>,
              "move-only");
static_assert(!std::is_copy_constructible_v<swr::Reader> &&
                  std::is_nothrow_move_constructible_v<swr::Reader>,
              "move-only");
static_assert(!std::is_copy_constructible_v<swr::Piece>, "valid during a call alone");
static_assert(!std::is_convertible_v<std::string, swr::Writer>, "explicit");
static_assert(std::is_convertible_v<std::vector<float>&, swr::Span<const float>>, "a view");
static_assert(!std::is_convertible_v<const std::vector<float>&, swr::Span<float>>, "const stays");
static_assert(!std::is_convertible_v<std::vector<float>&, swr::Span<double>>, "no conversion");

}  // namespace

void add_error_tests() {
  TEST(each_status_has_its_class);
  TEST(an_unknown_status_is_an_error);
  TEST(each_class_has_a_name);
  TEST(regions_are_made_of_lists_and_containers);
  TEST(impossible_regions_are_refused);
  TEST(types_of_pixels_follow_from_types_of_elements);
  TEST(formats_are_listed);
}
