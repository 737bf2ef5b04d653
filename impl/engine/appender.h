// Appends frames to an image whose slowest axis is open-ended, and keeps what it has: the file is
// complete at every checkpoint, and a crash loses only the frames since the last one.
//
//   append() ---> | waiting frames | ---> checkpoint: one Session that makes the file longer
//   caller's       bounded               worker thread
//
// The first checkpoint of a new file makes it, with the frames so far; each later one is a change
// under the undo journal, as every growth of a file is. Frames leave the queue only when they are
// in the file, so a checkpoint that fails can be tried again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/memory_meter.h"
#include "base/mutex.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"
#include "image/pixel_conversion.h"
#include "image/region.h"

namespace swr {

class Session;
struct Unfinished;

class Appender {
 public:
  // Refuses what cannot be appended to; changes no file. The path of the settings is absolute.
  // `statistics` must outlive the object.
  Appender(Settings settings, Statistics& statistics);
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  // Waits for a checkpoint that is under way, unless that waits for another write. Frames that still
  // wait are lost.
  ~Appender();

  // The type in which frames come.
  const PixelType& source() const { return source_; }
  // Takes a whole number of frames, packed, in the source's type. Waits while the queue is full.
  // If it throws, no frame was taken: the reason may be an earlier checkpoint, which is then tried
  // again. While it waits it asks whether it is cancelled, as flush() does: SWR_CANCELLED.
  void append(const void* data, int64_t bytes) SWR_EXCLUDES(mutex_);
  // Returns when all frames are in the file. If it throws, they wait as before.
  void flush() SWR_EXCLUDES(mutex_);

  // Warnings of checkpoints, each one once, since the last call.
  std::vector<std::string> take_warnings() SWR_EXCLUDES(mutex_);
  // What a user has to know if a checkpoint could not be rolled back; else empty.
  std::string left_half_changed() SWR_EXCLUDES(mutex_);

 private:
  using Clock = std::chrono::steady_clock;
  struct Block {
    Buffer pixels;
    int64_t bytes = 0;
    int64_t frames = 0;
    Clock::time_point since{};
    std::span<const std::byte> span() const { return {pixels.data(), static_cast<size_t>(bytes)}; }
  };

  WritePlan first_plan();
  void begin_after_existing();
  int64_t frames_in(int64_t bytes) const;
  void refuse_beyond_largest_index(int64_t frames) const;
  void try_conversion(std::span<const std::byte> pixels) const;
  std::list<Block> wait_for_room(int64_t bytes) SWR_EXCLUDES(mutex_);
  void throw_failure() SWR_REQUIRES(mutex_);
  void wait_for_checkpoint(MutexLock& lock) SWR_REQUIRES(mutex_);
  void throw_if_cancelled() SWR_REQUIRES(mutex_);
  std::string standing() const SWR_REQUIRES(mutex_);

  void work() SWR_EXCLUDES(mutex_);
  bool is_due() const SWR_REQUIRES(mutex_);
  void wait_until_due(MutexLock& lock) SWR_REQUIRES(mutex_);
  void make_checkpoint() SWR_REQUIRES(mutex_);
  std::exception_ptr try_to_store(const std::vector<const Block*>& blocks) SWR_EXCLUDES(mutex_);
  void store_beside_others(const std::vector<const Block*>& blocks, Unfinished& unfinished);
  bool goes_after_others_frames();
  void store(const std::vector<const Block*>& blocks, Unfinished& unfinished);
  void require_expected_file(const WritePlan& plan) const;
  void note_stored(const WritePlan& plan);
  void keep_warnings(const Session& session) SWR_EXCLUDES(mutex_);

  Settings settings_;  // of the next checkpoint; used by the worker only
  Statistics& statistics_;
  const std::function<bool()> is_cancelled_;  // asks the caller; may be null
  std::atomic<bool> waits_no_longer_{false};  // for the locks of other writes
  const std::string path_;
  const int64_t room_;           // for waiting frames, in bytes
  const int64_t every_frames_;   // 0: as many as fit
  const Clock::duration every_;  // the longest time that a frame waits
  const bool extends_;           // an image that is there when the first frame comes
  Region image_;                 // in the file; of size 0 before the first checkpoint
  bool is_in_file_ = false;      // the file holds image_; used by the worker only
  PixelType source_;
  int64_t most_at_once_ = 0;  // bytes that one checkpoint stores, if that is a frame
  int64_t frame_bytes_ = 0;   // in the source's type
  int64_t frames_left_ = 0;   // until the largest index
  std::optional<PixelConversion> conversion_;  // if values may not survive it

  Mutex mutex_;
  std::condition_variable work_there_, progress_made_;
  std::list<Block> waiting_ SWR_GUARDED_BY(mutex_);  // those that are being stored, too
  std::list<Block> spare_ SWR_GUARDED_BY(mutex_);    // whose memory is used again
  int64_t waiting_bytes_ SWR_GUARDED_BY(mutex_) = 0;
  int64_t waiting_frames_ SWR_GUARDED_BY(mutex_) = 0;
  bool hurries_ SWR_GUARDED_BY(mutex_) = false;  // a caller waits for a checkpoint
  bool stops_ SWR_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ SWR_GUARDED_BY(mutex_);  // nothing is stored until it was thrown
  std::string half_changed_ SWR_GUARDED_BY(mutex_);
  std::set<std::string> told_ SWR_GUARDED_BY(mutex_);
  std::vector<std::string> warnings_ SWR_GUARDED_BY(mutex_);
  std::thread worker_;  // last: it uses all of the others
};

}  // namespace swr
