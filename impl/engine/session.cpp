#include "engine/session.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/locked_plan.h"
#include "engine/made_image.h"
#include "image/copy.h"
#include "image/mask.h"

namespace swr {
namespace {

// The size of a part that is converted at a time: small enough to stay in the cache.
constexpr int64_t part_bytes = int64_t{512} << 10;

// The position in the image of `element`, the number of a component in the packed region.
std::string element_text(const Region& region, int components, int64_t element) {
  int64_t pixel = element / components;
  std::string out = "(";
  for (int axis = 0; axis < region.dimensions; ++axis) {
    out += (axis > 0 ? "," : "") + std::to_string(region.index[axis] + pixel % region.size[axis]);
    pixel /= region.size[axis];
  }
  out += ")";
  if (components > 1) out += " component " + std::to_string(element % components);
  return out;
}

}  // namespace

// A part of a region on its way to the output.
class Session::Part : public Pipeline::Task {
 public:
  Part(Session& session, const Region& region, std::span<const std::byte> pixels,
       BufferPool::Lease lease)
      : session_(session), region_(region), pixels_(pixels), lease_(std::move(lease)) {}
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  void prepare() override {
    stored_ = pixels_;
    if (!session_.conversion_.changes()) return;
    const Stopwatch watch(session_.statistics_.convert_nanoseconds);
    const int components = session_.plan_.source.components;
    scratch_ = session_.scratch_.take();
    stored_ = scratch_->run(session_.conversion_, pixels_, [&](int64_t component) {
      return element_text(region_, components, component);
    });
  }

  void place() override {
    const Region& image = session_.plan_.image.region;
    session_.output_->write(region_.relative_to(image.index), stored_.data());
  }

