#include "formats/zarr_fields.h"

#include <algorithm>
#include <utility>

#include "formats/header_text.h"
#include "image/region.h"

namespace swr {

ZarrFields::ZarrFields(const Json& object, const std::string& path, std::string where)
    : object_(object), path_(path), where_(std::move(where)) {
  if (!object.is_object())
    fail(SWR_ERROR_CORRUPT, path, ": ", where_, zarr_value_text(object), " is not an object");
}

const Json& ZarrFields::at(std::string_view field) const {
  if (const Json* const value = find(field)) return *value;
  corrupt(field, "is missing");
}

const std::string& ZarrFields::string(std::string_view field) const {
  const Json& value = at(field);
  if (const std::string* const text = value.string()) return *text;
  corrupt(field, zarr_value_text(value), " is not a string");
}

std::string ZarrFields::string(std::string_view field, std::string_view missing) const {
  return find(field) ? string(field) : std::string(missing);
}

int ZarrFields::whole(std::string_view field, int missing, int least, int most) const {
  const Json* const value = find(field);
  if (!value) return missing;
  const auto number = value->whole();
  if (!number || *number < least || *number > most)
    corrupt(field, zarr_value_text(*value), " is not a number from ", least, " to ", most);
  return static_cast<int>(*number);
}

bool ZarrFields::boolean(std::string_view field, bool missing) const {
  const Json* const value = find(field);
  if (!value) return missing;
  const auto flag = value->boolean();
  if (!flag) corrupt(field, zarr_value_text(*value), " is neither true nor false");
  return *flag;
}

std::vector<int64_t> ZarrFields::shape(std::string_view field, size_t count) const {
  const Json& value = at(field);
  const Json::Array* const elements = value.array();
  if (!elements) corrupt(field, zarr_value_text(value), " is not a list");
  if (count > 0 && elements->size() != count)
    corrupt(field, "has ", elements->size(), " numbers, and the array ", count, " axes");
  if (elements->empty() || elements->size() > max_dimensions)
    refuse(field, "has ", elements->size(), " axes; swr reads 1 to ", max_dimensions);
  std::vector<int64_t> sizes;
  for (const Json& element : *elements) {
    const auto number = element.whole();
    if (!number || *number < 0)
      corrupt(field, zarr_value_text(value), " is not a list of numbers of 63 bits");
    if (*number == 0) refuse(field, zarr_value_text(value), " is empty along an axis");
    sizes.push_back(*number);
  }
  return sizes;
}

std::vector<int> ZarrFields::order(std::string_view field, size_t count) const {
  const Json& value = at(field);
  const Json::Array* const elements = value.array();
  std::vector<int> numbers(count, -1);
  const bool has_count = elements && elements->size() == count;
  for (size_t i = 0; has_count && i < count; ++i) {
    const auto number = (*elements)[i].whole();
    if (number && *number >= 0 && *number < std::ssize(*elements))
      numbers[i] = static_cast<int>(*number);
  }
  std::vector<int> sorted = numbers;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < count; ++i) {
    if (sorted[i] != static_cast<int>(i))
      corrupt(field, zarr_value_text(value), " is not an order of the ", count, " axes");
  }
  return numbers;
}

std::string zarr_value_text(const Json& value) {
  const std::string* const string = value.string();
  return in_quotes(string ? *string : json_text(value, ""));
}

ZarrNamed read_zarr_named(const Json& value, const ZarrFields& fields, std::string_view field) {
  ZarrNamed named{{}, Json::of(Json::Object())};
  if (const std::string* const name = value.string()) {
    named.name = *name;
    return named;
  }
  const Json* const name = value.find("name");
  if (!name || !name->string()) fields.corrupt(field, zarr_value_text(value), " has no name");
  named.name = *name->string();
  if (const Json* const configuration = value.find("configuration")) {
    if (!configuration->is_object())
      fields.corrupt(field, in_quotes(named.name), " has a configuration that is not an object");
    named.configuration = *configuration;
  }
  return named;
}

}  // namespace swr
