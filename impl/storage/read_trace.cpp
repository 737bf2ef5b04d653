#include "storage/read_trace.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "storage/found_journals.h"
#include "storage/saved_ranges.h"
#include "storage/undo.h"

namespace swr {

void ReadTrace::add(const File& file, int64_t offset, std::span<const std::byte> bytes) {
  if (!bytes.empty()) reads_.push_back({&file, offset, {bytes.begin(), bytes.end()}});
}

void ReadTrace::leave_out(const File& file, int64_t begin, int64_t end) {
  std::vector<Read> rest;
  for (Read& read : reads_) {
    if (read.file != &file || read.end() <= begin || read.offset >= end) {
      rest.push_back(std::move(read));
      continue;
    }
    const std::span<const std::byte> bytes = read.bytes;
    if (read.offset < begin) {
      const auto before = bytes.first(static_cast<size_t>(begin - read.offset));
      rest.push_back({&file, read.offset, {before.begin(), before.end()}});
    }
    if (read.end() > end) {
      const auto after = bytes.last(static_cast<size_t>(read.end() - end));
      rest.push_back({&file, end, {after.begin(), after.end()}});
    }
  }
  reads_ = std::move(rest);
}

std::vector<ReadTrace::Seen> ReadTrace::seen() const {
  std::map<const File*, std::vector<Stretch>> files;
  for (const Read& read : reads_) files[read.file].push_back({read.offset, read.end()});
  std::vector<Seen> all;
  for (auto& [file, stretches] : files) {
    std::ranges::sort(stretches, {}, &Stretch::begin);
    std::vector<Stretch> apart;
    for (const Stretch& next : stretches) {
      if (!apart.empty() && next.begin <= apart.back().end) {
        apart.back().end = std::max(apart.back().end, next.end);
      } else {
        apart.push_back(next);
      }
    }
    all.push_back({identity_of(*file), std::move(apart)});
  }
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
    while (const auto found = journals.next()) {
      if (found->state == FoundJournals::Found::State::alien) continue;
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
