// TIFF: what further pages say, and smaller versions of pages: nothing of it is lost or becomes
// wrong without a word.
#include <algorithm>

#include "formats/tiff_directory.h"
#include "header_checks.h"
#include "tiff_bytes.h"

namespace swr {
extern const Format tiff_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = tiff_format;

// A page of 4 x 3 pixels of uint8 whose pixels are at `at`, and more tags, the last ones.
std::vector<TiffTag> page(uint64_t at, const std::vector<TiffTag>& more, uint64_t subfile = 0) {
  std::vector<TiffTag> tags = {{tiff_tag::subfile_type, TiffType::u32, {subfile}},
                               {tiff_tag::width, TiffType::u16, {4}},
                               {tiff_tag::height, TiffType::u16, {3}},
                               {tiff_tag::bits, TiffType::u16, {8}},
                               {tiff_tag::strip_offsets, TiffType::u32, {at}},
                               {tiff_tag::strip_bytes, TiffType::u32, {12}}};
  tags.insert(tags.end(), more.begin(), more.end());
  return tags;
}

TiffTag words(uint16_t tag, const std::string& text) {
  return {tag, TiffType::text, {}, text + '\0'};
}

std::vector<std::string> remarks_of_copy(const Description& file) {
  NewFileRequest request = request_for(format, "copy.tif");
  request.base = &file;
  std::vector<std::string> texts;
  for (const Remark& remark : format.plan(file.image, request).remarks) {
    assert_true(remark.loss);
    texts.push_back(remark.text);
  }
  return texts;
}

bool mention(const std::vector<std::string>& texts, const std::string& word) {
  return std::ranges::any_of(
      texts, [&](const std::string& text) { return text.find(word) != std::string::npos; });
}

void tags_of_further_pages_are_not_lost_without_a_word(void**) {
  constexpr uint16_t date = 306;
  for (const bool big : {false, true}) {
    TiffBytes bytes({big, big});
    const auto at = static_cast<uint64_t>(bytes.add(std::string(24, 'p')));
    bytes.add_directory(page(at, {words(tiff_tag::software, "a program"), words(date, "monday")}));
    bytes.add_directory(
        page(at + 12, {words(tiff_tag::software, "a program"), words(date, "friday")}));
    const Description file = read_text(format, "pages.tif", bytes.bytes());
    const auto remarks = remarks_of_copy(file);
    assert_true(mention(remarks, "tag 306 of further pages"));
    assert_false(mention(remarks, "tag 305"));
    assert_true(mention(file.header->own_fields(), "tag 306 of further pages"));
  }
}

void descriptions_of_further_pages_are_not_lost_without_a_word(void**) {
  TiffBytes bytes({});
  const auto at = static_cast<uint64_t>(bytes.add(std::string(24, 'p')));
  bytes.add_directory(page(at, {}));
  bytes.add_directory(page(at + 12, {words(tiff_tag::description, "the second page")}));
  const Description file = read_text(format, "pages.tif", bytes.bytes());
  assert_true(mention(remarks_of_copy(file), "tag 270 of further pages"));
}

void smaller_versions_are_said_to_become_stale(void**) {
  TiffBytes plain({}), reduced({}), inner({}), mask({});
  for (TiffBytes* const bytes : {&plain, &reduced, &inner, &mask}) {
    const auto at = static_cast<uint64_t>(bytes->add(std::string(12, 'p')));
    std::vector<TiffTag> more;
    if (bytes == &inner) more.push_back({tiff_tag::sub_directories, TiffType::u32, {8}});
    bytes->add_directory(page(at, more));
    const uint64_t kind = bytes == &reduced ? 1 : 4;
    if (bytes != &plain && bytes != &inner) bytes->add_directory(page(at, {}, kind));
  }
  expect_text(read_text(format, "plain.tif", plain.bytes()).left_stale, "");
  expect_text(read_text(format, "mask.tif", mask.bytes()).left_stale, "");
  const std::string by_page = read_text(format, "reduced.tif", reduced.bytes()).left_stale;
  assert_true(by_page.find("tag 254") != std::string::npos);
  const std::string by_tag = read_text(format, "inner.tif", inner.bytes()).left_stale;
  assert_true(by_tag.find("tag 330") != std::string::npos);
}

// Old pages that count themselves, and one whose count was wrong before, which stays.
void numbers_of_old_pages_grow(void**) {
  for (const bool big_endian : {false, true}) {
    TiffBytes bytes({false, big_endian});
    const auto at = static_cast<uint64_t>(bytes.add(std::string(36, 'p')));
    for (const uint64_t number : {0, 1, 2}) {
      const uint64_t all = number == 1 ? 7 : 3;
      bytes.add_directory(
          page(at + 12 * number, {{tiff_tag::page_number, TiffType::u16, {number, all}}}));
    }
    const Description file = read_text(format, "pages.tif", bytes.bytes());
    Image grown = file.image;
    grown.region.size[2] = 5;
    const auto growth = format.grow("pages.tif", file, grown);
    assert_true(growth.has_value());
    std::string all = bytes.bytes();
    all.resize(static_cast<size_t>(growth->more->offset + growth->more->bytes), '\0');
    all += growth->trailer;
    for (const HeaderPatch& patch : growth->patches)
      all.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
    write_bytes("grown.tif", all);
    TiffFile read(std::make_shared<File>("grown.tif", File::Mode::read));
    const TiffPages pages = read_tiff_pages(read);
    assert_int_equal(pages.pages.size(), 5);
    for (int64_t number = 0; number < 5; ++number) {
      const auto directory =
          read.directory(pages.pages[static_cast<size_t>(number)].directory, number);
      const TiffEntry& entry = *directory.find(tiff_tag::page_number);
      assert_int_equal(read.whole(entry, 0), number);
      assert_int_equal(read.whole(entry, 1), number == 1 ? 7 : 5);
    }
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(tags_of_further_pages_are_not_lost_without_a_word),
      cmocka_unit_test(descriptions_of_further_pages_are_not_lost_without_a_word),
      cmocka_unit_test(smaller_versions_are_said_to_become_stale),
      cmocka_unit_test(numbers_of_old_pages_grow),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
