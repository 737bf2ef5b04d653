// Which way a compressed stream is changed, and what it will cost.
#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "stores/deflate_blocks.h"
#include "stores/foreign_stream.h"
#include "stores/slot_update.h"
#include "stores/slotted_file.h"
#include "stores/splice.h"

namespace swr {
namespace {

DeflateForecast forecast_slots(const SlottedFile& slots, const DeflateUpdate& update) {
  const SlotDirectory& directory = slots.directory();
  const double ratio =
      static_cast<double>(slots.extent().bytes) / static_cast<double>(directory.pixel_bytes);
  DeflateForecast forecast{.slotted = true, .level = directory.level};
  int64_t last_page = -1;
  for (const int64_t number : touched_slots(directory, update)) {
    if (number < directory.count()) {
      forecast.bytes_read += slots.slot(number).run_bytes;
      forecast.bytes_written += slots.slot(number).bytes;
    } else {
      forecast.bytes_written += std::llround(static_cast<double>(directory.slot_raw_bytes) * ratio);
    }
    const int64_t page = number / slots_of_page;
    if (page != last_page && page < directory.page_count())
      forecast.bytes_written += directory.page_bytes(page);
    last_page = page;
  }
  forecast.bytes_written += directory.tail_bytes();
  return forecast;
}

// The blocks that hold changed bytes, about: a step for each stretch, and what may refer back to
// it. A stream that cannot be inflated at all, for want of its preset dictionary say, is refused.
DeflateForecast forecast_splice(const File& file, const StreamExtent& extent, const Layout& layout,
                                const DeflateUpdate& update) {
  constexpr int64_t step = 65536;
  const int64_t bytes = layout.parts[0].bytes;
  std::byte first;
  ForeignStream(file, extent, bytes, 0).read_some(0, {&first, 1});
  int64_t changed = 0;
  for (int64_t at = update.overlay->next_change(0); at < std::min(bytes, update.new_bytes);) {
    changed += step;
    at = update.overlay->next_change(round_down(at, step) + step);
  }
  const double ratio =
      bytes > 0 ? static_cast<double>(extent.bytes) / static_cast<double>(bytes) : 1;
  return {.bytes_read = extent.bytes,
          .bytes_written =
              std::min<int64_t>(extent.bytes, std::llround(static_cast<double>(changed) * ratio))};
}

}  // namespace

DeflateForecast forecast_update(const Layout& layout, const DeflateUpdate& update) {
  const File file(layout.parts[0].path, File::Mode::read);
  if (const auto slots = SlottedFile::open(file, layout)) return forecast_slots(*slots, update);
  return forecast_splice(file, stream_extent(file, layout), layout, update);
}

DeflateResult update_deflate(const Layout& layout, const DeflateUpdate& update, InPlace& change,
                             int file, StoreCounters& counters) {
  const File& data = change.file(file);
  if (const auto slots = SlottedFile::open(data, layout))
    return update_slots(*slots, update, change, file, counters);
  return splice_stream(layout, update, change, file, counters);
}

}  // namespace swr
