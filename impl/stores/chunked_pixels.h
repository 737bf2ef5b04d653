// Adaptors from pixels by region to chunks: what a chunked format needs besides its own reader and
// its own sink of chunks.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

// Whether each chunk is a file of its own, which is replaced when the chunk changes.
enum class ChunkPlace { own_files, one_file };
// With so much memory for a write.
PixelForm form_of_chunks(const Layout& layout, ChunkPlace place, int64_t memory);

std::unique_ptr<PixelSink> new_chunks(std::unique_ptr<ChunkSink> sink, const LinearOrder& order,
                                      const WriteOptions& options);
// The same with the levels of the layout's pyramid, for each of which there is a sink. `layout`
// must outlive the result.
std::unique_ptr<PixelSink> new_pyramid(std::unique_ptr<ChunkSink> sink,
                                       std::vector<std::unique_ptr<ChunkSink>> levels,
                                       const Layout& layout, const WriteOptions& options);

// A change of the chunks of `old` that gives the image the layout `changed`, which may have grown.
// The sinks for the chunks that change are opened when all new pixels are known. The layouts must
// outlive the change.
struct ChunkChange {
  const Layout& old;
  const Layout& changed;
  std::unique_ptr<PixelReader> old_pixels;
  std::function<std::unique_ptr<ChunkSink>(const std::set<int64_t>& chunks)> open_sink;
  // Called with the sink open, before the first chunk is read of which not all pixels are new; may
  // be empty.
  std::function<void()> before_old{};
  // For the levels of the pyramid of `changed`, after the image's sink is opened. Not needed if it
  // has none.
  std::function<std::vector<std::unique_ptr<ChunkSink>>()> open_levels{};
};
std::unique_ptr<PixelChange> change_chunks(ChunkChange change, const WriteOptions& options);
ChangeForecast forecast_chunk_change(const Layout& layout, const ChangeRequest& request);

// What a format gives its reader of old pixels.
ReadOptions options_for_old_chunks(const WriteOptions& options);

}  // namespace swr
