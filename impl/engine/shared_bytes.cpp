#include "engine/shared_bytes.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "stores/contiguous.h"

namespace swr {
namespace {

// A range of bytes of a file, whatever its names. `part` is -1 for the header.
struct ByteRange {
  int64_t begin, end;
  int part;
};

using FileId = std::pair<uint64_t, uint64_t>;  // device and inode

using RangesOfFiles = std::map<FileId, std::vector<ByteRange>>;

FileId id_of(const File& file) {
  const system::Facts facts = file.facts();
  return {facts.device, facts.inode};
}

void refuse_other_image(const std::string& header_path, const std::string& data_path,
                        const Format* format, OpenFiles& files) {
  if (!format || files.are_same(data_path, header_path)) return;
  fail(SWR_ERROR_UNSUPPORTED, header_path, ": cannot be changed: it names ", data_path,
       " for its pixels, which is a ", format->name,
       " image by itself and would change with it; copy the image to another file");
}

// The ranges of all parts and of the header.
RangesOfFiles checked_ranges(const std::string& path, const Description& file, OpenFiles& files) {
  const std::string& header = file.header_path.empty() ? path : file.header_path;
  RangesOfFiles ranges;
  ranges[id_of(*files.open(header))].push_back({0, file.header_bytes, -1});
  const std::string* last = &path;
  int number = 0;
  for (const DataPart& part : file.layout.parts) {
    const std::shared_ptr<const File> data = files.open(part.path);
    if (part.path != *last) refuse_other_image(path, part.path, format_of_header_in(*data), files);
    last = &part.path;
    const int64_t begin = checked_data_begin(part, *data);
    ranges[id_of(*data)].push_back({begin, begin + part.bytes, number++});
  }
  return ranges;
}

}  // namespace

void check_raw_parts(const std::string& path, const Description& file, OpenFiles& files) {
  for (auto& [id, ranges] : checked_ranges(path, file, files)) {
    std::ranges::sort(ranges, {}, &ByteRange::begin);
    const auto shared = std::ranges::adjacent_find(
        ranges, [](const ByteRange& a, const ByteRange& b) { return b.begin < a.end; });
    if (shared == ranges.end()) continue;
    const ByteRange& next = *(shared + 1);
    const auto part = static_cast<size_t>(std::max(shared->part, next.part));
    const bool in_header = std::min(shared->part, next.part) < 0;
    fail(SWR_ERROR_UNSUPPORTED, path, ": cannot be changed: the pixels at byte ", next.begin,
         " of ", file.layout.parts[part].path, " are also ",
         in_header ? "bytes of the header" : "those of another place in the image",
         ", and would change with it; copy the image to another file");
  }
}

void refuse_other_images(const std::string& header_path, const Layout& layout, OpenFiles& files) {
  for (const DataPart& part : layout.parts) {
    if (part.path == header_path) continue;
    refuse_other_image(header_path, part.path, format_of_header_in(part.path, files), files);
  }
}

}  // namespace swr
