// JSON of Zarr: what is read, what is refused, what is printed, and changes of single values.
#include "formats/json.h"

#include <array>
#include <limits>

#include "formats/json_patch.h"
#include "header_checks.h"

namespace {

using namespace swr;
using namespace swr::checks;

using Keys = std::vector<std::string_view>;

Json parsed(const std::string& text) {
  return parse_json(text, "x.json");
}

void every_type_is_read(void**) {
  const Json json =
      parsed(R"({"a": null, "b": true, "c": -3, "d": 2.5, "e": "ä\u00e4\ud83d\ude00\"\n",)"
             R"( "f": [1, []], "g": {}})");
  assert_true(json.find("a")->is_null());
  assert_true(json.find("b")->boolean().value());
  assert_int_equal(json.find("c")->whole().value(), -3);
  assert_true(json.find("d")->real() == 2.5);
  expect_text(*json.find("e")->string(), "ä\xc3\xa4\xf0\x9f\x98\x80\"\n");
  assert_int_equal(json.find("f")->array()->size(), 2);
  assert_true(json.find("g")->is_object());
  assert_null(json.find("h"));
  assert_null(json.find("b")->find("a"));
}

void members_stay_in_their_order(void**) {
  const Json json = parsed(R"({"z": 1, "a": 2, "m": 3})");
  const Json::Object& members = *json.object();
  expect_text(members[0].first, "z");
  expect_text(members[1].first, "a");
  expect_text(members[2].first, "m");
}

void whole_numbers_of_64_bits_are_exact(void**) {
  const Json json = parsed(
      "[9223372036854775807, -9223372036854775808, 18446744073709551615, 3.0, 3.5, "
      "18446744073709551616]");
  const Json::Array& list = *json.array();
  assert_true(list[0].whole() == std::numeric_limits<int64_t>::max());
  assert_true(list[1].whole() == std::numeric_limits<int64_t>::min());
  assert_true(list[2].unsigned_whole() == std::numeric_limits<uint64_t>::max());
  assert_false(list[2].whole().has_value());
  assert_false(list[1].unsigned_whole().has_value());
  assert_true(list[3].whole() == 3);
  assert_false(list[4].whole().has_value());
  assert_false(list[5].unsigned_whole().has_value());
  assert_true(list[5].real() == 18446744073709551616.);
}

void numbers_that_are_not_finite_are_words(void**) {
  const Json json =
      parsed(R"({"a": "NaN", "b": NaN, "c": -Infinity, "d": [Infinity], "e": "x NaN"})");
  assert_true(std::isnan(json.find("a")->any_real().value()));
  assert_true(std::isnan(json.find("b")->any_real().value()));
  assert_true(json.find("c")->any_real() == -std::numeric_limits<double>::infinity());
  assert_true((*json.find("d")->array())[0].any_real() == std::numeric_limits<double>::infinity());
  expect_text(*json.find("e")->string(), "x NaN");
  assert_false(json.find("e")->any_real().has_value());
  assert_false(json.find("a")->real().has_value());
  expect_text(json_text(Json::of(-std::numeric_limits<double>::infinity())), "\"-Infinity\"\n");
  expect_text(json_text(Json::of(std::numeric_limits<double>::quiet_NaN())), "\"NaN\"\n");
}

void what_is_not_json_is_refused_with_its_line(void**) {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\": 1,}", "{'a': 1}", "nul", "[1] 2", "[01]", "[1.]", "\"\xff\"",
        "\"\n\"", "[1e999]", "FooNaN", "// no\n1", "\"\\ud800\""})
    expect_failure(SWR_ERROR_CORRUPT, {"x.json: it is not JSON from line "}, [&] { parsed(text); });
  expect_failure(SWR_ERROR_CORRUPT, {"from line 3 on"}, [] { parsed("{\n\"a\": NaN,\n}"); });
}

void key_that_occurs_twice_is_refused(void**) {
  expect_failure(SWR_ERROR_CORRUPT, {"x.json", "\"shape\" occurs twice"},
                 [] { parsed(R"({"a": {"shape": [1], "b": 0, "sh\u0061pe": [2]}})"); });
  parsed(R"({"a": {"a": 1}})");
}

void documents_beyond_the_limits_are_refused(void**) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') +
           std::string(static_cast<size_t>(depth), ']');
  };
  parsed(nested(most_json_depth));
  expect_failure(SWR_ERROR_UNSUPPORTED, {"x.json", "nested", "32"},
                 [&] { parsed(nested(most_json_depth + 1)); });
  std::string many = "[0";
  for (size_t i = 2; i < most_json_values; ++i) many += ",0";
  parsed(many + "]");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"x.json", "more than 1048576 values"},
                 [&] { parsed(many + ",0]"); });
  std::string longest(most_json_bytes, ' ');
  longest[0] = '1';
  parsed(longest);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"x.json", "16777217 bytes"},
                 [&] { parsed(longest + " "); });
}

void printed_json_is_read_back_equal(void**) {
  const std::string text =
      "{\n  \"shape\": [3, -4, 18446744073709551615],\n"
      "  \"scale\": [0.1, 2.0, 1e+300, -0.0],\n"
      "  \"list\": [\n    {\n      \"a\": null\n    },\n    []\n  ],\n"
      "  \"text\": \"\\\"\\\\\\n\\t\\u0001\xc3\xa4/\",\n  \"none\": {}\n}\n";
  expect_text(json_text(parsed(text)), text);
  expect_text(json_text(parsed("[1, {\"a\": [2]}]"), ""), "[1, {\"a\": [2]}]");
  const double third = 1.0 / 3;
  assert_true(parsed(json_text(Json::of(third))).real() == third);
}

