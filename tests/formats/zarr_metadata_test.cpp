// The metadata of Zarr arrays: those of other programs with their pixels, and what new arrays say.
#include <cmath>
#include <limits>

#include "codecs/checksum.h"
#include "zarr_samples.h"

namespace {

using namespace swr;
using namespace swr::checks;

using Kind = ChunkFilter::Kind;

struct Sample {
  const char* folder;
  swr_component component;
  uint32_t crc;  // CRC-32 of the values in order, little-endian
  ZarrShape shape = {5, 7, 13};
};

// Of tests/data/zarr, with what the programs that made them say of the pixels.
const Sample samples[] = {
    {"v2_raw_uint8.zarr", SWR_UINT8, 0xf4a95860},
    {"v2_raw_int16.zarr", SWR_INT16, 0xc97bd92d},
    {"v2_raw_float32.zarr", SWR_FLOAT32, 0xab5480b3},
    {"v2_raw_float64.zarr", SWR_FLOAT64, 0x400845c5},
    {"v2_raw_be_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_slash_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_F_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_zlib_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_gzip_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_missing_uint16.zarr", SWR_UINT16, 0x853ed848},
    {"v3_raw_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_be_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_gzip_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_crc32c_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_shard_end_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_shard_start_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"zarrita_v3_raw_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"zarrita_v3_transpose_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"ngff05_zyx_uint16.ome.zarr/0", SWR_UINT16, 0xf0b4536b, {8, 12, 16}},
#ifdef SWR_HAVE_ZSTD
    {"v2_zstd_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_zstd_uint16.zarr", SWR_UINT16, 0xc97bd92d},
#endif
#ifdef SWR_HAVE_LZ4
    {"v2_lz4_uint16.zarr", SWR_UINT16, 0xc97bd92d},
#endif
#ifdef SWR_HAVE_BLOSC
    {"v2_blosc_lz4_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_blosc_zstd_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v2_blosc_zlib_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"v3_blosc_uint16.zarr", SWR_UINT16, 0xc97bd92d},
    {"ngff04_zyx_uint16.ome.zarr/0", SWR_UINT16, 0xf0b4536b, {8, 12, 16}},
    {"ngff04_um_uint16.ome.zarr/0", SWR_UINT16, 0x81c5f878, {4, 6, 8}},
#endif
};

void array_of_another_program_has_its_pixels(void**) {
  for (const Sample& sample : samples) {
    const std::string folder = zarr_sample(sample.folder);
    const ZarrArray array = read_array(folder);
    assert_true(array.shape == sample.shape);
    assert_int_equal(array.pixel.component, sample.component);
    expect_text(array.read_only(), std::string(sample.folder).find("start") != std::string::npos
                                       ? "the index of its shards is at their beginning"
                                       : "");
    const uint32_t crc = checksum_of(Checksum::crc32, ArrayPixels(folder, array).read());
    if (crc != sample.crc) stop(text(sample.folder, ": the CRC-32 is ", crc));
  }
}

void fields_of_version_2_are_read(void**) {
  const ZarrArray plain = read_array(zarr_sample("v2_raw_be_uint16.zarr"));
  assert_int_equal(plain.format, 2);
  assert_true((plain.chunk == ZarrShape{2, 4, 8}));
  assert_true(plain.big_endian);
  assert_true((plain.keys == ZarrKeys{false, '.'}));
  assert_true(plain.codecs.empty());
  assert_int_equal(plain.chunk_bytes(), 128);
  expect_text(plain.encoding(), "none");
  assert_true((read_array(zarr_sample("v2_slash_uint16.zarr")).keys == ZarrKeys{false, '/'}));
  assert_true((read_array(zarr_sample("v2_F_uint16.zarr")).axis_order == std::vector{2, 1, 0}));
  const ZarrArray blosc = read_array(zarr_sample("v2_blosc_zstd_uint16.zarr"));
  assert_true(
      (blosc.codecs == std::vector<ZarrCodec>{
                           {.kind = Kind::blosc, .blosc = {"zstd", 1, BloscShuffle::bits, 2, 0}}}));
  expect_text(blosc.encoding(), "blosc");
  expect_text(read_array(zarr_sample("v2_gzip_uint16.zarr")).encoding(), "deflate");
  expect_text(read_array(zarr_sample("v2_lz4_uint16.zarr")).encoding(), "lz4");
  expect_text(read_array(zarr_sample("v2_zstd_uint16.zarr")).encoding(), "zstd");
}

void fields_of_version_3_are_read(void**) {
  const ZarrArray array = read_array(zarr_sample("v3_shard_end_uint16.zarr"));
  assert_int_equal(array.format, 3);
  assert_true((array.chunk == ZarrShape{2, 4, 8}));
  assert_true((array.shards == ZarrShards{{4, 8, 16}, true, true, false}));
  assert_true((array.file_shape() == ZarrShape{4, 8, 16}));
  assert_true((array.codecs == std::vector<ZarrCodec>{{.kind = Kind::gzip, .level = 1}}));
  assert_true((array.axis_names == std::vector<std::string>{"z", "y", "x"}));
  assert_true((array.keys == ZarrKeys{true, '/'}));
  assert_true(array.attributes.is_object());
  assert_false(read_array(zarr_sample("v3_shard_start_uint16.zarr")).shards->index_at_end);
  const ZarrArray checked = read_array(zarr_sample("v3_crc32c_uint16.zarr"));
  assert_int_equal(checked.filters().size(), 1);
  assert_true(checked.filters()[0].kind == Kind::crc32c);
}

// --- Fill values ---

ZarrArray filled(int format, const std::string& type, const std::string& fill) {
  const char* const document = format == 2 ? version_2 : version_3;
  return array_of(with(with(document, format == 2 ? "\"<u2\"" : "\"uint16\"", type),
                       "\"fill_value\": 0", "\"fill_value\": " + fill));
}

template <typename T>
T fill_of(const ZarrArray& array) {
  assert_int_equal(array.fill.size(), array.pixel.bytes());
  return load<T>(array.fill.data(), array.big_endian);
}

void fill_values_of_all_types_are_exact(void**) {
  assert_true(filled(2, "\"<u2\"", "null").fill.empty());
  assert_int_equal(fill_of<uint8_t>(filled(2, "\"|u1\"", "255")), 255);
  assert_int_equal(fill_of<int8_t>(filled(2, "\"|i1\"", "-128")), -128);
  assert_int_equal(fill_of<uint16_t>(filled(2, "\">u2\"", "4660")), 4660);
  assert_int_equal(fill_of<int16_t>(filled(3, "\"int16\"", "-32768")), -32768);
  assert_int_equal(fill_of<uint32_t>(filled(3, "\"uint32\"", "4294967295")), 4294967295);
  assert_int_equal(fill_of<int32_t>(filled(3, "\"int32\"", "-2147483648")), -2147483648LL);
  assert_true(fill_of<uint64_t>(filled(3, "\"uint64\"", "18446744073709551615")) ==
              std::numeric_limits<uint64_t>::max());
  assert_true(fill_of<int64_t>(filled(3, "\"int64\"", "-9223372036854775808")) ==
              std::numeric_limits<int64_t>::min());
  assert_true(fill_of<float>(filled(2, "\">f4\"", "1.5")) == 1.5F);
  assert_true(std::isnan(fill_of<float>(filled(2, "\"<f4\"", "\"NaN\""))));
  assert_true(fill_of<double>(filled(2, "\"<f8\"", "\"-Infinity\"")) ==
              -std::numeric_limits<double>::infinity());
  assert_int_equal(fill_of<uint32_t>(filled(3, "\"float32\"", "\"0x7fc00001\"")), 0x7fc00001);
  assert_true(fill_of<double>(filled(3, "\"float64\"", "\"0x3ff8000000000000\"")) == 1.5);
  assert_true(fill_of<float>(filled(3, "\"float16\"", "\"0x3e00\"")) == 1.5F);
  assert_int_equal(fill_of<uint8_t>(filled(3, "\"bool\"", "true")), 1);
  assert_int_equal(fill_of<uint8_t>(filled(2, "\"|b1\"", "0")), 0);
  const ZarrArray complex = filled(3, "\"complex64\"", "[1.5, \"NaN\"]");
  assert_true(load<float>(complex.fill.data()) == 1.5F);
  assert_true(std::isnan(load<float>(complex.fill.data() + 4)));
  for (const auto& [type, fill] :
       {std::pair("\"float32\"", "\"0x7fc0\""), std::pair("\"float32\"", "\"0x7fc0000g\""),
        std::pair("\"float32\"", "1e39"), std::pair("\"float32\"", "\"nan\""),
        std::pair("\"bool\"", "2"), std::pair("\"int8\"", "128"), std::pair("\"complex64\"", "1")})
    expect_failure(SWR_ERROR_CORRUPT, {"fill_value"}, [&] { filled(3, type, fill); });
}

void types_without_a_counterpart_can_be_read_alone(void**) {
  const ZarrArray half = filled(2, "\">f2\"", "0");
  assert_true(half.is_half_float && half.big_endian);
  assert_int_equal(half.pixel.component, SWR_FLOAT32);
  assert_int_equal(half.chunk_bytes(), 16);
  assert_true(half.filters().back().kind == Kind::half_floats);
  expect_text(half.read_only(), "its pixels are floating numbers of 16 bits");
  expect_text(filled(3, "\"bool\"", "false").read_only(), "its pixels are true or false");
  const ZarrArray complex = filled(2, "\"<c16\"", "[0, 0]");
  assert_true((complex.pixel == PixelType{SWR_FLOAT64, 2, SWR_KIND_COMPLEX}));
}

// --- What is written ---

void expect_same_array(const ZarrArray& array) {
  const std::string text = zarr_array_text(array);
  const ZarrArray read = array_of(text);
  expect_text(zarr_array_text(read), text);
  assert_true(read.shape == array.shape && read.chunk == array.chunk);
  assert_true(read.shards == array.shards && read.codecs == array.codecs);
  assert_true(read.pixel == array.pixel && read.fill == array.fill);
  assert_true(read.keys == array.keys && read.axis_order == array.axis_order);
  assert_true(read.axis_names == array.axis_names && read.attributes == array.attributes);
  assert_int_equal(read.big_endian, array.big_endian);
}

void array_that_was_read_is_printed_with_the_same_meaning(void**) {
  for (const Sample& sample : samples) expect_same_array(read_array(zarr_sample(sample.folder)));
  for (const int format : {2, 3}) {
    for (const auto& [v2, v3, fill] :
         {std::tuple("\"|b1\"", "\"bool\"", "true"), std::tuple("\"|i1\"", "\"int8\"", "-5"),
          std::tuple("\"<u8\"", "\"uint64\"", "18446744073709551615"),
          std::tuple("\"<f2\"", "\"float16\"", "0.5"),
          std::tuple("\"<f4\"", "\"float32\"", "\"NaN\""),
          std::tuple("\"<f8\"", "\"float64\"", "0.1"),
          std::tuple("\"<c8\"", "\"complex64\"", "[1.0, -2.0]")})
      expect_same_array(filled(format, format == 2 ? v2 : v3, fill));
  }
  expect_same_array(filled(2, "\"<u2\"", "null"));
  expect_same_array(filled(3, "\"float32\"", "\"0x7fc00001\""));
}

void new_array_of_version_2_is_as_the_specification_says(void**) {
  ZarrArray array;
  array.format = 2;
  array.shape = {100, 200};
  array.chunk = {64, 64};
  array.pixel = {SWR_INT16, 1, SWR_KIND_SCALAR};
  array.fill.resize(2);
  array.codecs = {{.kind = Kind::zstd, .level = 3}};
  array.keys = {false, '/'};
  expect_text(zarr_array_text(array), R"({
  "zarr_format": 2,
  "shape": [100, 200],
  "chunks": [64, 64],
  "dtype": "<i2",
  "compressor": {
    "id": "zstd",
    "level": 3
  },
  "fill_value": 0,
  "order": "C",
  "filters": null,
  "dimension_separator": "/"
}
)");
  expect_text(zarr_group_text(2, {}), "{\n  \"zarr_format\": 2\n}\n");
}

void new_array_of_version_3_is_as_the_specification_says(void**) {
  ZarrArray array;
  array.shape = {100, 200};
  array.chunk = {16, 16};
  array.shards = ZarrShards{{64, 64}};
  array.pixel = {SWR_UINT8, 1, SWR_KIND_SCALAR};
  array.codecs = {{.kind = Kind::blosc, .blosc = {"lz4", 5, BloscShuffle::bits, 1, 0}},
                  {.kind = Kind::crc32c}};
  array.axis_names = {"y", ""};
  expect_text(zarr_array_text(array), R"({
  "zarr_format": 3,
  "node_type": "array",
  "shape": [100, 200],
  "data_type": "uint8",
  "chunk_grid": {
    "name": "regular",
    "configuration": {
      "chunk_shape": [64, 64]
    }
  },
  "chunk_key_encoding": {
    "name": "default",
    "configuration": {
      "separator": "/"
    }
  },
  "fill_value": 0,
  "codecs": [
    {
      "name": "sharding_indexed",
      "configuration": {
        "chunk_shape": [16, 16],
        "codecs": [
          {
            "name": "bytes"
          },
          {
            "name": "blosc",
            "configuration": {
              "cname": "lz4",
              "clevel": 5,
              "shuffle": "bitshuffle",
              "typesize": 1,
              "blocksize": 0
            }
          },
          {
            "name": "crc32c"
          }
        ],
        "index_codecs": [
          {
            "name": "bytes",
            "configuration": {
              "endian": "little"
            }
          },
          {
            "name": "crc32c"
          }
        ],
        "index_location": "end"
      }
    }
  ],
  "dimension_names": ["y", null],
  "attributes": {}
}
)");
  expect_text(zarr_group_text(3, {}),
              "{\n  \"zarr_format\": 3,\n  \"node_type\": \"group\",\n  \"attributes\": {}\n}\n");
}

void new_shape_changes_one_number_and_no_other_byte(void**) {
  for (const char* name : {"v2_raw_int16.zarr/.zarray", "zarrita_v3_raw_uint16.zarr/zarr.json",
                           "v3_gzip_uint16.zarr/zarr.json"}) {
    const std::string old = read_bytes(zarr_sample(name));
    const ZarrShape shape = {105, 7, 13};
    const std::string grown = with_zarr_shape(old, shape);
    const size_t at = old.find("5,", old.find("\"shape\""));
    expect_text(grown, std::string(old).replace(at, 1, "105"));
    assert_true(array_of(grown).shape == shape);
  }
}

void new_shape_is_also_in_copies_of_the_metadata(void**) {
  const ZarrShape shape = {9, 7};
  const std::string inner = version_2;
  const std::string grown = with(inner, "[5, 7]", "[9, 7]");
  const auto copy_2 = [](const std::string& array) {
    return R"({"zarr_consolidated_format": 1, "metadata": {"0/.zarray": )" + array +
           R"(, "1/.zarray": {"shape": [5, 7]}}})";
  };
  expect_text(with_consolidated_shape(copy_2(inner), 2, "0", shape), copy_2(grown));
  expect_text(with_consolidated_shape(copy_2(inner), 2, "2", shape), copy_2(inner));
  const auto copy_3 = [](const std::string& array) {
    return R"({"node_type": "group", "consolidated_metadata": {"metadata": {"0": )" + array + "}}}";
  };
  expect_text(with_consolidated_shape(copy_3(inner), 3, "0", shape), copy_3(grown));
  expect_text(with_consolidated_shape(version_3, 3, "0", shape), version_3);
}

void key_of_a_chunk_is_the_name_of_its_file(void**) {
  const ZarrShape place = {2, 0, 31};
  expect_text(zarr_key({true, '/'}, place), "c/2/0/31");
  expect_text(zarr_key({true, '.'}, place), "c.2.0.31");
  expect_text(zarr_key({false, '/'}, place), "2/0/31");
  expect_text(zarr_key({false, '.'}, place), "2.0.31");
  expect_text(zarr_key({false, '.'}, ZarrShape{7}), "7");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(array_of_another_program_has_its_pixels),
      cmocka_unit_test(fields_of_version_2_are_read),
      cmocka_unit_test(fields_of_version_3_are_read),
      cmocka_unit_test(fill_values_of_all_types_are_exact),
      cmocka_unit_test(types_without_a_counterpart_can_be_read_alone),
      cmocka_unit_test(array_that_was_read_is_printed_with_the_same_meaning),
      cmocka_unit_test(new_array_of_version_2_is_as_the_specification_says),
      cmocka_unit_test(new_array_of_version_3_is_as_the_specification_says),
      cmocka_unit_test(new_shape_changes_one_number_and_no_other_byte),
      cmocka_unit_test(new_shape_is_also_in_copies_of_the_metadata),
      cmocka_unit_test(key_of_a_chunk_is_the_name_of_its_file),
  };
  return cmocka_run_group_tests_name("zarr_metadata", tests, nullptr, nullptr);
}
