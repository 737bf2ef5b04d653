// Zarr arrays of other programs, read through the format: chunks in every order and coding, in
// shards or files of their own, missing ones, and what is damaged or leads elsewhere.
#include <array>
#include <filesystem>

#include "codecs/blosc.h"
#include "engine/reader.h"
#include "header_checks.h"
#include "sample_checks.h"
#include "storage/file.h"

namespace swr {
extern const Format zarr_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = zarr_format;

std::string zarr_sample(const std::string& name) {
  return SWR_TEST_DATA "/zarr/" + name + ".zarr";
}

void samples_have_their_values(void**) {
  for (const char* name : {
#ifdef SWR_HAVE_BLOSC
           "v2_blosc_lz4_uint16",
           "v2_blosc_zlib_uint16",
           "v2_blosc_zstd_uint16",
           "v3_blosc_uint16",
#endif
           "v2_F_uint16",
           "v2_gzip_uint16",
           "v2_lz4_uint16",
           "v2_raw_be_uint16",
           "v2_raw_int16",
           "v2_slash_uint16",
           "v2_zlib_uint16",
           "v2_zstd_uint16",
           "v3_be_uint16",
           "v3_crc32c_uint16",
           "v3_gzip_uint16",
           "v3_raw_uint16",
           "v3_zstd_uint16",
           "v3_shard_end_uint16",
           "v3_shard_start_uint16",
           "zarrita_v3_raw_uint16",
           "zarrita_v3_transpose_uint16"}) {
    print_message("%s\n", name);
    const Description file = read_description(zarr_sample(name));
    expect_size(file.image, {13, 7, 5});
    expect_series<uint16_t>(format, file);
    format.reader(file.layout, {})->verify();
    if (!file.layout.big_endian) expect_box_of_series(*format.reader(file.layout, {}));
  }
  expect_series<uint8_t>(format, read_description(zarr_sample("v2_raw_uint8")));
  expect_series<float>(format, read_description(zarr_sample("v2_raw_float32")));
  expect_series<double>(format, read_description(zarr_sample("v2_raw_float64")));
}

void missing_chunks_have_the_fill_value(void**) {
  const Description file = read_description(zarr_sample("v2_missing_uint16"));
  const std::vector<std::byte> bytes = pixels_of(format, file);
  constexpr int64_t slice = 13 * 7;
  for (int64_t i = 0; i < 5 * slice; ++i)
    assert_int_equal(load<uint16_t>(bytes.data() + 2 * i), i < 2 * slice ? 9 : 37 * i + 11);
}

void images_of_ngff_are_where_their_group_says(void**) {
  for (const char* name : {"ngff04_zyx_uint16.ome", "ngff05_zyx_uint16.ome"}) {
    const Description file = read_description(zarr_sample(name));
    expect_size(file.image, {16, 12, 8});
    expect_near(file.image.spacing[0], 0.7);
    expect_near(file.image.spacing[2], 2.5);
    expect_near(file.image.first_pixel_position()[0], -10.5);
    expect_near(file.image.first_pixel_position()[1], 20.25);
    expect_text(file.header_path.substr(0, zarr_sample(name).size()), zarr_sample(name));
    OpenFiles files(File::Mode::read);
    files.choose_dataset("1");
    const Image coarse = read_image(format, zarr_sample(name), files).image;
    expect_size(coarse, {8, 6, 4});
    expect_near(coarse.spacing[0], 1.4);
  }
}

constexpr const char* array_json =
    R"({"zarr_format": 2, "shape": [2, 4], "chunks": [1, 4], "dtype": "|u1", "compressor": null,
        "fill_value": 7, "order": "C", "filters": null})";

// An array of two rows, of which the second has no file.
std::string made_array(const std::string& name, const std::string& json = array_json) {
  std::filesystem::remove_all(name);
  std::filesystem::create_directories(name);
  write_bytes(name + "/.zarray", json);
  write_bytes(name + "/0.0", "abcd");
  return name;
}

