// Outputs of chunked images.
#include <algorithm>
#include <iterator>
#include <set>

#include "base/stopwatch.h"
#include "engine/chunk_encoder.h"
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

// Replaces those pixels of the box that lie in one of the regions.
void take(const Region& box, std::span<std::byte> pixels, int64_t pixel_bytes,
          const std::vector<Region>& regions, PixelReader& from) {
  for (const Region& region : regions) {
    const Region part = box.intersection(region);
    if (part.empty()) continue;
    std::vector<std::byte> packed(static_cast<size_t>(part.pixels() * pixel_bytes));
    from.read(part, packed);
    copy_region(part, pixel_bytes, packed.data(), part, pixels.data(), box);
  }
}

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
    if (!again.empty()) place_again(again.boxes());
    sink_->finish();
  }

  void place_again(const std::vector<Region>& boxes) {
    SequenceReader spooled(spool(), layout_.order);
    ChunkEncoder encoder(*sink_, pixel_bytes(plan_), plan_.memory, statistics_);
    encoder.encode(chunks_of(sink_->grid(), boxes),
                   [&](int64_t chunk, std::span<std::byte> pixels) {
                     encoder.read(chunk, pixels);
                     take(sink_->grid().box(chunk), pixels, pixel_bytes(plan_), boxes, spooled);
                   });
  }

  PixelSink* sink_ = nullptr;
};

// New pixels wait in a spool until all are there: a source that fails has touched nothing, and a
// chunk is encoded once.
class ChunkChange : public Output {
 public:
  ChunkChange(const WritePlan& plan, const Settings& settings, Statistics& statistics)
      : plan_(plan),
        statistics_(statistics),
        order_(plan.new_file->layout.order),
        spool_(settings.memory() / 8, plan.path, statistics.store),
        old_(plan.format->reader(plan.file->layout, {.threads = plan.memory.threads,
                                                     .memory_limit = settings.memory() / 4,
                                                     .files = plan.open})) {
    statistics.method = SWR_METHOD_IN_PLACE;
  }

  void write(const Region& region, const std::byte* pixels) final {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    write_region(spool_, order_, region, pixels);
  }

  void finish(const Coverage& written) final {
    const std::set<int64_t> chunks = changed_chunks(written);
    if (!chunks.empty()) statistics_.store.bytes_out += change(chunks, written);
  }

 protected:
  // Encodes the chunks into a sink and completes the files; the number of bytes that it wrote.
  virtual int64_t change(const std::set<int64_t>& chunks, const Coverage& written) = 0;

  void encode(const std::set<int64_t>& chunks, const Coverage& written, PixelSink& sink) {
    const std::vector<Region> boxes = written.boxes();
    SequenceReader spooled(spool_, order_);
    ChunkEncoder encoder(sink, pixel_bytes(plan_), plan_.memory, statistics_);
    encoder.encode(chunks, [&](int64_t chunk, std::span<std::byte> pixels) {
      const Region box = sink.grid().box(chunk);
      if (!written.missing(box).empty()) {
        fill_with(plan_.stored_fill(plan_.new_file->layout), 0, pixels);
        take(box, pixels, pixel_bytes(plan_), {old_image()}, *old_);
      }
      take(box, pixels, pixel_bytes(plan_), boxes, spooled);
    });
    sink.finish();
  }

  const WritePlan& plan_;

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

  Statistics& statistics_;
  LinearOrder order_;
  Scratch spool_;
  std::unique_ptr<PixelReader> old_;
};

// Each chunk is a file of its own. Those that change become new files, as those of a new image do:
// all files get their names together, and the header its own last.
class ChunkFilesChange final : public ChunkChange {
 public:
  ChunkFilesChange(const WritePlan& plan, const Settings& settings, Statistics& statistics,
                   Transaction& transaction)
      : ChunkChange(plan, settings, statistics), transaction_(transaction) {}

 private:
  int64_t change(const std::set<int64_t>& chunks, const Coverage& written) override {
    std::vector<File*> parts(plan_.files.parts.size());
    for (const int64_t chunk : chunks) {
      const auto part = static_cast<size_t>(chunk);
      parts[part] = &create_planned(transaction_, plan_.files.parts[part]);
    }
    encode(chunks, written, *plan_.format->sink(*plan_.new_file, parts));
    File& header = create_planned(transaction_, *plan_.files.header);
    header.write_at(0, std::as_bytes(std::span(plan_.new_file->header)));
    transaction_.publish();
    return transaction_.bytes_written();
  }

  Transaction& transaction_;
};

// One file holds all chunks, and changes under the undo journal.
class ChunksInFileChange final : public ChunkChange {
 public:
  ChunksInFileChange(const WritePlan& plan, const Settings& settings, Statistics& statistics,
                     Transaction& transaction)
      : ChunkChange(plan, settings, statistics), transaction_(transaction) {}

 private:
  int64_t change(const std::set<int64_t>& chunks, const Coverage& written) override {
    InPlace& in_place = transaction_.change(plan_.path);
    encode(chunks, written, *plan_.format->change(*plan_.file, *plan_.new_file, in_place));
    transaction_.publish();
    return transaction_.bytes_written();
  }

  Transaction& transaction_;
};

}  // namespace

std::unique_ptr<Output> open_new_chunks(const WritePlan& plan, const Settings& settings,
                                        Statistics& statistics, Transaction& transaction) {
  return std::make_unique<NewChunks>(plan, settings, statistics, transaction);
}

std::unique_ptr<Output> open_chunk_change(const WritePlan& plan, const Settings& settings,
                                          Statistics& statistics, Transaction& transaction) {
  if (plan.format->change)
    return std::make_unique<ChunksInFileChange>(plan, settings, statistics, transaction);
  return std::make_unique<ChunkFilesChange>(plan, settings, statistics, transaction);
}

}  // namespace swr
