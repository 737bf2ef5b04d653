// What swr_writer stands for: the settings of a write, and the write that is under way.
#pragma once

#include <atomic>
#include <memory>
#include <string>

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
  WritePlan plan();  // as it is set; of the write under way, if there is one
  Split split(int64_t divisions);

  // `reader`: what the pixels come from, where `pull` reads a file; may be null.
  void write(swr_pull pull, void* user, const Model* reader);
  void begin();
  void put(const Region& region, const void* data, int64_t bytes);
  void finish();
  void abandon();
  void allocate();
  int64_t statistic(swr_statistic which) const { return statistics_->value(which); }

  std::string& message() { return message_; }
  const std::string& message() const { return message_; }
  // Destroys the writer, or, from inside its own source, has it destroyed when the write ends.
  static void destroy(Writer* writer);
  // Whether a call of this writer is running: its source and its callbacks may not call it.
  bool busy() const { return busy_; }
  bool doomed() const { return doomed_; }

 private:
  class Busy;

  void require_no_session() const;
  Session& require_session();
  void start();
  void put_pixels(const Region& region, const void* data, int64_t bytes);

  Settings settings_;
  std::unique_ptr<Statistics> statistics_ = std::make_unique<Statistics>();
  WorkingFolder folder_;  // where the write began that is under way, or was the last one
  std::unique_ptr<Session> session_;
  bool broken_ = false;  // the session can only be abandoned
  int64_t puts_ = 0;
  std::atomic<bool> busy_{false};
  std::atomic<bool> doomed_{false};
  std::string message_;
};

}  // namespace swr
