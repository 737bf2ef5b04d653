// The engine's exception: a status of the C API and its message.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "swr/types.h"

namespace swr {

class Error : public std::runtime_error {
 public:
  Error(swr_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  swr_status status() const { return status_; }

 private:
  swr_status status_;
};

namespace detail {
inline void append(std::string& out, std::string_view part) {
  out += part;
}
inline void append(std::string& out, char part) {
  out += part;
}
template <typename Number>
requires std::is_arithmetic_v<Number>
void append(std::string& out, Number part) {
  out += std::to_string(part);
}
void append(std::string& out, double part);
}  // namespace detail

// Concatenates the parts, strings and numbers. A double gets the fewest digits that restore it.
template <typename... Parts>
std::string text(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

template <typename... Parts>
[[noreturn]] void fail(swr_status status, const Parts&... parts) {
  throw Error(status, text(parts...));
}

// Why the system did not do something. Usage: SystemFailure(reason).fail(path, "read ", bytes,
// " bytes").
class SystemFailure {
 public:
  explicit SystemFailure(std::errc reason) : reason_(std::make_error_condition(reason)) {}
  explicit SystemFailure(const std::error_code& reason)
      : reason_(reason.default_error_condition()) {}

  // Throws SWR_ERROR_IO with the file, the failed action (`action`: the words after "cannot "), and
  // the system's message; SWR_ERROR_NOT_FOUND if the file or folder does not exist,
  // SWR_ERROR_MEMORY if there is no memory.
  template <typename... Parts>
  [[noreturn]] void fail(std::string_view path, const Parts&... action) const {
    raise(path, text(action...));
  }

 private:
  [[noreturn]] void raise(std::string_view path, std::string_view action) const;

  std::error_condition reason_;
};

}  // namespace swr
