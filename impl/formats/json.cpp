#include "formats/json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace swr {
namespace {

constexpr std::string_view not_a_number = "NaN", infinity = "Infinity";

// --- Reading ---

// The text with quotes around the bare words of Python for numbers that are not finite.
std::string with_quoted_words(std::string_view text) {
  std::string out;
  bool in_string = false;
  for (size_t at = 0; at < text.size();) {
    std::string_view word = text.substr(at, 1);
    if (in_string && word == "\\") {
      word = text.substr(at, 2);
    } else if (word == "\"") {
      in_string = !in_string;
    } else if (!in_string) {
      for (const std::string_view bare : {not_a_number, infinity, std::string_view("-Infinity")}) {
        if (text.substr(at).starts_with(bare)) word = bare;
      }
    }
    const char* const quote = word.size() > 2 ? "\"" : "";
    out.append(quote).append(word).append(quote);
    at += word.size();
  }
  return out;
}

class Builder final : public nlohmann::json::json_sax_t {
 public:
  Builder(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  Json take() { return std::move(root_); }

  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(Json::of(value)); }
  bool number_integer(number_integer_t value) override { return put(Json::of(int64_t{value})); }
  bool number_unsigned(number_unsigned_t value) override { return put(Json::of(uint64_t{value})); }
  bool number_float(number_float_t value, const string_t&) override {
    return put(Json::of(double{value}));
  }
  bool string(string_t& value) override { return put(Json::of(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool key(string_t& key) override {
    open_.back().keys.push_back(std::move(key));
    return true;
  }
  bool end_array() override {
    Json::Array values = std::move(open_.back().values);
    open_.pop_back();
    return put(Json::of(std::move(values)));
  }
  bool end_object() override {
    Open object = std::move(open_.back());
    open_.pop_back();
    refuse_twice(object.keys);
    Json::Object members;
    members.reserve(object.keys.size());
    for (size_t i = 0; i < object.keys.size(); ++i)
      members.emplace_back(std::move(object.keys[i]), std::move(object.values[i]));
    return put(Json::of(std::move(members)));
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    const auto lines = std::ranges::count(text_.substr(0, position), '\n');
    fail(SWR_ERROR_CORRUPT, path_, ": it is not JSON from line ", lines + 1, " on");
  }

 private:
  struct Open {
    bool is_object = false;
    std::vector<std::string> keys{};
    Json::Array values{};
  };

  bool open(bool is_object) {
    if (std::ssize(open_) == most_json_depth) {
      fail(SWR_ERROR_UNSUPPORTED, path_, ": its JSON is nested more than ", most_json_depth,
           " deep");
    }
    open_.push_back({is_object});
    return true;
  }

  bool put(Json value) {
    if (++values_ > most_json_values) {
      fail(SWR_ERROR_UNSUPPORTED, path_, ": its JSON has more than ", most_json_values, " values");
    }
    if (open_.empty()) {
      root_ = std::move(value);
    } else {
      open_.back().values.push_back(std::move(value));
    }
    return true;
  }

  // Programs differ in which of the two they take.
  void refuse_twice(const std::vector<std::string>& keys) const {
    std::vector<std::string_view> sorted(keys.begin(), keys.end());
    std::ranges::sort(sorted);
    const auto twice = std::ranges::adjacent_find(sorted);
    if (twice == sorted.end()) return;
    fail(SWR_ERROR_CORRUPT, path_, ": the key \"", *twice, "\" occurs twice in an object");
  }

  std::string_view text_;
  const std::string& path_;
  std::vector<Open> open_;
  size_t values_ = 0;
  Json root_;
};

// --- Printing ---

void print_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    constexpr char digits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte >= 0x20) {
          out += c;
        } else {
          out.append("\\u00").append({digits[byte >> 4], digits[byte & 15]});
        }
    }
  }
  out += '"';
}

bool is_scalar(const Json& value) {
  return !value.is_array() && !value.is_object();
}

// `line_end`: a line end with the indentation of the value; empty for one line.
void print(const Json& value, const std::string& line_end, std::string& out);

void print_list(const Json& value, const std::string& line_end, std::string& out) {
  const Json::Array* const array = value.array();
  const size_t count = array ? array->size() : value.object()->size();
  const bool is_flat = line_end.empty() || (array && std::ranges::all_of(*array, is_scalar));
  const std::string inner = is_flat ? "" : line_end + "  ";
  out += array ? '[' : '{';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += is_flat ? ", " : ",";
    out += inner;
    if (!array) {
      print_string((*value.object())[i].first, out);
      out += ": ";
    }
    print(array ? (*array)[i] : (*value.object())[i].second, inner, out);
  }
  if (!is_flat && count > 0) out += line_end;
  out += array ? ']' : '}';
}

