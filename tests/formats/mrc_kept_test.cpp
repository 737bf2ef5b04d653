// MRC: what a header says stays where it need not change, in files of other programs and old ones.
#include <string_view>

#include "mrc_checks.h"

namespace {

using namespace swr;
using namespace swr::checks;

// --- Labels ---

std::string with_label(std::string header, size_t number, std::string_view content) {
  return header.replace(mrc::labels + mrc_label_room * (number - 1), content.size(), content);
}

// Three of four labels, one with a control character and zeros after it.
std::string with_odd_labels(const std::string& header) {
  using namespace std::string_view_literals;
  std::string bytes = with_field<int32_t>(header, mrc::label_count, 4);
  bytes = with_label(bytes, 1, "  first\x01\0\0rest"sv);
  return with_label(with_label(bytes, 3, "third"), 4, "fourth");
}

std::string labels_of(const std::string& header) {
  return header.substr(mrc::label_count, mrc_header_bytes - mrc::label_count);
}

void unchanged_labels_keep_their_bytes(void**) {
  const std::string bytes = with_odd_labels(written(placed({7, 5, 3}), "labels.mrc"));
  const Description old = read_text(mrc_format, "labels.mrc", bytes);
  assert_int_equal(old.image.metadata.size(), 3);
  const std::string copy = planned(old.image, "copy.mrc", &old).header;
  assert_int_equal(copy.size(), mrc_header_bytes);
  assert_true(labels_of(copy) == labels_of(bytes));
  Image changed = old.image;
  changed.set_metadata("label_3", "another");
  changed.metadata.erase("label_4");
  const std::string other = planned(changed, "copy.mrc", &old).header;
  const Image seen = read_text(mrc_format, "copy.mrc", other).image;
  expect_text(*seen.find_metadata("label_1"), "first\x01");
  expect_text(*seen.find_metadata("label_3"), "another");
  assert_null(seen.find_metadata("label_4"));
}

void unchanged_labels_stay_beside_the_header_of_another_program(void**) {
  const std::string bytes = with_odd_labels(read_bytes(mrc_sample("ext_int16.mrc")));
  const Description old = read_text(mrc_format, "labels.mrc", bytes);
  const NewFile copy = planned(old.image, "copy.mrc", &old);
  assert_true(labels_of(copy.header) == labels_of(bytes));
  assert_int_equal(copy.remarks.size(), 0);
}

// --- Extended headers ---

void extended_header_without_a_type_is_named_as_such(void**) {
  const auto named = [](std::string_view type) {
    std::string bytes = read_bytes(mrc_sample("ext_int16.mrc"));
    bytes.replace(mrc::extended_type, 4, type);
    const Description old = read_text(mrc_format, "type.mrc", bytes);
    Image more = old.image;
    more.set_metadata("key", "value");
    const std::string remark = planned(more, "copy.mrc", &old).remarks.at(0).text;
    assert_true(remark.ends_with("beside an " + old.header->own_fields().at(0)));
    return old.header->own_fields().at(0);
  };
  using namespace std::string_view_literals;
  expect_text(named("\0\0\0\0"sv), "extended header without a type");
  expect_text(named("A\x1b\n "sv), "extended header \"A?\"");
  expect_text(named("SWR "sv), "extended header \"SWR\"");  // of another program: no notes in it
}

void type_of_no_extended_header_stays(void**) {
  std::string bytes = written(placed({7, 5, 3}), "type.mrc");
  bytes.replace(mrc::extended_type, 4, "AGAR");
  const Description old = read_text(mrc_format, "type.mrc", bytes);
  const std::string copy = planned(old.image, "copy.mrc", &old).header;
  assert_true(copy.substr(0, mrc_header_bytes) == bytes);
}

// --- The place in space ---

void place_of_an_axis_that_the_image_does_not_have_stays(void**) {
  std::string bytes = with_field<int32_t>(written(placed({7, 5}), "flat.mrc"), mrc::start + 8, -5);
  bytes = with_field<float>(bytes, mrc::origin + 8, 3.5F);
  const Description old = read_text(mrc_format, "flat.mrc", bytes);
  assert_true(planned(old.image, "copy.mrc", &old).header == bytes);
  Image moved = old.image;
  moved.region.index[0] = 2;
  moved.origin[0] += 1;
  const std::string other = planned(moved, "copy.mrc", &old).header;
  for (const size_t at : {mrc::start + 8, mrc::origin + 8})
    assert_true(other.substr(at, 4) == bytes.substr(at, 4));
}

// The cell's lengths are rounded to 32 bits, so that the start index is at a slightly other place.
void place_that_the_start_index_says_is_not_said_again(void**) {
  std::string bytes = with_field<int32_t>(written(placed({7, 5, 3}), "start.mrc"), mrc::start, 9);
  bytes = with_field<float>(bytes, mrc::cell, 6.7F);
  bytes.replace(mrc::origin, 12, 12, '\0');
  const Description old = read_text(mrc_format, "start.mrc", bytes);
  Image grown = old.image;
  for (int64_t more = 1; more < 20; ++more) {
    ++grown.region.size[0];
    const std::string header = planned(grown, "copy.mrc", &old).header;
    assert_true(header.substr(mrc::origin, 12) == std::string(12, '\0'));
  }
}

// --- Files of before the year 2000 ---

std::string without_mark(std::string header) {
  return header.replace(mrc::origin, mrc::label_count - mrc::origin, mrc::label_count - mrc::origin,
                        '\0');
}

void header_without_mark_keeps_what_follows_it(void**) {
  std::string bytes = without_mark(read_bytes(mrc_sample("ext_int16.mrc")));
  bytes = with_field<int16_t>(bytes, mrc::origin, 77);  // a wavelength, and the depth of the origin
  bytes = with_field<float>(bytes, 208, 12.5F);
  const Description old = read_text(mrc_format, "old.mrc", bytes);
  assert_int_equal(old.header->own_fields().size(), 1);
  const NewFile same = planned(old.image, "copy.mrc", &old);
  assert_int_equal(same.remarks.size(), 0);
  assert_int_equal(same.header.size(), 2048);
  for (size_t at = 0; at < same.header.size(); ++at) {
    const bool is_statistic = at >= mrc::least && at < mrc::space_group;
    if (!is_statistic && same.header[at] != bytes[at]) stop(text("byte ", at, " differs"));
  }
  Image moved = old.image;
  moved.origin[0] += 5;
  const NewFile other = planned(moved, "copy.mrc", &old);
  assert_int_equal(other.remarks.size(), 1);
  assert_true(other.remarks[0].loss);
  expect_equal(read_text(mrc_format, "copy.mrc", other.header).image, moved);
  assert_true(other.header.substr(mrc_header_bytes) == bytes.substr(mrc_header_bytes, 1024));
  // Under another name it could not be told from other files.
  assert_true(MrcHeader(planned(old.image, "copy.dat", &old).header, "copy.dat").has_mark());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(unchanged_labels_keep_their_bytes),
      cmocka_unit_test(unchanged_labels_stay_beside_the_header_of_another_program),
      cmocka_unit_test(extended_header_without_a_type_is_named_as_such),
      cmocka_unit_test(type_of_no_extended_header_stays),
      cmocka_unit_test(place_of_an_axis_that_the_image_does_not_have_stays),
      cmocka_unit_test(place_that_the_start_index_says_is_not_said_again),
      cmocka_unit_test(header_without_mark_keeps_what_follows_it),
  };
  return cmocka_run_group_tests_name("mrc kept", tests, nullptr, nullptr);
}