std::string text_of_pixels(const std::string& path) {
  const std::vector<std::byte> bytes = pixels_of(format, read_description(path));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void array_is_read_by_its_folder_or_its_metadata(void**) {
  made_array("plain");
  expect_text(text_of_pixels("plain"), "abcd\7\7\7\7");
  expect_text(text_of_pixels("plain/.zarray"), "abcd\7\7\7\7");
}

void damaged_chunk_is_named_by_its_file(void**) {
  made_array("short");
  write_bytes("short/1.0", "abc");
  expect_failure(SWR_ERROR_CORRUPT, {"short/1.0", "(0,1) size (4,1)", "too few"},
                 [] { text_of_pixels("short"); });
  const Description file = read_description("short");
  std::byte row[4];
  format.reader(file.layout, {})->read({.dimensions = 2, .size = {4, 1}}, row);
  expect_failure(SWR_ERROR_CORRUPT, {"short/1.0"},
                 [&] { format.reader(file.layout, {})->verify(); });
}

void damaged_shard_is_named_by_its_file(void**) {
  const std::string name = "shard.zarr";
  std::filesystem::remove_all(name);
  std::filesystem::copy(zarr_sample("v3_shard_end_uint16"), name,
                        std::filesystem::copy_options::recursive);
  const std::string shard = name + "/c/0/0/0", whole = read_bytes(shard);
  std::filesystem::permissions(shard, std::filesystem::perms::owner_all);
  std::string bytes = whole;
  bytes[bytes.size() - 8] ^= 1;
  write_bytes(shard, bytes);
  expect_failure(SWR_ERROR_CORRUPT, {shard, "index"}, [&] { text_of_pixels(name); });
  write_bytes(shard, whole.substr(whole.size() - 20));
  expect_failure(SWR_ERROR_CORRUPT, {shard, "index"}, [&] { text_of_pixels(name); });
  bytes = whole;
  bytes[0] ^= 1;  // of the chunk that is stored first
  write_bytes(shard, bytes);
  expect_failure(SWR_ERROR_CORRUPT, {shard, "is damaged"}, [&] { text_of_pixels(name); });
}

void links_in_the_place_of_chunks_are_refused(void**) {
  made_array("linked");
  write_bytes("secret", "root");
#ifndef _WIN32  // wine makes no links
  std::filesystem::create_symlink("../secret", "linked/1.0");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"linked/1.0", "symbolic link"},
                 [] { text_of_pixels("linked"); });
  std::filesystem::remove("linked/1.0");
#endif
  std::filesystem::create_directory("linked/1.0");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"linked/1.0", " file"}, [] { text_of_pixels("linked"); });
}

void paths_of_levels_stay_in_their_group(void**) {
  made_array("outside");
  std::filesystem::create_directories("group/0");
  write_bytes("group/.zgroup", R"({"zarr_format": 2})");
  for (const char* path : {"../outside", "/etc", "0/../../outside", "", "a:b", "..\\\\outside"}) {
    write_bytes("group/.zattrs",
                std::string(R"({"multiscales": [{"version": "0.4", "axes":
        [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}],
        "datasets": [{"path": ")") +
                    path +
                    R"(", "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}]}]}]})");
    expect_failure(SWR_ERROR_UNSUPPORTED, {"group/"}, [] { read_description("group"); });
  }
}

void group_without_an_image_needs_the_name_of_an_array(void**) {
  std::filesystem::create_directories("bare");
  write_bytes("bare/.zgroup", R"({"zarr_format": 2})");
  made_array("bare/a");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"bare/.zgroup", "name the folder"},
                 [] { read_description("bare"); });
  OpenFiles files(File::Mode::read);
  files.choose_dataset("a");
  expect_size(read_image(format_of_file("bare", files), "bare", files).image, {4, 2});
  OpenFiles others(File::Mode::read);
  others.choose_dataset("b");
  expect_failure(SWR_ERROR_NOT_FOUND, {"bare/.zgroup", "\"b\""},
                 [&] { read_image(format, "bare", others); });
}

void folder_of_other_things_is_no_image(void**) {
  std::filesystem::create_directories("things");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"things", "folder"}, [] { read_description("things"); });
}

