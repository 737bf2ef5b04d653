#include "engine/shared_bytes.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "storage/identity.h"

namespace swr {
namespace {

// Bytes of a file, under whatever name. The header's are the part -1.
struct Stretch {
  int64_t begin, end;
  int part;
};

using FileId = std::pair<uint64_t, uint64_t>;  // device and inode

std::map<FileId, std::vector<Stretch>> stretches_of(const std::string& path,
                                                    const Description& file, OpenFiles& files) {
  const PartMap map(file.layout, &files);
  std::map<FileId, std::vector<Stretch>> stretches;
  const auto add = [&](const std::string& name, const Stretch& stretch) {
    const system::Facts facts = files.open(name)->facts();
    stretches[{facts.device, facts.inode}].push_back(stretch);
  };
  add(file.header_path.empty() ? path : file.header_path, {0, file.header_bytes, -1});
  int64_t offset = 0;
  for (const DataPart& part : file.layout.parts) {
    const PartMap::Extent extent = map.locate(offset, part.bytes);
    add(part.path, {extent.file_offset, extent.file_offset + extent.bytes, extent.part});
    offset += part.bytes;
  }
  return stretches;
}

}  // namespace

void refuse_shared_bytes(const std::string& path, const Description& file, OpenFiles& files) {
  for (auto& [id, stretches] : stretches_of(path, file, files)) {
    std::ranges::sort(stretches, {}, &Stretch::begin);
    const auto shared = std::ranges::adjacent_find(
        stretches, [](const Stretch& a, const Stretch& b) { return b.begin < a.end; });
    if (shared == stretches.end()) continue;
    const Stretch& next = *(shared + 1);
    const auto part = static_cast<size_t>(std::max(shared->part, next.part));
    const bool in_header = std::min(shared->part, next.part) < 0;
    fail(SWR_ERROR_UNSUPPORTED, path, ": cannot be changed: the pixels at byte ", next.begin,
         " of ", file.layout.parts[part].path, " are also ",
         in_header ? "bytes of the header" : "those of another place in the image",
         ", and would change with it; copy the image to another file");
  }
}

std::optional<OtherImage> other_image_in(const std::string& header_path, const Layout& layout,
                                         OpenFiles& files) {
  const std::string* last = &header_path;
  for (const DataPart& part : layout.parts) {
    if (part.path == *last) continue;
    last = &part.path;
    const Format* const format = format_of_header_in(part.path, files);
    if (format && !files.are_same(part.path, header_path))
      return OtherImage{part.path, format->name};
  }
  return std::nullopt;
}

void refuse_other_images(const std::string& header_path, const Layout& layout, OpenFiles& files) {
  const auto other = other_image_in(header_path, layout, files);
  if (!other) return;
  fail(SWR_ERROR_UNSUPPORTED, header_path, ": cannot be changed: it names ", other->path,
       " for its pixels, which is a ", other->format,
       " image by itself and would change with it; copy the image to another file");
}

}  // namespace swr
