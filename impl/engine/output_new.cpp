// Outputs that make new files under staging names: a new image, and an existing one written anew.
#include <algorithm>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/stopwatch.h"
#include "engine/output.h"
#include "storage/staged_set.h"
#include "stores/deflate_blocks.h"
#include "stores/overlay.h"
#include "stores/region_io.h"
#include "stores/scratch.h"

namespace swr {
namespace {

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

class NewOutput : public Output {
 public:
  NewOutput(const WritePlan& plan, const Settings& settings, Statistics& statistics,
            FileLocks& locks)
      : plan_(plan),
        settings_(settings),
        statistics_(statistics),
        layout_(plan.new_file->layout),
        total_(layout_.order.bytes()),
        rewrites_(plan.method != SWR_METHOD_CREATE),
        files_({.sync = settings.sync, .locks = &locks}) {
    statistics.method = rewrites_ ? SWR_METHOD_REWRITE : SWR_METHOD_CREATE;
    create_files();
    open_stream();
    if (rewrites_) open_old();
  }

  BlockStream* stream() override {
    return rewrites_ || !layout_.order.interleaved() ? nullptr : stream_.get();
  }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    leave_stream();
    if (slotted_ && BoxOverlay::begin(layout_.order, region) < stream_->position())
      again_.add(region);
    WriteStore* store = spool_.get();
    if (contiguous_) store = contiguous_.get();
    write_region(*store, layout_.order, region, pixels);
  }

  void finish(const Coverage& written) override {
    if (contiguous_) {
      finish_contiguous(written);
    } else {
      finish_compressed(written);
    }
    files_.commit();
    statistics_.store.bytes_out += files_.bytes_written();
  }

 private:
  // The data first: a header that has its name has its data.
  void create_files() {
    const FilePlan& files = plan_.files;
    data_ = &create(files.data);
    header_ = files.header ? &create(*files.header) : data_;
    for (const std::string& path : files.retired) files_.retire(path);
    const std::string& header = plan_.new_file->header;
    if (!header.empty()) header_->write_at(0, as_bytes(header));
  }

  File& create(const PlannedFile& file) {
    return files_.create(
        file.path, {.must_be_new = file.must_be_new, .attributes_from = file.attributes_from});
  }

  void open_stream() {
    const int64_t begin = layout_.parts[0].offset;
    StreamStore* store;
    if (layout_.is_compressed()) {
      slotted_ = SlottedStream::create(
          *data_, begin, layout_.stream().wrapper == Deflate::Wrapper::gzip,
          plan_.new_file->stream_prefix, total_, plan_.deflate, statistics_.store);
      store = slotted_.get();
    } else {
      contiguous_ = std::make_unique<NewContiguousStore>(*data_, begin);
      if (plan_.whole_image || rewrites_) {
        data_->preallocate(checked_add(begin, total_));
      } else {
        data_->resize(checked_add(begin, total_));
      }
      store = contiguous_.get();
    }
    BlockStream::Options options;
    options.block = plan_.block;
    options.capacity = plan_.memory.block_capacity > 0 ? plan_.memory.block_capacity : plan_.block;
    options.buffers = std::max(2, plan_.memory.blocks);
    // Without anything to compute, one thread stores while the source goes on.
    const bool computes = layout_.is_compressed() || plan_.pixel_conversion().changes();
    options.threads = computes ? plan_.memory.threads : 1;
    options.window = plan_.memory.prepared;
    stream_ = std::make_unique<BlockStream>(*store, total_, options, statistics_);
  }

  void open_old() {
    ReadOptions options;
    options.threads = plan_.memory.threads;
    options.memory_limit = settings_.memory_limit.value_or(default_memory_limit) / 4;
    old_ = open_store(plan_.file->layout, options);
    const LinearOrder& order = plan_.file->layout.order;
    const bool same_order =
        order.components == 1 || (order.component_axis == layout_.order.component_axis &&
                                  order.planes == layout_.order.planes);
    if (contiguous_) {
      // The background first: pixels that are written by region then go on top of it.
      OverlayList background(total_);
      if (same_order) add_old(background);
      compose(background);
    }
    if (!same_order) carry_over();
  }

  Region old_box() const { return plan_.file->image.region.relative_to(plan_.image.region.index); }
  bool swaps_old() const { return plan_.file->layout.big_endian != layout_.big_endian; }

  void add_old(OverlayList& overlays) {
    if (!old_ || !carried_.empty()) return;
    overlays.add(std::make_unique<BoxOverlay>(layout_.order, old_box(), *old_,
                                              BoxOverlay::Values::packed, swaps_old()));
  }

  // Components lie in another order in the existing file: its pixels are written by region, as if
  // they were new.
  void carry_over() {
    const int64_t pixel_bytes = plan_.image.pixel.bytes();
    const LinearOrder& order = plan_.file->layout.order;
    const Split pieces = Split::in_bytes(whole(order.dimensions, order.size), pixel_bytes,
                                         std::max(plan_.block, pixel_bytes));
    std::vector<std::byte> pixels(static_cast<size_t>(pieces.largest_pixels() * pixel_bytes));
    for (int64_t i = 0; i < pieces.count(); ++i) {
      Region piece = pieces.piece(i);
      const auto packed =
          std::span(pixels).first(static_cast<size_t>(piece.pixels() * pixel_bytes));
      read_region(*old_, order, piece, packed.data());
      if (swaps_old()) swap_bytes(packed, order.component_bytes);
      for (int axis = 0; axis < piece.dimensions; ++axis)
        piece.index[axis] += old_box().index[axis];
      write(piece, packed.data());
    }
    carried_.add(old_box());
  }

