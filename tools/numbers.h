// Numbers of the command line.
#pragma once

#include <cerrno>
#include <charconv>
#include <concepts>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace swr::tool {

#if defined(__cpp_lib_to_chars)
template <class Number>
std::from_chars_result leading_number(const char* begin, const char* end, Number& number) {
  return std::from_chars(begin, end, number);
}
#else  // a C++ library, such as that of clang 16, which reads whole numbers only
template <std::integral Number>
std::from_chars_result leading_number(const char* begin, const char* end, Number& number) {
  return std::from_chars(begin, end, number);
}
inline float leading_real(const char* text, char** stop, float) {
  return std::strtof(text, stop);
}
inline double leading_real(const char* text, char** stop, double) {
  return std::strtod(text, stop);
}
template <std::floating_point Number>
std::from_chars_result leading_number(const char* begin, const char* end, Number& number) {
  // The functions of C also take spaces, '+' and hexadecimal digits. The command never sets a
  // locale.
  const std::string text(begin, end);
  if (text.find_first_of(" \t\n\v\f\r+") == 0 || text.find_first_of("xX") != std::string::npos)
    return {begin, std::errc::invalid_argument};
  char* stop = nullptr;
  errno = 0;
  const Number value = leading_real(text.c_str(), &stop, Number());
  if (errno == ERANGE) return {begin, std::errc::result_out_of_range};
  number = value;
  return {begin + (stop - text.c_str()), {}};
}
#endif

// The whole of `text` as a number; nothing if it is none, or none of the type.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = leading_number(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace swr::tool
