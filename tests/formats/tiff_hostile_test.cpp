// TIFF: directories that share bytes, texts with more after their end, ImageJ's own tags, and
// tifffile's JSON in another order: nothing of it is overwritten, lost or misread without a word.
#include <algorithm>
#include <optional>

#include "formats/tiff_directory.h"
#include "formats/tiff_imagej_tags.h"
#include "formats/tiff_source.h"
#include "header_checks.h"
#include "tiff_bytes.h"

namespace swr {
extern const Format tiff_format;
}

namespace {

using namespace swr;
using namespace swr::checks;
using namespace std::string_literals;

const Format& format = tiff_format;

// A page of 4 x 3 pixels of uint8 whose pixels are at `at`, and more tags, in ascending order.
std::vector<TiffTag> page(uint64_t at, const std::vector<TiffTag>& more) {
  std::vector<TiffTag> tags = {{tiff_tag::width, TiffType::u16, {4}},
                               {tiff_tag::height, TiffType::u16, {3}},
                               {tiff_tag::bits, TiffType::u16, {8}},
                               {tiff_tag::strip_offsets, TiffType::u32, {at}},
                               {tiff_tag::strip_bytes, TiffType::u32, {12}}};
  tags.insert(tags.end(), more.begin(), more.end());
  std::ranges::stable_sort(tags, {}, &TiffTag::tag);
  return tags;
}

// A stack whose first page has these tags too.
std::string stack(int pages, const std::vector<TiffTag>& more, TiffNumbers numbers = {}) {
  TiffBytes bytes(numbers);
  const auto at =
      static_cast<uint64_t>(bytes.add(std::string(12 * static_cast<size_t>(pages), 'p')));
  for (int number = 0; number < pages; ++number)
    bytes.add_directory(
        page(at + 12 * static_cast<uint64_t>(number), number == 0 ? more : std::vector<TiffTag>{}));
  return bytes.bytes();
}

TiffTag description(const std::string& text) {
  return {tiff_tag::description, TiffType::text, {}, text};
}

// What is read stays open, so that each file has a path of its own where there are several.
Description read(const std::string& bytes, const std::string& path = "read.tif") {
  return read_text(format, path, bytes);
}

Image resized(const Image& image, int64_t size, int64_t first = 0) {
  Image other = image;
  other.region.size[2] = size;
  other.region.index[2] = first;
  return other;
}

std::optional<Growth> growth_of(const Description& file, int64_t size) {
  return format.grow("read.tif", file, resized(file.image, size));
}

NewFile copy_of(const Description& file, const Image& image) {
  NewFileRequest request = request_for(format, "copy.tif");
  request.base = &file;
  return format.plan(image, request);
}

bool mentions(const NewFile& file, const std::string& word) {
  return std::ranges::any_of(file.remarks, [&](const Remark& remark) {
    return remark.loss && remark.text.find(word) != std::string::npos;
  });
}

void pages_of_several_planes_are_unsupported_whatever_their_strips(void**) {
  expect_failure(SWR_ERROR_UNSUPPORTED, {"read.tif", "2 planes (tag 32997)"}, [] {
    read(stack(1, {{tiff_tag::image_depth, TiffType::u32, {2}}}));
  });
  TiffBytes bytes({});
  const auto at = static_cast<uint64_t>(bytes.add(std::string(24, 'p')));
  std::vector<TiffTag> tags = page(at, {{tiff_tag::image_depth, TiffType::u32, {2}}});
  for (TiffTag& tag : tags) {
    if (tag.tag == tiff_tag::strip_offsets) tag.values = {at, at + 12};
    if (tag.tag == tiff_tag::strip_bytes) tag.values = {12, 12};
  }
  bytes.add_directory(tags);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"read.tif", "2 planes"}, [&] { read(bytes.bytes()); });
}

