// What is refused of the metadata of Zarr arrays: with the file, the field and the reason.
#include "zarr_samples.h"

namespace {

using namespace swr;
using namespace swr::checks;

struct Refusal {
  const char *from, *to;
  swr_status status;
  std::vector<std::string> words;
};

void expect_refused(const char* text, const Refusal& refusal) {
  std::vector<std::string> words = refusal.words;
  words.emplace_back("x.zarr/.zarray: ");
  expect_failure(refusal.status, words, [&] { array_of(with(text, refusal.from, refusal.to)); });
}

void flaws_of_version_2_are_refused_with_file_and_field(void**) {
  const Refusal refusals[] = {
      {"2, \"shape\"", "1, \"shape\"", SWR_ERROR_UNSUPPORTED, {"zarr_format \"1\"", "2 and 3"}},
      {"\"shape\": [5, 7], ", "", SWR_ERROR_CORRUPT, {"shape is missing"}},
      {"[5, 7]", "[]", SWR_ERROR_UNSUPPORTED, {"shape has 0 axes"}},
      {"[5, 7]", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", SWR_ERROR_UNSUPPORTED, {"17 axes"}},
      {"[5, 7]", "[5, -7]", SWR_ERROR_CORRUPT, {"shape \"[5, -7]\""}},
      {"[5, 7]", "[5, 7.5]", SWR_ERROR_CORRUPT, {"shape \"[5, 7.5]\""}},
      {"[5, 7]", "[5, 9223372036854775808]", SWR_ERROR_CORRUPT, {"63 bits"}},
      {"[5, 7]", "[5, 0]", SWR_ERROR_UNSUPPORTED, {"shape", "empty"}},
      {"[5, 7]", "[9223372036854775807, 2]", SWR_ERROR_UNSUPPORTED, {"shape is too large"}},
      {"[5, 7]", "5", SWR_ERROR_CORRUPT, {"shape \"5\" is not a list"}},
      {"[2, 4]", "[2]", SWR_ERROR_CORRUPT, {"chunks has 1 numbers", "2 axes"}},
      {"[2, 4]", "[2, 0]", SWR_ERROR_UNSUPPORTED, {"chunks", "empty"}},
      {"[2, 4]", "[1048576, 1048576]", SWR_ERROR_UNSUPPORTED, {"chunks is too large"}},
      {"\"<u2\"", "\"<U8\"", SWR_ERROR_UNSUPPORTED, {"dtype \"<U8\""}},
      {"\"<u2\"", "\"u2\"", SWR_ERROR_UNSUPPORTED, {"dtype \"u2\""}},
      {"\"<u2\"", "\"\"", SWR_ERROR_UNSUPPORTED, {"dtype"}},
      {"\"<u2\"", "\"|u2\"", SWR_ERROR_CORRUPT, {"dtype", "byte order"}},
      {"\"<u2\"", "[[\"r\", \"|u1\"]]", SWR_ERROR_UNSUPPORTED, {"dtype", "structure"}},
      {"\"<u2\"", "3", SWR_ERROR_CORRUPT, {"dtype \"3\" is not a string"}},
      {"or\": null",
       "or\": {\"id\": \"bz2\"}",
       SWR_ERROR_UNSUPPORTED,
       {"compressor \"bz2\"", "zlib, gzip, zstd, lz4 and blosc"}},
      {"or\": null", "or\": {\"id\": \"\"}", SWR_ERROR_UNSUPPORTED, {"compressor \"\""}},
      {"or\": null", "or\": {\"level\": 1}", SWR_ERROR_CORRUPT, {"compressor: id is missing"}},
      {"or\": null", "or\": 3", SWR_ERROR_CORRUPT, {"compressor: \"3\" is not an object"}},
      {"or\": null",
       "or\": {\"id\": \"zlib\", \"level\": 10}",
       SWR_ERROR_CORRUPT,
       {"compressor: level \"10\"", "from -1 to 9"}},
      {"or\": null",
       "or\": {\"id\": \"blosc\", \"cname\": \"new\"}",
       SWR_ERROR_UNSUPPORTED,
       {"compressor: cname \"new\""}},
      {"or\": null",
       "or\": {\"id\": \"blosc\", \"shuffle\": 3}",
       SWR_ERROR_CORRUPT,
       {"compressor: shuffle \"3\""}},
      {"\"filters\": null",
       "\"filters\": [{\"id\": \"delta\"}]",
       SWR_ERROR_UNSUPPORTED,
       {"filters \"delta\""}},
      {"\"filters\": null", "\"filters\": 4", SWR_ERROR_UNSUPPORTED, {"filters \"4\""}},
      {"\"C\"", "\"A\"", SWR_ERROR_CORRUPT, {"order \"A\""}},
      {"\"fill_value\": 0, ", "", SWR_ERROR_CORRUPT, {"fill_value is missing"}},
      {"value\": 0", "value\": 65536", SWR_ERROR_CORRUPT, {"fill_value \"65536\"", "uint16"}},
      {"value\": 0", "value\": -1", SWR_ERROR_CORRUPT, {"fill_value \"-1\""}},
      {"value\": 0", "value\": 0.5", SWR_ERROR_CORRUPT, {"fill_value \"0.5\""}},
      {"value\": 0", "value\": \"AAA=\"", SWR_ERROR_CORRUPT, {"fill_value \"AAA=\""}},
      {"\"filters\": null",
       "\"filters\": null, \"dimension_separator\": \"-\"",
       SWR_ERROR_CORRUPT,
       {"dimension_separator \"-\""}},
  };
  array_of(version_2);
  for (const Refusal& refusal : refusals) expect_refused(version_2, refusal);
  expect_failure(SWR_ERROR_CORRUPT, {"x.zarr/.zarray: \"[]\" is not an object"},
                 [] { array_of("[]"); });
}

void samples_that_are_compressed_otherwise_are_refused(void**) {
  for (const auto& [folder, word] : {std::pair("v2_bz2_uint16.zarr", "compressor \"bz2\""),
                                     std::pair("v2_lzma_uint16.zarr", "compressor \"lzma\""),
                                     std::pair("v2_delta_uint16.zarr", "filters \"delta\"")}) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {std::string(folder) + "/.zarray: ", word},
                   [&] { read_array(zarr_sample(folder)); });
  }
  const std::string n5 = zarr_sample("n5_int16.n5/attributes.json");
  expect_failure(SWR_ERROR_CORRUPT, {"attributes.json: zarr_format is missing"},
                 [&] { is_zarr_group(read_json_file(n5), n5); });
}

