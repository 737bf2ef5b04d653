// One write from its begin to its end: pieces come in, are converted to what the file holds, and go
// to the output.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/buffer_pool.h"
#include "engine/output.h"
#include "engine/own_source.h"
#include "engine/pipeline.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"
#include "image/pixel_conversion.h"
#include "storage/transaction.h"

namespace swr {

class Session {
 public:
  // Locks the files, rolls back an earlier write that died, plans, and opens the output.
  // `source`: the image that the pixels will be read from, if that is known; see own_source.h.
  // `unfinished`: told if the end of the session cannot leave the old files as they were.
  Session(Settings settings, Statistics& statistics, Unfinished& unfinished,
          const SourceImage* source = nullptr);

  const WritePlan& plan() const { return plan_; }
  // What was found beside the files and left alone, in sentences.
  const std::vector<std::string>& notes() const { return notes_; }
  // The stream to fill directly, if the plan allows it.
  BlockStream* direct() { return plan_.direct ? stream_ : nullptr; }
  // Says that a piece has gone into the stream directly.
  void note_direct(const Region& region);
  // Buffers for pieces that do not go into the stream directly.
  BufferPool& pieces() { return pieces_; }

  // Stores packed pixels of the source's type. `region` is in the image's index space. The pixels
  // are needed until the lease is given back; without a lease, until this returns.
  // `more_follow`: other regions follow soon, so that it pays to go on without waiting.
  void store(const Region& region, std::span<const std::byte> pixels,
             const BufferPool::Lease& lease = {}, bool more_follow = false);
  // Throws SWR_ERROR_CONVERSION if a value does not survive the conversion; stores nothing.
  void try_conversion(const Region& region, std::span<const std::byte> pixels) const;
  // Waits until all regions are stored.
  void drain() { regions_.drain(); }

  // The first region that is missing of what must be there; its size is 0 if none is.
  Region first_missing() const;
  void finish();

 private:
  class Part;

  static WritePlan approved(WritePlan plan, const SourceImage* source);
  bool continues_stream(const Region& region) const;
  void submit_parts(const Region& region, const std::byte* pixels, const BufferPool::Lease& lease,
                    bool more_follow);
  // On the caller's thread, a part after the other.
  void append_converted(const Region& region, std::span<const std::byte> pixels);
  void for_each_converted_part(const Region& region, std::span<const std::byte> pixels,
                               const std::function<void(std::span<const std::byte>)>& take) const;
  void stop_waiting(const std::exception_ptr& why) noexcept { pieces_.abort(why); }

  const Settings settings_;
  Statistics& statistics_;
  Transaction transaction_;
  std::vector<std::string> notes_;
  WritePlan plan_;
  PixelConversion conversion_;
  BufferPool pieces_;
  std::unique_ptr<Output> output_;
  BlockStream* stream_ = nullptr;  // as long as pixels come from the front to the back
  Coverage covered_;               // relative to the image's first pixel
  Pipeline regions_;               // last: its threads stop before what they use goes
};

}  // namespace swr
