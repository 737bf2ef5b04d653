// JSON on standard output: one object, with its fields in the order of docs/command.md.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace swr::tool {

using Json = nlohmann::ordered_json;

void print_json(const Json& object);
Json json_list(const int64_t* values, int count);
// A list of rows of `columns` numbers each.
Json json_rows(const std::vector<double>& values, int columns);

}  // namespace swr::tool
