// TIFF files whose strips are compressed, or that have tiles: files of other programs are read,
// region by region and in all, and those that are damaged or lie are found out.
#include <algorithm>
#include <random>

#include "codecs/checksum.h"
#include "engine/reader.h"
#include "formats/tiff_file.h"
#include "header_checks.h"
#include "image/copy.h"
#include "sample_checks.h"
#include "tiff_bytes.h"
#include "zlib_bytes.h"

namespace swr {
extern const Format tiff_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = tiff_format;

std::string sample_path(const std::string& name) {
  return SWR_TEST_DATA "/tiff/" + name;
}

struct Sample {
  const char* name;
  std::vector<int64_t> size;
  PixelType pixel;
  const char* encoding;
  uint32_t crc;  // of the pixels, little-endian; of shared samples' list
};

const PixelType u8{SWR_UINT8, 1, SWR_KIND_SCALAR}, u16{SWR_UINT16, 1, SWR_KIND_SCALAR},
    f32{SWR_FLOAT32, 1, SWR_KIND_SCALAR};
const Sample samples[] = {
    {"deflate_uint16.tif", {13, 7, 5}, u16, "deflate", 0xc97bd92d},
    {"deflate_pred_uint16.tif", {13, 7, 5}, u16, "deflate", 0xc97bd92d},
    {"deflate_tiled_uint16.tif", {50, 40, 3}, u16, "deflate", 0x12c6c606},
    {"tiled_uint8.tif", {50, 40, 3}, u8, "none", 0xef6cdf58},
    {"ome_pyramid_uint16.ome.tif", {96, 64}, u16, "deflate", 0x17be9b1e},
    {"lzw_uint16.tif", {13, 7, 5}, u16, "lzw", 0xc97bd92d},
    {"lzw_pred_uint16.tif", {13, 7, 5}, u16, "lzw", 0xc97bd92d},
    {"zip_pred_uint16.tif", {13, 7, 5}, u16, "deflate", 0xc97bd92d},
#ifdef SWR_HAVE_ZSTD
    {"zstd_uint16.tif", {13, 7, 5}, u16, "zstd", 0xc97bd92d},
#endif
#ifdef SWR_HAVE_LZMA
    {"lzma_uint16.tif", {13, 7, 5}, u16, "lzma", 0xc97bd92d},
#endif
    {"packbits_uint16.tif", {13, 7, 5}, u16, "packbits", 0xc97bd92d},
    {"tiled_raw_uint16.tif", {13, 7, 5}, u16, "none", 0xc97bd92d},
    {"zip_pred3_float32.tif", {13, 7, 5}, f32, "deflate", 0xab5480b3},
    {"zip_pred3_float16.tif", {13, 7, 5}, f32, "deflate", 0x3da267e6},
    {"lzw_pred_float16.tif", {13, 7, 5}, f32, "lzw", 0x3da267e6},
    {"stack_float16.tif", {13, 7, 5}, f32, "none", 0x3da267e6},
    {"cog_uint16.tif", {192, 128}, u16, "deflate", 0x3f263e23},
    {"vips_pyramid_uint16.tif", {192, 128}, u16, "deflate", 0x3f263e23},
};

std::vector<std::byte> read_region(PixelReader& reader, const Description& file,
                                   const Region& region) {
  std::vector<std::byte> out(static_cast<size_t>(region.pixels() * file.image.pixel.bytes()));
  reader.read(region, out);
  return out;
}

void files_of_other_programs_are_read(void**) {
  for (const Sample& sample : samples) {
    const Description file = read_description(format, sample_path(sample.name));
    expect_size(file.image, sample.size);
    if (file.image.pixel != sample.pixel) stop(text(sample.name, ": ", file.image.pixel.text()));
    assert_string_equal(format.form(file.layout, {}).encoding, sample.encoding);
    const uint32_t crc = checksum_of(Checksum::crc32, pixels_of(format, file));
    if (crc != sample.crc) stop(text(sample.name, " has other pixels"));
    format.reader(file.layout, {})->verify();
  }
}

// Any region is the same part of the whole, with few and many chunks in memory.
void regions_are_parts_of_the_whole(void**) {
  std::mt19937 random(5);
  for (const Sample& sample : samples) {
    const Description file = read_description(format, sample_path(sample.name));
    Region all = file.image.region;
    all.index = {};
    const auto whole = read_region(*format.reader(file.layout, {}), file, all);
    for (const int64_t limit : {int64_t{40000}, int64_t{100000}, int64_t{1} << 28}) {
      if (limit < 100000 && file.image.region.size[0] > 100) continue;  // a tile is larger
      const auto reader = format.reader(file.layout, {.threads = 2, .memory_limit = limit});
      for (int i = 0; i < 30; ++i) {
        Region region = all;
        for (int axis = 0; axis < all.dimensions; ++axis) {
          const auto draw = [&](int64_t count) {
            return static_cast<int64_t>(random() % static_cast<uint32_t>(count));
          };
          region.index[axis] = draw(all.size[axis]);
          region.size[axis] = 1 + draw(all.size[axis] - region.index[axis]);
        }
        std::vector<std::byte> expected(
            static_cast<size_t>(region.pixels() * file.image.pixel.bytes()));
        copy_region(region, file.image.pixel.bytes(), whole.data(), all, expected.data(), region);
        if (read_region(*reader, file, region) != expected)
          stop(text(sample.name, ": the region ", region.text(), " is wrong"));
      }
    }
  }
}

void what_swr_does_not_encode_is_only_read(void**) {
  constexpr const char* none = "";
  for (const auto& [name, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"lzw_uint16.tif", "its pixels are compressed with LZW, which swr reads and does not"},
           {"packbits_uint16.tif", "its pixels are compressed with PackBits, which swr reads and"},
           {"zip_pred3_float16.tif", half_floats_read_only},
           {"deflate_tiled_uint16.tif", none},
           {"zip_pred3_float32.tif", none},
           {"tiled_uint8.tif", none}}) {
    const Description file = read_description(format, sample_path(name));
    assert_int_equal(file.read_only.find(words), 0);
    assert_int_equal(file.read_only.empty(), *words == 0);
    expect_text(format.form(file.layout, {}).read_only, file.read_only);
  }
}