 private:
  Session& session_;
  const Region region_;
  const std::span<const std::byte> pixels_;
  const BufferPool::Lease lease_;
  std::optional<ConversionScratch::Lease> scratch_;
  std::span<const std::byte> stored_;
};

WritePlan Session::approved(WritePlan plan, const SourceImage* source) {
  if (source) refuse_own_source(plan, *source);
  return plan;
}

Session::Session(Settings settings, Statistics& statistics, Unfinished& unfinished,
                 const SourceImage* source)
    : settings_(std::move(settings)),
      statistics_(statistics),
      transaction_({.rollback = settings_.rollback,
                    .sync = settings_.sync,
                    .erase = settings_.erase,
                    .waits = settings_.lock_waits,
                    .is_cancelled = settings_.is_cancelled,
                    .unfinished = &unfinished}),
      plan_(approved(make_locked_plan(settings_, transaction_, notes_), source)),
      conversion_(plan_.pixel_conversion()),
      scratch_(statistics.memory),
      pieces_(std::max(1, plan_.memory.pieces),
              plan_.split->largest_pixels() * plan_.source.bytes(), settings_.buffers.pointers,
              statistics.memory),
      output_(open_output(plan_, settings_, statistics, transaction_)),
      regions_({.threads = conversion_.changes() ? plan_.memory.threads : 1,
                .producer_helps = true,
                .window = plan_.memory.prepared,
                .may_run_inline = true,
                .on_failure = [this](const std::exception_ptr& why) { stop_waiting(why); },
                .waited_nanoseconds = [this] { return pieces_.waited_nanoseconds(); }}) {
  if (!plan_.whole_image) return;
  stream_ = output_->stream();
  if (!stream_) return;
  stream_->on_failure([this](const std::exception_ptr& why) { stop_waiting(why); });
  if (!plan_.converts_in_blocks) return;
  const int components = plan_.source.components;
  stream_->convert_with(conversion_, [this, components](int64_t component) {
    return element_text(plan_.image.region, components, component);
  });
}

void Session::note_direct(const Region& region) {
  cover(region);
}

BufferPool::Lease Session::take_piece() {
  for (;;) {
    if (BufferPool::Lease lease = pieces_.try_take()) return lease;
    if (!regions_.help()) return pieces_.take();
  }
}

template <typename Take>
void Session::for_each_part(const Region& region, std::span<const std::byte> pixels,
                            Take take) const {
  const int64_t pixel_bytes = plan_.source.bytes();
  const Split parts =
      Split::in_bytes(region, std::max(pixel_bytes, plan_.image.pixel.bytes()), part_bytes);
  for (int64_t i = 0; i < parts.count(); ++i) {
    const Region part = parts.piece(i);
    const auto bytes = static_cast<size_t>(part.pixels() * pixel_bytes);
    take(part, pixels.first(bytes), i + 1 < parts.count());
    pixels = pixels.subspan(bytes);
  }
}

void Session::store(const Region& region, std::span<const std::byte> pixels,
                    const BufferPool::Lease& lease, bool more_follow) {
  store_uncovered(region, pixels, lease, more_follow);
  cover(region);
}

void Session::store_lent(const Region& region, std::span<const std::byte> pixels,
                         bool more_follow) {
  const Region& image = plan_.image.region;
  if (stream_ || conversion_.changes() || !output_->lend(region.relative_to(image.index), pixels))
    return store(region, pixels, {}, more_follow);
  cover(region);
}

void Session::cover(const Region& region) {
  covered_.add(region.relative_to(plan_.image.region.index));
}

void Session::store_uncovered(const Region& region, std::span<const std::byte> pixels,
                              const BufferPool::Lease& lease, bool more_follow) {
  if (stream_ && continues_stream(region)) {
    if (conversion_.changes() && !plan_.converts_in_blocks) {
      append_converted(region, pixels);
    } else if (lease) {
      stream_->lend(pixels, lease);
    } else {
      stream_->append(pixels);
    }
  } else {
    stream_ = nullptr;
    submit_parts(region, pixels, lease, more_follow);
    if (!lease) regions_.drain();
  }
}

void Session::for_each_selected(
    const Region& region, std::span<const std::byte> pixels, std::span<const uint8_t> mask,
    const std::function<void(const Region&, std::span<const std::byte>)>& take) const {
  const int64_t pixel_bytes = plan_.source.bytes();
  std::vector<std::byte> packed;
  for_each_masked_box(region, mask, [&](const Region& box) {
    const Split parts = Split::in_bytes(box, pixel_bytes, part_bytes);
    for (int64_t i = 0; i < parts.count(); ++i) {
      const Region part = parts.piece(i);
      packed.resize(static_cast<size_t>(part.pixels() * pixel_bytes));
      copy_region(part, pixel_bytes, pixels.data(), region, packed.data(), part);
      take(part, packed);
    }
  });
}

namespace {

bool is_selected(uint8_t value) {
  return value != 0;
}

int64_t first_selected(std::span<const uint8_t> mask) {
  return std::find_if(mask.begin(), mask.end(), is_selected) - mask.begin();
}

// The pixels with the first selected one in the place of those that the mask leaves out: a
// conversion looks at all of them.
std::vector<std::byte> with_selected_ones(std::span<const std::byte> pixels,
                                          std::span<const uint8_t> mask) {
  const size_t bytes = pixels.size() / mask.size();
  const std::byte* const first = pixels.data() + static_cast<size_t>(first_selected(mask)) * bytes;
  std::vector<std::byte> filled(pixels.begin(), pixels.end());
  for (size_t i = 0; i < mask.size(); ++i)
    if (!is_selected(mask[i])) std::memcpy(filled.data() + i * bytes, first, bytes);
  return filled;
}

}  // namespace

template <typename Take>
void Session::for_each_masked_part(const Region& region, std::span<const std::byte> pixels,
                                   std::span<const uint8_t> mask, Take take) const {
  for_each_part(region, pixels, [&](const Region& part, std::span<const std::byte> source, bool) {
    const auto count = static_cast<size_t>(part.pixels());
    if (first_selected(mask.first(count)) < part.pixels()) take(part, source, mask.first(count));
    mask = mask.subspan(count);
  });
}

void Session::store_masked(const Region& region, std::span<const std::byte> pixels,
                           std::span<const uint8_t> mask) {
  if (conversion_.changes()) {
    for_each_masked_part(region, pixels, mask, [&](const Region& part, auto source, auto selected) {
      const Stopwatch watch(statistics_.convert_nanoseconds);
      conversion_.check(with_selected_ones(source, selected), [&](int64_t component) {
        return selected_text(part, selected, component);
      });
    });
  }
  for_each_masked_part(region, pixels, mask, [&](const Region& part, auto source, auto selected) {
    store_masked_part(part, source, selected);
  });
}

// The position in the image of a component of with_selected_ones().
std::string Session::selected_text(const Region& part, std::span<const uint8_t> mask,
                                   int64_t component) const {
  const int components = plan_.source.components;
  if (!is_selected(mask[static_cast<size_t>(component / components)]))
    component = first_selected(mask) * components + component % components;
  return element_text(part, components, component);
}

// Where each pixel has a place of its own, they are stored alone. A part with many boxes is
// completed with the old pixels where it can be.
void Session::store_masked_part(const Region& part, std::span<const std::byte> pixels,
                                std::span<const uint8_t> mask) {
  constexpr int64_t most_boxes = 64;
  const bool is_whole = std::all_of(mask.begin(), mask.end(), is_selected);
  const bool takes_pixels = !is_whole && output_->takes_any_order();
  if (takes_pixels && covers_roughly()) return store_selected(part, pixels, mask);
  int64_t boxes = 0;
  for_each_masked_box(part, mask, [&](const Region&) { ++boxes; });
  if (boxes > most_boxes && can_complete(part)) return store_completed(part, pixels, mask);
  if (takes_pixels) return store_selected(part, pixels, mask);
  for_each_selected(part, pixels, mask,
                    [&](const Region& box, std::span<const std::byte> selected) {
                      store_uncovered(box, selected, {}, false);
                      cover(box);
                    });
}

void Session::store_selected(const Region& part, std::span<const std::byte> pixels,
                             std::span<const uint8_t> mask) {
  PixelConversion::Buffers scratch;
  regions_.drain();
  stream_ = nullptr;
  output_->write_selected(part.relative_to(plan_.image.region.index),
                          converted_selected(part, pixels, mask, scratch).data(), mask);
  if (covers_roughly()) return cover(part);
  for_each_masked_box(part, mask, [&](const Region& box) { cover(box); });
}

// In the file's type; those that the mask leaves out are any.
std::span<const std::byte> Session::converted_selected(const Region& part,
                                                       std::span<const std::byte> pixels,
                                                       std::span<const uint8_t> mask,
                                                       PixelConversion::Buffers& scratch) {
  if (!conversion_.changes()) return pixels;
  const Stopwatch watch(statistics_.convert_nanoseconds);
  return conversion_.run(with_selected_ones(pixels, mask), scratch,
                         [&](int64_t component) { return selected_text(part, mask, component); });
}

// Pixels with places in a file that does not grow: what was written is not asked for again.
bool Session::covers_roughly() const {
  return plan_.file && !plan_.makes_new_file() && plan_.form.has_places &&
         plan_.file->image.region == plan_.image.region;
}

// Whether the file has old pixels in all of the part, which nobody else changes meanwhile and
// nothing was put over.
bool Session::can_complete(const Region& part) const {
  if (!plan_.file || plan_.file->layout.big_endian != plan_.layout().big_endian) return false;
  if (plan_.format->form(plan_.file->layout, {}).has_places) return false;
  if (!plan_.file->image.region.contains(part)) return false;
  const auto missing = covered_.first_missing(part.relative_to(plan_.image.region.index));
  return missing && missing->pixels() == part.pixels();
}

void Session::store_completed(const Region& part, std::span<const std::byte> pixels,
                              std::span<const uint8_t> mask) {
  const auto stored_bytes = static_cast<size_t>(plan_.image.pixel.bytes());
  PixelConversion::Buffers scratch;
  const auto converted = converted_selected(part, pixels, mask, scratch);
  std::vector<std::byte> stored(mask.size() * stored_bytes);
  old_pixels().read(part.relative_to(plan_.file->image.region.index), stored);
  for (size_t i = 0; i < mask.size(); ++i) {
    if (is_selected(mask[i]))
      std::memcpy(stored.data() + i * stored_bytes, converted.data() + i * stored_bytes,
                  stored_bytes);
  }
  regions_.drain();
  stream_ = nullptr;
  output_->write(part.relative_to(plan_.image.region.index), stored.data());
  cover(part);
}

PixelReader& Session::old_pixels() {
  if (old_pixels_) return *old_pixels_;
  ReadOptions options;
  options.threads = 1;
  options.memory_limit = settings_.memory() / 8;
  options.files = plan_.open;
  old_pixels_ = plan_.format->reader(plan_.file->layout, options);
  return *old_pixels_;
}

void Session::store_on_this_thread(const Region& region, std::span<const std::byte> pixels) {
  for_each_part(region, pixels, [&](const Region& part, std::span<const std::byte> source, bool) {
    Part task(*this, part, source, {});
    task.prepare();
    const MutexLock lock(placing_, Soon{});
    task.place();
    covered_.add(part.relative_to(plan_.image.region.index));
  });
}

void Session::submit_parts(const Region& region, std::span<const std::byte> pixels,
                           const BufferPool::Lease& lease, bool more_follow) {
  for_each_part(region, pixels,
                [&](const Region& part, std::span<const std::byte> source, bool more_parts) {
                  regions_.submit(std::make_unique<Part>(*this, part, source, lease),
                                  std::ssize(source), more_follow || more_parts);
                });
}

void Session::append_converted(const Region& region, std::span<const std::byte> pixels) {
  const Stopwatch watch(statistics_.convert_nanoseconds);
  PixelConversion::Buffers scratch;
  for_each_part(region, pixels, [&](const Region& part, std::span<const std::byte> source, bool) {
    stream_->append(conversion_.run(source, scratch, [&](int64_t component) {
      return element_text(part, plan_.source.components, component);
    }));
  });
}

void Session::try_conversion(const Region& region, std::span<const std::byte> pixels) const {
  const Stopwatch watch(statistics_.convert_nanoseconds);
  conversion_.check(pixels, [&](int64_t component) {
    return element_text(region, plan_.source.components, component);
  });
}

bool Session::continues_stream(const Region& region) const {
  return contiguous_begin(plan_.layout().order, region.relative_to(plan_.image.region.index)) ==
         stream_->position();
}

Region Session::first_missing() const {
  Region none = plan_.region;
  none.size = {};
  if (plan_.file || plan_.holes_allowed) return none;
  auto first = covered_.first_missing(plan_.region.relative_to(plan_.image.region.index));
  if (!first) return none;
  for (int axis = 0; axis < first->dimensions; ++axis)
    first->index[axis] += plan_.image.region.index[axis];
  return *first;
}

void Session::finish() {
  regions_.drain();
  output_->finish(covered_);
}

// Not of pixels in files of their own that are in no new folder: their reader asks for files by
// name, and these have none.
std::optional<MadeImage> Session::take_made() {
  if (plan_.file || (plan_.form.owns_files && !plan_.files.folder)) return std::nullopt;
  output_.reset();  // it uses the files
  if (plan_.files.folder)
    return MadeImage(plan_, covered_.boxes(), transaction_.take_created_folder());
  return MadeImage(plan_, covered_.boxes(), transaction_.take_created());
}

}  // namespace swr
