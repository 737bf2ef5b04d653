#include "engine/appender.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include "base/counted.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/locked_plan.h"
#include "engine/reader.h"
#include "engine/session.h"
#include "storage/file.h"

namespace swr {
namespace {

void refuse_settings(const Settings& settings) {
  if (settings.paste_region)
    fail(SWR_ERROR_ARGUMENT, settings.path, ": a paste region is set; frames are appended to the ",
         "whole image");
  if (settings.existing == SWR_EXISTING_UPDATE)
    fail(SWR_ERROR_ARGUMENT, settings.path, ": frames are appended to an existing file with ",
         "SWR_EXISTING_EXTEND, not with SWR_EXISTING_UPDATE");
  if (!settings.rollback)
    fail(SWR_ERROR_UNSUPPORTED, settings.path, ": frames are appended under an undo journal, so ",
         "swr_set_rollback must be on");
}

// What concerns pieces, which frames are not, and callbacks, which the worker must not call.
Settings settings_for_frames(Settings settings) {
  refuse_settings(settings);
  settings.divisions.reset();
  settings.buffers = {};
  settings.pull_threads = 1;
  settings.progress = nullptr;
  settings.log = nullptr;
  settings.memory_limit = settings.memory() - settings.memory() / 2;
  return settings;
}

int slowest_axis(const Region& region) {
  return region.dimensions - 1;
}

Region with_frames(Region image, int64_t first, int64_t count) {
  const int axis = slowest_axis(image);
  image.index[axis] += first;
  image.size[axis] = count;
  return image;
}

int64_t frames_of(const Region& image) {
  return image.size[slowest_axis(image)];
}

Region longer(const Region& image, int64_t frames) {
  return with_frames(image, 0, frames_of(image) + frames);
}

std::exception_ptr with_words(const std::exception_ptr& failure, const std::string& words) {
  if (words.empty()) return failure;
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return std::make_exception_ptr(Error(error.status(), text(error.what(), "; ", words)));
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(
        Error(SWR_ERROR_MEMORY, text("the system has no memory left; ", words)));
  } catch (...) {
    return failure;
  }
}

}  // namespace

Appender::Appender(Settings settings, Statistics& statistics)
    : settings_(settings_for_frames(std::move(settings))),
      statistics_(statistics),
      is_cancelled_(settings_.is_cancelled),
      path_(settings_.path),
      room_(settings_.memory()),
      every_frames_(settings_.append_frames),
      every_(std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(settings_.append_seconds))),
      extends_(settings_.existing == SWR_EXISTING_EXTEND) {
  const WritePlan plan = first_plan();
  if (!(plan.format->capabilities & SWR_CAN_EXTEND))
    fail(SWR_ERROR_UNSUPPORTED, path_, ": no frames can be appended, because ", plan.format->name,
         " files cannot grow");
  source_ = plan.source;
  // Pixels that are encoded at the end of a session wait in its scratch memory (linear_change.cpp).
  most_at_once_ = plan.form.is_encoded ? settings_.memory() / 8 : room_ / 2;
  frame_bytes_ = with_frames(image_, 0, 1).pixels() * plan.source.bytes();
  if (frame_bytes_ > room_)
    fail(SWR_ERROR_MEMORY_LIMIT, path_, ": a frame has ", frame_bytes_,
         " bytes, and half of the memory limit, ", room_, " bytes, is for frames that wait");
  if (PixelConversion conversion = plan.pixel_conversion(); conversion.can_fail())
    conversion_.emplace(std::move(conversion));
  settings_.is_cancelled = [this] { return waits_no_longer_.load(); };
  try {
    worker_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    fail(SWR_ERROR_MEMORY, "the system cannot start a thread");
  }
}

Appender::~Appender() {
  waits_no_longer_ = true;
  {
    const MutexLock lock(mutex_);
    stops_ = true;
    work_there_.notify_all();
  }
  worker_.join();
}

