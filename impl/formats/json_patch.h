// Changes values within a JSON text so that all other bytes of it stay.
//
// All functions require a text that parse_json() reads.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "formats/json.h"

namespace swr {

// The place of a value: the keys of the objects that hold it, outermost first.
using JsonPlace = std::span<const std::string_view>;

struct JsonSpan {
  size_t begin = 0, end = 0;
};

// Where the value is in the text. Nothing if it is not there.
std::optional<JsonSpan> find_json(std::string_view text, JsonPlace place);
// The text with another value there. Keys that are missing are added as the last ones of their
// object. A value that is equal stays as it is written; so does each element of an array that has
// as many as the new one. Requires: each key but the last one names an object, if anything.
std::string with_json(std::string_view text, JsonPlace place, const Json& value);
// The text without the member; unchanged if it is not there.
std::string without_json(std::string_view text, JsonPlace place);

}  // namespace swr
