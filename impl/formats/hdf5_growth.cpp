#include "formats/hdf5_growth.h"

#include <algorithm>

#include "formats/hdf5_chunk_form.h"
#include "formats/hdf5_source.h"
#include "formats/hdf5_writer.h"

namespace swr {
namespace {

// Equal bytes between two changes that are written with them.
constexpr size_t most_between = 4096;

// The bytes in which `after` differs; both are as long.
std::vector<HeaderPatch> differences(const std::string& before, const std::string& after) {
  std::vector<HeaderPatch> patches;
  size_t end = 0;  // of the last patch
  for (size_t at = 0; at < before.size(); ++at) {
    if (before[at] == after[at]) continue;
    if (patches.empty() || at - end > most_between) {
      patches.push_back({static_cast<int64_t>(at), {}});
      end = at;
    }
    patches.back().bytes.append(after, end, at + 1 - end);
    end = at + 1;
  }
  return patches;
}

// The library changes the structure when the chunks are stored (hdf5_chunk_sink.h).
std::optional<Growth> grow_chunks(const Hdf5ChunkForm& chunks, const Image& grown) {
  const int slowest = grown.dimensions() - 1;
  if (grown.region.size[slowest] > chunks.most_slices) return std::nullopt;
  return Growth{};
}

}  // namespace

// No field of the structure is known here: where the library would write the old image exactly as
// the file has it, what it writes for the grown image says what changes, with all checksums.
std::optional<Growth> grow_hdf5_file(const std::string& path, const Description& file,
                                     const Image& grown) {
  const auto* const source = dynamic_cast<const Hdf5Source*>(file.header.get());
  if (!source) return std::nullopt;
  if (const Hdf5ChunkForm* const chunks = hdf5_chunk_form(file.layout))
    return grow_chunks(*chunks, grown);
  const bool is_one_stretch = file.layout.is_raw() && file.layout.parts.size() == 1;
  if (!is_one_stretch || file.trailer_bytes > 0) return std::nullopt;
  NewFileRequest request;
  request.path = path;
  request.base = &file;
  request.rewritten = &file.layout;
  const NewFile before = plan_hdf5_file(file.image, request);
  if (before.header.size() != static_cast<size_t>(file.layout.parts[0].offset) ||
      before.header != source->first_bytes(before.header.size()))
    return std::nullopt;
  const NewFile after = plan_hdf5_file(grown, request);
  if (after.header.size() != before.header.size()) return std::nullopt;
  Growth growth;
  growth.patches = differences(before.header, after.header);
  growth.remarks = after.remarks;
  return growth;
}

}  // namespace swr