// The plan of a checkpoint with one frame. The image region that is set has any slowest size.
WritePlan Appender::first_plan() {
  const auto plan = [this] { return make_unlocked_plan(settings_); };
  if (extends_ && file_exists(path_)) {
    begin_after_existing();
  } else {
    // A file that is there at the first checkpoint, though it is not now, is another program's.
    if (extends_) settings_.existing = SWR_EXISTING_FAIL;
    if (!settings_.image_region) settings_.image_region = plan().image.region;
    image_ = with_frames(*settings_.image_region, 0, 0);
  }
  const int64_t end = image_.index[slowest_axis(image_)] + frames_of(image_);
  frames_left_ = std::numeric_limits<int64_t>::max() - std::max<int64_t>(0, end);
  refuse_beyond_largest_index(1);
  settings_.image_region = longer(image_, 1);
  if (is_in_file_) settings_.paste_region = with_frames(image_, frames_of(image_), 1);
  return plan();
}

// The frames follow those that the file has.
void Appender::begin_after_existing() {
  Reader reader;
  reader.dataset = settings_.dataset;
  reader.open(path_);
  const Region& found = reader.file().image.region;
  if (settings_.image_region) {
    Region asked = *settings_.image_region;
    if (asked.dimensions != found.dimensions)
      fail(SWR_ERROR_MISMATCH, path_, ": the file has ", found.dimensions, " dimensions, and ",
           asked.dimensions, " are set");
    asked.size[slowest_axis(asked)] = frames_of(found);
    if (!(reader.format().capabilities & SWR_HOLDS_START_INDEX)) asked.index = found.index;
    if (asked != found)
      fail(SWR_ERROR_MISMATCH, path_, ": the image region is ", found.text(), " in the file, and ",
           settings_.image_region->text(), " is set: frames differ in size or in position");
  }
  image_ = found;
  is_in_file_ = true;
  settings_.existing = SWR_EXISTING_EXTEND;
}

int64_t Appender::frames_in(int64_t bytes) const {
  if (bytes <= 0 || bytes % frame_bytes_ != 0)
    fail(SWR_ERROR_ARGUMENT, path_, ": a frame has ", frame_bytes_, " bytes; ", bytes_text(bytes),
         " given, which is no whole number of frames");
  if (bytes > room_)
    fail(SWR_ERROR_ARGUMENT, path_, ": at most ", room_ / frame_bytes_,
         " frames can be appended by one call with this memory limit, and ", bytes / frame_bytes_,
         " were given");
  return bytes / frame_bytes_;
}

void Appender::try_conversion(std::span<const std::byte> pixels) const {
  if (!conversion_) return;
  const Stopwatch watch(statistics_.convert_nanoseconds);
  conversion_->check(pixels, [](int64_t component) {
    return text("component ", component, " of the appended frames");
  });
}

void Appender::refuse_beyond_largest_index(int64_t frames) const {
  if (frames <= frames_left_) return;
  fail(SWR_ERROR_REGION, path_, ": the image would end beyond the largest index, ",
       std::numeric_limits<int64_t>::max(), ", along its slowest axis");
}

void Appender::append(const void* data, int64_t bytes) {
  const int64_t frames = frames_in(bytes);
  refuse_beyond_largest_index(frames);
  const std::span pixels(static_cast<const std::byte*>(data), static_cast<size_t>(bytes));
  try_conversion(pixels);
  std::list<Block> block = wait_for_room(bytes);
  std::memcpy(block.front().pixels.data(), pixels.data(), pixels.size());
  block.front().frames = frames;
  const MutexLock lock(mutex_);
  block.front().since = Clock::now();
  waiting_.splice(waiting_.end(), block);
  waiting_bytes_ += bytes;
  waiting_frames_ += frames;
  frames_left_ -= frames;
  statistics_.bytes_in += bytes;
  // The first block begins the time after which the worker has to wake up.
  if (waiting_.size() == 1 || is_due()) work_there_.notify_all();
}

