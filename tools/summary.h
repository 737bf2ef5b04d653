// The result of a write: one line at its end, or the fields of a JSON object.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "json.h"
#include "swr/swr.h"

namespace swr::tool {

class Summary {
 public:
  using Clock = std::chrono::steady_clock;

  // Starts the clock.
  Summary(std::string command, std::string file)
      : command_(std::move(command)), file_(std::move(file)), start_(Clock::now()) {}

  // Stops the clock and reads the writer's figures.
  void take(const swr_writer* writer);
  void print_line(std::ostream& out) const;
  // On standard output, with `more` fields at its end.
  void print_object(const Json& more = Json::object()) const;

 private:
  double rate() const;

  std::string command_, file_;
  Clock::time_point start_;
  double seconds_ = 0;
  int64_t statistics_[SWR_STATISTIC_COUNT] = {};
};

// Such as "in place".
const char* method_text(swr_method method);
// Such as "in_place".
const char* method_name(swr_method method);

}  // namespace swr::tool
