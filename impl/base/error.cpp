#include "base/error.h"

#include <cerrno>
#include <charconv>
#include <system_error>

namespace swr {

void detail::append(std::string& out, double part) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, part);
  out.append(digits, end.ptr);
}

void fail_system(std::string_view path, std::string_view action, int error_number) {
  swr_status status = SWR_ERROR_IO;
  if (error_number == ENOENT || error_number == ENOTDIR) status = SWR_ERROR_NOT_FOUND;
  if (error_number == ENOMEM) status = SWR_ERROR_MEMORY;
  fail(status, path, ": cannot ", action, ": ", std::system_category().message(error_number));
}

}  // namespace swr
