// Outputs that change existing files, under the undo journal.
#include <algorithm>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/output.h"
#include "engine/pieces.h"
#include "formats/header_text.h"
#include "stores/contiguous.h"
#include "stores/deflate_blocks.h"
#include "stores/linear_pixels.h"
#include "stores/overlay.h"
#include "stores/region_io.h"
#include "stores/scratch.h"

namespace swr {
namespace {

LinearOrder grown_order(const WritePlan& plan) {
  LinearOrder order = plan.file->layout.order;
  std::copy_n(plan.image.region.size.begin(), plan.image.dimensions(), order.size.begin());
  return order;
}

void write_text(InPlace& change, int file, int64_t offset, const std::string& text) {
  change.write(file, offset, std::as_bytes(std::span(text)));
}

// Pixels that lie in their files as they are.
class ContiguousChange : public Output {
 public:
  ContiguousChange(const WritePlan& plan, const Settings& settings, Statistics& statistics,
                   Transaction& transaction)
      : plan_(plan),
        statistics_(statistics),
        order_(grown_order(plan)),
        transaction_(transaction),
        pixels_(plan.file->layout, order_, transaction.change(plan.path), settings.sole) {
    statistics.method = SWR_METHOD_IN_PLACE;
  }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    pixels_.write(region, pixels);
  }

  // Pixels first, the header last: until then the file reads as it was.
  void finish(const Coverage& written) override {
    fill_growth(written);
    write_trailer();
    if (!plan_.patches.empty()) {
      InPlace& change = transaction_.change(plan_.path);
      const int header = change.add(plan_.path);
      for (const HeaderPatch& patch : plan_.patches)
        write_text(change, header, patch.offset, patch.bytes);
    }
    transaction_.publish();
    statistics_.store.bytes_out += transaction_.bytes_written();
  }

 private:
  // A file reads as zeros where it grew.
  void fill_growth(const Coverage& written) {
    if (plan_.fills_with_zeros()) return;
    Coverage filled = written;
    filled.add(whole(order_.dimensions, plan_.file->layout.order.size));
    fill_gaps([this](const Region& gap, const std::byte* pixels) { pixels_.write(gap, pixels); },
              order_, filled, plan_.stored_fill(plan_.file->layout), plan_.block);
  }

  // The old trailer is where the pixels grew; the new one follows them.
  void write_trailer() {
    if (plan_.trailer.empty()) return;
    const Layout& layout = plan_.file->layout;
    const int64_t begin = PartMap(layout, plan_.open.get()).locate(0, 1).file_offset;
    InPlace& change = transaction_.change(plan_.path);
    write_text(change, change.add(layout.parts[0].path), checked_add(begin, order_.bytes()),
               plan_.trailer);
  }

  const WritePlan& plan_;
  Statistics& statistics_;
  LinearOrder order_;
  Transaction& transaction_;
  RawChange pixels_;
};

// A compressed stream. Its new pixels wait in a spool until all are there: a source that fails has
// touched nothing.
class DeflateChange : public Output {
 public:
  DeflateChange(const WritePlan& plan, const Settings& settings, Statistics& statistics,
                Transaction& transaction)
      : plan_(plan),
        settings_(settings),
        statistics_(statistics),
        transaction_(transaction),
        order_(grown_order(plan)),
        spool_(settings.memory() / 8, plan.path, statistics.store) {
    statistics.method = SWR_METHOD_IN_PLACE;
  }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    write_region(spool_, order_, region, pixels);
  }

  void finish(const Coverage& written) override {
    if (written.empty() && order_.bytes() == plan_.file->layout.order.bytes()) return;
    if (change_in_place(written)) return;
    transaction_.rollback();  // nothing was changed
    rewrite(written);
  }

