// TIFF's directories: what is in the file is in the structures, in both classes and byte orders;
// chains that loop, lie or are too long are found out.
#include "formats/tiff_directory.h"

#include <algorithm>

#include "header_checks.h"
#include "tiff_bytes.h"

namespace {

using namespace swr;
using namespace swr::checks;

constexpr TiffNumbers kinds[] = {{false, false}, {false, true}, {true, false}, {true, true}};

TiffPages pages_of(const std::string& bytes) {
  write_bytes("pages.tif", bytes);
  TiffFile file(std::make_shared<File>("pages.tif", File::Mode::read));
  return read_tiff_pages(file);
}

// A page of 4 x 3 pixels in strips of two rows.
std::vector<TiffTag> page_tags(uint64_t pixels) {
  return {{tiff_tag::width, TiffType::u16, {4}},
          {tiff_tag::height, TiffType::u32, {3}},
          {tiff_tag::bits, TiffType::u16, {16}},
          {tiff_tag::strip_offsets, TiffType::u32, {pixels, pixels + 16}},
          {tiff_tag::rows_per_strip, TiffType::u16, {2}},
          {tiff_tag::strip_bytes, TiffType::u16, {16, 8}}};
}

void set_tag(std::vector<TiffTag>& tags, TiffTag tag) {
  const auto at = std::ranges::lower_bound(tags, tag.tag, {}, &TiffTag::tag);
  if (at != tags.end() && at->tag == tag.tag) {
    *at = std::move(tag);
  } else {
    tags.insert(at, std::move(tag));
  }
}

std::string file_of(TiffNumbers numbers, const std::vector<TiffTag>& more) {
  TiffBytes file(numbers);
  auto tags = page_tags(static_cast<uint64_t>(file.add(std::string(24, 'x'))));
  for (const TiffTag& tag : more) set_tag(tags, tag);
  file.add_directory(tags);
  return file.bytes();
}

void expect_corrupt(const std::vector<TiffTag>& more, const std::vector<std::string>& words) {
  for (const TiffNumbers& numbers : kinds)
    expect_failure(SWR_ERROR_CORRUPT, words, [&] { pages_of(file_of(numbers, more)); });
}

void every_class_and_byte_order_is_read(void**) {
  for (const TiffNumbers& numbers : kinds) {
    TiffBytes file(numbers);
    const auto pixels = static_cast<uint64_t>(file.add(std::string(48, 'x')));
    auto tags = page_tags(pixels);
    set_tag(tags, {tiff_tag::subfile_type, TiffType::u32, {2}});
    set_tag(tags, {tiff_tag::description, TiffType::text, {}, std::string("a text\0", 7)});
    set_tag(tags, {tiff_tag::x_resolution, TiffType::rational, {100, 7}});
    set_tag(tags, {tiff_tag::y_resolution, TiffType::rational, {25, 1}});
    set_tag(tags, {tiff_tag::resolution_unit, TiffType::u16, {3}});
    const int64_t first = file.add_directory(tags);
    const int64_t second = file.add_directory(page_tags(pixels + 24));
    const TiffPages pages = pages_of(file.bytes());
    assert_int_equal(pages.numbers.big, numbers.big);
    assert_int_equal(pages.numbers.big_endian, numbers.big_endian);
    assert_int_equal(pages.pages.size(), 2);
    assert_int_equal(pages.forms.size(), 1);
    assert_int_equal(pages.pages[0].directory, first);
    assert_int_equal(pages.pages[1].directory, second);
    assert_true(pages.pages[0].has_subfile_type && !pages.pages[1].has_subfile_type);
    assert_int_equal(pages.pages[0].subfile_type, 2);
    assert_int_equal(pages.last_next_field,
                     second + numbers.count_bytes() + 6 * numbers.entry_bytes());
    const TiffForm& form = pages.forms[0];
    assert_int_equal(form.width, 4);
    assert_int_equal(form.height, 3);
    assert_int_equal(form.bits, 16);
    assert_int_equal(form.chunks(), 2);
    assert_int_equal(form.rows_of(0), 2);
    assert_int_equal(form.rows_of(1), 1);
    assert_int_equal(pages.pages[1].first_place, 2);
    assert_int_equal(pages.places[3].offset, pixels + 40);
    assert_int_equal(pages.places[3].bytes, 8);
    expect_text(pages.description, "a text");
    expect_near(pages.resolution[0], 100 / 7.0);
    expect_near(pages.resolution[1], 25);
    assert_int_equal(pages.resolution_unit, 3);
  }
}

void pages_that_another_writer_adds_meanwhile_are_read(void**) {
  TiffBytes bytes(kinds[0]);
  const auto pixels = static_cast<uint64_t>(bytes.add(std::string(1 << 20, 'x')));
  bytes.add_directory(page_tags(pixels));
  write_bytes("grows.tif", bytes.bytes());
  const auto file = std::make_shared<File>("grows.tif", File::Mode::read);
  file->learn();
  TiffFile reader(file);
  const auto more = static_cast<uint64_t>(bytes.add(std::string(24, 'y')));
  bytes.add_directory(page_tags(more));
  write_bytes("grows.tif", bytes.bytes());
  const TiffPages pages = read_tiff_pages(reader);
  assert_int_equal(pages.pages.size(), 2);
  assert_int_equal(pages.places[2].offset, more);
}

void tiles_and_planes_are_counted(void**) {
  for (const TiffNumbers& numbers : kinds) {
    TiffBytes file(numbers);
    const auto at = static_cast<uint64_t>(file.add(std::string(64, 'x')));
    std::vector<TiffTag> tags = {
        {tiff_tag::width, TiffType::u16, {20}},
        {tiff_tag::height, TiffType::u16, {33}},
        {tiff_tag::bits, TiffType::u16, {8, 8}},
        {tiff_tag::compression, TiffType::u16, {8}},
        {tiff_tag::photometric, TiffType::u16, {1}},
        {tiff_tag::samples, TiffType::u16, {2}},
        {tiff_tag::planar, TiffType::u16, {2}},
        {tiff_tag::predictor, TiffType::u16, {2}},
        {tiff_tag::tile_width, TiffType::u16, {16}},
        {tiff_tag::tile_height, TiffType::u16, {16}},
        {tiff_tag::tile_offsets, TiffType::u32, std::vector<uint64_t>(12, at)},
        {tiff_tag::tile_bytes, TiffType::u8, std::vector<uint64_t>(12, 64)},
        {tiff_tag::extra_samples, TiffType::u16, {2}},
        {tiff_tag::sample_format, TiffType::u16, {2, 2}},
    };
    file.add_directory(tags);
    const TiffPages pages = pages_of(file.bytes());
    const TiffForm& form = pages.forms[0];
    assert_int_equal(form.across(), 2);
    assert_int_equal(form.down(), 3);
    assert_int_equal(form.planes(), 2);
    assert_int_equal(form.chunks(), 12);
    assert_int_equal(form.rows_of(2), 16);
    assert_int_equal(form.bits, 8);
    assert_int_equal(form.sample_format, 2);
    assert_int_equal(form.compression, 8);
    assert_int_equal(form.predictor, 2);
    assert_int_equal(form.extra_samples, 1);
    assert_int_equal(form.extra_meaning, 2);
    assert_int_equal(pages.places.size(), 12);
  }
}

void pages_of_other_kinds_get_forms_of_their_own(void**) {
  TiffBytes file({});
  const auto at = static_cast<uint64_t>(file.add(std::string(24, 'x')));
  auto other = page_tags(at);
  set_tag(other, {tiff_tag::bits, TiffType::u16, {8}});
  for (int i = 0; i < 3; ++i) {
    file.add_directory(page_tags(at));
    file.add_directory(other);
  }
  const TiffPages pages = pages_of(file.bytes());
  assert_int_equal(pages.pages.size(), 6);
  assert_int_equal(pages.forms.size(), 2);
  assert_int_equal(pages.pages[4].form, 0);
  assert_int_equal(pages.form_of(pages.pages[5]).bits, 8);
}

void samples_that_differ_are_seen(void**) {
  const TiffPages pages =
      pages_of(file_of({}, {{tiff_tag::samples, TiffType::u16, {3}},
                            {tiff_tag::bits, TiffType::u16, {5, 6, 5}},
                            {tiff_tag::sample_format, TiffType::u16, {1, 1, 1}}}));
  assert_int_equal(pages.forms[0].bits, 0);
  assert_int_equal(pages.forms[0].sample_format, 1);
}

void one_strip_needs_no_byte_count(void**) {
  TiffBytes file({});
  const auto at = static_cast<uint64_t>(file.add(std::string(24, 'x')));
  auto tags = page_tags(at);
  set_tag(tags, {tiff_tag::rows_per_strip, TiffType::u32, {0xffffffff}});
  set_tag(tags, {tiff_tag::strip_offsets, TiffType::u32, {at}});
  tags.pop_back();
  file.add_directory(tags);
  const TiffPages pages = pages_of(file.bytes());
  assert_int_equal(pages.places.size(), 1);
  assert_int_equal(pages.places[0].bytes, 24);
}

void a_loop_is_found(void**) {
  for (const TiffNumbers& numbers : kinds) {
    for (const int back : {0, 1, 2}) {
      TiffBytes file(numbers);
      const auto at = static_cast<uint64_t>(file.add(std::string(24, 'x')));
      std::vector<int64_t> offsets;
      for (int i = 0; i < 3; ++i) offsets.push_back(file.add_directory(page_tags(at)));
      file.link(offsets[static_cast<size_t>(back)]);
      expect_failure(SWR_ERROR_CORRUPT, {"directory 3", "again"}, [&] { pages_of(file.bytes()); });
    }
  }
}

void a_chain_that_leaves_the_file_is_refused(void**) {
  for (const TiffNumbers& numbers : kinds) {
    for (const int64_t to : {int64_t{1}, int64_t{100000}, int64_t{0xfffffff0}}) {
      TiffBytes file(numbers);
      file.add_directory(page_tags(static_cast<uint64_t>(file.add(std::string(24, 'x')))));
      file.link(to);
      expect_failure(SWR_ERROR_CORRUPT, {"pages.tif", "directory 1"},
                     [&] { pages_of(file.bytes()); });
    }
  }
}

void a_chain_that_is_too_long_is_refused(void**) {
  TiffBytes file({});
  const auto at = static_cast<uint64_t>(file.add(std::string(24, 'x')));
  // a page of one strip each, so that the strips are not too many
  auto tags = page_tags(at);
  set_tag(tags, {tiff_tag::rows_per_strip, TiffType::u16, {3}});
  set_tag(tags, {tiff_tag::strip_offsets, TiffType::u32, {at}});
  set_tag(tags, {tiff_tag::strip_bytes, TiffType::u16, {24}});
  for (int64_t i = 0; i < most_tiff_pages; ++i) file.add_directory(tags);
  assert_int_equal(pages_of(file.bytes()).pages.size(), most_tiff_pages);
  file.add_directory(tags);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"1048576 pages"}, [&] { pages_of(file.bytes()); });
}

