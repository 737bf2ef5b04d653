// Shows the progress of a write on stderr: a bar with rate and remaining time on a terminal, else a
// line every few seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "swr/swr.h"

namespace swr::tool {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  Progress(std::string label, bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Receives the writer's progress and warnings. This object must outlive the writes.
  void attach(swr_writer* writer);
  // Clears the bar.
  void clear();

 private:
  static int32_t step(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                      void* user);
  static void log(swr_log_level level, const char* message, void* user);
  void show(int64_t bytes_done, int64_t bytes);
  void draw_bar(double share, const std::string& figures);

  std::string label_;
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point next_;  // time of the next update
};

// Such as "4.3 GB": decimal units, as disks and rates are counted.
std::string bytes_text(double bytes);
// Such as "64 MiB": binary units, as memory is counted.
std::string memory_text(int64_t bytes);

}  // namespace swr::tool
