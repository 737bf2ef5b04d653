#include "stores/chunked_pixels.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "image/copy.h"
#include "stores/chunk_stream.h"
#include "stores/linear_pixels.h"
#include "stores/overlay.h"
#include "stores/pyramid_sinks.h"
#include "stores/pyramid_stream.h"
#include "stores/region_io.h"
#include "stores/scratch.h"
#include "stores/spooled_chunk_stream.h"

namespace swr {
namespace {

// The chunks that hold pixels of the boxes.
std::set<int64_t> chunks_of(const Grid& grid, std::span<const Region> boxes) {
  std::set<int64_t> chunks;
  for (const Region& box : boxes) {
    const std::vector<int64_t> more = grid.chunks_of(box);
    chunks.insert(more.begin(), more.end());
  }
  return chunks;
}

// The same, and those that the image grows by.
std::set<int64_t> changed_chunks(const Grid& grid, const Region& old,
                                 std::span<const Region> boxes) {
  std::set<int64_t> chunks = chunks_of(grid, boxes);
  if (old == whole(grid.dimensions, grid.size)) return chunks;
  for (int64_t chunk = 0; chunk < grid.count(); ++chunk) {
    if (!old.contains(grid.box(chunk))) chunks.insert(chunk);
  }
  return chunks;
}

// The boxes, and what the image grows by.
std::vector<Region> changed_boxes(const Grid& grid, const Region& old,
                                  std::span<const Region> boxes) {
  std::vector<Region> changed(boxes.begin(), boxes.end());
  for (int axis = 0; axis < grid.dimensions; ++axis) {
    Region added = whole(grid.dimensions, grid.size);
    added.index[axis] = old.size[axis];
    added.size[axis] -= old.size[axis];
    if (!added.empty()) changed.push_back(added);
  }
  return changed;
}

// Whether disjoint boxes cover the region.
bool is_covered(const Region& region, std::span<const Region> boxes) {
  const auto add = [&](int64_t pixels, const Region& box) {
    return pixels + region.intersection(box).pixels();
  };
  return std::accumulate(boxes.begin(), boxes.end(), int64_t{0}, add) == region.pixels();
}

// Replaces the pixels of the box that are in one of the regions.
void take(const Region& box, std::span<std::byte> pixels, int64_t pixel_bytes,
          std::span<const Region> regions, PixelReader& from) {
  for (const Region& region : regions) {
    const Region part = box.intersection(region);
    if (part.empty()) continue;
    std::vector<std::byte> packed(static_cast<size_t>(part.pixels() * pixel_bytes));
    from.read(part, packed);
    copy_region(part, pixel_bytes, packed.data(), part, pixels.data(), box);
  }
}

std::unique_ptr<StreamStore> stream_to(ChunkSink& sink, const LinearOrder& order,
                                       const WriteOptions& options) {
  const int64_t pixel_bytes = order.pixel_bytes();
  if (SpooledChunkStream::is_needed(sink.grid(), pixel_bytes, options.memory))
    return std::make_unique<SpooledChunkStream>(sink, order, options);
  return std::make_unique<ChunkStream>(sink, pixel_bytes, options.counters);
}

// Otherwise they are made of the chunks that are placed, at the end. The bytes of a file depend on
// it: it must not depend on the number of threads or pieces.
bool makes_levels_by_layers(const Layout& layout, int64_t memory) {
  const Grid grid = layout.grid();
  const int64_t pixel_bytes = layout.order.pixel_bytes();
  if (SpooledChunkStream::is_needed(grid, pixel_bytes, memory)) return false;
  const PyramidStream::Need need = PyramidStream::need_of(layout);
  if (need.bytes > memory / 4) return false;
  // Blocks on their way, and a thread with encoders of the image and of a level.
  constexpr int64_t of_encoders = int64_t{5} << 20;
  const int64_t blocks = checked_multiply(4, ChunkStream::block_bytes(grid, pixel_bytes));
  const int64_t chunks = checked_multiply(8, checked_multiply(grid.chunk_pixels(), pixel_bytes));
  const int64_t of_levels = checked_add(need.bytes, need.bytes_of_thread);
  return checked_add(of_levels, checked_add(blocks, chunks)) <= memory - of_encoders;
}

void add_levels(const Layout& layout, int64_t memory, PixelForm& form) {
  form.level_bytes = PyramidSinks::bytes_of_update(layout);
  if (!makes_levels_by_layers(layout, memory)) return;
  const PyramidStream::Need need = PyramidStream::need_of(layout);
  form.level_bytes = std::max(form.level_bytes, need.bytes);
  form.level_thread_bytes = need.bytes_of_thread;
}

class NewChunks final : public PixelSink {
 public:
  NewChunks(std::unique_ptr<ChunkSink> sink, const LinearOrder& order, const WriteOptions& options)
      : sink_(std::move(sink)),
        order_(order),
        options_(options),
        stream_(stream_to(*sink_, order, options)) {}

