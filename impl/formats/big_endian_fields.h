// The bytes of a binary header of a fixed length, with big-endian numbers at fixed places.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/byte_order.h"

namespace swr {

class BigEndianFields {
 public:
  // Bytes that are missing are 0.
  BigEndianFields(std::string_view bytes, size_t length) : bytes_(bytes.substr(0, length)) {
    bytes_.resize(length, '\0');
  }

  // Number `which` of an array that begins at `at`.
  template <typename Value>
  Value get(size_t at, int which = 0) const {
    const size_t offset = at + static_cast<size_t>(which) * sizeof(Value);
    return load<Value>(reinterpret_cast<const std::byte*>(bytes_.data()) + offset, true);
  }
  template <typename Value>
  void set(size_t at, int which, Value value) {
    const size_t offset = at + static_cast<size_t>(which) * sizeof(Value);
    store(reinterpret_cast<std::byte*>(bytes_.data()) + offset, value, true);
  }

  std::string_view text(size_t at, size_t length) const {
    return std::string_view(bytes_).substr(at, length);
  }
  // The rest of the field becomes zeros. Requires: `value` is not longer than the field.
  void set_text(size_t at, size_t length, std::string value) {
    value.resize(length, '\0');
    bytes_.replace(at, length, value);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace swr