void every_short_file_is_refused(void**) {
  for (const TiffNumbers& numbers : kinds) {
    const std::string whole = file_of(numbers, {});
    for (size_t length = 0; length < whole.size(); ++length)
      expect_failure(SWR_ERROR_CORRUPT, {"pages.tif"}, [&] { pages_of(whole.substr(0, length)); });
  }
}

// Of every page, so that a file without its end is found out.
void values_of_later_pages_are_in_the_file(void**) {
  for (const TiffNumbers& numbers : kinds) {
    TiffBytes file(numbers);
    const auto at = static_cast<uint64_t>(file.add(std::string(24, 'x')));
    file.add_directory(page_tags(at));
    auto tags = page_tags(at);
    set_tag(tags, {tiff_tag::y_resolution, TiffType::rational, {25, 1}});
    // of a BigTIFF, the last one fits in the directory
    set_tag(tags, {tiff_tag::description, TiffType::text, {}, "a text of some bytes"});
    file.add_directory(tags);
    assert_int_equal(pages_of(file.bytes()).pages.size(), 2);
    expect_failure(SWR_ERROR_CORRUPT, {"the values of tag"},
                   [&] { pages_of(file.bytes().substr(0, file.bytes().size() - 1)); });
  }
}

void lies_about_pages_are_refused(void**) {
  expect_corrupt({{tiff_tag::width, TiffType::u32, {0}}}, {"width 0"});
  expect_corrupt({{tiff_tag::height, TiffType::u32, {0}}}, {"height 0"});
  expect_corrupt({{tiff_tag::width, TiffType::rational, {4, 1}}}, {"tag 256", "type 5"});
  expect_corrupt({{tiff_tag::width, TiffType::i16, {0x8000}}}, {"tag 256 is -"});
  expect_corrupt({{tiff_tag::samples, TiffType::u16, {0}}}, {"0 samples"});
  expect_corrupt({{tiff_tag::rows_per_strip, TiffType::u16, {0}}}, {"0 rows"});
  expect_corrupt({{tiff_tag::rows_per_strip, TiffType::u16, {1}}}, {"2 values", "3 strips"});
  expect_corrupt({{tiff_tag::strip_offsets, TiffType::u32, {8, 1000000}}}, {"strip or tile 1"});
  expect_corrupt({{tiff_tag::strip_bytes, TiffType::u32, {16, 0xffffffff}}}, {"strip or tile 1"});
  expect_corrupt({{tiff_tag::strip_offsets, TiffType::u32, {8, 8, 8}, {}, 0, 10000000}},
                 {"3 values", "2 strips"});
  expect_corrupt({{tiff_tag::strip_offsets, TiffType::u64, {8, 8}, {}, 0, 10000000}},
                 {"values of tag 273", "not within"});
  expect_corrupt({{tiff_tag::description, TiffType::text, {}, "a text", 0xffffffff}}, {"tag 270"});
  expect_corrupt({{tiff_tag::bits, TiffType::u16, {16}, {}, 0xfffffff0, 8}}, {"tag 258"});
}