 private:
  bool change_in_place(const Coverage& written) {
    OverlayList overlays(order_.bytes());
    if (order_.bytes() > plan_.file->layout.order.bytes()) {
      overlays.add(std::make_unique<FillOverlay>(plan_.file->layout.order.bytes(),
                                                 plan_.stored_fill(plan_.file->layout)));
    }
    for (const Region& box : written.boxes()) {
      overlays.add(
          std::make_unique<BoxOverlay>(order_, box, spool_, BoxOverlay::Values::in_place, false));
    }
    DeflateUpdate update;
    update.overlay = &overlays;
    update.new_bytes = order_.bytes();
    update.most_stream_bytes = most_stream_bytes();
    update.options = plan_.deflate;
    update.resources = {plan_.memory.threads, settings_.memory() / 2};
    for (const HeaderPatch& patch : plan_.patches) {
      if (patch.in_stream_prefix) update.prefix_patches.emplace_back(patch.offset, patch.bytes);
    }
    InPlace& change = transaction_.change(plan_.path);
    const int data = change.add(plan_.file->layout.parts[0].path);
    const DeflateResult result =
        update_deflate(plan_.file->layout, update, change, data, statistics_.store);
    if (!result.done) return false;
    if (statistics_.store.blocks_spliced > 0) statistics_.method = SWR_METHOD_SPLICE;
    patch_header(change, result.stream_bytes);
    transaction_.publish();
    statistics_.store.bytes_out += transaction_.bytes_written();
    return true;
  }

  // The header's field for the length of the stream may have room for a few digits only.
  int64_t most_stream_bytes() const {
    constexpr int most_digits = std::numeric_limits<int64_t>::digits10;
    const Deflate& stream = plan_.file->layout.stream();
    const auto& field = stream.stream_bytes_field;
    if (stream.stream_bytes < 0 || !field || field->width > most_digits)
      return std::numeric_limits<int64_t>::max();
    int64_t most = 1;
    for (int i = 0; i < field->width; ++i) most *= 10;
    return most - 1;
  }

  void patch_header(InPlace& change, int64_t stream_bytes) {
    for (const HeaderPatch& patch : plan_.patches) {
      if (!patch.in_stream_prefix)
        write_text(change, change.add(plan_.path), patch.offset, patch.bytes);
    }
    const Deflate& stream = plan_.file->layout.stream();
    // A header that does not tell the length, or tells 0, stays as it is.
    if (!stream.stream_bytes_field || stream.stream_bytes < 0) return;
    if (stream.stream_bytes == stream_bytes) return;
    const NumberField& field = *stream.stream_bytes_field;
    write_text(change, change.add(plan_.path), field.offset,
               left_aligned(stream_bytes, field.width));
  }

  // The file that is written anew has its own order of bytes and components.
  void rewrite(const Coverage& written) {
    if (!plan_.new_file)
      fail(SWR_ERROR_UNSUPPORTED, plan_.path,
           ": the change does not fit the compressed stream, and the file cannot be written anew");
    const auto output = open_rewrite(plan_, settings_, statistics_, transaction_);
    const bool swap = plan_.file->layout.big_endian != plan_.new_file->layout.big_endian;
    SequenceReader spooled(spool_, order_);
    for (const Region& box : written.boxes()) {
      read_in_pieces(
          spooled, order_, box, swap, plan_.block,
          [&](const Region& piece, const std::byte* pixels) { output->write(piece, pixels); });
    }
    output->finish(written);
  }

  const WritePlan& plan_;
  const Settings& settings_;
  Statistics& statistics_;
  Transaction& transaction_;
  LinearOrder order_;
  Scratch spool_;
};

}  // namespace

std::unique_ptr<Output> open_output(const WritePlan& plan, const Settings& settings,
                                    Statistics& statistics, Transaction& transaction) {
  if (plan.method == SWR_METHOD_CREATE || plan.method == SWR_METHOD_REWRITE)
    return open_rewrite(plan, settings, statistics, transaction);
  if (plan.layout().is_chunked()) return open_chunk_change(plan, settings, statistics, transaction);
  if (plan.layout().is_compressed())
    return std::make_unique<DeflateChange>(plan, settings, statistics, transaction);
  return std::make_unique<ContiguousChange>(plan, settings, statistics, transaction);
}

}  // namespace swr
