// The settings that a test made, and what its source delivered.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "checked/image_state.h"
#include "swr/swr.h"

namespace swr::checked {

// The settings of a writer that its file shows afterwards.
struct Told {
  std::string path;
  std::optional<swr_region> image, part;
  swr_component component = SWR_COMPONENT_UNKNOWN;  // unknown: not set
  int32_t components = 0;
  swr_component source = SWR_COMPONENT_UNKNOWN;
  int32_t source_components = 0;
  std::vector<double> spacing, origin, direction;  // empty: not set
  std::map<std::string, std::string> metadata;
  std::optional<std::string> compression;
  swr_existing existing = SWR_EXISTING_DEFAULT;
  double fill = 0;
  bool rollback = true;
  bool has_header_source = false;  // swr_set_header_from()
  bool drops_geometry = false;     // the option geometry
  std::string dataset{};           // the option hdf5.dataset

  bool keeps_old_file() const;
};

// Pixels that a source delivered, in its own type.
struct Chunk {
  swr_region region;
  swr_component component;
  int32_t components;
  Bytes pixels;
};

// Memory of a source that holds a region, packed.
struct PixelsIn {
  const void* memory;
  swr_region held;
  swr_component component;
  int32_t components;
};

// All that a source delivered for one write. Thread-safe.
class Delivered {
 public:
  // A piece that was asked for, or a region that was put.
  void add(const swr_region& region, const PixelsIn& memory) { keep(pieces, region, memory); }
  // Lent memory that holds more than was asked for, which other pieces may be taken from.
  void add_spare(const PixelsIn& memory) { keep(spare, memory.held, memory); }
  // A piece with unknown pixels.
  void add_unknown();

  // In the order of delivery: the last one counts.
  std::vector<Chunk> pieces;
  // The first one counts, and only where there is no piece.
  std::vector<Chunk> spare;
  bool complete = true;  // false: there was too much to keep, or some is unknown

 private:
  void keep(std::vector<Chunk>& list, const swr_region& region, const PixelsIn& memory);

  std::mutex mutex_;
  int64_t bytes_ = 0;
};

}  // namespace swr::checked
