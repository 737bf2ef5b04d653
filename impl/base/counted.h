// Numbers of things in messages.
#pragma once

#include <cstdint>
#include <string>

namespace swr {

// "1 byte", "2 bytes".
inline std::string bytes_text(int64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

}  // namespace swr