void components_are_one_axis_in_one_chunk_or_several(void**) {
  for (const char* chunks : {"3, 2, 2", "1, 2, 2", "2, 2, 2"}) {
    const std::string name = "planar";
    std::filesystem::remove_all(name);
    std::filesystem::create_directories(name);
    write_bytes(name + "/.zarray", text(R"({"zarr_format": 2, "shape": [3, 2, 2], "chunks": [)",
                                        chunks, R"(], "dtype": "|u1", "compressor": null,
        "fill_value": 0, "order": "C", "filters": null})"));
    write_bytes(name + "/.zattrs", R"({"swr": {"version": 1, "channel_axis": 0, "kind": "rgb"}})");
    const int each = chunks[0] - '0';
    for (int file = 0; file * each < 3; ++file) {
      std::string bytes;
      for (int i = 0; i < each; ++i) {
        const char letter = static_cast<char>('A' + 4 * (file * each + i));
        for (char pixel = 0; pixel < 4; ++pixel) bytes += static_cast<char>(letter + pixel);
      }
      write_bytes(text(name, '/', file, ".0.0"), bytes);
    }
    const Description read = read_description(name);
    assert_int_equal(read.image.pixel.components, 3);
    expect_text(text_of_pixels(name), "AEIBFJCGKDHL");
  }
}

void chunk_that_does_not_fit_in_the_memory_is_refused(void**) {
  const std::string json =
      R"({"zarr_format": 2, "shape": [9, 9], "chunks": [100000, 100000], "dtype": "<f8",
          "compressor": null, "fill_value": 0, "order": "C", "filters": null})";
  const Description file = read_description(made_array("huge", json));
  std::vector<std::byte> pixels(81 * 8);
  expect_failure(SWR_ERROR_MEMORY_LIMIT, {"huge", "memory limit"}, [&] {
    format.reader(file.layout, {})->read({.dimensions = 2, .size = {9, 9}}, pixels);
  });
}

// As applications open it: the folder's own number of names means nothing.
void slashes_after_the_name_of_a_folder_mean_the_same(void**) {
  made_array("slashes/0");
  write_bytes("slashes/.zgroup", R"({"zarr_format": 2})");
  for (const char* path : {"slashes/0", "slashes/0/", "slashes/0//"}) {
    Reader reader;
    reader.open(path);
    std::array<char, 8> pixels{};
    reader.read(reader.file().image.region, pixels.data(), 8);
    expect_text({pixels.data(), pixels.size()}, "abcd\7\7\7\7");
    reader.verify();
    expect_text(reader.message().c_str(), "");
  }
  expect_text(image_path("slashes/0/.zarray/"), "slashes/0/.zarray/");
  expect_text(image_path("/"), "/");
}

#ifdef SWR_HAVE_BLOSC
// One chunk, as numcodecs has made it with Snappy.
std::string squeezed(int pixels, std::initializer_list<int> chunk) {
  const std::string name = "squeezed";
  made_array(name, text(R"({"zarr_format": 2, "shape": [1, )", pixels, R"(], "chunks": [1, )",
                        pixels, R"(], "dtype": "<u2", "compressor": {"id": "blosc",
      "cname": "snappy", "clevel": 5, "shuffle": 1, "blocksize": 0}, "fill_value": 0,
      "order": "C", "filters": null})"));
  std::string bytes;
  for (const int byte : chunk) bytes += static_cast<char>(byte);
  write_bytes(name + "/0.0", bytes);
  return name;
}

void compressor_that_blosc_lacks_is_named(void**) {
  const std::string name =
      squeezed(200, {0x02, 0x01, 0x41, 0x02, 0x90, 0x01, 0,    0,    0x90, 0x01, 0,    0,
                     0x3a, 0,    0,    0,    0x14, 0,    0,    0,    0x0f, 0,    0,    0,
                     0xc8, 0x01, 0,    0x07, 0xfe, 0x01, 0,    0xfe, 0x01, 0,    0xfe, 0x01,
                     0,    0x0d, 0x01, 0x0f, 0,    0,    0,    0xc8, 0x01, 0,    0,    0xfe,
                     0x01, 0,    0xfe, 0x01, 0,    0xfe, 0x01, 0,    0x0d, 0x01});
  const auto read = [&] { text_of_pixels(name); };
  if (has_blosc_compressor("snappy")) {
    std::string sevens;
    for (int i = 0; i < 200; ++i) sevens += std::string("\7\0", 2);
    assert_true(text_of_pixels(name) == sevens);
  } else {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"squeezed/", "snappy", "without"}, read);
  }
  std::string chunk = read_bytes(name + "/0.0");
  chunk[2] = static_cast<char>(0xa1);  // chunks of Blosc 1 have none of this number
  write_bytes(name + "/0.0", chunk);
  expect_failure(SWR_ERROR_CORRUPT, {"squeezed/0.0", "damaged"}, read);
  chunk[12] = 0x3b;
  write_bytes(name + "/0.0", chunk);
  expect_failure(SWR_ERROR_CORRUPT, {"squeezed/0.0", "damaged", "as many bytes"}, read);
}