void a_page_of_very_many_strips_is_refused(void**) {
  const std::vector<TiffTag> tags = {{tiff_tag::height, TiffType::u32, {0xffffffff}},
                                     {tiff_tag::rows_per_strip, TiffType::u16, {1}}};
  for (const TiffNumbers& numbers : kinds)
    expect_failure(SWR_ERROR_UNSUPPORTED, {"4194304 strips"},
                   [&] { pages_of(file_of(numbers, tags)); });
}

void a_directory_of_very_many_tags_is_refused(void**) {
  TiffBytes file({true, false});
  const int64_t at = file.add(std::string("\xff\xff\xff\xff\xff\xff\xff\xff", 8));
  file.link(at);
  expect_failure(SWR_ERROR_CORRUPT, {"directory 0", "tags"}, [&] { pages_of(file.bytes()); });
}

// Tags that swr does not need may say anything.
void other_tags_are_not_looked_at(void**) {
  for (const TiffNumbers& numbers : kinds) {
    const std::vector<TiffTag> tags = {
        {tiff_tag::software, TiffType::text, {}, "a program of some name", 0xffffffff, 0xfffffff0},
        {65000, static_cast<TiffType>(99), {1, 2, 3}}};
    assert_int_equal(pages_of(file_of(numbers, tags)).pages.size(), 1);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_class_and_byte_order_is_read),
      cmocka_unit_test(pages_that_another_writer_adds_meanwhile_are_read),
      cmocka_unit_test(tiles_and_planes_are_counted),
      cmocka_unit_test(pages_of_other_kinds_get_forms_of_their_own),
      cmocka_unit_test(samples_that_differ_are_seen),
      cmocka_unit_test(one_strip_needs_no_byte_count),
      cmocka_unit_test(a_loop_is_found),
      cmocka_unit_test(a_chain_that_leaves_the_file_is_refused),
      cmocka_unit_test(a_chain_that_is_too_long_is_refused),
      cmocka_unit_test(every_short_file_is_refused),
      cmocka_unit_test(values_of_later_pages_are_in_the_file),
      cmocka_unit_test(lies_about_pages_are_refused),
      cmocka_unit_test(a_page_of_very_many_strips_is_refused),
      cmocka_unit_test(a_directory_of_very_many_tags_is_refused),
      cmocka_unit_test(other_tags_are_not_looked_at),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