  // Ends the stream in the middle: what follows is written by region. A compressed stream goes on
  // from there when all pixels are known.
  void leave_stream() {
    if (!contiguous_ && !spool_) make_spool();
    if (left_stream_) return;
    left_stream_ = true;
    stream_->stop_converting();
    const auto rest = stream_->take_back();
    if (rest.empty()) return;
    const Write write{stream_->position(), rest};
    spool_->write({&write, 1});
  }

  void make_spool() {
    const int64_t most_in_memory = settings_.memory_limit.value_or(default_memory_limit) / 8;
    spool_ = std::make_unique<Scratch>(most_in_memory, settings_.path, statistics_.store);
  }

  // Streams the rest of the sequence: the fill value, and what lies over it.
  void compose(const Overlay& overlays) {
    stream_->stop_converting();
    std::vector<std::byte> block(static_cast<size_t>(plan_.block));
    const std::vector<std::byte> fill = plan_.stored_fill(layout_);
    while (stream_->position() < total_) {
      const int64_t at = stream_->position();
      const auto part = std::span(block).first(
          static_cast<size_t>(std::min<int64_t>(std::ssize(block), total_ - at)));
      fill_with(fill, at, part);
      overlays.apply(at, part);
      stream_->append(part);
    }
  }

  void finish_contiguous(const Coverage& written) {
    if (stream_->position() == total_) {
      stream_->finish();
    } else {
      if (!left_stream_) stream_->stop_converting();
      fill_gaps(written);
    }
    data_->resize(layout_.parts[0].offset + total_);
  }

  // New files read as zeros where nothing was written, so another fill value is all that has to be.
  void fill_gaps(const Coverage& written) {
    const bool zero = std::all_of(plan_.fill.begin(), plan_.fill.end(),
                                  [](std::byte b) { return b == std::byte{0}; });
    if (zero || rewrites_) return;
    const int64_t pixel_bytes = plan_.image.pixel.bytes();
    for (const Region& gap : written.missing(whole(layout_.order.dimensions, layout_.order.size))) {
      const Split pieces = Split::in_bytes(gap, pixel_bytes, std::max(plan_.block, pixel_bytes));
      std::vector<std::byte> pixels(static_cast<size_t>(pieces.largest_pixels() * pixel_bytes));
      fill_with(plan_.stored_fill(layout_), 0, pixels);
      for (int64_t i = 0; i < pieces.count(); ++i)
        write_region(*contiguous_, layout_.order, pieces.piece(i), pixels.data());
    }
  }

  void finish_compressed(const Coverage& written) {
    OverlayList overlays(total_);
    add_old(overlays);
    if (spool_) add_boxes(overlays, carried_);
    if (spool_) add_boxes(overlays, written);
    compose(overlays);
    stream_->finish();
    patch_stream_bytes(again_.empty() ? slotted_->stream_bytes() : change_again());
  }

  void add_boxes(OverlayList& overlays, const Coverage& boxes) {
    for (const Region& box : boxes.boxes()) {
      overlays.add(std::make_unique<BoxOverlay>(layout_.order, box, *spool_,
                                                BoxOverlay::Values::in_place, false));
    }
  }

  // Pixels that were put again after they had gone into the stream: changed there as in any slotted
  // file. The stream's length is returned.
  int64_t change_again() {
    OverlayList overlays(total_);
    add_boxes(overlays, again_);
    DeflateUpdate update;
    update.overlay = &overlays;
    update.new_bytes = total_;
    update.options = plan_.deflate;
    InPlace change(settings_.path, {.rollback = false, .sync = false, .erase = false});
    const DeflateResult result =
        update_deflate(layout_, update, change, change.add(*data_), statistics_.store);
    if (!result.done)
      fail(SWR_ERROR_INTERNAL, settings_.path, ": the new stream is not open to change");
    change.commit();
    statistics_.store.bytes_out += change.bytes_written();
    return result.stream_bytes;
  }

  void patch_stream_bytes(int64_t stream_bytes) {
    const auto& field = layout_.stream().stream_bytes_field;
    if (!field) return;
    std::string digits = text(stream_bytes);
    if (std::ssize(digits) > field->width)
      fail(SWR_ERROR_INTERNAL, "the field of the compressed size is too narrow");
    digits.resize(static_cast<size_t>(field->width), ' ');
    header_->write_at(field->offset, as_bytes(digits));
  }

  const WritePlan& plan_;
  const Settings& settings_;
  Statistics& statistics_;
  Layout layout_;
  int64_t total_;
  bool rewrites_;
  StagedSet files_;
  File* header_ = nullptr;
  File* data_ = nullptr;
  std::unique_ptr<Scratch> spool_;
  std::unique_ptr<ReadStore> old_;
  std::unique_ptr<NewContiguousStore> contiguous_;
  std::unique_ptr<SlottedStream> slotted_;
  bool left_stream_ = false;
  Coverage carried_;                     // pixels of the existing file that were written by region
  Coverage again_;                       // written by region where the stream had been already
  std::unique_ptr<BlockStream> stream_;  // last: its threads stop before what they use goes
};

}  // namespace

std::unique_ptr<Output> open_rewrite(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, FileLocks& locks) {
  return std::make_unique<NewOutput>(plan, settings, statistics, locks);
}

}  // namespace swr
