// The settings of a write, and the write in progress; swr_writer in the public header.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

#include "base/in_use.h"
#include "base/message.h"
#include "engine/appender.h"
#include "engine/cached_plan.h"
#include "engine/session.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "storage/working_folder.h"

struct swr_writer {};

namespace swr {

class Resume;

class Writer : public swr_writer {
 public:
  // The settings, to be changed. SWR_ERROR_STATE while a write is under way.
  Settings& changeable();
  const Settings& settings() const { return settings_; }

  void check();
  // The plan for the current settings, or of the write that is under way. Valid until the next
  // call.
  const WritePlan& plan();
  PixelType pulled_type();
  Split split(int64_t divisions);

  // `source`: the image that `pull` reads, if that is known; `model`: the same file, as the model
  // for a new one.
  void write(swr_pull pull, void* user, const SourceImage* source = nullptr,
             const Model* model = nullptr);
  void begin();
  void put(const Region& region, const void* data, int64_t bytes);
  // `mask`: a byte for each pixel of the region; pixels with 0 are not put.
  void put_masked(const Region& region, const void* data, int64_t bytes, const void* mask,
                  int64_t mask_bytes);
  void finish();
  void abandon();
  void allocate();
  // Appends frames to an image that is open-ended along its slowest axis; finish() or abandon()
  // ends that, and both keep what is in the file.
  void append(const void* data, int64_t bytes);
  void flush();
  // Whether this process was forked from the one that began the write that is under way. The child
  // can neither continue nor end the write, because it does not have its threads. Such a writer is
  // not destroyed.
  bool belongs_to_parent() const;
  int64_t statistic(swr_statistic which) const { return statistics_->value(which); }

  Message& message() { return message_; }
  const Message& message() const { return message_; }
  // A writer that is in use cannot be called by its source, its callbacks or other threads.
  InUse& in_use() { return in_use_; }
  // Unique among all writers of the process, including destroyed ones at the same address.
  uint64_t number() const { return number_; }

 private:
  static uint64_t next_number();
  void require_no_session() const;
  void require_own_session() const;
  Session& require_session();
  void refuse_resume() const;
  void start(const SourceImage* source = nullptr);
  void pull_all(swr_pull pull, void* user, Resume* resume);
  void open_session(const Settings& fixed, const SourceImage* source);
  bool changes_other_images() const;
  void complete();
  void finish_session();
  static void require_all_regions(const Session& session);
  [[noreturn]] void give_up(const std::exception_ptr& failure);
  Session& require_put(const Region& region, int64_t bytes);
  void store_put(int64_t bytes, const std::function<void()>& store);
  bool is_appending() const;
  Appender& require_appender();
  void finish_appending();
  void stop_appending();
  void tell_warnings();

  Settings settings_;
  CachedPlan planned_;
  std::unique_ptr<Statistics> statistics_ = std::make_unique<Statistics>();
  WorkingFolder folder_;   // the working directory when the current or last write began
  Unfinished unfinished_;  // what the last session left unfinished
  std::unique_ptr<Session> session_;
  std::unique_ptr<Appender> appender_;
  uint32_t process_ = 0;  // the one that began the session or the first append
  bool broken_ = false;   // the session can only be abandoned
  int64_t puts_ = 0;
  InUse in_use_;
  const uint64_t number_ = next_number();
  Message message_;
};

}  // namespace swr
