#include "base/error.h"

#include <charconv>

namespace swr {

void detail::append(std::string& out, double part) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, part);
  out.append(digits, end.ptr);
}

void SystemFailure::raise(std::string_view path, std::string_view action) const {
  swr_status status = SWR_ERROR_IO;
  if (reason_ == std::errc::no_such_file_or_directory || reason_ == std::errc::not_a_directory)
    status = SWR_ERROR_NOT_FOUND;
  if (reason_ == std::errc::not_enough_memory) status = SWR_ERROR_MEMORY;
  swr::fail(status, path, ": cannot ", action, ": ", reason_.message());
}

}  // namespace swr
