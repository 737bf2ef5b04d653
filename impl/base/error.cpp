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

void SystemFailure::raise(std::string_view path, std::string_view action) const {
  swr_status status = SWR_ERROR_IO;
  if (error_number_ == ENOENT || error_number_ == ENOTDIR) status = SWR_ERROR_NOT_FOUND;
  if (error_number_ == ENOMEM) status = SWR_ERROR_MEMORY;
  swr::fail(status, path, ": cannot ", action, ": ",
            std::generic_category().message(error_number_));
}

}  // namespace swr