// Returns one block with memory for so many bytes.
std::list<Appender::Block> Appender::wait_for_room(int64_t bytes) {
  MutexLock lock(mutex_);
  throw_failure();
  while (waiting_bytes_ + bytes > room_) {
    wait_for_checkpoint(lock);
    throw_failure();
  }
  std::list<Block> block;
  if (!spare_.empty() && spare_.front().bytes == bytes) {
    block.splice(block.end(), spare_, spare_.begin());
    return block;
  }
  spare_.clear();
  lock.unlock();
  block.emplace_back();
  block.front().pixels = Buffer(bytes, statistics_.memory);
  block.front().bytes = bytes;
  return block;
}

// Then the worker may try again.
void Appender::throw_failure() {
  if (!failure_) return;
  const std::exception_ptr failure = std::exchange(failure_, nullptr);
  work_there_.notify_all();
  std::rethrow_exception(with_words(failure, standing() + "; the next call tries again"));
}

void Appender::flush() {
  MutexLock lock(mutex_);
  failure_ = nullptr;
  while (!waiting_.empty() && !failure_) wait_for_checkpoint(lock);
  throw_failure();
}

// Until one is over, or for some time. Throws SWR_CANCELLED.
void Appender::wait_for_checkpoint(MutexLock& lock) {
  constexpr auto pause = std::chrono::milliseconds(20);
  hurries_ = true;
  work_there_.notify_all();
  if (is_cancelled_) {
    lock.wait(progress_made_, pause);
  } else {
    lock.wait(progress_made_);
  }
  hurries_ = false;
  if (is_cancelled_) throw_if_cancelled();
}

void Appender::throw_if_cancelled() {
  bool is_cancelled;
  {
    const MutexUnlock unlocked(mutex_);
    is_cancelled = is_cancelled_();
  }
  if (is_cancelled)
    fail(SWR_CANCELLED, path_, ": cancelled while it waited for a checkpoint; ", standing());
}

std::string Appender::standing() const {
  return text(statistics_.frames_kept.load(), " appended frames are in the file, ", waiting_frames_,
              " wait in memory");
}

std::vector<std::string> Appender::take_warnings() {
  const MutexLock lock(mutex_);
  return std::exchange(warnings_, {});
}

std::string Appender::left_half_changed() {
  const MutexLock lock(mutex_);
  return half_changed_;
}

void Appender::work() {
  MutexLock lock(mutex_);
  while (!stops_) {
    if (is_due()) {
      make_checkpoint();
    } else {
      wait_until_due(lock);
    }
  }
}

bool Appender::is_due() const {
  if (waiting_.empty() || failure_) return false;
  return hurries_ || waiting_bytes_ >= most_at_once_ ||
         (every_frames_ > 0 && waiting_frames_ >= every_frames_) ||
         Clock::now() - waiting_.front().since >= every_;
}

void Appender::wait_until_due(MutexLock& lock) {
  if (waiting_.empty() || failure_) return lock.wait(work_there_);
  const auto left = waiting_.front().since + every_ - Clock::now();
  const auto moment = std::chrono::duration_cast<std::chrono::milliseconds>(left);
  lock.wait(work_there_, moment + std::chrono::milliseconds(1));
}

void Appender::make_checkpoint() {
  std::vector<const Block*> blocks;
  std::exception_ptr failure;
  try {
    int64_t bytes = 0;
    for (const Block& block : waiting_) {
      if (!blocks.empty() && bytes + block.bytes > most_at_once_) break;
      blocks.push_back(&block);
      bytes += block.bytes;
    }
    const MutexUnlock unlocked(mutex_);
    failure = try_to_store(blocks);
  } catch (...) {
    failure = std::current_exception();
  }
  failure_ = failure;
  for (size_t i = 0; !failure && i < blocks.size(); ++i) {
    waiting_bytes_ -= waiting_.front().bytes;
    waiting_frames_ -= waiting_.front().frames;
    spare_.splice(spare_.end(), waiting_, waiting_.begin());
  }
  progress_made_.notify_all();
}