  // Requires: nothing was delivered yet. `layout` has the pyramid.
  void make_levels(std::vector<std::unique_ptr<ChunkSink>> sinks, const Layout& layout) {
    levels_.emplace(layout, std::move(sinks));
    auto* const by_layers = dynamic_cast<ChunkStream*>(stream_.get());
    if (!by_layers || !makes_levels_by_layers(layout, options_.memory)) return;
    level_stream_.emplace(layout, *levels_, options_.threads);
    by_layers->make_levels(*level_stream_);
  }

  StreamStore& stream() override { return *stream_; }

  void replace(std::span<const Region> boxes, ReadStore& pixels) override {
    SequenceReader reader(pixels, order_);
    options_.encode_chunks(*sink_, chunks_of(sink_->grid(), boxes), ChunkBase::placed,
                           [&](int64_t chunk, std::span<std::byte> composed) {
                             take(sink_->grid().box(chunk), composed, order_.pixel_bytes(), boxes,
                                  reader);
                           });
    if (level_stream_) levels_->update(*sink_, boxes, options_.encode_chunks);
  }

  bool empty_is_fill() const override {
    std::vector<std::byte> pixel(static_cast<size_t>(order_.pixel_bytes()));
    fill_with(options_.fill, 0, pixel);
    return sink_->absent_is_fill() && (!levels_ || levels_->empty_is(pixel));
  }

  void finish_empty() override {
    sink_->finish();
    if (levels_) levels_->finish();
  }

  void finish() override {
    if (levels_ && !level_stream_) {
      const Region image = whole(order_.dimensions, order_.size);
      levels_->update(*sink_, {&image, 1}, options_.encode_chunks);
    }
    sink_->finish();
    if (levels_) levels_->finish();
  }

 private:
  std::unique_ptr<ChunkSink> sink_;
  std::optional<PyramidSinks> levels_;
  std::optional<PyramidStream> level_stream_;
  const LinearOrder order_;
  const WriteOptions options_;
  std::unique_ptr<StreamStore> stream_;
};

// The new pixels wait until all are known: if the source fails, nothing was changed, and a chunk is
// encoded once.
class ChunksChange final : public PixelChange {
 public:
  ChunksChange(ChunkChange change, const WriteOptions& options)
      : change_(std::move(change)),
        order_(change_.changed.order),
        old_(whole(change_.old.order.dimensions, change_.old.order.size)),
        options_(options),
        waiting_(options.memory / 8, options.beside, *options.counters) {}

  void write(const Region& region, const std::byte* pixels) override {
    write_region(waiting_, order_, region, pixels);
  }
  void write_selected(const Region& region, const std::byte* pixels,
                      std::span<const uint8_t> mask) override {
    swr::write_selected(waiting_, order_, region, pixels, mask);
  }

