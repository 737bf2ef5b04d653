// The walk of XML: elements, the places of their attributes, where it ends, and what it refuses.
#include "codecs/xml.h"

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on
#undef fail  // a macro of CMocka

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"

namespace swr {
namespace {

const std::string path = "a.xml";

struct Seen {
  std::vector<XmlElement> elements;
  std::string words;
  std::vector<std::string> ends;  // the end tags
  std::string before_ends;        // the byte in front of each
  XmlWalk walk = XmlWalk::incomplete;
};

Seen walk(std::string_view document, std::string_view last = {}, const XmlLimits& limits = {}) {
  Seen seen;
  XmlVisitor visitor;
  visitor.begin = [&](const XmlElement& element) {
    seen.elements.push_back(element);
    seen.words += "<" + element.name + ">";
    return element.name != last;
  };
  visitor.end = [&](std::string_view name, size_t begin, size_t end) {
    seen.words += "</" + std::string(name) + ">";
    seen.ends.emplace_back(document.substr(begin, end - begin));
    seen.before_ends.push_back(document[begin - 1]);
  };
  visitor.text = [&](std::string_view text) { seen.words += text; };
  seen.walk = walk_xml(document, path, visitor, limits);
  return seen;
}

void expect_refusal(swr_status status, std::string_view words, std::string_view document,
                    const XmlLimits& limits = {}) {
  try {
    walk(document, {}, limits);
  } catch (const Error& error) {
    assert_int_equal(error.status(), status);
    assert_non_null(strstr(error.what(), "a.xml: "));
    if (std::string(error.what()).find(words) == std::string::npos)
      assert_string_equal(error.what(), std::string(words).c_str());
    return;
  }
  assert_string_equal("nothing was thrown", std::string(words).c_str());
}

void xml_document_gives_its_elements_and_texts_in_order(void**) {
  const Seen seen = walk("<?xml version=\"1.0\"?>\n<a><b>x &amp; y</b><c/></a>");
  assert_string_equal(seen.words.c_str(), "<a><b>x & y</b><c></c></a>");
  assert_true(seen.walk == XmlWalk::ended);
  assert_int_equal(seen.elements[0].depth, 0);
  assert_int_equal(seen.elements[2].depth, 1);
}

void xml_attribute_place_is_that_of_its_text_in_the_document(void**) {
  const std::string document =
      "\xef\xbb\xbf<?xml version=\"1.0\"?><!-- <b n=\"9\"/> -->\n"
      "<a>\n <b first = 'a > \"b\" = &#65;' n=\"  12\"\n  empty=\"\"/></a>";
  const Seen seen = walk(document);
  const XmlElement& b = seen.elements[1];
  assert_int_equal(b.attributes.size(), 3);
  assert_string_equal(b.attributes[0].value.c_str(), "a > \"b\" = A");
  for (const auto& [name, raw] : std::vector<std::pair<std::string, std::string>>{
           {"first", "a > \"b\" = &#65;"}, {"n", "  12"}, {"empty", ""}}) {
    const XmlAttribute* const found = b.find(name);
    assert_non_null(found);
    assert_string_equal(document.substr(found->offset, found->width).c_str(), raw.c_str());
    assert_int_equal(found->width, raw.size());
  }
  assert_null(b.find("other"));
  assert_string_equal(document.substr(b.begin, 2).c_str(), "<b");
  assert_string_equal(document.substr(b.end).c_str(), "</a>");
}

void xml_walk_stops_in_front_of_bytes_that_are_no_xml(void**) {
  const std::string document = "<a><data encoding=\"raw\">" + std::string("_\0\xff<&>", 6);
  const Seen seen = walk(document, "data");
  assert_true(seen.walk == XmlWalk::stopped);
  assert_int_equal(seen.elements.back().end, document.size() - 6);
}

void xml_beginning_of_a_document_is_incomplete(void**) {
  const std::string document = "<a><b n=\"1\">x</b></a>";
  for (size_t length = 0; length < document.size(); ++length)
    assert_true(walk(document.substr(0, length)).walk == XmlWalk::incomplete);
  assert_true(walk(document).walk == XmlWalk::ended);
}

void xml_that_is_not_well_formed_is_corrupt(void**) {
  expect_refusal(SWR_ERROR_CORRUPT, "line 2 of its XML", "<a>\n<b></a>");
  expect_refusal(SWR_ERROR_CORRUPT, "of its XML", "<a n=\"1\" n=\"2\"/>");
  expect_refusal(SWR_ERROR_CORRUPT, "of its XML", "<a>&other;</a>");
  expect_refusal(SWR_ERROR_CORRUPT, "of its XML", "<a>\xff\xfe</a>");
  expect_refusal(SWR_ERROR_CORRUPT, "of its XML", "plain text");
}

void xml_document_type_is_refused(void**) {
  expect_refusal(SWR_ERROR_UNSUPPORTED, "line 1 of its XML begins a document type",
                 "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
}

void xml_in_utf_16_is_refused(void**) {
  expect_refusal(SWR_ERROR_UNSUPPORTED, "UTF-16", std::string("\xff\xfe<\0a\0/\0>\0", 10));
  expect_refusal(SWR_ERROR_UNSUPPORTED, "UTF-16", std::string("\0<\0a\0/\0>", 8));
}

void xml_beyond_the_limits_is_refused(void**) {
  XmlLimits limits;
  limits.depth = 3;
  walk("<a><b><c/></b></a>", {}, limits);
  expect_refusal(SWR_ERROR_UNSUPPORTED, "more than 3 elements inside each other",
                 "<a><b><c><d/></c></b></a>", limits);
  limits.attributes = 2;
  expect_refusal(SWR_ERROR_UNSUPPORTED, "more than 2 attributes", "<a x='1' y='2' z='3'/>", limits);
  limits.value_bytes = 4;
  expect_refusal(SWR_ERROR_UNSUPPORTED, "more than 4 bytes in an attribute", "<a x='12345'/>",
                 limits);
  limits.document_bytes = 10;
  expect_refusal(SWR_ERROR_UNSUPPORTED, "at most 10", "<a></a>    ", limits);
}

void xml_exception_of_the_visitor_reaches_the_caller(void**) {
  XmlVisitor visitor;
  visitor.begin = [](const XmlElement&) -> bool { throw std::runtime_error("mine"); };
  try {
    walk_xml("<a/>", path, visitor);
    assert_true(false);
  } catch (const std::runtime_error& error) {
    assert_string_equal(error.what(), "mine");
  }
}

void xml_escaped_text_is_read_back(void**) {
  const std::string text = "a < b & \"c\" > 'd'\n\te";
  const Seen seen = walk("<a n=\"" + xml_escaped(text) + "\"/>");
  assert_string_equal(seen.elements[0].attributes[0].value.c_str(), text.c_str());
  assert_string_equal(std::string(xml_local_name("ome:Image")).c_str(), "Image");
  assert_string_equal(std::string(xml_local_name("Image")).c_str(), "Image");
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::xml_document_gives_its_elements_and_texts_in_order),
      cmocka_unit_test(swr::xml_attribute_place_is_that_of_its_text_in_the_document),
      cmocka_unit_test(swr::xml_walk_stops_in_front_of_bytes_that_are_no_xml),
      cmocka_unit_test(swr::xml_beginning_of_a_document_is_incomplete),
      cmocka_unit_test(swr::xml_that_is_not_well_formed_is_corrupt),
      cmocka_unit_test(swr::xml_document_type_is_refused),
      cmocka_unit_test(swr::xml_in_utf_16_is_refused),
      cmocka_unit_test(swr::xml_beyond_the_limits_is_refused),
      cmocka_unit_test(swr::xml_exception_of_the_visitor_reaches_the_caller),
      cmocka_unit_test(swr::xml_escaped_text_is_read_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
