// How new pixels are compressed.
#pragma once

#include <cstdint>
#include <string>

namespace swr {

struct DeflateOptions {
  int level = 6;                // 1 .. 9
  int64_t slot_bytes = 262144;  // raw bytes of a slot, 4096 .. 4 MiB
  double slack_percent = 3;     // spare room of each slot, in percent of its compressed size
  std::string engine = "auto";  // "auto", "zlib", "libdeflate", "isal"
  // The form of a new stream's directory. Tests use smaller nodes, or no index above the pages.
  int64_t node_entries = 256;  // 2 .. 256
  bool indexed = true;
};

}  // namespace swr