// --- Files made here: 3 pages of 40 x 20 pixels of 16 bits, in strips of 8 rows ---

constexpr int64_t width = 40, height = 20, pages = 3, rows = 8;

std::string raw_strip(int64_t page, int64_t strip) {
  std::string raw;
  for (int64_t y = strip * rows; y < std::min(height, (strip + 1) * rows); ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const auto value = static_cast<uint16_t>(1000 * page + 50 * y + x);
      raw += {static_cast<char>(value & 0xff), static_cast<char>(value >> 8)};
    }
  }
  return raw;
}

struct Change {
  std::vector<TiffTag> tags{};  // in place of others
  std::function<void(int64_t page, int64_t strip, std::string& stored)> strip{};
};

std::string file_of(const Change& change = {}) {
  TiffBytes file({});
  for (int64_t page = 0; page < pages; ++page) {
    std::vector<uint64_t> offsets, counts;
    for (int64_t strip = 0; strip * rows < height; ++strip) {
      std::string stored = zlib_of(raw_strip(page, strip));
      if (change.strip) change.strip(page, strip, stored);
      offsets.push_back(stored.empty() ? 0 : static_cast<uint64_t>(file.add(stored)));
      counts.push_back(stored.size());
    }
    std::vector<TiffTag> tags = {{tiff_tag::width, TiffType::u16, {width}},
                                 {tiff_tag::height, TiffType::u16, {height}},
                                 {tiff_tag::bits, TiffType::u16, {16}},
                                 {tiff_tag::compression, TiffType::u16, {8}},
                                 {tiff_tag::strip_offsets, TiffType::u32, offsets},
                                 {tiff_tag::rows_per_strip, TiffType::u16, {rows}},
                                 {tiff_tag::strip_bytes, TiffType::u32, counts}};
    for (const TiffTag& tag : change.tags) {
      std::erase_if(tags, [&](const TiffTag& old) { return old.tag == tag.tag; });
      tags.push_back(tag);
    }
    std::ranges::sort(tags, {}, &TiffTag::tag);
    file.add_directory(tags);
  }
  return file.bytes();
}

Description described(const std::string& bytes) {
  write_bytes("made.tif", bytes);
  return read_description(format, "made.tif");
}

void strips_made_here_are_read(void**) {
  const Description file = described(file_of());
  const auto bytes = pixels_of(format, file);
  for (int64_t page = 0; page < pages; ++page) {
    for (int64_t at = 0; at < width * height; ++at) {
      const auto value = load<uint16_t>(bytes.data() + 2 * (page * width * height + at));
      assert_int_equal(value, 1000 * page + 50 * (at / width) + at % width);
    }
  }
}

void strips_that_are_not_stored_are_zeros(void**) {
  for (const bool compressed : {false, true}) {
    Change change;
    if (!compressed) change.tags = {{tiff_tag::compression, TiffType::u16, {1}}};
    change.strip = [&](int64_t page, int64_t strip, std::string& stored) {
      if (!compressed) stored = raw_strip(page, strip);
      if (page == 1 && strip == 2) stored.clear();
    };
    const Description file = described(file_of(change));
    expect_text(file.read_only, "");
    const auto bytes = pixels_of(format, file);
    const auto value = [&](int64_t page, int64_t y) {
      return load<uint16_t>(bytes.data() + 2 * ((page * height + y) * width));
    };
    assert_int_equal(value(1, 15), 1750);
    assert_int_equal(value(1, 16), 0);
    assert_int_equal(value(1, 19), 0);
    assert_int_equal(value(2, 0), 2000);
  }
}

