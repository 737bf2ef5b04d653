// Chooses how a compressed stream is changed, and estimates the cost.
#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "stores/deflate_blocks.h"
#include "stores/foreign_stream.h"
#include "stores/slot_update.h"
#include "stores/slotted_file.h"
#include "stores/splice.h"
#include "stores/splice_effort.h"

namespace swr {
namespace {

// Exact for few touched slots; further slots are assumed to be average.
DeflateForecast forecast_slots(const SlottedFile& slots, const DeflateUpdate& update) {
  constexpr int64_t most_looked_up = 4096;
  const StreamShape& shape = slots.shape();
  const int64_t average = std::llround(static_cast<double>(slots.extent().bytes) /
                                       static_cast<double>(shape.pixel_bytes) *
                                       static_cast<double>(shape.slot_raw_bytes));
  DeflateForecast forecast{.slotted = true, .level = shape.compression_level};
  const TouchedSlots touched(shape, update);
  const int64_t count = slot_count(update.new_bytes, shape.slot_raw_bytes);
  int64_t looked_up = 0, last_page = -1;
  for (int64_t number = touched.next(0); number < count; number = touched.next(number + 1)) {
    if (number >= touched.first_new() && number >= shape.count()) {
      forecast.bytes_written += (count - number) * average;
      break;
    }
    const bool is_exact = ++looked_up <= most_looked_up;
    const Slot slot = is_exact ? slots.pages().slot(number) : Slot{};
    forecast.bytes_read += is_exact ? slot.run_bytes : average;
    forecast.bytes_written += is_exact ? slot.bytes : average;
    const int64_t page = shape.page_of(number);
    if (page != last_page) forecast.bytes_written += shape.chain_bytes(page);
    last_page = page;
  }
  forecast.bytes_written += shape.tail_bytes();
  return forecast;
}

// Estimates the size of the blocks with changed bytes. Refuses a stream that cannot be inflated,
// such as one with a preset dictionary.
DeflateForecast forecast_splice(const File& file, const StreamExtent& extent, const Layout& layout,
                                const DeflateUpdate& update) {
  const int64_t bytes = layout.parts[0].bytes;
  std::byte first;
  ForeignStream(file, extent, bytes, 0).read_some(0, {&first, 1});
  const int64_t changed = splice_effort(*update.overlay, std::min(bytes, update.new_bytes));
  const double ratio =
      bytes > 0 ? static_cast<double>(extent.bytes) / static_cast<double>(bytes) : 1;
  return {.spliced = update.new_bytes == bytes && splice_may_pay(*update.overlay, bytes),
          .bytes_read = extent.bytes,
          .bytes_written =
              std::min<int64_t>(extent.bytes, std::llround(static_cast<double>(changed) * ratio))};
}

}  // namespace

DeflateForecast forecast_update(const Layout& layout, const DeflateUpdate& update) {
  const std::shared_ptr<const File> opened =
      open_to_read(update.resources.files.get(), layout.parts[0].path);
  const File& file = *opened;
  MemoryMeter meter;
  try {
    if (const auto slots = SlottedFile::open(file, layout, update.resources.memory_limit, meter))
      return forecast_slots(*slots, update);
  } catch (const DirectoryError&) {
    // It is an ordinary stream.
  }
  return forecast_splice(file, stream_extent(file, layout), layout, update);
}

DeflateResult update_deflate(const Layout& layout, const DeflateUpdate& update, InPlace& change,
                             int file, StoreCounters& counters) {
  const File& data = change.file(file);
  try {
    if (const auto slots =
            SlottedFile::open(data, layout, update.resources.memory_limit, counters.memory))
      return update_slots(*slots, update, change, file, counters);
  } catch (const DirectoryError&) {
    // Nothing was written. It is an ordinary stream.
  }
  return splice_stream(layout, update, change, file, counters);
}

}  // namespace swr
