#include "engine/own_source.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file.h"

namespace swr {
namespace {

using FileKey = std::pair<uint64_t, uint64_t>;  // device and inode

// The open files of an image's pixels.
struct PixelFiles {
  const Description& image;
  bool has_places;  // each pixel has bytes of its own
  std::vector<FileState> parts;
};

PixelFiles changed_files(const WritePlan& plan) {
  PixelFiles files{*plan.file, plan.form.has_places, {}};
  for (const DataPart& part : plan.file->layout.parts)
    files.parts.push_back(plan.open->state_of(part.path));
  return files;
}

PixelFiles read_files(const SourceImage& source) {
  const bool has_places = source.format->form(source.file->layout, {}).has_places;
  return {*source.file, has_places, *source.parts};
}

// Bytes of a file that hold pixels of a part.
struct Stretch {
  int64_t begin = 0, end = std::numeric_limits<int64_t>::max();

  bool meets(const Stretch& other) const { return begin < other.end && other.begin < end; }
};

Stretch stretch_of(const PixelFiles& files, size_t number) {
  const DataPart& part = files.image.layout.parts[number];
  // The position of the data after skipped lines, or at the end of the file, depends on the file.
  if (part.offset < 0 || part.lines_to_skip > 0) return {};
  if (!files.has_places) return {.begin = part.offset};
  return {part.offset, part.offset + part.bytes};
}

bool same_order(const Description& a, const Description& b) {
  const LinearOrder &first = a.layout.order, &second = b.layout.order;
  if (first.dimensions != second.dimensions || first.components != second.components ||
      first.component_bytes != second.component_bytes ||
      first.component_axis != second.component_axis || first.planes != second.planes ||
      a.layout.big_endian != b.layout.big_endian || a.image.region.index != b.image.region.index)
    return false;
  // The slowest axis may be longer, unless the components come after it.
  const bool planes = !first.interleaved() && first.component_axis == first.dimensions;
  const int compared = planes ? first.dimensions : first.dimensions - 1;
  return std::equal(first.size.begin(), first.size.begin() + compared, second.size.begin());
}

// Whether every pixel that both images have is at one place of one file, as the same bytes.
bool same_places(const PixelFiles& a, const PixelFiles& b) {
  if (!same_order(a.image, b.image) || a.parts.size() != b.parts.size()) return false;
  for (size_t i = 0; i < a.parts.size(); ++i) {
    const DataPart &part = a.image.layout.parts[i], &other = b.image.layout.parts[i];
    if (part.offset != other.offset || part.lines_to_skip != other.lines_to_skip ||
        part.bytes_to_skip != other.bytes_to_skip || !a.parts[i].is_same_file(b.parts[i]))
      return false;
  }
  return true;
}

void refuse_change_in_place(const WritePlan& plan, const SourceImage& source) {
  const PixelFiles changed = changed_files(plan), read = read_files(source);
  std::multimap<FileKey, Stretch> places;
  for (size_t i = 0; i < changed.parts.size(); ++i) {
    if (changed.parts[i].is_there())
      places.emplace(changed.parts[i].file(), stretch_of(changed, i));
  }
  for (size_t i = 0; i < read.parts.size(); ++i) {
    if (!read.parts[i].is_there()) continue;
    const Stretch stretch = stretch_of(read, i);
    const auto [begin, end] = places.equal_range(read.parts[i].file());
    const bool meets =
        std::any_of(begin, end, [&](const auto& place) { return place.second.meets(stretch); });
    if (!meets || same_places(changed, read)) continue;
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the source reads ", source.file->layout.parts[i].path,
         " through ", source.path,
         ", and this write changes those bytes while it reads; copy the pixels to another file "
         "first");
  }
}

// Names count here: those that new files will have.
void refuse_replacement(const WritePlan& plan, const SourceImage& source) {
  const FilePlan& files = plan.files;
  const std::string& header = files.header_path();
  if (same_entry(header, source.header_path())) return;
  std::vector<std::string> replaced{header};
  for (const PlannedFile& part : files.parts) replaced.push_back(part.path);
  replaced.insert(replaced.end(), files.retired.begin(), files.retired.end());
  std::vector<std::string> read{source.header_path()};
  for (const DataPart& part : source.file->layout.parts) read.push_back(part.path);
  for (const std::string& path : replaced) {
    if (std::ranges::none_of(read, [&](const auto& other) { return same_entry(path, other); }))
      continue;
    fail(SWR_ERROR_EXISTS, plan.path, ": the source reads ", path, ", a file of ",
         source.header_path(), ", which this write would replace; write to another name");
  }
}

}  // namespace

void refuse_own_source(const WritePlan& plan, const SourceImage& source) {
  if (plan.method == SWR_METHOD_IN_PLACE && plan.form.has_places)
    refuse_change_in_place(plan, source);
  if (plan.new_file) refuse_replacement(plan, source);
}

void SourceWatch::approve(uint64_t number, const SourceImage& source) {
  const MutexLock lock(mutex_);
  if (approved_.count(number) > 0) return;
  refuse_own_source(plan_, source);
  approved_.insert(number);
}

}  // namespace swr
