#include "summary.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "progress.h"
#include "status.h"
#include "system.h"

namespace swr::tool {
namespace {

double seconds_of(int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) * 1e-9;
}

}  // namespace

const char* method_name(swr_method method) {
  switch (method) {
    case SWR_METHOD_CREATE: return "create";
    case SWR_METHOD_IN_PLACE: return "in_place";
    case SWR_METHOD_REWRITE: return "rewrite";
    case SWR_METHOD_SPLICE: return "splice";
    default: return "unknown";
  }
}

const char* method_text(swr_method method) {
  switch (method) {
    case SWR_METHOD_CREATE: return "created";
    case SWR_METHOD_IN_PLACE: return "changed in place";
    case SWR_METHOD_REWRITE: return "rewritten";
    case SWR_METHOD_SPLICE: return "spliced in place";
    default: return "written";
  }
}

void Summary::take(const swr_writer* writer) {
  seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
  for (int which = 0; which < SWR_STATISTIC_COUNT; ++which) {
    check(writer,
          swr_get_statistics(writer, static_cast<swr_statistic>(which), &statistics_[which]));
  }
}

// The rate of pixel bytes, or of file bytes if the write had no source.
double Summary::rate() const {
  const int64_t bytes = statistics_[SWR_STATISTIC_BYTES_IN] > 0
                            ? statistics_[SWR_STATISTIC_BYTES_IN]
                            : statistics_[SWR_STATISTIC_BYTES_OUT];
  return static_cast<double>(bytes) / std::max(seconds_, 1e-9);
}

void Summary::print_line(std::ostream& out) const {
  char figures[200];
  std::snprintf(figures, sizeof figures,
                "%lld piece%s, %s, %.2f s, %.0f MB/s; peak %s in buffers, %s in the process",
                static_cast<long long>(statistics_[SWR_STATISTIC_PIECES]),
                statistics_[SWR_STATISTIC_PIECES] == 1 ? "" : "s",
                bytes_text(static_cast<double>(statistics_[SWR_STATISTIC_BYTES_IN])).c_str(),
                seconds_, rate() / 1e6,
                memory_text(statistics_[SWR_STATISTIC_PEAK_BUFFER_BYTES]).c_str(),
                memory_text(peak_process_bytes()).c_str());
  out << file_ << ": " << method_text(static_cast<swr_method>(statistics_[SWR_STATISTIC_METHOD]))
      << "; " << figures << "\n";
}

void Summary::print_object(const Json& more) const {
  Json object;
  object["command"] = command_;
  object["file"] = file_;
  object["method"] = method_name(static_cast<swr_method>(statistics_[SWR_STATISTIC_METHOD]));
  object["pieces"] = statistics_[SWR_STATISTIC_PIECES];
  object["pulls"] = statistics_[SWR_STATISTIC_PULLS];
  object["bytes"] = statistics_[SWR_STATISTIC_BYTES_IN];
  object["bytes_written"] = statistics_[SWR_STATISTIC_BYTES_OUT];
  object["seconds"] = seconds_;
  object["megabytes_per_second"] = rate() / 1e6;
  object["pull_seconds"] = seconds_of(statistics_[SWR_STATISTIC_PULL_NANOSECONDS]);
  object["convert_seconds"] = seconds_of(statistics_[SWR_STATISTIC_CONVERT_NANOSECONDS]);
  object["compress_seconds"] = seconds_of(statistics_[SWR_STATISTIC_COMPRESS_NANOSECONDS]);
  object["store_seconds"] = seconds_of(statistics_[SWR_STATISTIC_STORE_NANOSECONDS]);
  object["peak_buffer_bytes"] = statistics_[SWR_STATISTIC_PEAK_BUFFER_BYTES];
  object["peak_process_bytes"] = peak_process_bytes();
  object["slots_rewritten"] = statistics_[SWR_STATISTIC_SLOTS_REWRITTEN];
  object["slots_moved"] = statistics_[SWR_STATISTIC_SLOTS_MOVED];
  object["blocks_spliced"] = statistics_[SWR_STATISTIC_BLOCKS_SPLICED];
  object.update(more);
  print_json(object);
}

}  // namespace swr::tool
