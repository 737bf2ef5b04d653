#include "json.h"

#include <iostream>

namespace swr::tool {

// Paths and metadata may not be UTF-8. Invalid bytes are replaced, because they are not allowed in
// JSON.
void print_json(const Json& object) {
  std::cout << object.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

Json json_list(const int64_t* values, int count) {
  return Json(std::vector<int64_t>(values, values + count));
}

Json json_rows(const std::vector<double>& values, int columns) {
  Json rows = Json::array();
  for (auto row = values.begin(); row != values.end(); row += columns)
    rows.push_back(std::vector<double>(row, row + columns));
  return rows;
}

}  // namespace swr::tool
