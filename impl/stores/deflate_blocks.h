// Deflate streams that can be changed in place: slotted streams, and splicing into foreign ones.
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "storage/in_place.h"
#include "stores/open_store.h"
#include "stores/store.h"

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

// Whether an encoder was built in ("auto" and "zlib" always are).
bool deflate_engine_available(const std::string& engine);

// Writes a slotted stream into `file`, which must end before `stream_offset`.
class SlottedStream : public StreamStore {
 public:
  // `gzip`: a gzip stream, else a zlib stream. `prefix` precedes the pixels, in stored blocks that
  // can be changed. `pixel_bytes` is the sequence's length. `file` and `counters` must
  // outlive the store.
  static std::unique_ptr<SlottedStream> create(File& file, int64_t stream_offset, bool gzip,
                                               const std::string& prefix, int64_t pixel_bytes,
                                               const DeflateOptions& options,
                                               StoreCounters& counters);
  // After finish(): the length of the whole stream.
  virtual int64_t stream_bytes() const = 0;
};

// Reads a slotted or a foreign stream (one part of a layout).
class DeflateReader : public ReadStore {
 public:
  static std::unique_ptr<DeflateReader> open(const Layout& layout, const ReadOptions& options);
  virtual bool slotted() const = 0;
  StoreFacts facts() const final { return {.is_slotted = slotted()}; }
  virtual int level() const = 0;  // that the slots were made with; 6 for a foreign stream
};

// An update of the stream of `layout` (one part).
struct DeflateUpdate {
  const Overlay* overlay = nullptr;  // in the new sequence; covers every byte after the old end
  int64_t new_bytes = 0;             // the sequence's new length, not below the old one
  // offset in the stream's prefix, new bytes
  std::vector<std::pair<int64_t, std::string>> prefix_patches;
  // The longest stream whose length the image's header can hold.
  int64_t most_stream_bytes = std::numeric_limits<int64_t>::max();
  DeflateOptions options;  // for new slots; a slotted stream keeps its slot size
  ReadOptions resources;
};

// The plan of an update, for swr_get_method(), from the directory alone (or the stream's head).
struct DeflateForecast {
  bool slotted = false;    // in place
  bool spliced = false;    // if it fits; else the stream is rewritten
  int level = 6;           // that the slots were made with
  int64_t bytes_read = 0;  // about, compressed
  int64_t bytes_written = 0;
};
DeflateForecast forecast_update(const Layout& layout, const DeflateUpdate& update);

struct DeflateResult {
  bool done = false;         // false: it does not fit, and nothing was written
  int64_t stream_bytes = 0;  // the new length of the stream
};

// Changes the stream in place through `change`, where it has the file number `file`. Plans
// everything before the first byte is written. The caller writes the header's fields and commits.
DeflateResult update_deflate(const Layout& layout, const DeflateUpdate& update, InPlace& change,
                             int file, StoreCounters& counters);

}  // namespace swr
