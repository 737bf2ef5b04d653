#include "stores/chunked_reader.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "image/copy.h"

namespace swr {

ChunkedReader::Means ChunkedReader::means_for(int64_t chunk_bytes, const ReadOptions& options) {
  constexpr int64_t most_kept = 1024;
  const int64_t share = std::max<int64_t>(options.memory_limit / 4, 1);
  const auto fitting = [&](int64_t bytes, int64_t most) {
    return std::clamp<int64_t>(share / std::max<int64_t>(bytes, 1), 1, most);
  };
  return {static_cast<int>(fitting(chunk_bytes, thread_count(options.threads))),
          options.keeps_chunks ? fitting(chunk_bytes, most_kept) : 1};
}

ChunkedReader::ChunkedReader(const Grid& grid, int64_t pixel_bytes)
    : ChunkedReader(grid, pixel_bytes, Means{}) {}

ChunkedReader::ChunkedReader(const Grid& grid, int64_t pixel_bytes, const Means& means)
    : grid_(grid),
      pixel_bytes_(pixel_bytes),
      means_(means),
      kept_(static_cast<size_t>(std::max<int64_t>(means.most_kept, 1))) {}

void ChunkedReader::read(const Region& region, std::span<std::byte> out) {
  const std::vector<int64_t> chunks = grid_.chunks_of(region);
  const size_t most = means_.most_kept > 0 ? static_cast<size_t>(means_.most_kept) : chunks.size();
  for (size_t at = 0; at < chunks.size(); at += most)
    read_some(std::span(chunks).subspan(at, std::min(most, chunks.size() - at)), region, out);
}

void ChunkedReader::read_some(std::span<const int64_t> chunks, const Region& region,
                              std::span<std::byte> out) {
  const auto copy_part = [&](const Region& box, const std::vector<std::byte>& pixels) {
    copy_region(box.intersection(region), pixel_bytes_, pixels.data(), box, out.data(), region);
  };
  std::vector<int64_t> wanted;
  for (const int64_t chunk : chunks) {
    const auto* const known = means_.most_kept > 0 ? kept_.find(chunk) : nullptr;
    if (known && is_current(chunk)) {
      copy_part(grid_.box(chunk), *known);
    } else {
      wanted.push_back(chunk);
    }
  }
  if (wanted.empty()) return;
  if (means_.most_kept == 1) kept_ = Kept(1);  // there is memory for one only
  std::vector<std::vector<std::byte>> partly(wanted.size());
  parallel_for(std::ssize(wanted), means_.threads, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    const Region box = grid_.box(wanted[at]);
    std::vector<std::byte> pixels = pixels_of(wanted[at], box);
    copy_part(box, pixels);
    if (means_.most_kept > 0 && !region.contains(box)) partly[at] = std::move(pixels);
  });
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!partly[i].empty()) kept_.put(wanted[i], std::move(partly[i]));
  }
}

void ChunkedReader::verify() {
  parallel_for(grid_.count(), means_.threads,
               [&](int64_t chunk) { pixels_of(chunk, grid_.box(chunk)); });
}

}  // namespace swr
