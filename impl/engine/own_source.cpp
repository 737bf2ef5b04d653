#include "engine/own_source.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "storage/identity.h"

namespace swr {
namespace {

using FileKey = std::pair<uint64_t, uint64_t>;  // device and inode

std::optional<FileKey> key_of(const std::string& path) {
  const auto found = identity_at(follow_links(path));
  if (!found) return std::nullopt;
  return FileKey{found->device, found->inode};
}

// Bytes of a file that hold pixels of a part.
struct Stretch {
  int64_t begin = 0, end = std::numeric_limits<int64_t>::max();

  bool meets(const Stretch& other) const { return begin < other.end && other.begin < end; }
};

Stretch stretch_of(const DataPart& part, const Layout& layout) {
  // Where lines are skipped, and where the last bytes of the file count, the file itself tells.
  if (part.offset < 0 || part.lines_to_skip > 0) return {};
  if (!layout.is_raw()) return {.begin = part.offset};
  return {part.offset, part.offset + part.bytes};
}

// Whether every pixel that both images have lies at one place of one file, as the same bytes.
bool same_places(const Description& a, const Description& b) {
  const LinearOrder &first = a.layout.order, &second = b.layout.order;
  if (first.dimensions != second.dimensions || first.components != second.components ||
      first.component_bytes != second.component_bytes ||
      first.component_axis != second.component_axis || first.planes != second.planes ||
      a.layout.big_endian != b.layout.big_endian || a.image.region.index != b.image.region.index)
    return false;
  // The slowest axis may be longer, unless the components come after it.
  const bool planes = !first.interleaved() && first.component_axis == first.dimensions;
  const int compared = planes ? first.dimensions : first.dimensions - 1;
  if (!std::equal(first.size.begin(), first.size.begin() + compared, second.size.begin()))
    return false;
  return std::ranges::equal(
      a.layout.parts, b.layout.parts, [](const DataPart& part, const DataPart& other) {
        return part.offset == other.offset && part.lines_to_skip == other.lines_to_skip &&
               part.bytes_to_skip == other.bytes_to_skip && key_of(part.path) == key_of(other.path);
      });
}

void refuse_change_in_place(const WritePlan& plan, const SourceImage& source) {
  const Layout& changed = plan.file->layout;
  std::multimap<FileKey, Stretch> places;
  for (const DataPart& part : changed.parts) {
    if (const auto key = key_of(part.path)) places.emplace(*key, stretch_of(part, changed));
  }
  for (const DataPart& part : source.file->layout.parts) {
    const auto key = key_of(part.path);
    if (!key) continue;
    const Stretch read = stretch_of(part, source.file->layout);
    const auto [begin, end] = places.equal_range(*key);
    const bool meets =
        std::any_of(begin, end, [&](const auto& place) { return place.second.meets(read); });
    if (!meets || same_places(*plan.file, *source.file)) continue;
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the source reads ", part.path, " through ",
         source.path,
         ", and this write changes those bytes while it reads; copy the pixels to another file "
         "first");
  }
}

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
  if (plan.method == SWR_METHOD_IN_PLACE && plan.layout().is_raw())
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
