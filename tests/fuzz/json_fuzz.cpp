// Any bytes as JSON: what is read is printed with the same meaning, each member is found where it
// is in the text, and a change of one leaves all others.
#include <array>
#include <string>
#include <string_view>

#include "base/error.h"
#include "formats/json_patch.h"
#include "scratch.h"

namespace {

using namespace swr;

void check_member(std::string_view text, const Json& document, const Json::Member& member) {
  const std::array<std::string_view, 1> place = {member.first};
  const auto span = find_json(text, place);
  fuzz::expect(span.has_value(), "each member is found");
  const auto value = text.substr(span->begin, span->end - span->begin);
  fuzz::expect(parse_json(value, "a value") == member.second, "a member is found where it is");
  fuzz::expect(with_json(text, place, member.second) == text, "an equal value stays");
  const Json other = Json::of("other");
  const Json changed = parse_json(with_json(text, place, other), "the changed text");
  const Json fewer = parse_json(without_json(text, place), "the text without");
  fuzz::expect(!fewer.find(member.first), "a member is removed");
  for (const auto& [key, kept] : *document.object()) {
    const bool is_it = key == member.first;
    fuzz::expect(*changed.find(key) == (is_it ? other : kept), "no other member changes");
    fuzz::expect(is_it || *fewer.find(key) == kept, "no other member is removed");
  }
}

void check_new_member(std::string_view text, const Json& document) {
  const std::array<std::string_view, 2> place = {"a key that is new", "inner"};
  if (document.find(place[0])) return;
  const Json added = parse_json(with_json(text, place, Json::of(true)), "the longer text");
  fuzz::expect(added.find(place[0])->find(place[1])->boolean() == true, "a member is added");
  fuzz::expect(added.object()->size() == document.object()->size() + 1, "and no other one");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Json document;
  try {
    document = parse_json(text, "x.json");
  } catch (const Error&) {
    return 0;
  }
  fuzz::expect(parse_json(json_text(document), "printed") == document, "JSON is read back equal");
  fuzz::expect(parse_json(json_text(document, ""), "printed") == document, "also in one line");
  if (!document.is_object()) return 0;
  constexpr size_t most = 16;  // the check is quadratic
  if (document.object()->size() > most) return 0;
  for (const Json::Member& member : *document.object()) check_member(text, document, member);
  check_new_member(text, document);
  return 0;
}