void bytes_that_blosc_has_not_compressed_need_no_compressor(void**) {
  const std::string name = squeezed(4, {0x02, 0x01, 0x53, 0x02, 0x08, 0, 0,   0, 0x08, 0, 0,   0,
                                        0x18, 0,    0,    0,    'a',  0, 'b', 0, 'c',  0, 'd', 0});
  expect_text(text_of_pixels(name), {"a\0b\0c\0d\0", 8});
  std::string chunk = read_bytes(name + "/0.0");
  chunk[2] = static_cast<char>(0xb3);
  write_bytes(name + "/0.0", chunk);
  expect_text(text_of_pixels(name), {"a\0b\0c\0d\0", 8});
}
#endif

// A header may tell of 2^60 chunks.
void verification_takes_as_long_as_there_are_files(void**) {
  for (const char* separator : {".", "/"}) {
    const std::string name = "vast";
    made_array(name, text(R"({"zarr_format": 2, "shape": [1073741824, 1073741824],
        "chunks": [1, 1], "dtype": "|u1", "compressor": null, "fill_value": 7, "order": "C",
        "filters": null, "dimension_separator": ")",
                          separator, "\"}"));
    std::filesystem::remove(name + "/0.0");
    const Description file = read_description(name);
    const auto reader = format.reader(file.layout, {});
    std::filesystem::create_directories(name + "/1073741824");
    std::filesystem::create_directories(name + "/44");
    write_bytes(text(name, "/44", separator, "55"), "x");
    write_bytes(text(name, "/1073741824", separator, "0"), "beyond the end");
    write_bytes(text(name, "/44", separator, "055"), "is no chunk");
    reader->verify();
    write_bytes(text(name, "/44", separator, "56"), "");
    expect_failure(SWR_ERROR_CORRUPT, {"(56,44)"}, [&] { reader->verify(); });
  }
}

// zarr-python replaces the files of chunks alone.
void chunk_that_another_program_replaces_is_read_again(void**) {
  made_array("replaced");
  const Description file = read_description("replaced");
  const auto reader = format.reader(file.layout, {});
  const auto expect_pixels = [&](const char* expected) {
    std::array<std::byte, 2> part{};
    reader->read({.dimensions = 2, .size = {2, 1}}, part);
    expect_text({reinterpret_cast<const char*>(part.data()), part.size()}, expected);
  };
  expect_pixels("ab");
  write_bytes("replaced/new", "ABCD");
  std::filesystem::rename("replaced/new", "replaced/0.0");
  expect_pixels("AB");
  write_bytes("replaced/0.0", "wxyz");
  expect_pixels("wx");
  std::filesystem::remove("replaced/0.0");
  expect_pixels("\7\7");
  write_bytes("replaced/0.0", "abcd");
  expect_pixels("ab");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(samples_have_their_values),
      cmocka_unit_test(missing_chunks_have_the_fill_value),
      cmocka_unit_test(images_of_ngff_are_where_their_group_says),
      cmocka_unit_test(array_is_read_by_its_folder_or_its_metadata),
      cmocka_unit_test(damaged_chunk_is_named_by_its_file),
      cmocka_unit_test(damaged_shard_is_named_by_its_file),
      cmocka_unit_test(links_in_the_place_of_chunks_are_refused),
      cmocka_unit_test(paths_of_levels_stay_in_their_group),
      cmocka_unit_test(group_without_an_image_needs_the_name_of_an_array),
      cmocka_unit_test(folder_of_other_things_is_no_image),
      cmocka_unit_test(components_are_one_axis_in_one_chunk_or_several),
#ifdef SWR_HAVE_BLOSC
      cmocka_unit_test(compressor_that_blosc_lacks_is_named),
      cmocka_unit_test(bytes_that_blosc_has_not_compressed_need_no_compressor),
#endif
      cmocka_unit_test(chunk_that_does_not_fit_in_the_memory_is_refused),
      cmocka_unit_test(slashes_after_the_name_of_a_folder_mean_the_same),
      cmocka_unit_test(verification_takes_as_long_as_there_are_files),
      cmocka_unit_test(chunk_that_another_program_replaces_is_read_again),
  };
  return cmocka_run_group_tests_name("zarr_read", tests, nullptr, nullptr);
}