void strings_of_json_are_utf_8(void**) {
  assert_true(is_json_string("\x01 \xc3\xa4 \xf0\x9f\x98\x80"));
  assert_true(is_json_string(""));
  assert_false(is_json_string("\xe4"));
  assert_false(is_json_string("\xc3"));
  assert_false(is_json_string("\xed\xa0\x80"));
}

// --- Changes of a text ---

void expect_changed(const std::string& text, const Keys& place, const std::string& value,
                    const std::string& expected) {
  expect_text(with_json(text, place, parsed(value)), expected);
}

void value_is_found_where_it_is(void**) {
  const std::string text =
      "\xef\xbb\xbf { \"a\\\"}\" : [\"]\", {\"x\": 1}] ,\r\n\"b\":{\"c\" : NaN }}";
  const auto found = [&](const Keys& place) {
    const auto span = find_json(text, place);
    return span ? text.substr(span->begin, span->end - span->begin) : "(none)";
  };
  expect_text(found({"a\"}"}), "[\"]\", {\"x\": 1}]");
  expect_text(found({"b"}), "{\"c\" : NaN }");
  expect_text(found({"b", "c"}), "NaN");
  expect_text(found({}), text.substr(4));
  expect_text(found({"c"}), "(none)");
  expect_text(found({"b", "c", "d"}), "(none)");
  expect_text(found({"a\"}", "x"}), "(none)");
}

void one_value_changes_and_no_other_byte(void**) {
  expect_changed("{\"shape\":[ 3,\n 4 ],\"x\" : 1.50}", {"shape"}, "[3, 5]",
                 "{\"shape\":[ 3,\n 5 ],\"x\" : 1.50}");
  expect_changed("{\"scale\": [1e1, 4.0]}", {"scale"}, "[10.0, 5.0]", "{\"scale\": [1e1, 5.0]}");
  expect_changed("{\"sh\\u0061pe\": [3]}", {"shape"}, "[4]", "{\"sh\\u0061pe\": [4]}");
  expect_changed("{\"shape\": [3, 4]}", {"shape"}, "[5]", "{\"shape\": [5]}");
  expect_changed("{\"a\": {\"b\": 1e0}}", {"a", "b"}, "1.0", "{\"a\": {\"b\": 1e0}}");
  expect_changed("{\"a\": {\"b\": 1e0}}", {"a"}, "{\"b\": 2}", "{\"a\": {\"b\": 2}}");
  expect_changed("{\n\t\"a\": 1,\n\t\"b\": {}\n}", {"b"}, "{\"c\": {\"d\": 1}}",
                 "{\n\t\"a\": 1,\n\t\"b\": {\n\t  \"c\": {\n\t    \"d\": 1\n\t  }\n\t}\n}");
}

void missing_value_is_added_last(void**) {
  expect_changed("{\n    \"a\": 1\n}\n", {"b"}, "[2]", "{\n    \"a\": 1,\n    \"b\": [2]\n}\n");
  expect_changed("{\"a\": 1}", {"b"}, "{\"c\": 2}", "{\"a\": 1, \"b\": {\"c\": 2}}");
  expect_changed("{}", {"b"}, "2", "{\n  \"b\": 2\n}");
  expect_changed("{\"a\": {}}", {"a", "b"}, "2", "{\"a\": {\"b\": 2}}");
  expect_changed("{\r\n  \"a\": 1\r\n}", {"b", "c"}, "2",
                 "{\r\n  \"a\": 1,\r\n  \"b\": {\r\n    \"c\": 2\r\n  }\r\n}");
}

void member_is_removed_with_its_comma(void**) {
  const std::string text = "{ \"a\" : 1 , \"b\" : [2] , \"c\" : {\"d\": 3} }";
  expect_text(without_json(text, Keys{"a"}), "{ \"b\" : [2] , \"c\" : {\"d\": 3} }");
  expect_text(without_json(text, Keys{"b"}), "{ \"a\" : 1 , \"c\" : {\"d\": 3} }");
  expect_text(without_json(text, Keys{"c"}), "{ \"a\" : 1 , \"b\" : [2] }");
  expect_text(without_json(text, Keys{"c", "d"}), "{ \"a\" : 1 , \"b\" : [2] , \"c\" : {} }");
  expect_text(without_json(text, Keys{"x"}), text);
  expect_text(without_json(text, Keys{"a", "x"}), text);
  expect_text(without_json(text, Keys{"x", "y"}), text);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_type_is_read),
      cmocka_unit_test(members_stay_in_their_order),
      cmocka_unit_test(whole_numbers_of_64_bits_are_exact),
      cmocka_unit_test(numbers_that_are_not_finite_are_words),
      cmocka_unit_test(what_is_not_json_is_refused_with_its_line),
      cmocka_unit_test(key_that_occurs_twice_is_refused),
      cmocka_unit_test(documents_beyond_the_limits_are_refused),
      cmocka_unit_test(printed_json_is_read_back_equal),
      cmocka_unit_test(strings_of_json_are_utf_8),
      cmocka_unit_test(value_is_found_where_it_is),
      cmocka_unit_test(one_value_changes_and_no_other_byte),
      cmocka_unit_test(missing_value_is_added_last),
      cmocka_unit_test(member_is_removed_with_its_comma),
  };
  return cmocka_run_group_tests_name("json", tests, nullptr, nullptr);
}