void the_shape_may_be_any_key_of_the_json(void**) {
  const std::string json =
      R"({"axes": "TZYX", "a\"shape\"": {"shape": [1]}, "shape": [30, 2, 3, 4]})";
  const Description file = read(stack(60, {description(json)}));
  assert_int_equal(file.image.dimensions(), 4);
  assert_int_equal(file.image.region.size[3], 30);
  assert_true(mentions(copy_of(file, file.image), "description"));
  Image grown = file.image;
  grown.region.size[3] = 31;
  const auto growth = format.grow("read.tif", file, grown);
  assert_true(growth.has_value());
  std::string all = growth->trailer;
  for (const HeaderPatch& patch : growth->patches) all += patch.bytes;
  assert_true(
      all.find(R"({"axes": "TZYX", "a\"shape\"": {"shape": [1]}, "shape": [31, 2, 3, 4]})") !=
      std::string::npos);
  for (const char* const other :
       {R"({"a": "shape", "b": [30, 2, 3, 4]})", R"({"a": {"shape": [30, 2, 3, 4]}})",
        R"("shape": [30, 2, 3, 4])", R"({"shape)", R"({"a\)", "{"})
    assert_int_equal(read(stack(60, {description(other)})).image.dimensions(), 3);
}

void text_after_the_end_of_the_description_is_not_lost_without_a_word(void**) {
  const std::string text = "ImageJ=1.53t\nimages=2\nslices=2\nspacing=2\n";
  const Description plain = read(stack(2, {description(text + std::string(40, '\0'))}));
  const Description more = read(stack(2, {description(text + "\0\0and more\0"s)}), "more.tif");
  assert_true(growth_of(plain, 3).has_value());
  assert_false(growth_of(more, 3).has_value());
  assert_false(mentions(copy_of(plain, plain.image), "after the end"));
  assert_true(mentions(copy_of(more, more.image), "after the end"));
  assert_int_equal(plain.header->own_fields().size() + 1, more.header->own_fields().size());
  // A text that says nothing of pages stays as it is, with all that follows.
  const Description other = read(stack(2, {description("a\0b\0and more"s)}), "other.tif");
  assert_true(growth_of(other, 3).has_value());
}

// The second directory is where the values of the first one's description are, or part of it.
void files_whose_directories_share_bytes_do_not_grow_in_place(void**) {
  TiffBytes plain({});
  const auto at = static_cast<uint64_t>(plain.add(std::string(24, 'p')));
  TiffBytes shared = plain;
  std::vector<TiffTag> first = page(at, {description(std::string(40, ' '))});
  plain.add_directory(first);
  plain.add_directory(page(at + 12, {}));
  assert_true(growth_of(read(plain.bytes()), 3).has_value());
  const int64_t length = 2 + 6 * 12 + 4;  // of the first directory
  for (TiffTag& tag : first) {
    if (tag.tag == tiff_tag::description) tag.elsewhere = shared.size() + length + 10;
  }
  shared.add_directory(first);
  shared.add_directory(page(at + 12, {}));
  const Description file = read(shared.bytes());
  assert_int_equal(file.image.region.size[2], 2);
  assert_false(growth_of(file, 3).has_value());
  assert_true(copy_of(file, resized(file.image, 3)).header.size() > 0);
}

void a_loop_of_directories_is_found_wherever_it_begins(void**) {
  for (const int before : {0, 1, 2, 5, 8}) {
    for (const int within : {1, 2, 3, 7}) {
      TiffBytes bytes({});
      const auto at = static_cast<uint64_t>(bytes.add(std::string(12, 'p')));
      int64_t first = 0;
      for (int number = 0; number < before + within; ++number) {
        const int64_t offset = bytes.add_directory(page(at, {}));
        if (number == before) first = offset;
      }
      bytes.link(first);
      expect_failure(SWR_ERROR_CORRUPT, {"read.tif", "earlier one"}, [&] { read(bytes.bytes()); });
    }
  }
}

// --- ImageJ's tags ---

std::string big(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 255);
  return bytes;
}

// Labels of two slices, and the range of the grey values.
struct ImagejTags {
  std::string head = "IJIJ" + big(0x6c61626c) + big(2) + big(0x72616e67) + big(1);
  std::string labels = "\0a\0b"s + "\0c"s, range = "\1\2\3\4\5\6\7\x8"s + std::string(8, '\0');
  std::vector<uint64_t> counts = {20, 4, 2, 16};

  std::vector<TiffTag> tags() const {
    return {{imagej_counts_tag, TiffType::u32, counts},
            {imagej_values_tag, TiffType::u8, {}, head + labels + range}};
  }
};

