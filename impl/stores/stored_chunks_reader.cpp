#include "stores/stored_chunks_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "image/copy.h"
#include "stores/base64.h"
#include "stores/chunk_decoder.h"
#include "stores/chunked_reader.h"
#include "stores/overlay.h"
#include "stores/part_files.h"

namespace swr {
namespace {

class StoredChunksReader final : public ChunkedReader {
 public:
  StoredChunksReader(const Layout& layout, const ReadOptions& options)
      : ChunkedReader(layout.grid(), layout.order.pixel_bytes(),
                      means_for(bytes_of_chunk(layout), options)),
        layout_(layout),
        stored_(*layout_.stored_chunks),
        files_(layout_.parts, options.files.get()),
        file_(files_.open(0)),
        file_bytes_(file_.size()),
        decoder_(stored_.filters, layout_.big_endian, file_.path()),
        planes_(stored_.has_planes ? layout_.order.components : 1),
        memory_limit_(options.memory_limit) {
    if (std::ssize(stored_.chunks) != checked_multiply(grid().count(), planes_))
      fail(SWR_ERROR_INTERNAL, file_.path(), ": ", stored_.chunks.size(), " chunks are listed");
  }

 private:
  // Of a chunk and a copy of it.
  static int64_t bytes_of_chunk(const Layout& layout) {
    const Grid& grid = layout.grid();
    int64_t bytes = layout.order.pixel_bytes();
    for (int axis = 0; axis < grid.dimensions; ++axis)
      bytes = checked_multiply(bytes, grid.chunk[axis]);
    return checked_multiply(bytes, 2);
  }

  void check_memory() const {
    const int64_t twice = bytes_of_chunk(layout_);
    if (twice > memory_limit_)
      fail(SWR_ERROR_MEMORY_LIMIT, file_.path(), ": a ", stored_.noun, " has ", twice / 2,
           " bytes; to read it a memory limit of ", twice, " bytes is needed, and it is ",
           memory_limit_);
  }

  std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const override {
    check_memory();
    Region full = box;
    if (stored_.has_whole_edges) full.size = grid().chunk;
    std::vector<std::byte> pixels;
    if (planes_ == 1) {
      pixels = decoded(chunk, 0, full);
    } else {
      pixels.resize(static_cast<size_t>(full.pixels() * pixel_bytes()));
      for (int component = 0; component < planes_; ++component) {
        const std::vector<std::byte> plane = decoded(chunk, component, full);
        interleave(plane.data(), pixels.data(), component, planes_, layout_.order.component_bytes,
                   full.pixels());
      }
    }
    if (full == box) return pixels;
    std::vector<std::byte> clipped(static_cast<size_t>(box.pixels() * pixel_bytes()));
    copy_region(box, pixel_bytes(), pixels.data(), full, clipped.data(), box);
    return clipped;
  }

  std::vector<std::byte> decoded(int64_t chunk, int component, const Region& full) const {
    const StoredChunk& place = stored_.chunks[static_cast<size_t>(chunk * planes_ + component)];
    const int64_t raw_bytes = full.pixels() * (pixel_bytes() / planes_);
    if (place.bytes == 0) return filled(raw_bytes);
    const char* flaw = decoder_.flaw_of_sizes(place.bytes, raw_bytes);
    if (!flaw && place.bytes > file_bytes_) flaw = "the file ends before";
    if (flaw) damaged(chunk, component, flaw);
    std::vector<std::byte> bytes(static_cast<size_t>(decoder_.needed(place.bytes, raw_bytes)));
    if (stored_.base64_begin < 0) {
      file_.read_at(place.offset, bytes);
    } else if (!read_base64(file_, stored_.base64_begin, place.offset, bytes)) {
      damaged(chunk, component, "its characters are not base64");
    }
    flaw = decoder_.decode(bytes, raw_bytes);
    if (flaw) damaged(chunk, component, flaw);
    return bytes;
  }

  std::vector<std::byte> filled(int64_t bytes) const {
    std::vector<std::byte> pixels(static_cast<size_t>(bytes));
    if (!stored_.fill.empty()) fill_with(stored_.fill, 0, pixels);
    return pixels;
  }

  [[noreturn]] void damaged(int64_t chunk, int component, const char* flaw) const {
    const std::string plane = planes_ > 1 ? text(" of component ", component) : "";
    fail(SWR_ERROR_CORRUPT, file_.path(), ": the ", stored_.noun, " with the pixels ",
         grid().box(chunk).text(), plane, " is damaged: ", flaw);
  }

  const Layout layout_;
  const StoredChunks& stored_;
  PartFiles files_;
  const File& file_;
  const int64_t file_bytes_;  // before a change, which writes on another thread, makes it longer
  const ChunkDecoder decoder_;
  const int planes_;
  const int64_t memory_limit_;
};

}  // namespace

PixelForm form_of_stored_chunks(const Layout& layout) {
  PixelForm form;
  form.encoding = layout.stored_chunks->encoding;
  form.read_only = layout.stored_chunks->read_only;
  return form;
}

std::unique_ptr<PixelReader> read_stored_chunks(const Layout& layout, const ReadOptions& options) {
  return std::make_unique<StoredChunksReader>(layout, options);
}

}  // namespace swr
