// Chunks of TIFF files that other programs wrote: they move when they get longer, and nothing else
// of the file changes.
#include <algorithm>
#include <random>

#include "formats/tiff_use.h"
#include "header_checks.h"
#include "sample_checks.h"
#include "swr/swr.h"
#include "tiff_bytes.h"
#include "zlib_bytes.h"

namespace swr {
extern const Format tiff_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

// 3 pages of 200 x 120 pixels of 16 bits, in strips of 40 rows, which are zeros.
constexpr int64_t width = 200, height = 120, pages = 3, rows = 40, strips = 3;
constexpr uint16_t unknown_tag = 65123;

struct Made {
  std::string bytes;
  int64_t gap = 0;                                        // after the pixels of the first page
  std::vector<std::pair<int64_t, std::string>> others{};  // what is no pixel of the image
};

struct Options {
  TiffNumbers numbers{};
  int64_t gap_bytes = 0;
  std::vector<TiffTag> tags{};  // of each page
  bool shares_strips = false;   // the pages have the same ones
  bool shares_places = false;   // the lists of strips of the first page are those of all
  bool shares_lengths = false;  // the pages have one list of the lengths of their strips
};

std::string list_text(const std::vector<uint64_t>& numbers) {
  std::string text;
  for (const uint64_t number : numbers)
    text += {static_cast<char>(number & 0xff), static_cast<char>(number >> 8 & 0xff),
             static_cast<char>(number >> 16 & 0xff), '\0'};
  return text;
}

// With a smaller version of the first page (tag 330), whose strip is `smaller`.
Made made(const Options& options) {
  Made file;
  TiffBytes bytes(options.numbers);
  const TiffType offset_type = options.numbers.big ? TiffType::u64 : TiffType::u32;
  const std::string strip = zlib_of(std::string(width * rows * 2, '\0'));
  const std::string smaller = "a smaller version of the first page, which stays";
  const int64_t smaller_at = bytes.add(smaller);
  file.others.emplace_back(smaller_at, smaller);
  std::vector<std::vector<uint64_t>> offsets(pages);
  for (int64_t page = 0; page < pages; ++page) {
    for (int64_t i = 0; i < strips; ++i)
      offsets[static_cast<size_t>(page)].push_back(static_cast<uint64_t>(bytes.add(strip)));
    if (page == 0) {
      file.gap = bytes.size();
      bytes.add(std::string(static_cast<size_t>(options.gap_bytes), 'g'));
    }
  }
  // A directory that no chain has.
  TiffBytes sub(options.numbers);
  const std::string sub_head = sub.bytes();
  const int64_t sub_at = bytes.size();
  sub.add(std::string(static_cast<size_t>(sub_at) - sub_head.size(), '\0'));
  const int64_t in_sub = sub.add_directory(
      {{tiff_tag::width, TiffType::u16, {4}},
       {tiff_tag::height, TiffType::u16, {3}},
       {tiff_tag::strip_offsets, offset_type, {static_cast<uint64_t>(smaller_at)}},
       {tiff_tag::strip_bytes, offset_type, {smaller.size()}}});
  const std::string directory = sub.bytes().substr(static_cast<size_t>(in_sub));
  bytes.add(directory);
  file.others.emplace_back(sub_at, directory);
  const std::vector<uint64_t> counts(strips, strip.size());
  const int64_t list_of_places = options.shares_places ? bytes.add(list_text(offsets[0])) : -1;
  const int64_t list_of_lengths = options.shares_lengths ? bytes.add(list_text(counts)) : -1;
  for (int64_t page = 0; page < pages; ++page) {
    const bool takes_first = options.shares_strips && page > 0;
    TiffTag places{tiff_tag::strip_offsets, offset_type,
                   offsets[takes_first ? 0 : static_cast<size_t>(page)]};
    places.elsewhere = list_of_places;
    // Three 16-bit numbers are longer than an entry.
    TiffTag lengths{tiff_tag::strip_bytes, options.shares_lengths ? TiffType::u32 : TiffType::u16,
                    counts};
    lengths.elsewhere = list_of_lengths;
    std::vector<TiffTag> tags = {{tiff_tag::width, TiffType::u16, {width}},
                                 {tiff_tag::height, TiffType::u16, {height}},
                                 {tiff_tag::bits, TiffType::u16, {16}},
                                 {tiff_tag::compression, TiffType::u16, {8}},
                                 places,
                                 {tiff_tag::rows_per_strip, TiffType::u16, {rows}},
                                 lengths};
    if (page == 0)
      tags.push_back({tiff_tag::sub_directories, offset_type, {static_cast<uint64_t>(sub_at)}});
    tags.insert(tags.end(), options.tags.begin(), options.tags.end());
    std::ranges::stable_sort(tags, {}, &TiffTag::tag);
    bytes.add_directory(tags);
  }
  file.bytes = bytes.bytes();
  return file;
}

TiffUse use_of(const std::string& bytes) {
  write_bytes("made.tif", bytes);
  TiffFile file(std::make_shared<const File>("made.tif", File::Mode::read));
  return find_tiff_use(file, read_tiff_pages(file));
}

using Pixels = std::vector<uint16_t>;

// Pastes pixels into the box; the message, or nothing.
std::string paste(const swr_region& box, const Pixels& pixels) {
  swr_writer* const w = swr_writer_create();
  swr_set_path(w, "made.tif");
  swr_set_paste_region(w, &box);
  swr_set_existing(w, SWR_EXISTING_UPDATE);
  const auto bytes = static_cast<int64_t>(pixels.size() * sizeof pixels[0]);
  const bool is_done = swr_begin(w) == SWR_OK && swr_put(w, &box, pixels.data(), bytes) == SWR_OK &&
                       swr_finish(w) == SWR_OK;
  std::string message = is_done ? "" : swr_writer_message(w);
  swr_writer_destroy(w);
  return message;
}

Pixels pixels_of_file() {
  const Description file = read_description(tiff_format, "made.tif");
  std::vector<std::byte> bytes = pixels_of(tiff_format, file);  // little-endian
  if (machine_is_big_endian) swap_bytes(bytes, sizeof(Pixels::value_type));
  Pixels pixels(bytes.size() / 2);
  std::memcpy(pixels.data(), bytes.data(), bytes.size());
  return pixels;
}

Pixels noise(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  Pixels pixels(static_cast<size_t>(count));
  for (uint16_t& pixel : pixels) pixel = static_cast<uint16_t>(random());
  return pixels;
}

// A whole page.
void paste_page(int64_t page, Pixels& all, uint32_t seed) {
  const Pixels fresh = noise(width * height, seed);
  const swr_region box{3, 0, {0, 0, page}, {width, height, 1}};
  const std::string message = paste(box, fresh);
  if (!message.empty()) stop(message);
  std::ranges::copy(fresh, all.begin() + page * width * height);
}

void expect_others(const Made& file) {
  const std::string now = read_bytes("made.tif");
  for (const auto& [at, bytes] : file.others)
    assert_true(now.substr(static_cast<size_t>(at), bytes.size()) == bytes);
}

// Strips of noise do not fit where strips of zeros were.
void chunks_of_other_programs_move_and_nothing_else_changes(void**) {
  for (const TiffNumbers numbers :
       {TiffNumbers{}, TiffNumbers{false, true}, TiffNumbers{true, false}}) {
    const Made file = made({.numbers = numbers});
    write_bytes("made.tif", file.bytes);
    Pixels expected(static_cast<size_t>(width * height * pages));
    for (uint32_t i = 0; i < 4; ++i) {
      paste_page(i % pages, expected, i + 1);
      const Pixels found = pixels_of_file();
      assert_true(found == expected);
      expect_others(file);
    }
    const swr_region part{3, 0, {7, 30, 0}, {50, 20, 3}};
    const std::string message = paste(part, Pixels(50 * 20 * 3, 4711));
    if (!message.empty()) stop(message);
    for (int64_t z = 0; z < 3; ++z) {
      for (int64_t y = 30; y < 50; ++y)
        std::fill_n(expected.begin() + (z * height + y) * width + 7, 50, uint16_t{4711});
    }
    assert_true(pixels_of_file() == expected);
    expect_others(file);
  }
}

// A page of one strip of more than 64 KiB.
void lists_of_short_numbers_become_lists_of_longer_ones(void**) {
  for (const int64_t count : {1, 2}) {
    TiffBytes bytes({});
    const std::string strip = zlib_of(std::string(static_cast<size_t>(200 * 240 * 2), '\0'));
    std::vector<uint64_t> offsets, counts;
    for (int64_t i = 0; i < count; ++i) {
      offsets.push_back(static_cast<uint64_t>(bytes.add(strip)));
      counts.push_back(strip.size());
    }
    bytes.add_directory({{tiff_tag::width, TiffType::u16, {200}},
                         {tiff_tag::height, TiffType::u16, {static_cast<uint64_t>(240 * count)}},
                         {tiff_tag::bits, TiffType::u16, {16}},
                         {tiff_tag::compression, TiffType::u16, {8}},
                         {tiff_tag::strip_offsets, TiffType::u16, offsets},
                         {tiff_tag::rows_per_strip, TiffType::u16, {240}},
                         {tiff_tag::strip_bytes, TiffType::u16, counts}});
    write_bytes("made.tif", bytes.bytes());
    const Pixels fresh = noise(200 * 240 * count, 5);
    const std::string message = paste({2, 0, {0, 0}, {200, 240 * count}}, fresh);
    if (!message.empty()) stop(message);
    assert_true(pixels_of_file() == fresh);
  }
}

void unused_bytes_between_others_are_a_hole(void**) {
  const Made file = made({.gap_bytes = 5000});
  const TiffUse use = use_of(file.bytes);
  assert_null(use.obstacle);
  const auto is_gap = [&](const TiffPlace& hole) {
    return hole.offset <= file.gap && hole.offset + hole.bytes >= file.gap + 5000;
  };
  assert_int_equal(std::ranges::count_if(use.holes, is_gap), 1);
  for (const TiffPlace& hole : use.holes) {
    for (const auto& [at, bytes] : file.others)
      assert_true(hole.offset + hole.bytes <= at || hole.offset >= at + std::ssize(bytes));
  }
  // A strip of noise does not fit there, but smaller ones do.
  Pixels expected(static_cast<size_t>(width * height * pages));
  const int64_t before = std::ssize(file.bytes);
  const swr_region few{3, 0, {0, 0, 0}, {40, 30, 1}};
  assert_true(paste(few, noise(40 * 30, 3)).empty());
  assert_int_equal(std::filesystem::file_size("made.tif"), before);
}

void holes_are_left_alone_where_an_unknown_tag_may_use_them(void**) {
  const Made file = made({.gap_bytes = 5000, .tags = {{unknown_tag, TiffType::u32, {1234}}}});
  assert_true(use_of(file.bytes).holes.empty());
  assert_true(paste({3, 0, {0, 0, 0}, {40, 30, 1}}, noise(40 * 30, 3)).empty());
  const std::string now = read_bytes("made.tif");
  assert_true(now.size() > file.bytes.size());
  assert_true(now.substr(static_cast<size_t>(file.gap), 5000) == std::string(5000, 'g'));
  expect_others(file);
}

void chunks_that_two_pages_share_are_not_overwritten(void**) {
  const Made file = made({.shares_strips = true});
  const TiffUse use = use_of(file.bytes);
  assert_int_equal(use.shared_places.size(), strips * pages);
  Pixels expected(static_cast<size_t>(width * height * pages));
  paste_page(1, expected, 1);
  assert_true(pixels_of_file() == expected);
  // A strip that would fit where the old one is.
  const Pixels flat(width * height, 3);
  assert_true(paste({3, 0, {0, 0, 2}, {width, height, 1}}, flat).empty());
  std::ranges::copy(flat, expected.begin() + 2 * width * height);
  assert_true(pixels_of_file() == expected);
}

void page_that_changes_gets_lists_of_its_own(const Made& file) {
  const TiffUse use = use_of(file.bytes);
  assert_null(use.obstacle);
  assert_int_equal(use.shared_lists.size(), 1);
  Pixels expected(static_cast<size_t>(width * height * pages));
  paste_page(1, expected, 1);
  assert_true(pixels_of_file() == expected);
  expect_others(file);
  paste_page(2, expected, 2);
  paste_page(0, expected, 3);
  assert_true(pixels_of_file() == expected);
}

void pages_that_share_a_list_of_places_get_lists_of_their_own(void**) {
  page_that_changes_gets_lists_of_its_own(made({.shares_strips = true, .shares_places = true}));
}

void pages_that_share_a_list_of_lengths_get_lists_of_their_own(void**) {
  page_that_changes_gets_lists_of_its_own(made({.shares_lengths = true}));
}

// The remark of GDAL that tiles are in order, which they are no more.
void remark_about_the_order_of_tiles_is_taken_back(void**) {
  const std::string before = read_bytes(SWR_TEST_DATA "/tiff/cog_uint16.tif");
  write_bytes("made.tif", before);
  assert_true(before.find("KNOWN_INCOMPATIBLE_EDITION=NO\n ") != before.npos);
  assert_true(paste({2, 0, {0, 0}, {50, 40}}, noise(50 * 40, 1)).empty());
  const std::string now = read_bytes("made.tif");
  assert_true(now.find("KNOWN_INCOMPATIBLE_EDITION=YES\n") != now.npos);
  const size_t end = before.find("KNOWN_INCOMPATIBLE_EDITION");
  assert_true(now.substr(16, end - 16) == before.substr(16, end - 16));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(chunks_of_other_programs_move_and_nothing_else_changes),
      cmocka_unit_test(lists_of_short_numbers_become_lists_of_longer_ones),
      cmocka_unit_test(unused_bytes_between_others_are_a_hole),
      cmocka_unit_test(holes_are_left_alone_where_an_unknown_tag_may_use_them),
      cmocka_unit_test(chunks_that_two_pages_share_are_not_overwritten),
      cmocka_unit_test(pages_that_share_a_list_of_places_get_lists_of_their_own),
      cmocka_unit_test(pages_that_share_a_list_of_lengths_get_lists_of_their_own),
      cmocka_unit_test(remark_about_the_order_of_tiles_is_taken_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
