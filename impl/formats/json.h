// JSON (RFC 8259) as Zarr has it: reads documents of others and prints new ones. json_patch.h
// changes values within a text.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace swr {

// A value. Members of an object stay in the order of the text, and each key occurs once.
class Json {
 public:
  using Member = std::pair<std::string, Json>;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  Json() = default;  // null
  // Not of a pointer, which converts to bool.
  template <std::same_as<bool> Bool>
  static Json of(Bool value) {
    return Json(Value(value));
  }
  static Json of(int64_t value);
  static Json of(uint64_t value) { return Json(value); }
  // NaN and the infinities become Zarr's strings "NaN", "Infinity" and "-Infinity".
  static Json of(double value);
  static Json of(std::string_view value) { return Json(String{std::string(value)}); }
  static Json of(Array value) { return Json(std::move(value)); }
  static Json of(Object value) { return Json(std::move(value)); }
  template <typename Number>
  static Json list_of(std::span<const Number> numbers);

  bool operator==(const Json&) const = default;
  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_array() const { return array() != nullptr; }
  bool is_object() const { return object() != nullptr; }
  // nullptr if the value is of another type.
  const std::string* string() const {
    const auto* const string = std::get_if<String>(&value_);
    return string ? &string->text : nullptr;
  }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  // Nothing if the value is of another type, or does not fit. A whole number may be written as 3.0.
  std::optional<bool> boolean() const;
  std::optional<int64_t> whole() const;
  std::optional<uint64_t> unsigned_whole() const;
  std::optional<double> real() const;  // of any number, the nearest double
  // As real(), but also for Zarr's strings "NaN", "Infinity" and "-Infinity".
  std::optional<double> any_real() const;
  // Of a number, as json_text() prints it; empty for other values.
  std::string number_text() const;

  // The member of an object; nullptr if there is none, or this is no object.
  const Json* find(std::string_view key) const;
  // Requires: this is null or an object without the key. A null becomes an object.
  Json& add(std::string_view key, Json value);

 private:
  // libstdc++ 12 takes a variant of std::string and vectors alone for one that always has a value,
  // and destroys the value of a copy that has none because there was no memory for it. A class of
  // this library among them prevents that.
  struct String {
    std::string text;
    bool operator==(const String&) const = default;
  };
  // A number below 0 is an int64_t, any other whole one a uint64_t.
  using Value =
      std::variant<std::monostate, bool, int64_t, uint64_t, double, String, Array, Object>;
  explicit Json(Value value) : value_(std::move(value)) {}

  Value value_;
};

template <typename Number>
Json Json::list_of(std::span<const Number> numbers) {
  Array array;
  array.reserve(numbers.size());
  for (const Number number : numbers) array.push_back(of(number));
  return of(std::move(array));
}

inline constexpr size_t most_json_bytes = size_t{16} << 20;
inline constexpr int most_json_depth = 32;
inline constexpr size_t most_json_values = size_t{1} << 20;

// The value of a whole document, in UTF-8. What Python writes for a number that is not finite, the
// bare words NaN, Infinity and -Infinity, is read as the string that Zarr has for it. `path` is for
// messages. SWR_ERROR_CORRUPT if it is not JSON, or if a key occurs twice in an object;
// SWR_ERROR_UNSUPPORTED beyond the limits.
Json parse_json(std::string_view text, const std::string& path);

// In lines, indented by two blanks; an array without arrays and objects is one line. Doubles have
// the fewest digits that restore them, with a point or an exponent. Requires: all strings are
// UTF-8.
std::string json_text(const Json& value);
// The same for a value within a text, without a line end after it. `line_end`: a line end with the
// indentation of the line that the value begins in; empty: all is one line.
std::string json_text(const Json& value, std::string_view line_end);

// Whether JSON can hold this text: UTF-8.
bool is_json_string(std::string_view text);

}  // namespace swr
