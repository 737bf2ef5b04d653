// Which bytes of a TIFF file are used, and for what: where chunks may be written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/tiff_directory.h"

namespace swr {

struct TiffUse {
  // What no directory, value or chunk takes, between the header and the last used byte. Empty if
  // the file has tags that swr does not know: only they may say what is there.
  std::vector<TiffPlace> holes{};
  // The numbers of TiffPages::places whose bytes belong to something else too, in ascending order.
  std::vector<int64_t> shared_places{};
  // Where pages list the places or the lengths of their chunks in bytes that belong to something
  // else too, in ascending order. Pages with chunks of one length can have one list of it.
  std::vector<int64_t> shared_lists{};
  // Why chunks cannot move: a phrase; nullptr if they can.
  const char* obstacle = nullptr;
  // Where GDAL's remark about the order of a file's parts says that other programs have kept it.
  std::optional<int64_t> order_remark{};
};

// Reads the directories of the chain, and those that they name. `pages` are those of the file.
TiffUse find_tiff_use(TiffFile& file, const TiffPages& pages);

// What is written at TiffUse::order_remark when a chunk changes.
inline constexpr std::string_view tiff_order_lost = "YES\n";

}  // namespace swr
