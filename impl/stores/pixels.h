// The interfaces of a pixel store by region. A format brings the stores of its pixels; adaptors
// give stores of linear sequences (store.h) and of chunks (chunk_sink.h) these interfaces. Regions
// count from the image's first pixel, which has index 0. Pixels are packed, with interleaved
// components, in the file's byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/layout.h"
#include "image/region.h"
#include "storage/file_changes.h"
#include "storage/folder_change.h"
#include "storage/staged_tree.h"
#include "stores/chunk_sink.h"
#include "stores/deflate_options.h"
#include "stores/store.h"

namespace swr {

// Reads any region. Not thread-safe.
class PixelReader {
 public:
  virtual ~PixelReader() = default;
  virtual void read(const Region& region, std::span<std::byte> out) = 0;
  // As in ReadStore.
  virtual bool notices_changes() const { return true; }
  virtual void verify() = 0;
  virtual StoreFacts facts() const { return {}; }
  // The pixels as one linear sequence, if the store has one; else nullptr. It lives as long as the
  // reader.
  virtual ReadStore* sequence() { return nullptr; }
};

// The pixels of a new file.
class PixelSink {
 public:
  virtual ~PixelSink() = default;
  // Takes all pixels as one sequence.
  virtual StreamStore& stream() = 0;
  // Takes pixels anywhere in the sequence, before, after or instead of the stream; nullptr if
  // pixels are stored in blocks only.
  virtual WriteStore* places() { return nullptr; }
  // Replaces pixels that the stream has taken. `boxes` are disjoint; `pixels` is a sequence in the
  // order of the image, with new pixels in the boxes. Requires: the stream was finished, and
  // places() is nullptr.
  virtual void replace(std::span<const Region> boxes, ReadStore& pixels) = 0;
  // Whether an image of which nothing is stored has the fill value in all pixels.
  virtual bool empty_is_fill() const { return false; }
  // Completes the files.
  virtual void finish() = 0;
  // The same for an image of which nothing is stored. Requires: empty_is_fill().
  virtual void finish_empty() { finish(); }
};

// Changes pixels of an existing image.
class PixelChange {
 public:
  virtual ~PixelChange() = default;
  // In any order, also several times.
  virtual void write(const Region& region, const std::byte* pixels) = 0;
  // As write(), of pixels that stay where they are, unchanged, until the change is finished or
  // destroyed. False if it does not take them so: they are to be written.
  virtual bool lend(const Region& /*region*/, std::span<const std::byte> /*pixels*/) {
    return false;
  }
  // As write(), but only the pixels whose byte in the mask is not 0; it has one for each pixel of
  // the region, axis 0 fastest.
  virtual void write_selected(const Region& region, const std::byte* pixels,
                              std::span<const uint8_t> mask) = 0;
  // Whether pixels that the image grows by stay zeros if they are not written. Otherwise finish()
  // gives them the fill value.
  virtual bool leaves_zeros() const { return false; }
  // Stores what had to wait until all pixels are known. `written`: what write() got, as disjoint
  // boxes. False if that does not fit into the file: nothing was changed, and the file has to be
  // written again, with the pixels of waiting().
  virtual bool finish(std::span<const Region> written) = 0;
  // The written pixels. Requires: finish() has returned false.
  virtual PixelReader* waiting() { return nullptr; }
};

// Why floating numbers of 16 bits, which are read as float32, cannot be changed.
inline constexpr const char* half_floats_read_only =
    "its pixels are floating numbers of 16 bits, which swr reads as float32 and does not write;"
    " copy the image to another file";

// What the form in which pixels are stored means for a plan.
struct PixelForm {
  const char* encoding = "none";  // what users call it
  // Each pixel has bytes of its own that change alone. Writes of different pixels do not disturb
  // each other, and a reader sees each write at once.
  bool has_places = false;
  std::string read_only{};  // why the pixels cannot be changed; empty if they can
  bool is_encoded = false;  // blocks are encoded before they are stored
  // A block of the sequence has a whole number of units, and no more bytes than `most_block` if a
  // unit is not longer than that.
  int64_t unit = 4096;
  int64_t most_block = std::numeric_limits<int64_t>::max();
  Index chunk{};  // at whose borders pieces begin and end, such as those of shards; 0: anywhere
  Index stored_chunk{};     // the sizes of a chunk as the file states them; 0 if there are none
  int64_t index_bytes = 0;  // of memory, for an index of the blocks
  int64_t level_bytes = 0;  // of memory, for the levels of a pyramid
  // Of memory, for each thread that makes the levels while the pixels go by; 0 if none does.
  int64_t level_thread_bytes = 0;
  int64_t encoder_bytes = 0;  // of memory, for an encoder, if it needs more than deflate
  // Of memory, for pixels that wait in a scratch file until chunks as long as a unit are complete;
  // 0 if they go straight to their encoder.
  int64_t waiting_bytes = 0;
  bool owns_files = false;        // the files of the pixels hold nothing else, and no other image
  bool may_be_rewritten = false;  // a change can need the plan of the image as a new file
  bool replaces_files = false;    // a change can put new files in the place of old ones
};

struct FormOptions {
  int64_t slot_bytes = DeflateOptions{}.slot_bytes;
  int64_t memory = 0;
  int level = 6;  // of the compression
};

// A change of pixels that is planned.
struct ChangeRequest {
  LinearOrder order;            // of the image after the change
  Region region;                // that is written
  bool may_be_less = false;     // perhaps not all pixels of the region come
  bool keeps_old_bytes = true;  // for a rollback
  std::vector<std::byte> fill;  // a component in the file's byte order, for what the image grows by
  DeflateOptions deflate;
  std::shared_ptr<OpenFiles> files;
};

struct ChangeForecast {
  swr_method method = SWR_METHOD_IN_PLACE;
  int level = 6;                              // of the compression of the file
  int64_t bytes_read = 0, bytes_written = 0;  // about, besides the pixels of the region
};

// What a store is given for a write. The counters, and what encode_chunks uses, must outlive it.
struct WriteOptions {
  int threads = 1;
  int64_t memory = int64_t{256} << 20;  // for all of the write
  std::string beside;                   // a path: scratch files are made in its folder
  bool all_pixels_come = false;         // of a new file
  bool is_sole = false;                 // no other process writes to the files meanwhile
  bool erases = false;          // old pixels are overwritten where nothing takes their place
  std::vector<std::byte> fill;  // as in ChangeRequest
  DeflateOptions deflate;
  std::shared_ptr<OpenFiles> files;  // that are there
  StoreCounters* counters = nullptr;
  EncodeChunks encode_chunks;
};

// The new files of an image, under their staging names.
struct NewFiles {
  std::span<File* const> parts;  // one for each part of the layout
  File* header = nullptr;        // may be the first part
  // Of an image that is a folder, instead of these files. Its header is written already.
  StagedTree* folder = nullptr;
};

// The files of an image that changes.
class ChangedFiles {
 public:
  virtual ~ChangedFiles() = default;
  // Existing files, which change under the undo journal.
  virtual FileChanges& existing() = 0;
  // A new file that takes the place of the one for this part of the layout.
  virtual File& create_part(int64_t part) = 0;
  // A new file for the header. Requires: all parts are created.
  virtual File& create_header() = 0;
  // Of an image that is a folder: new files that take the places of old ones in the folder, or free
  // places. Called once.
  virtual FolderChange& change_folder(FolderPlaces places) = 0;
};

}  // namespace swr
