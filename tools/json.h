// JSON on standard output: one object, its fields in the order in which docs/command.md has them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace swr::tool {

using Json = nlohmann::ordered_json;

void print_json(const Json& object);
Json json_list(const int64_t* values, int count);

}  // namespace swr::tool
