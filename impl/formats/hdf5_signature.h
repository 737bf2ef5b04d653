// How files of HDF5 are named and begin, also for a library that was built without HDF5.
#pragma once

#include <string_view>

#include "formats/format.h"

namespace swr {

inline constexpr std::string_view hdf5_name = "HDF5";
inline constexpr Suffix hdf5_suffixes[] = {{".h5", Compression::possible},
                                           {".hdf5", Compression::possible},
                                           {".he5", Compression::possible},
                                           {".hd5", Compression::possible}};

// In front of the signature there may be a user block, of 512 bytes or a power of two above it.
inline bool is_hdf5(std::string_view head) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  constexpr size_t first_user_block = 512;
  if (head.starts_with(signature)) return true;
  for (size_t at = first_user_block; at < head.size(); at *= 2) {
    if (head.substr(at).starts_with(signature)) return true;
  }
  return false;
}

}  // namespace swr
