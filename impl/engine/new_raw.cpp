// The output of a new file whose pixels lie in it as they are.
#include <algorithm>

#include "base/checked.h"
#include "base/stopwatch.h"
#include "engine/new_output.h"
#include "stores/contiguous.h"
#include "stores/region_io.h"

namespace swr {
namespace {

class NewRaw final : public NewOutput {
 public:
  NewRaw(const WritePlan& plan, const Settings& settings, Statistics& statistics, FileLocks& locks)
      : NewOutput(plan, settings, statistics, locks), store_(*data_, begin()) {
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
      fill_gaps(written);
    }
    data_->resize(begin() + total_);
  }

  // New files read as zeros where nothing was written, so another fill value is all that has to be.
  void fill_gaps(const Coverage& written) {
    const bool zero = std::all_of(plan_.fill.begin(), plan_.fill.end(),
                                  [](std::byte b) { return b == std::byte{0}; });
    if (zero || old_) return;
    const int64_t pixel_bytes = plan_.image.pixel.bytes();
    for (const Region& gap : written.missing(whole(layout_.order.dimensions, layout_.order.size))) {
      const Split pieces = Split::in_bytes(gap, pixel_bytes, std::max(plan_.block, pixel_bytes));
      std::vector<std::byte> pixels(static_cast<size_t>(pieces.largest_pixels() * pixel_bytes));
      fill_with(plan_.stored_fill(layout_), 0, pixels);
      for (int64_t i = 0; i < pieces.count(); ++i)
        write_region(store_, layout_.order, pieces.piece(i), pixels.data());
    }
  }

  NewContiguousStore store_;
  bool left_stream_ = false;
  std::unique_ptr<BlockStream> stream_;  // last: its threads stop before what they use goes
};

}  // namespace

std::unique_ptr<Output> open_new_raw(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, FileLocks& locks) {
  return std::make_unique<NewRaw>(plan, settings, statistics, locks);
}

}  // namespace swr
