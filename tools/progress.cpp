#include "progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "status.h"
#include "system.h"

namespace swr::tool {
namespace {

using namespace std::chrono_literals;
constexpr auto redraw_interval = 100ms;
constexpr auto line_interval = 3s;

std::string scaled(double value, double step, const std::array<const char*, 5>& units) {
  size_t unit = 0;
  while (value >= step && unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value,
                units[unit]);
  return text;
}

std::string time_text(double seconds) {
  const auto whole = static_cast<long long>(std::min(std::ceil(seconds), 359999.0));
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

}  // namespace

std::string bytes_text(double bytes) {
  return scaled(bytes, 1000, {"B", "kB", "MB", "GB", "TB"});
}
std::string memory_text(int64_t bytes) {
  return scaled(static_cast<double>(bytes), 1024, {"B", "KiB", "MiB", "GiB", "TiB"});
}

Progress::Progress(std::string label, bool quiet)
    : label_(std::move(label)),
      quiet_(quiet),
      terminal_(is_terminal(Stream::error)),
      start_(Clock::now()) {
  next_ = start_ + (terminal_ ? Clock::duration(redraw_interval) : Clock::duration(line_interval));
}

void Progress::attach(swr_writer* writer) {
  check(writer, swr_set_progress(writer, &Progress::step, this));
  check(writer, swr_set_log(writer, &Progress::log, this));
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

int32_t Progress::step(int64_t, int64_t, int64_t bytes_done, int64_t bytes, void* user) {
  auto* progress = static_cast<Progress*>(user);
  try {
    if (!progress->quiet_) progress->show(bytes_done, bytes);
  } catch (const std::bad_alloc&) {
    // This update is skipped; the write goes on.
  }
  return interrupted() ? 1 : 0;
}

void Progress::log(swr_log_level level, const char* message, void* user) {
  if (level < SWR_LOG_WARNING) return;
  static_cast<Progress*>(user)->clear();
  try {
    warn(message);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "swr: warning: %s\n", message);
  }
}

void Progress::show(int64_t bytes_done, int64_t bytes) {
  const auto now = Clock::now();
  if (now < next_ || bytes <= 0) return;
  next_ = now + (terminal_ ? Clock::duration(redraw_interval) : Clock::duration(line_interval));
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double share = static_cast<double>(bytes_done) / static_cast<double>(bytes);
  const double rate = static_cast<double>(bytes_done) / seconds;
  char percent[8];
  std::snprintf(percent, sizeof percent, "%3.0f%%", std::floor(100 * share));
  std::string figures = std::string(percent) + "  " + bytes_text(static_cast<double>(bytes_done)) +
                        " of " + bytes_text(static_cast<double>(bytes)) + "  " + bytes_text(rate) +
                        "/s";
  if (rate > 0)
    figures += "  " + time_text(static_cast<double>(bytes - bytes_done) / rate) + " left";
  if (terminal_) {
    draw_bar(share, figures);
  } else {
    std::fprintf(stderr, "%s %s\n", label_.c_str(), figures.c_str());
  }
}

void Progress::draw_bar(double share, const std::string& figures) {
  const int room = terminal_width() - static_cast<int>(label_.size() + figures.size()) - 7;
  std::string bar;
  if (room >= 8) {
    const int width = std::min(room, 40);
    const int full = static_cast<int>(share * width);
    bar.append("[").append(full, '#').append(width - full, '-').append("]  ");
  }
  std::fprintf(stderr, "\r%s  %s%s\033[K", label_.c_str(), bar.c_str(), figures.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace swr::tool
