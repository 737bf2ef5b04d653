#include "formats/vti_bytes.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/byte_order.h"
#include "base/checked.h"
#include "stores/base64.h"

namespace swr {

VtiBytes::VtiBytes(const File& file, const VtiHeader& header, const VtiArray& array)
    : file_(file),
      header_(header),
      begin_(array.is_appended ? checked_add(header.data, array.offset) : array.begin),
      end_(array.is_appended ? file.size() : array.end),
      is_base64_(array.form == VtiForm::base64) {}

bool VtiBytes::read(int64_t offset, std::span<std::byte> out) const {
  if (after(checked_add(offset, std::ssize(out))) > end_) return false;
  if (is_base64_) return read_base64(file_, begin_, offset, out);
  return file_.read_some(checked_add(begin_, offset), out) == std::ssize(out);
}

std::optional<int64_t> VtiBytes::number(int64_t offset) const {
  std::array<std::byte, 8> bytes{};
  const auto count = static_cast<size_t>(header_.length_bytes);
  if (!read(offset, std::span(bytes).first(count))) return std::nullopt;
  const uint64_t number = count == 8 ? load<uint64_t>(bytes.data(), header_.big_endian)
                                     : load<uint32_t>(bytes.data(), header_.big_endian);
  return static_cast<int64_t>(std::min<uint64_t>(number, std::numeric_limits<int64_t>::max()));
}

int64_t VtiBytes::after(int64_t bytes) const {
  return checked_add(begin_, is_base64_ ? base64_characters(bytes) : bytes);
}

}  // namespace swr
