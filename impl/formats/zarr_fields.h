// Reads the fields of Zarr's metadata, with errors that name file and field.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "formats/json.h"

namespace swr {

// An object of the document. Borrows the arguments.
class ZarrFields {
 public:
  // `where`: in front of the names of fields in messages, such as "codecs: ". SWR_ERROR_CORRUPT,
  // here and below: the value is no object, a field is missing, or has another type.
  ZarrFields(const Json& object, const std::string& path, std::string where = {});

  const std::string& path() const { return path_; }
  const Json::Object& members() const { return *object_.object(); }
  const Json* find(std::string_view field) const { return object_.find(field); }
  const Json& at(std::string_view field) const;
  const std::string& string(std::string_view field) const;
  // A field that may be missing.
  std::string string(std::string_view field, std::string_view missing) const;
  int whole(std::string_view field, int missing, int least, int most) const;
  bool boolean(std::string_view field, bool missing) const;
  // Numbers of at least 1, as many as dimensions are possible; `count`: exactly so many, if it is
  // not 0.
  std::vector<int64_t> shape(std::string_view field, size_t count = 0) const;
  // The numbers 0, 1 ... in another order.
  std::vector<int> order(std::string_view field, size_t count) const;

  template <typename... Parts>
  [[noreturn]] void corrupt(std::string_view field, const Parts&... what) const {
    fail(SWR_ERROR_CORRUPT, path_, ": ", where_, field, " ", what...);
  }
  template <typename... Parts>
  [[noreturn]] void refuse(std::string_view field, const Parts&... what) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", where_, field, " ", what...);
  }

 private:
  const Json& object_;
  const std::string& path_;
  std::string where_;
};

// A value, for a message: at most 80 characters of its text.
std::string zarr_value_text(const Json& value);

// What version 3 calls a named configuration: {"name": ..., "configuration": {...}}, or the name
// alone.
struct ZarrNamed {
  std::string name;
  Json configuration;  // an object
};
ZarrNamed read_zarr_named(const Json& value, const ZarrFields& fields, std::string_view field);

}  // namespace swr
