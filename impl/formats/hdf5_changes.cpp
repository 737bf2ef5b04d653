#include "formats/hdf5_changes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/error.h"
#include "formats/hdf5_chunk_sink.h"
#include "formats/hdf5_chunks.h"
#include "formats/hdf5_listed_sink.h"
#include "formats/hdf5_pixels.h"
#include "formats/hdf5_source.h"
#include "formats/hdf5_tree.h"
#include "formats/hdf5_use.h"
#include "stores/chunked_pixels.h"

namespace swr {
namespace {

Hdf5ChunkSink::Options options_of_sink(const WriteOptions& options) {
  return {.deflate = options.deflate, .erases = options.erases};
}

Layout grown_layout(const Layout& old, const LinearOrder& order) {
  Layout grown = old;
  grown.order = order;
  std::get<Chunked>(grown.storage).grid = grid_of_hdf5_chunks(*hdf5_chunk_form(old), order);
  return grown;
}

class ChunksOfFile {
 public:
  ChunksOfFile(const Description& file, const PlannedChange& change, ChangedFiles& files,
               const WriteOptions& options)
      : file_(file),
        files_(files),
        options_(options_of_sink(options)),
        layout_(std::make_shared<const Layout>(grown_layout(file.layout, change.order))) {}

  const Layout& layout() const { return *layout_; }

  // Nothing was written before.
  std::unique_ptr<ChunkSink> open(const std::set<int64_t>& chunks) const {
    FileChanges& changes = files_.existing();
    const int number = changes.add(file_.layout.parts[0].path);
    std::optional<Hdf5Use> use = find_hdf5_use(file_, changes.file(number));
    const auto is_listed = [&](int64_t chunk) {
      return chunk < std::ssize(use->chunks) && use->chunks[static_cast<size_t>(chunk)].key > 0;
    };
    if (use && !growth().is_needed && std::ranges::all_of(chunks, is_listed))
      return std::make_unique<Hdf5ListedSink>(*layout_, changes, number, std::move(*use),
                                              options_.deflate, options_.erases);
    auto bytes = std::make_unique<Hdf5Target>(changes, number);
    Hdf5ChunkSink::Options options = options_;
    // The last filter that is applied must bear bytes after what it made.
    options.keeps_room = !use && has_outer_deflate();
    if (use) bytes->take_holes(std::move(use->holes));
    return std::make_unique<Hdf5ChunkSink>(*layout_, std::move(bytes), growth(), options);
  }

 private:
  const Description& file_;
  ChangedFiles& files_;
  const Hdf5ChunkSink::Options options_;
  const std::shared_ptr<const Layout> layout_;  // outlives the sinks

  bool has_outer_deflate() const {
    const auto& filters = hdf5_chunk_form(file_.layout)->filters;
    return !filters.empty() && filters.front().kind == ChunkFilter::Kind::zlib;
  }

  Hdf5ChunkSink::Growth growth() const {
    const auto& source = dynamic_cast<const Hdf5Source&>(*file_.header);
    Hdf5ChunkSink::Growth growth{.is_needed = layout_->order.size != file_.layout.order.size};
    if (source.is_itk()) growth.itk_sizes = hdf5_child(hdf5_parent(source.dataset), "Dimension");
    return growth;
  }
};

}  // namespace

PixelForm form_of_hdf5_chunks(const Layout& layout, const Hdf5ChunkForm& chunks,
                              const FormOptions& options) {
  PixelForm form = form_of_chunks(layout, ChunkPlace::one_file, options.memory);
  form.encoding = chunks.encoding;
  form.read_only = chunks.read_only;
  form.stored_chunk = chunks.chunk;
  form.owns_files = form.may_be_rewritten = false;
  form.index_bytes =
      checked_multiply(layout.grid().count(), 2 * static_cast<int64_t>(sizeof(Hdf5Chunk)));
  const int64_t chunk = checked_multiply(chunks.pixels(), layout.order.pixel_bytes());
  // With a copy that has the full size of a chunk at the end of the image.
  form.encoder_bytes =
      checked_add(ChunkEncoding::encoder_bytes(chunks.filters, options.level, chunk), chunk);
  return form;
}

std::unique_ptr<PixelSink> new_hdf5_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options) {
  if (!file.layout.is_chunked()) return new_linear_pixels(file, files, options);
  Hdf5ChunkSink::Options chosen = options_of_sink(options);
  chosen.deflate.level = std::get<Chunked>(file.layout.storage).level;
  chosen.erases = false;
  auto bytes = std::make_unique<Hdf5Target>(*files.parts[0]);
  return new_chunks(std::make_unique<Hdf5ChunkSink>(file.layout, std::move(bytes),
                                                    Hdf5ChunkSink::Growth{}, chosen),
                    file.layout.order, options);
}

std::unique_ptr<PixelChange> change_hdf5_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options) {
  if (!file.layout.is_chunked()) return change_linear_pixels(file, change, files, options);
  const ChunksOfFile chunks(file, change, files, options);
  auto old_pixels = read_hdf5_pixels(file.layout, options_for_old_chunks(options));
  refuse_shared_hdf5_chunks(*old_pixels);
  return change_chunks(
      {file.layout, chunks.layout(), std::move(old_pixels),
       [chunks](const std::set<int64_t>& changed) { return chunks.open(changed); }},
      options);
}

ChangeForecast forecast_hdf5_change(const Layout& layout, const ChangeRequest& request) {
  return layout.is_chunked() ? forecast_chunk_change(layout, request)
                             : forecast_linear_change(layout, request);
}

}  // namespace swr