// The other chunks can be read; the message says which one is damaged.
void expect_damage(const std::string& reason,
                   const std::function<void(std::string& stored)>& damage) {
  Change change;
  change.strip = [&](int64_t page, int64_t strip, std::string& stored) {
    if (page == 2 && strip == 1) damage(stored);
  };
  const Description file = described(file_of(change));
  const std::vector<std::string> words = {"made.tif", "the strip with the pixels (0,8,2) size",
                                          reason};
  expect_failure(SWR_ERROR_CORRUPT, words, [&] { pixels_of(format, file); });
  expect_failure(SWR_ERROR_CORRUPT, words, [&] { format.reader(file.layout, {})->verify(); });
  Region page = file.image.region;
  page.size[2] = 2;
  std::vector<std::byte> out(static_cast<size_t>(page.pixels() * 2));
  format.reader(file.layout, {})->read(page, out);
}

void damaged_strips_are_found_out_and_named(void**) {
  const std::string raw = raw_strip(2, 1);
  expect_damage("not a whole zlib stream", [](std::string& s) { s.resize(s.size() - 5); });
  expect_damage("zlib stream", [](std::string& s) { s[s.size() / 2] ^= 0x40; });
  expect_damage("not a whole zlib stream", [](std::string& s) { s = "no stream at all"; });
  expect_damage("ends too early", [&](std::string& s) { s = zlib_of(raw.substr(2)); });
  expect_damage("more pixels", [&](std::string& s) { s = zlib_of(raw + "x"); });
  expect_damage("too many bytes", [](std::string& s) { s.resize(1 << 20); });
}

// Sizes are compared before memory is taken for them.
void chunks_of_too_many_bytes_are_refused_before_they_are_decoded(void**) {
  const Change tall{{{tiff_tag::height, TiffType::u32, {3000000}},
                     {tiff_tag::rows_per_strip, TiffType::u32, {3000000}},
                     {tiff_tag::strip_offsets, TiffType::u32, {100}},
                     {tiff_tag::strip_bytes, TiffType::u32, {100}}},
                    {}};
  const Description file = described(file_of(tall));
  Region line = file.image.region;
  line.size[1] = line.size[2] = 1;
  std::vector<std::byte> out(2 * width);
  // The file is open and can be asked what it is; a limit counts that is set afterwards.
  Reader reader;
  reader.open("made.tif");
  const auto read = [&] { reader.read(line, out.data(), std::ssize(out)); };
  expect_failure(SWR_ERROR_MEMORY_LIMIT,
                 {"made.tif", "a strip has 240000000 bytes", "memory limit"}, read);
  reader.options.memory_limit = int64_t{1} << 30;
  expect_failure(SWR_ERROR_CORRUPT, {"made.tif", "too few bytes"}, read);
  reader.options.memory_limit = int64_t{1} << 20;
  expect_failure(SWR_ERROR_MEMORY_LIMIT, {"made.tif", "1048576"}, read);
}

void headers_that_cannot_be_undone_are_refused(void**) {
  const auto refused = [](swr_status status, const std::vector<TiffTag>& tags,
                          const std::vector<std::string>& words) {
    expect_failure(status, words, [&] { described(file_of({tags, {}})); });
  };
  const auto tag = [](uint16_t number, uint64_t value) {
    return TiffTag{number, TiffType::u16, {value}};
  };
  refused(SWR_ERROR_UNSUPPORTED, {tag(tiff_tag::compression, 7)},
          {"JPEG", "tag 259 is 7", "tiffcp -c zip"});
  refused(SWR_ERROR_UNSUPPORTED, {tag(tiff_tag::compression, 4711)}, {"tag 259 is 4711"});
  refused(SWR_ERROR_UNSUPPORTED, {tag(tiff_tag::predictor, 4)}, {"predictor 4"});
  refused(SWR_ERROR_UNSUPPORTED, {tag(tiff_tag::predictor, 3)}, {"predictor 3", "floating"});
  refused(SWR_ERROR_CORRUPT, {{tiff_tag::strip_bytes, TiffType::u32, {0, 10, 10}}},
          {"strip 0 of page 0 has no bytes"});
}

void old_lzw_is_named(void**) {
  Change change{{{tiff_tag::compression, TiffType::u16, {5}}}, {}};
  change.strip = [](int64_t, int64_t, std::string& s) { s = std::string("\0\1abcdefgh", 10); };
  const Description file = described(file_of(change));
  expect_failure(SWR_ERROR_CORRUPT, {"made.tif", "LZW of an old kind"},
                 [&] { pixels_of(format, file); });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_other_programs_are_read),
      cmocka_unit_test(regions_are_parts_of_the_whole),
      cmocka_unit_test(what_swr_does_not_encode_is_only_read),
      cmocka_unit_test(strips_made_here_are_read),
      cmocka_unit_test(strips_that_are_not_stored_are_zeros),
      cmocka_unit_test(damaged_strips_are_found_out_and_named),
      cmocka_unit_test(chunks_of_too_many_bytes_are_refused_before_they_are_decoded),
      cmocka_unit_test(headers_that_cannot_be_undone_are_refused),
      cmocka_unit_test(old_lzw_is_named),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