void flaws_of_version_3_are_refused_with_file_and_field(void**) {
  const std::string transposed =
      std::string(R"([{"name": "transpose", "configuration": {"order": [0, 0]}}, )") + bytes_codec +
      "]";
  const std::string late = std::string("[") + bytes_codec +
                           R"(, {"name": "transpose", "configuration": {"order": [1, 0]}}])";
  const std::string twice = std::string("[") + bytes_codec + ", " + bytes_codec + "]";
  const std::string all = std::string("[") + bytes_codec + "]";
  const Refusal refusals[] = {
      {"\"fill_value\": 0", "\"fill_value\": null", SWR_ERROR_CORRUPT, {"fill_value \"null\""}},
      {"\"uint16\"", "\"string\"", SWR_ERROR_UNSUPPORTED, {"data_type \"string\""}},
      {"\"uint16\"",
       R"({"name": "uint16", "configuration": {"a": 1}})",
       SWR_ERROR_UNSUPPORTED,
       {"data_type"}},
      {"\"uint16\"", "3", SWR_ERROR_CORRUPT, {"data_type \"3\" has no name"}},
      {"\"regular\"", "\"rectilinear\"", SWR_ERROR_UNSUPPORTED, {"chunk_grid \"rectilinear\""}},
      {"[4, 8]", "[4]", SWR_ERROR_CORRUPT, {"chunk_grid: chunk_shape has 1 numbers"}},
      {"[4, 8]", "[4, 0]", SWR_ERROR_UNSUPPORTED, {"chunk_grid: chunk_shape", "empty"}},
      {"[4, 8]", "[1048576, 1048576]", SWR_ERROR_UNSUPPORTED, {"chunk_grid is too large"}},
      {"\"default\"", "\"suffix\"", SWR_ERROR_UNSUPPORTED, {"chunk_key_encoding \"suffix\""}},
      {"{\"name\": \"default\"}",
       R"({"name": "default", "configuration": {"separator": ""}})",
       SWR_ERROR_CORRUPT,
       {"chunk_key_encoding: separator \"\""}},
      {all.c_str(), "[]", SWR_ERROR_CORRUPT, {"codecs \"[]\""}},
      {all.c_str(), "[\"gzip\"]", SWR_ERROR_CORRUPT, {"codecs has \"gzip\" out of order"}},
      {all.c_str(), "[\"bytes\"]", SWR_ERROR_CORRUPT, {"codecs: bytes: endian is missing"}},
      {all.c_str(), "[\"transpose\"]", SWR_ERROR_CORRUPT, {"codecs: transpose: order is missing"}},
      {all.c_str(), transposed.c_str(), SWR_ERROR_CORRUPT, {"codecs: transpose: order \"[0, 0]\""}},
      {all.c_str(), late.c_str(), SWR_ERROR_CORRUPT, {"codecs has \"transpose\" out of order"}},
      {all.c_str(), twice.c_str(), SWR_ERROR_CORRUPT, {"codecs has \"bytes\" out of order"}},
      {"\"little\"", "\"middle\"", SWR_ERROR_CORRUPT, {"codecs: bytes: endian \"middle\""}},
      {"}}]", "}}, \"pack\"]", SWR_ERROR_UNSUPPORTED, {"codecs \"pack\"", "blosc"}},
      {"}}]",
       "}}, {\"name\": \"gzip\", \"configuration\": 3}]",
       SWR_ERROR_CORRUPT,
       {"codecs \"gzip\" has a configuration that is not an object"}},
      {"\"fill_value\": 0",
       "\"fill_value\": 0, \"new\": {\"must_understand\": true}",
       SWR_ERROR_UNSUPPORTED,
       {"\"new\" is a field that swr does not know"}},
      {"\"fill_value\": 0", "\"fill_value\": 0, \"new\": 4", SWR_ERROR_UNSUPPORTED, {"\"new\""}},
      {"\"fill_value\": 0",
       "\"fill_value\": 0, \"storage_transformers\": [{}]",
       SWR_ERROR_UNSUPPORTED,
       {"storage_transformers"}},
      {"\"fill_value\": 0",
       "\"fill_value\": 0, \"dimension_names\": [\"x\"]",
       SWR_ERROR_CORRUPT,
       {"dimension_names"}},
      {"\"fill_value\": 0",
       "\"fill_value\": 0, \"dimension_names\": [\"x\", 1]",
       SWR_ERROR_CORRUPT,
       {"dimension_names"}},
      {"\"fill_value\": 0",
       "\"fill_value\": 0, \"attributes\": []",
       SWR_ERROR_CORRUPT,
       {"attributes"}},
  };
  array_of(version_3);
  for (const Refusal& refusal : refusals) expect_refused(version_3, refusal);
  array_of(with(version_3, "\"fill_value\": 0",
                "\"fill_value\": 0, \"new\": {\"must_understand\": false}, \"old\": null"));
}