const TiffKeptTag* kept(const Description& file, uint16_t tag) {
  const auto& all = dynamic_cast<const TiffSource&>(*file.header).kept;
  const auto found = std::ranges::find(all, tag, &TiffKeptTag::tag);
  return found == all.end() ? nullptr : &*found;
}

// New files are little-endian, and so are the letters of labels in them.
void imagej_values_of_big_endian_files_change_their_order(void**) {
  const ImagejTags good;
  const Description file = read(stack(2, good.tags(), {false, true}));
  const TiffKeptTag* const values = kept(file, imagej_values_tag);
  assert_true(values != nullptr);
  const std::string expected = "JIJIlbal\2\0\0\0gnar\1\0\0\0"s + "a\0b\0"s + "c\0"s +
                               "\x8\7\6\5\4\3\2\1"s + std::string(8, '\0');
  assert_int_equal(values->values.size(), expected.size());
  assert_memory_equal(values->values.data(), expected.data(), expected.size());
  assert_true(copy_of(file, file.image).header.find("lbal") != std::string::npos);
  const Description little = read(stack(2, good.tags()));
  assert_true(kept(little, imagej_values_tag)->values == good.head + good.labels + good.range);

  const auto not_kept = [](const ImagejTags& wrong) {
    const Description other = read(stack(2, wrong.tags(), {false, true}));
    assert_true(kept(other, imagej_values_tag) == nullptr);
    assert_true(kept(other, imagej_counts_tag) == nullptr);
    assert_true(mentions(copy_of(other, other.image), "tag 50839"));
  };
  for (const uint64_t count : {0U, 19U, 24U, 28U, 0xfffffffcU}) {
    ImagejTags wrong;
    wrong.counts[0] = count;
    not_kept(wrong);
  }
  for (const uint64_t count : {1U, 3U, 6U, 0xfffffffeU}) {
    ImagejTags wrong;
    wrong.counts[1] = count;
    not_kept(wrong);
  }
  ImagejTags wrong;
  wrong.counts.pop_back();
  not_kept(wrong);
  wrong = {};
  wrong.head[4] = 'x';
  not_kept(wrong);
  wrong = {};
  wrong.head[0] = 'x';
  not_kept(wrong);
  wrong = {};
  wrong.head[8] = '\x7f';
  not_kept(wrong);
  wrong = {};
  wrong.range += '\0';
  not_kept(wrong);
}

// Labels are of the first slices: they stay where these are the same ones.
void labels_stay_with_their_slices(void**) {
  for (const bool big_endian : {false, true}) {
    ImagejTags tags;
    if (!big_endian) {
      tags.head = "JIJIlbal\2\0\0\0gnar\1\0\0\0"s;
    }
    const Description file = read(stack(2, tags.tags(), {false, big_endian}));
    assert_false(mentions(copy_of(file, file.image), "tag 5083"));
    assert_false(mentions(copy_of(file, resized(file.image, 3)), "tag 5083"));
    for (const Image& other : {resized(file.image, 3, -1), resized(file.image, 1)}) {
      const NewFile copy = copy_of(file, other);
      assert_true(mentions(copy, "tag 50838") && mentions(copy, "tag 50839"));
      assert_true(copy.header.find("lbal") == std::string::npos);
    }
    assert_true(growth_of(file, 3).has_value());
  }
  // Other values are of the whole stack.
  ImagejTags range;
  range.head = "IJIJ" + big(0x72616e67) + big(1);
  range.labels.clear();
  range.counts = {12, 16};
  const Description file = read(stack(2, range.tags(), {false, true}));
  assert_false(mentions(copy_of(file, resized(file.image, 1)), "tag 5083"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(pages_of_several_planes_are_unsupported_whatever_their_strips),
      cmocka_unit_test(the_shape_may_be_any_key_of_the_json),
      cmocka_unit_test(text_after_the_end_of_the_description_is_not_lost_without_a_word),
      cmocka_unit_test(files_whose_directories_share_bytes_do_not_grow_in_place),
      cmocka_unit_test(a_loop_of_directories_is_found_wherever_it_begins),
      cmocka_unit_test(imagej_values_of_big_endian_files_change_their_order),
      cmocka_unit_test(labels_stay_with_their_slices),
  };
  return cmocka_run_group_tests_name("tiff_hostile", tests, nullptr, nullptr);
}
