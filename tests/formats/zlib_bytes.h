// A stream of zlib, as other programs compress a chunk.
#pragma once

#include <zlib.h>

#include <string>

namespace swr::checks {

inline std::string zlib_of(const std::string& raw) {
  uLongf bytes = compressBound(static_cast<uLong>(raw.size()));
  std::string out(bytes, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &bytes,
            reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()), 6);
  out.resize(bytes);
  return out;
}

}  // namespace swr::checks