std::string sharded(const std::string& configuration) {
  return with(version_3, std::string("[") + bytes_codec + "]",
              R"([{"name": "sharding_indexed", "configuration": {)" + configuration + "}}]");
}

void flaws_of_shards_are_refused_with_file_and_field(void**) {
  const std::string codecs = std::string(R"(, "codecs": [)") + bytes_codec + "]";
  const std::string index = std::string(R"(, "index_codecs": [)") + bytes_codec + "]";
  const auto expect = [](swr_status status, const std::string& word, const std::string& text) {
    expect_failure(status, {"x.zarr/.zarray: ", word}, [&] { array_of(text); });
  };
  const std::string inner = "\"chunk_shape\": [2, 4]";
  const ZarrArray array = array_of(sharded(inner + codecs + index));
  assert_false(array.shards->index_has_checksum);
  assert_true(array.shards->index_at_end);
  const std::string before = "codecs: sharding_indexed: ";
  expect(SWR_ERROR_CORRUPT, before + "chunk_shape does not divide",
         sharded("\"chunk_shape\": [3, 4]" + codecs + index));
  expect(SWR_ERROR_CORRUPT, before + "chunk_shape is missing", sharded("\"a\": 1"));
  expect(SWR_ERROR_CORRUPT, before + "index_codecs is missing", sharded(inner + codecs));
  expect(SWR_ERROR_CORRUPT, before + "index_location \"middle\"",
         sharded(inner + codecs + index + R"(, "index_location": "middle")"));
  expect(SWR_ERROR_UNSUPPORTED, "shards within shards",
         sharded(inner + index + R"(, "codecs": [{"name": "sharding_indexed"}])"));
  expect(SWR_ERROR_UNSUPPORTED, before + "index_codecs are others",
         sharded(inner + codecs + R"(, "index_codecs": [)" + bytes_codec + R"(, "gzip"])"));
  expect(SWR_ERROR_UNSUPPORTED, "codecs \"gzip\" follows",
         with(sharded(inner + codecs + index), "}}]}}]}", "}}]}}, \"gzip\"]}"));
  const std::string large =
      with(with(version_3, "[5, 7]", "[65536, 65536]"), "[4, 8]", "[65536, 65536]");
  expect(SWR_ERROR_UNSUPPORTED, "more than 16777216 chunks",
         with(large, std::string("[") + bytes_codec + "]",
              R"([{"name": "sharding_indexed", "configuration": {"chunk_shape": [8, 16])" + codecs +
                  index + "}}]"));
}

