// The output that changes an existing image where it is: the store of its format does the work.
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/output.h"
#include "engine/pieces.h"
#include "engine/store_options.h"

namespace swr {
namespace {

LinearOrder changed_order(const WritePlan& plan) {
  LinearOrder order = plan.file->layout.order;
  std::copy_n(plan.image.region.size.begin(), plan.image.dimensions(), order.size.begin());
  return order;
}

// The files of the plan, which change or are created in one transaction.
class PlannedFiles final : public ChangedFiles {
 public:
  PlannedFiles(const WritePlan& plan, Transaction& transaction)
      : plan_(plan), transaction_(transaction) {}

  FileChanges& existing() override { return transaction_.change(plan_.path); }
  File& create_part(int64_t part) override {
    return create_planned(transaction_, plan_.files.parts.at(static_cast<size_t>(part)));
  }
  File& create_header() override { return create_planned(transaction_, *plan_.files.header); }
  FolderChange& change_folder(FolderPlaces places) override {
    return transaction_.change_folder(std::move(places));
  }

 private:
  const WritePlan& plan_;
  Transaction& transaction_;
};

class ChangeOutput final : public Output {
 public:
  ChangeOutput(const WritePlan& plan, const Settings& settings, Statistics& statistics,
               Transaction& transaction)
      : plan_(plan),
        settings_(settings),
        statistics_(statistics),
        transaction_(transaction),
        order_(changed_order(plan)),
        files_(plan, transaction),
        change_{order_,       plan.patches, plan.path,
                plan.trailer, plan.more,    plan.new_file ? &*plan.new_file : nullptr},
        pixels_(plan.format->change(*plan.file, change_, files_,
                                    store_options(plan, plan.file->layout, settings, statistics))) {
    statistics.method = SWR_METHOD_IN_PLACE;
  }

  bool takes_any_order() const override { return plan_.form.has_places; }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    pixels_->write(region, pixels);
  }

  bool lend(const Region& region, std::span<const std::byte> pixels) override {
    return pixels_->lend(region, pixels);
  }

  void write_selected(const Region& region, const std::byte* pixels,
                      std::span<const uint8_t> mask) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    pixels_->write_selected(region, pixels, mask);
  }

  // Pixels first, the header last: until then the file reads as it was.
  void finish(const Coverage& written) override {
    if (written.empty() && order_.size == plan_.file->layout.order.size) return;
    if (pixels_->leaves_zeros()) fill_growth(written);
    if (!pixels_->finish(written.boxes())) return rewrite(written);
    if (statistics_.store.blocks_spliced > 0) statistics_.method = SWR_METHOD_SPLICE;
    patch_header();
    transaction_.publish();
    statistics_.store.bytes_out += transaction_.bytes_written();
  }

 private:
  void fill_growth(const Coverage& written) {
    if (plan_.fills_with_zeros()) return;
    Coverage filled = written;
    filled.add(whole(order_.dimensions, plan_.file->layout.order.size));
    fill_gaps([this](const Region& gap, const std::byte* pixels) { pixels_->write(gap, pixels); },
              order_, filled, plan_.stored_fill(plan_.file->layout), plan_.block);
  }

  void patch_header() {
    for (const HeaderPatch& patch : plan_.patches) {
      if (patch.in_stream_prefix) continue;  // the store's
      FileChanges& change = transaction_.change(plan_.path);
      change.write(change.add(plan_.path), patch.offset, std::as_bytes(std::span(patch.bytes)));
    }
  }

  // The rewritten file has its own order of bytes and components.
  void rewrite(const Coverage& written) {
    transaction_.rollback();  // nothing was changed
    if (!plan_.new_file)
      fail(SWR_ERROR_INTERNAL, plan_.path, ": a rewrite became necessary that was not planned");
    const auto output = open_rewrite(plan_, settings_, statistics_, transaction_);
    const bool swap = plan_.file->layout.big_endian != plan_.new_file->layout.big_endian;
    for (const Region& box : written.boxes()) {
      read_in_pieces(
          *pixels_->waiting(), order_, box, swap, plan_.block,
          [&](const Region& piece, const std::byte* pixels) { output->write(piece, pixels); });
    }
    output->finish(written);
  }

  const WritePlan& plan_;
  const Settings& settings_;
  Statistics& statistics_;
  Transaction& transaction_;
  const LinearOrder order_;
  PlannedFiles files_;
  const PlannedChange change_;
  std::unique_ptr<PixelChange> pixels_;
};

}  // namespace

void Output::write_selected(const Region&, const std::byte*, std::span<const uint8_t>) {
  fail(SWR_ERROR_INTERNAL, "this output takes whole regions");
}

std::unique_ptr<Output> open_output(const WritePlan& plan, const Settings& settings,
                                    Statistics& statistics, Transaction& transaction) {
  if (plan.makes_new_file()) return open_rewrite(plan, settings, statistics, transaction);
  return std::make_unique<ChangeOutput>(plan, settings, statistics, transaction);
}

}  // namespace swr
