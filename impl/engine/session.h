// One write from beginning to end: pieces come in, are converted to the file's type, and go to the
// output.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/buffer_pool.h"
#include "engine/conversion_scratch.h"
#include "engine/output.h"
#include "engine/own_source.h"
#include "engine/pipeline.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"
#include "image/pixel_conversion.h"
#include "storage/transaction.h"
#include "stores/pixels.h"

namespace swr {

class MadeImage;

class Session {
 public:
  // Locks the files, rolls back an interrupted earlier write, plans, and opens the output.
  // `source`: the image from which the pixels will be read, if that is known; see own_source.h.
  // `unfinished`: told if the session ends without success and cannot restore the old files.
  Session(Settings settings, Statistics& statistics, Unfinished& unfinished,
          const SourceImage* source = nullptr);

  const WritePlan& plan() const { return plan_; }
  // Sentences about what was found beside the files and left alone.
  const std::vector<std::string>& notes() const { return notes_; }
  // The stream to fill directly, if the plan allows it.
  BlockStream* direct() { return plan_.direct ? stream_ : nullptr; }
  // Requires: a piece went into the stream directly.
  void note_direct(const Region& region);
  // Buffers for pieces that do not go into the stream directly.
  BufferPool& pieces() { return pieces_; }
  // A buffer for the thread that calls store(); it converts and stores while it would wait.
  BufferPool::Lease take_piece();

  // Stores packed pixels of the source's type. `region` is in the image's index space. The pixels
  // must be valid until the lease is returned; without a lease, until this call returns.
  // `more_follow`: other regions follow soon, so that it pays not to wait.
  void store(const Region& region, std::span<const std::byte> pixels,
             const BufferPool::Lease& lease = {}, bool more_follow = false);
  // As store(), of pixels that stay where they are, unchanged, until finish() has returned or the
  // session is destroyed: they are copied only where that is necessary.
  void store_lent(const Region& region, std::span<const std::byte> pixels, bool more_follow);
  // As store(), with the pixels whose byte in the mask is not 0. Throws SWR_ERROR_CONVERSION if one
  // of these does not survive the conversion; then nothing is stored.
  void store_masked(const Region& region, std::span<const std::byte> pixels,
                    std::span<const uint8_t> mask);
  // Whether several threads may store regions at the same time, in any order, with
  // store_on_this_thread().
  bool takes_any_order() const { return output_->takes_any_order(); }
  // Converts on the caller's thread and stores. While one thread stores, others may convert.
  // Requires: takes_any_order(); store() is not called during the same write.
  void store_on_this_thread(const Region& region, std::span<const std::byte> pixels)
      SWR_EXCLUDES(placing_);
  // Throws SWR_ERROR_CONVERSION if a value does not survive the conversion. Stores nothing.
  void try_conversion(const Region& region, std::span<const std::byte> pixels) const;
  // Waits until all regions are stored.
  void drain() { regions_.drain(); }

  // The first region that has to be written and was not; its size is 0 if there is none.
  Region first_missing() const;
  void finish();
  // The new files of the write, which have no names, as finish() completed them; nothing if the
  // write changes an existing image, or makes one in chunks. Requires: finish() has thrown
  // Overtaken. Afterwards only the destructor may be called.
  std::optional<MadeImage> take_made();

 private:
  class Part;

  static WritePlan approved(WritePlan plan, const SourceImage* source);
  bool continues_stream(const Region& region) const;
  // Calls take(part, its pixels, whether more parts follow) for parts that stay in the cache while
  // they are converted.
  template <typename Take>
  void for_each_part(const Region& region, std::span<const std::byte> pixels, Take take) const;
  // Calls take(part, its pixels, packed) for the pixels of the mask; a part has a bounded size.
  void for_each_selected(
      const Region& region, std::span<const std::byte> pixels, std::span<const uint8_t> mask,
      const std::function<void(const Region&, std::span<const std::byte>)>& take) const;
  // As for_each_part(), with the part's mask; a part without a selected pixel is left out.
  template <typename Take>
  void for_each_masked_part(const Region& region, std::span<const std::byte> pixels,
                            std::span<const uint8_t> mask, Take take) const;
  std::string selected_text(const Region& part, std::span<const uint8_t> mask,
                            int64_t component) const;
  void store_selected(const Region& part, std::span<const std::byte> pixels,
                      std::span<const uint8_t> mask);
  std::span<const std::byte> converted_selected(const Region& part,
                                                std::span<const std::byte> pixels,
                                                std::span<const uint8_t> mask,
                                                PixelConversion::Buffers& scratch);
  void store_masked_part(const Region& part, std::span<const std::byte> pixels,
                         std::span<const uint8_t> mask);
  bool covers_roughly() const;
  bool can_complete(const Region& part) const;
  void store_completed(const Region& part, std::span<const std::byte> pixels,
                       std::span<const uint8_t> mask);
  PixelReader& old_pixels();
  void cover(const Region& region);
  void store_uncovered(const Region& region, std::span<const std::byte> pixels,
                       const BufferPool::Lease& lease, bool more_follow);
  void submit_parts(const Region& region, std::span<const std::byte> pixels,
                    const BufferPool::Lease& lease, bool more_follow);
  // On the caller's thread, part by part.
  void append_converted(const Region& region, std::span<const std::byte> pixels);
  void stop_waiting(const std::exception_ptr& why) noexcept { pieces_.abort(why); }

  const Settings settings_;
  Statistics& statistics_;
  Transaction transaction_;
  std::vector<std::string> notes_;
  WritePlan plan_;
  PixelConversion conversion_;
  ConversionScratch scratch_;
  BufferPool pieces_;
  std::unique_ptr<Output> output_;
  std::unique_ptr<PixelReader> old_pixels_;  // opened when they are needed
  BlockStream* stream_ = nullptr;            // as long as pixels come from the front to the back
  Coverage covered_;                         // relative to the image's first pixel
  Mutex placing_;                            // held by the thread that stores, if several do
  Pipeline regions_;                         // last: its threads end before what they use does
};

}  // namespace swr