void other_versions_and_nodes_are_told_apart(void**) {
  const auto is_group = [](const std::string& text) {
    return is_zarr_group(parse_json(text, "zarr.json"), "zarr.json");
  };
  assert_true(is_group(R"({"zarr_format": 2})"));
  assert_false(is_group(version_2));
  assert_false(is_group(version_3));
  assert_true(is_group(R"({"zarr_format": 3, "node_type": "group", "attributes": {},)"
                       R"( "consolidated_metadata": {"must_understand": false}})"));
  expect_failure(SWR_ERROR_UNSUPPORTED, {"zarr.json: zarr_format \"4\""},
                 [&] { is_group(R"({"zarr_format": 4})"); });
  expect_failure(SWR_ERROR_CORRUPT, {"node_type \"tree\""},
                 [&] { is_group(R"({"zarr_format": 3, "node_type": "tree"})"); });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"\"new\""},
                 [&] { is_group(R"({"zarr_format": 3, "node_type": "group", "new": {}})"); });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(flaws_of_version_2_are_refused_with_file_and_field),
      cmocka_unit_test(samples_that_are_compressed_otherwise_are_refused),
      cmocka_unit_test(flaws_of_version_3_are_refused_with_file_and_field),
      cmocka_unit_test(flaws_of_shards_are_refused_with_file_and_field),
      cmocka_unit_test(other_versions_and_nodes_are_told_apart),
  };
  return cmocka_run_group_tests_name("zarr_refusals", tests, nullptr, nullptr);
}
