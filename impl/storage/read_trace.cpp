#include "storage/read_trace.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "storage/found_journals.h"
#include "storage/saved_ranges.h"
#include "storage/undo.h"

namespace swr {

void ReadTrace::add(const File& file, int64_t offset, std::span<const std::byte> bytes) {
  bytes_ += std::ssize(bytes);
  if (!is_whole()) {
    reads_ = decltype(reads_)();
  } else if (!bytes.empty()) {
    reads_.push_back({&file, offset, {bytes.begin(), bytes.end()}});
  }
}

void ReadTrace::clear() {
  reads_.clear();
  bytes_ = 0;
}

std::vector<ReadTrace::Stretch> ReadTrace::joined(std::vector<Stretch> stretches) {
  std::ranges::sort(stretches, {}, &Stretch::begin);
  std::vector<Stretch> apart;
  for (const Stretch& next : stretches) {
    if (!apart.empty() && next.begin <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, next.end);
    } else {
      apart.push_back(next);
    }
  }
  return apart;
}

// A file can have a million stretches of pixels: each read is looked up among them.
void ReadTrace::leave_out(const File& file, std::vector<Stretch> stretches) {
  const std::vector<Stretch> out = joined(std::move(stretches));
  std::vector<Read> rest;
  for (Read& read : reads_) {
    auto next = std::ranges::upper_bound(out, read.offset, {}, &Stretch::end);
    if (read.file != &file || next == out.end() || next->begin >= read.end()) {
      rest.push_back(std::move(read));
      continue;
    }
    for (int64_t at = read.offset; at < read.end();) {
      const bool is_last = next == out.end() || next->begin >= read.end();
      const int64_t end = is_last ? read.end() : next->begin;
      if (at < end) {
        const auto bytes =
            std::span<const std::byte>(read.bytes)
                .subspan(static_cast<size_t>(at - read.offset), static_cast<size_t>(end - at));
        rest.push_back({&file, at, {bytes.begin(), bytes.end()}});
      }
      if (is_last) break;
      at = next->end;
      ++next;
    }
  }
  reads_ = std::move(rest);
}

std::vector<ReadTrace::Seen> ReadTrace::seen() const {
  std::map<const File*, std::vector<Stretch>> files;
  for (const Read& read : reads_) files[read.file].push_back({read.offset, read.end()});
  std::vector<Seen> all;
  all.reserve(files.size());
  for (auto& [file, stretches] : files)
    all.push_back({identity_of(*file), joined(std::move(stretches))});
  return all;
}

bool ReadTrace::Seen::meets(const Stretch& changed) const {
  const auto after = std::ranges::lower_bound(stretches, changed.end, {}, &Stretch::begin);
  return after != stretches.begin() && std::prev(after)->end > changed.begin;
}

bool ReadTrace::is_in_journals_of(const std::vector<std::string>& paths) const {
  const std::vector<Seen> all = seen();
  for (const std::string& path : paths) {
    if (!has_journal(path)) continue;
    FoundJournals journals(follow_links(path));
    while (auto found = journals.next()) {
      if (found->state == FoundJournals::Found::State::alien) continue;
      found->let_go();  // a long journal takes a while
      SavedRanges saved(found->file);
      while (const auto range = saved.next()) {
        const auto is_met = [&](const Seen& file) {
          return file.meets({range->begin, range->end}) && range->file.is_of(file.file, true);
        };
        if (std::ranges::any_of(all, is_met)) return true;
      }
    }
  }
  return false;
}

bool ReadTrace::is_still_there() const {
  std::vector<std::byte> now;
  return std::ranges::all_of(reads_, [&](const Read& read) {
    now.resize(read.bytes.size());
    return read.file->read_some(read.offset, now) == std::ssize(now) && now == read.bytes;
  });
}

}  // namespace swr