void print(const Json& value, const std::string& line_end, std::string& out) {
  if (!is_scalar(value)) return print_list(value, line_end, out);
  if (const std::string* const string = value.string()) return print_string(*string, out);
  if (const auto flag = value.boolean()) {
    out += *flag ? "true" : "false";
  } else {
    out += value.is_null() ? "null" : value.number_text();
  }
}

}  // namespace

Json Json::of(int64_t value) {
  return value < 0 ? Json(Value(value)) : Json(Value(static_cast<uint64_t>(value)));
}

Json Json::of(double value) {
  if (std::isnan(value)) return of(not_a_number);
  if (std::isinf(value)) return of(value < 0 ? "-" + std::string(infinity) : std::string(infinity));
  return Json(Value(value));
}

std::optional<bool> Json::boolean() const {
  const bool* const flag = std::get_if<bool>(&value_);
  return flag ? std::optional(*flag) : std::nullopt;
}

std::optional<int64_t> Json::whole() const {
  if (const auto* const negative = std::get_if<int64_t>(&value_)) return *negative;
  if (const auto* const number = std::get_if<double>(&value_)) {
    constexpr double limit = 9223372036854775808.;  // 2^63
    if (std::trunc(*number) == *number && *number >= -limit && *number < limit)
      return static_cast<int64_t>(*number);
  }
  const auto number = unsigned_whole();
  if (!number || *number > std::numeric_limits<int64_t>::max()) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::optional<uint64_t> Json::unsigned_whole() const {
  if (const auto* const whole = std::get_if<uint64_t>(&value_)) return *whole;
  const auto* const number = std::get_if<double>(&value_);
  constexpr double limit = 18446744073709551616.;  // 2^64
  if (!number || std::trunc(*number) != *number || *number < 0 || *number >= limit)
    return std::nullopt;
  return static_cast<uint64_t>(*number);
}

std::optional<double> Json::real() const {
  if (const auto* const number = std::get_if<double>(&value_)) return *number;
  if (const auto* const number = std::get_if<int64_t>(&value_)) return static_cast<double>(*number);
  if (const auto* const number = std::get_if<uint64_t>(&value_))
    return static_cast<double>(*number);
  return std::nullopt;
}

std::optional<double> Json::any_real() const {
  const std::string* const word = string();
  if (!word) return real();
  const bool negative = word->starts_with('-');
  const std::string_view rest = std::string_view(*word).substr(negative ? 1 : 0);
  constexpr double most = std::numeric_limits<double>::infinity();
  if (rest == infinity) return negative ? -most : most;
  if (*word == not_a_number) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

std::string Json::number_text() const {
  if (const auto* const number = std::get_if<int64_t>(&value_)) return text(*number);
  if (const auto* const number = std::get_if<uint64_t>(&value_)) return text(*number);
  const auto* const number = std::get_if<double>(&value_);
  if (!number) return {};
  std::string digits = text(*number);
  if (digits.find_first_of(".e") == digits.npos) digits += ".0";
  return digits;
}

const Json* Json::find(std::string_view key) const {
  const Object* const members = object();
  if (!members) return nullptr;
  const auto found = std::ranges::find(*members, key, &Member::first);
  return found == members->end() ? nullptr : &found->second;
}

Json& Json::add(std::string_view key, Json value) {
  if (is_null()) value_ = Object();
  Object& members = std::get<Object>(value_);
  return members.emplace_back(std::string(key), std::move(value)).second;
}

Json parse_json(std::string_view text, const std::string& path) {
  if (text.size() > most_json_bytes) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": its JSON has ", text.size(), " bytes; swr reads at most ",
         most_json_bytes);
  }
  std::string quoted;
  if (text.find(not_a_number) != text.npos || text.find(infinity) != text.npos) {
    quoted = with_quoted_words(text);
    text = quoted;
  }
  Builder builder(text, path);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string json_text(const Json& value) {
  std::string out;
  print(value, "\n", out);
  return out + "\n";
}

std::string json_text(const Json& value, std::string_view line_end) {
  std::string out;
  print(value, std::string(line_end), out);
  return out;
}

bool is_json_string(std::string_view text) {
  try {
    nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {  // a byte that is not UTF-8
    return false;
  }
  return true;
}

}  // namespace swr
