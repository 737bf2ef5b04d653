// One write: its settings and its intended end.
#pragma once

#include <optional>
#include <string>

#include "checked/image_state.h"
#include "walk/random.h"

namespace swr::walk {

using checked::Bytes;
using checked::ImageState;

enum class Delivery { fills, lends_pieces, lends_all, reads, puts, allocates };
enum class Ending { finishes, source_fails, source_cancels, progress_cancels, abandons, dies };

struct Attempt {
  std::string path;
  bool describes = true;  // region, type and geometry are set
  ImageState image;  // what is described, as it is stored; its encoding is what is set, if it is
  std::optional<swr_region> part;
  swr_existing existing = SWR_EXISTING_DEFAULT;
  swr_conversion conversion = SWR_CONVERSION_NONE;
  std::optional<std::string> compression;
  int32_t level = 1;
  double fill = 0;
  bool sets_fill = false;
  Delivery delivery = Delivery::fills;
  Ending ending = Ending::finishes;
  int64_t ends_at = 0;    // the piece
  std::string read_from;  // Delivery::reads
  int64_t divisions = -1;
  int32_t threads = 1, pull_threads = 1;
  bool rollback = true, sync = false, erase = false, sole = false;
  std::string slot, slack;
  bool has_level = false;  // one smaller version
  int64_t memory_limit = 0;
  ImageState source;  // the region that is written, in the source's type
  uint64_t seed = 0;

  std::string text() const;
};

struct Result {
  swr_status said = SWR_OK, status = SWR_OK;  // of swr_check(), and in the end
  bool died = false;
  std::string message;
};

// What does not change what the file holds.
void draw_manner(Attempt& attempt, Random& random);

Result run(const Attempt& attempt);

// The pixels of the source as the file holds them.
Bytes stored_pixels(const Attempt& attempt, swr_component stored);

}  // namespace swr::walk
