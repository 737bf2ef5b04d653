// Outputs of chunked images. Chunks that change become new files, as those of a new image do: all
// files get their names together, and the header its own last.
#include <algorithm>
#include <iterator>
#include <set>

#include "base/stopwatch.h"
#include "engine/spooled_output.h"
#include "image/copy.h"
#include "stores/chunk_stream.h"
#include "stores/linear_pixels.h"
#include "stores/region_io.h"

namespace swr {
namespace {

int64_t pixel_bytes(const WritePlan& plan) {
  return plan.image.pixel.bytes();
}

std::set<int64_t> chunks_of(const Grid& grid, const std::vector<Region>& boxes) {
  std::set<int64_t> chunks;
  for (const Region& box : boxes) {
    const std::vector<int64_t> more = grid.chunks_of(box);
    chunks.insert(more.begin(), more.end());
  }
  return chunks;
}

// The pixels of a chunk on their way to the sink.
class ChunkPixels {
 public:
  ChunkPixels(const Region& box, int64_t pixel_bytes)
      : box_(box),
        pixel_bytes_(pixel_bytes),
        pixels_(static_cast<size_t>(box.pixels() * pixel_bytes)) {}

  std::span<std::byte> all() { return pixels_; }
  // Replaces those that lie in one of the regions.
  void take(const std::vector<Region>& regions, PixelReader& from) {
    for (const Region& region : regions) {
      const Region part = box_.intersection(region);
      if (part.empty()) continue;
      std::vector<std::byte> packed(static_cast<size_t>(part.pixels() * pixel_bytes_));
      from.read(part, packed);
      copy_region(part, pixel_bytes_, packed.data(), part, pixels_.data(), box_);
    }
  }
  void store(int64_t chunk, PixelSink& sink) {
    sink.place(chunk, sink.encode(chunk, std::move(pixels_)));
  }

 private:
  Region box_;
  int64_t pixel_bytes_;
  std::vector<std::byte> pixels_;
};

class NewChunks final : public SpooledOutput {
 public:
  NewChunks(const WritePlan& plan, const Settings& settings, Statistics& statistics,
            Transaction& transaction)
      : SpooledOutput(plan, settings, statistics, transaction) {
    auto stream =
        std::make_unique<ChunkStream>(plan.format->sink(*plan.new_file, parts_), pixel_bytes(plan));
    sink_ = &stream->sink();
    open(std::move(stream));
  }

 private:
  void complete_file(const Coverage& again) override {
    const std::vector<Region> boxes = again.boxes();
    for (const int64_t chunk : chunks_of(sink_->grid(), boxes)) {
      SequenceReader spooled(spool(), layout_.order);
      ChunkPixels pixels(sink_->grid().box(chunk), pixel_bytes(plan_));
      sink_->read(chunk, pixels.all());
      pixels.take(boxes, spooled);
      pixels.store(chunk, *sink_);
    }
    sink_->finish();
  }

  PixelSink* sink_ = nullptr;
};

// New pixels wait in a spool until all are there: a source that fails has touched nothing, and a
// chunk is encoded once.
class ChunkChange final : public Output {
 public:
  ChunkChange(const WritePlan& plan, const Settings& settings, Statistics& statistics,
              Transaction& transaction)
      : plan_(plan),
        statistics_(statistics),
        order_(plan.new_file->layout.order),
        spool_(settings.memory() / 8, plan.path, statistics.store),
        files_(transaction),
        old_(plan.format->reader(plan.file->layout, {.threads = plan.memory.threads,
                                                     .memory_limit = settings.memory() / 4,
                                                     .files = plan.open})) {
    statistics.method = SWR_METHOD_IN_PLACE;
  }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    write_region(spool_, order_, region, pixels);
  }

  void finish(const Coverage& written) override {
    const std::set<int64_t> chunks = changed_chunks(written);
    if (chunks.empty()) return;
    std::vector<File*> parts(plan_.files.parts.size());
    for (const int64_t chunk : chunks) {
      const auto part = static_cast<size_t>(chunk);
      parts[part] = &create_planned(files_, plan_.files.parts[part]);
    }
    const auto sink = plan_.format->sink(*plan_.new_file, parts);
    for (const int64_t chunk : chunks) store(chunk, written, *sink);
    sink->finish();
    File& header = create_planned(files_, *plan_.files.header);
    header.write_at(0, std::as_bytes(std::span(plan_.new_file->header)));
    files_.publish();
    statistics_.store.bytes_out += files_.bytes_written();
  }

 private:
  Region old_image() const {
    const LinearOrder& order = plan_.file->layout.order;
    return whole(order.dimensions, order.size);
  }

  // Those with new pixels, and those that the image grows by.
  std::set<int64_t> changed_chunks(const Coverage& written) const {
    std::vector<Region> boxes = written.boxes();
    Coverage old;
    old.add(old_image());
    std::ranges::copy(old.missing(whole(order_.dimensions, order_.size)),
                      std::back_inserter(boxes));
    return chunks_of(plan_.new_file->layout.grid(), boxes);
  }

  void store(int64_t chunk, const Coverage& written, PixelSink& sink) {
    const Region box = sink.grid().box(chunk);
    ChunkPixels pixels(box, pixel_bytes(plan_));
    if (!written.missing(box).empty()) {
      fill_with(plan_.stored_fill(plan_.new_file->layout), 0, pixels.all());
      pixels.take({old_image()}, *old_);
    }
    SequenceReader spooled(spool_, order_);
    pixels.take(written.boxes(), spooled);
    pixels.store(chunk, sink);
  }

  const WritePlan& plan_;
  Statistics& statistics_;
  LinearOrder order_;
  Scratch spool_;
  Transaction& files_;
  std::unique_ptr<PixelReader> old_;
};

}  // namespace

std::unique_ptr<Output> open_new_chunks(const WritePlan& plan, const Settings& settings,
                                        Statistics& statistics, Transaction& transaction) {
  return std::make_unique<NewChunks>(plan, settings, statistics, transaction);
}

std::unique_ptr<Output> open_chunk_change(const WritePlan& plan, const Settings& settings,
                                          Statistics& statistics, Transaction& transaction) {
  return std::make_unique<ChunkChange>(plan, settings, statistics, transaction);
}

}  // namespace swr
