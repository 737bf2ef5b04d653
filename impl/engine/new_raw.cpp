// The output of a new file whose pixels lie in it as they are.
#include "base/checked.h"
#include "base/stopwatch.h"
#include "engine/new_output.h"
#include "engine/pieces.h"
#include "stores/contiguous.h"
#include "stores/region_io.h"

namespace swr {
namespace {

class NewRaw final : public NewOutput {
 public:
  NewRaw(const WritePlan& plan, const Settings& settings, Statistics& statistics,
         Transaction& transaction)
      : NewOutput(plan, settings, statistics, transaction), store_(*data_, begin()) {
    if (plan.whole_image || old_) {
      data_->preallocate(checked_add(begin(), total_));
    } else {
      data_->resize(checked_add(begin(), total_));
    }
    stream_ = make_stream(store_, plan.pixel_conversion().changes());
    if (old_) lay_background();
  }

  BlockStream* stream() override { return offered(*stream_); }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    leave_stream();
    write_region(store_, layout_.order, region, pixels);
  }

 private:
  // Pixels that are written by region then go on top of it.
  void lay_background() {
    OverlayList background(total_);
    if (old_->is_in_order()) background.add(old_->overlay());
    compose(*stream_, background);
    if (old_->is_in_order()) return;
    old_->carry_to(
        [this](const Region& region, const std::byte* pixels) { NewRaw::write(region, pixels); });
  }

  // What the stream has taken is in the file then.
  void leave_stream() {
    if (left_stream_) return;
    left_stream_ = true;
    stream_->stop_converting();
  }

  void complete(const Coverage& written) override {
    if (stream_->position() == total_) {
      stream_->finish();
    } else {
      leave_stream();
      // New files read as zeros where nothing was written.
      if (!old_ && !plan_.fills_with_zeros())
        fill_gaps(
            [this](const Region& gap, const std::byte* pixels) {
              write_region(store_, layout_.order, gap, pixels);
            },
            layout_.order, written, plan_.stored_fill(layout_), plan_.block);
    }
    data_->resize(begin() + total_);
    const std::string& trailer = plan_.new_file->trailer;
    if (!trailer.empty()) data_->write_at(begin() + total_, std::as_bytes(std::span(trailer)));
  }

  NewContiguousStore store_;
  bool left_stream_ = false;
  std::unique_ptr<BlockStream> stream_;  // last: its threads stop before what they use goes
};

}  // namespace

std::unique_ptr<Output> open_new_raw(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction) {
  return std::make_unique<NewRaw>(plan, settings, statistics, transaction);
}

}  // namespace swr
