// What swr_writer stands for: the settings of a write, and the write that is under way.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>

#include "base/in_use.h"
#include "base/message.h"
#include "engine/cached_plan.h"
#include "engine/session.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "storage/working_folder.h"

struct swr_writer {};

namespace swr {

class Writer : public swr_writer {
 public:
  // Settings can change while no write is under way: SWR_ERROR_STATE otherwise.
  Settings& changeable();
  const Settings& settings() const { return settings_; }

  void check();
  // As it is set; of the write under way, if there is one. Valid until the next call.
  const WritePlan& plan();
  PixelType pulled_type();
  Split split(int64_t divisions);

  // `source`: the image that `pull` reads, if it is known to read one; `model`: the same, for a new
  // file to take after.
  void write(swr_pull pull, void* user, const SourceImage* source = nullptr,
             const Model* model = nullptr);
  void begin();
  void put(const Region& region, const void* data, int64_t bytes);
  void finish();
  void abandon();
  void allocate();
  // Whether this process is a child of the one that began the write that is under way: here it can
  // neither go on nor end, and its threads are not there. Such a writer is not destroyed.
  bool belongs_to_parent() const;
  int64_t statistic(swr_statistic which) const { return statistics_->value(which); }

  Message& message() { return message_; }
  const Message& message() const { return message_; }
  // Its source, its callbacks and other threads may not call a writer that is in use.
  InUse& in_use() { return in_use_; }
  // Tells this writer from every other of the process, also from one that had its address before.
  uint64_t number() const { return number_; }

 private:
  static uint64_t next_number();
  void require_no_session() const;
  void require_own_session() const;
  Session& require_session();
  void start(const SourceImage* source = nullptr);
  void complete();
  static void require_all_regions(const Session& session);
  [[noreturn]] void give_up(const std::exception_ptr& failure);
  void put_pixels(const Region& region, const void* data, int64_t bytes);

  Settings settings_;
  CachedPlan planned_;
  std::unique_ptr<Statistics> statistics_ = std::make_unique<Statistics>();
  WorkingFolder folder_;   // where the write began that is under way, or was the last one
  Unfinished unfinished_;  // of the last session
  std::unique_ptr<Session> session_;
  uint32_t process_ = 0;  // that began it
  bool broken_ = false;   // the session can only be abandoned
  int64_t puts_ = 0;
  InUse in_use_;
  const uint64_t number_ = next_number();
  Message message_;
};

}  // namespace swr