std::exception_ptr Appender::try_to_store(const std::vector<const Block*>& blocks) {
  Unfinished unfinished;
  std::exception_ptr failure;
  try {
    store_beside_others(blocks, unfinished);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!unfinished.is_half_changed) unfinished.words.clear();
  try {
    const MutexLock lock(mutex_);
    half_changed_ = unfinished.words;
  } catch (...) {
    return std::current_exception();
  }
  return failure ? with_words(failure, unfinished.words) : nullptr;
}

// Others can make the image, or make it longer, between two checkpoints, and again between a look
// at the file and its lock.
void Appender::store_beside_others(const std::vector<const Block*>& blocks,
                                   Unfinished& unfinished) {
  constexpr int most_tries = 100;
  for (int tries = 0;; ++tries) {
    try {
      return store(blocks, unfinished);
    } catch (const Error& error) {
      const bool others_may_be_the_reason =
          error.status() == SWR_ERROR_EXISTS || error.status() == SWR_ERROR_MISMATCH;
      if (!others_may_be_the_reason || tries == most_tries) throw;
      if (goes_after_others_frames()) continue;
      if (settings_.lock_waits || !(is_in_file_ || extends_) || !file_exists(path_)) throw;
      fail(error.status(), error.what(),
           "; to append after what the file holds now, abandon this and begin again; with the "
           "option \"lock\" = \"wait\", frames go after those of other writers by themselves");
    }
  }
}

// Whether the file has frames that others have added, and these here may follow.
bool Appender::goes_after_others_frames() {
  const bool was_in_file = is_in_file_;
  const int64_t frames_before = frames_of(image_);
  if (!settings_.lock_waits || !(was_in_file || extends_) || !file_exists(path_)) return false;
  begin_after_existing();
  return !was_in_file || frames_of(image_) > frames_before;
}

void Appender::store(const std::vector<const Block*>& blocks, Unfinished& unfinished) {
  int64_t frames = 0;
  for (const Block* block : blocks) frames += block->frames;
  settings_.image_region = longer(image_, frames);
  if (is_in_file_) settings_.paste_region = with_frames(image_, frames_of(image_), frames);
  Session session(settings_, statistics_, unfinished);
  require_expected_file(session.plan());
  keep_warnings(session);
  int64_t first = frames_of(image_);
  for (const Block* block : blocks) {
    const bool more_follow = block != blocks.back();
    session.store_lent(with_frames(image_, first, block->frames), block->span(), more_follow);
    first += block->frames;
  }
  session.finish();
  statistics_.pieces += frames;
  statistics_.frames_kept += frames;
  ++statistics_.checkpoints;
  note_stored(session.plan());
}

// Another program may have changed or replaced the file since the last checkpoint.
void Appender::require_expected_file(const WritePlan& plan) const {
  if (!is_in_file_) return;
  if (plan.file && plan.file->image.region == image_) return;
  fail(SWR_ERROR_MISMATCH, path_, ": another program has ",
       plan.file ? text("changed the image region to ", plan.file->image.region.text())
                 : std::string("removed the file"),
       " since the last checkpoint, which left ", image_.text());
}

// From now on the file says what the image is.
void Appender::note_stored(const WritePlan& plan) {
  const bool is_first = !is_in_file_;
  image_ = plan.image.region;
  if (is_first && !(plan.format->capabilities & SWR_HOLDS_START_INDEX)) image_.index = {};
  is_in_file_ = true;
  settings_.existing = SWR_EXISTING_EXTEND;
  settings_.pixel = plan.image.pixel;
  settings_.spacing.reset();
  settings_.origin.reset();
  settings_.direction.reset();
  settings_.units.clear();
  settings_.scale.reset();
  settings_.metadata = {};
  settings_.header_from.reset();
  settings_.header_region.reset();
}

void Appender::keep_warnings(const Session& session) {
  const MutexLock lock(mutex_);
  const auto keep = [&](const std::string& warning) SWR_REQUIRES(mutex_) {
    if (told_.insert(warning).second) warnings_.push_back(warning);
  };
  for (const std::string& warning : warnings_of(settings_, session.plan())) keep(warning);
  for (const std::string& note : session.notes()) keep(note);
}

}  // namespace swr