  bool finish(std::span<const Region> written) override {
    const auto chunks = changed_chunks(change_.changed.grid(), old_, written);
    if (chunks.empty()) return true;
    const std::unique_ptr<ChunkSink> sink = change_.open_sink(chunks);
    SequenceReader waiting(waiting_, order_);
    options_.encode_chunks(*sink, chunks, ChunkBase::none,
                           [&](int64_t chunk, std::span<std::byte> pixels) {
                             const Region box = sink->grid().box(chunk);
                             if (!is_covered(box, written)) lay_background(box, pixels);
                             take(box, pixels, order_.pixel_bytes(), written, waiting);
                           });
    if (change_.changed.pyramid) update_levels(*sink, written);
    sink->finish();
    return true;
  }

 private:
  void update_levels(ChunkSink& image, std::span<const Region> written) {
    PyramidSinks levels(change_.changed, change_.open_levels());
    levels.update(image, changed_boxes(change_.changed.grid(), old_, written),
                  options_.encode_chunks);
    levels.finish();
  }

  void lay_background(const Region& box, std::span<std::byte> pixels) {
    if (change_.before_old) change_.before_old();
    fill_with(options_.fill, 0, pixels);
    take(box, pixels, order_.pixel_bytes(), {&old_, 1}, *change_.old_pixels);
  }

  const ChunkChange change_;
  const LinearOrder order_;
  const Region old_;
  const WriteOptions options_;
  Scratch waiting_;
};

}  // namespace

PixelForm form_of_chunks(const Layout& layout, ChunkPlace place, int64_t memory) {
  const Grid grid = layout.grid();
  const int64_t pixel_bytes = layout.order.pixel_bytes();
  PixelForm form;
  form.is_encoded = form.owns_files = form.may_be_rewritten = true;
  form.replaces_files = place == ChunkPlace::own_files;
  form.chunk = form.stored_chunk = grid.chunk;
  if (layout.pyramid) add_levels(layout, memory, form);
  form.unit = form.most_block = ChunkStream::block_bytes(grid, pixel_bytes);
  if (!SpooledChunkStream::is_needed(grid, pixel_bytes, memory)) return form;
  form.unit = form.most_block = checked_multiply(grid.chunk_pixels(), pixel_bytes);
  form.waiting_bytes = SpooledChunkStream::waiting_bytes(memory);
  return form;
}

std::unique_ptr<PixelSink> new_chunks(std::unique_ptr<ChunkSink> sink, const LinearOrder& order,
                                      const WriteOptions& options) {
  return std::make_unique<NewChunks>(std::move(sink), order, options);
}

std::unique_ptr<PixelSink> new_pyramid(std::unique_ptr<ChunkSink> sink,
                                       std::vector<std::unique_ptr<ChunkSink>> levels,
                                       const Layout& layout, const WriteOptions& options) {
  auto pixels = std::make_unique<NewChunks>(std::move(sink), layout.order, options);
  pixels->make_levels(std::move(levels), layout);
  return pixels;
}

std::unique_ptr<PixelChange> change_chunks(ChunkChange change, const WriteOptions& options) {
  return std::make_unique<ChunksChange>(std::move(change), options);
}

// Whole chunks are written, with the old pixels of those that the region covers in part.
ChangeForecast forecast_chunk_change(const Layout& layout, const ChangeRequest& request) {
  const Region old = whole(layout.order.dimensions, layout.order.size);
  Grid grid = layout.grid();
  grid.size = request.order.size;
  int64_t read = 0, written = 0;
  for (const int64_t chunk : changed_chunks(grid, old, {&request.region, 1})) {
    const Region box = grid.box(chunk);
    written += box.pixels();
    if (!request.region.contains(box)) read += box.intersection(old).pixels();
  }
  const int64_t pixel_bytes = request.order.pixel_bytes();
  ChangeForecast forecast;
  forecast.level = std::get<Chunked>(layout.storage).level;
  forecast.bytes_read = read * pixel_bytes;
  forecast.bytes_written = (written - request.region.pixels()) * pixel_bytes;
  return forecast;
}

ReadOptions options_for_old_chunks(const WriteOptions& options) {
  return {.threads = options.threads, .memory_limit = options.memory / 4, .files = options.files};
}

}  // namespace swr
