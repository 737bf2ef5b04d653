// Numbers of the command line.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace swr::tool {

// The whole of `text` as a number; nothing if it is none, or none of the type.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace swr::tool
