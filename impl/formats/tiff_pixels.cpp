#include "formats/tiff_pixels.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "formats/tiff_chunk_sink.h"
#include "formats/tiff_directory_bytes.h"
#include "formats/tiff_source.h"
#include "formats/tiff_use.h"
#include "stores/chunked_pixels.h"
#include "stores/stored_chunks_reader.h"

namespace swr {
namespace {

int64_t pixel_bytes_of_chunk(const Layout& layout) {
  const Grid& grid = layout.grid();
  int64_t bytes = layout.order.pixel_bytes();
  for (int axis = 0; axis < grid.dimensions; ++axis)
    bytes = checked_multiply(bytes, grid.chunk[axis]);
  return bytes;
}

TiffChunkSink::Options options_of_sink(const WriteOptions& options) {
  return {.deflate = options.deflate, .erases = options.erases};
}

// The directories from this one on.
std::vector<int64_t> chain_from(TiffFile& file, int64_t offset, int64_t pages) {
  std::vector<int64_t> directories;
  directories.reserve(static_cast<size_t>(pages));
  while (std::ssize(directories) < pages) {
    directories.push_back(offset);
    offset = file.directory(offset, std::ssize(directories)).next;
  }
  return directories;
}

int64_t pages_of(const Grid& grid) {
  return grid.count() / (grid.chunks_along(0) * grid.chunks_along(1));
}

int64_t places_of(const Layout& layout) {
  const int64_t planes = layout.stored_chunks->has_planes ? layout.order.components : 1;
  return checked_multiply(layout.grid().count(), planes);
}

// The places of the image's chunks in a file that is there.
TiffChunkPlaces places_in(const TiffSource& source, const TiffUse& use) {
  TiffChunkPlaces known;
  const TiffPages& pages = source.pages;
  for (const int64_t number : source.used) {
    const TiffPage& page = pages.pages[static_cast<size_t>(number)];
    known.directories.push_back(page.directory);
    for (int64_t i = 0; i < pages.form_of(page).chunks(); ++i) {
      const int64_t place = page.first_place + i;
      if (std::ranges::binary_search(use.shared_places, place))
        known.shared.insert(known.shared.end(), std::ssize(known.places));
      known.places.push_back(pages.places[static_cast<size_t>(place)]);
    }
  }
  for (const TiffPlace& hole : use.holes) known.holes.add(hole.offset, hole.bytes);
  return known;
}

// The grid of the image after the change.
Layout grown_layout(const Layout& old, const LinearOrder& order) {
  Layout grown = old;
  grown.order = order;
  std::get<Chunked>(grown.storage).grid.size = order.size;
  return grown;
}

class ChunksOfFile {
 public:
  ChunksOfFile(const Description& file, const PlannedChange& change, ChangedFiles& files,
               const WriteOptions& options)
      : file_(file),
        trailer_(change.trailer),
        files_(files),
        options_(options_of_sink(options)),
        layout_(std::make_shared<const Layout>(grown_layout(file.layout, change.order))) {}

  const Layout& layout() const { return *layout_; }

  // Nothing was written before.
  std::unique_ptr<ChunkSink> open() const {
    const auto& source = dynamic_cast<const TiffSource&>(*file_.header);
    FileChanges& changes = files_.existing();
    const int number = changes.add(file_.layout.parts[0].path);
    TiffTarget bytes(changes, number);
    TiffFile before = bytes.read_again();
    const TiffUse use = find_tiff_use(before, source.pages);
    TiffChunkPlaces known = places_in(source, use);
    if (use.order_remark) bytes.write(*use.order_remark, std::as_bytes(std::span(tiff_order_lost)));
    if (!trailer_.empty()) add_pages(bytes, known);
    return std::make_unique<TiffChunkSink>(*layout_, bytes, std::move(known), options_);
  }

 private:
  const Description& file_;
  const std::string& trailer_;  // Growth::trailer
  ChangedFiles& files_;
  const TiffChunkSink::Options options_;
  const std::shared_ptr<const Layout> layout_;  // outlives the sinks

  // Their chunks have no places yet.
  void add_pages(TiffTarget& bytes, TiffChunkPlaces& known) const {
    const int64_t end = bytes.file().size();
    bytes.write(end, std::as_bytes(std::span(trailer_)));
    TiffFile file = bytes.read_again();
    const int64_t pages = pages_of(layout_->grid()) - std::ssize(known.directories);
    const auto added = chain_from(file, round_up(end, tiff_alignment(file.numbers())), pages);
    known.directories.insert(known.directories.end(), added.begin(), added.end());
    known.places.resize(static_cast<size_t>(places_of(*layout_)));
  }
};

// Whether all that changes fits below 4 GiB, be it as long as it can be.
bool fits_class(const TiffFile& file, const Layout& layout, const ChangeRequest& request) {
  if (file.numbers().big) return true;
  constexpr int64_t spare = int64_t{1} << 20, spare_of_page = 4096;
  Layout changed = grown_layout(layout, request.order);
  const ChunkEncoding encoding(layout.stored_chunks->filters, layout.big_endian, request.deflate);
  const int64_t longest = encoding.longest(pixel_bytes_of_chunk(layout)) + 1;
  const int64_t chunks = std::ssize(changed.grid().chunks_of(request.region)) +
                         changed.grid().count() - layout.grid().count();
  const int64_t pages = pages_of(changed.grid()) - pages_of(layout.grid());
  const int64_t lists = 8 * (places_of(changed) - places_of(layout));
  const auto more = try_multiply(longest, chunks);
  return more && *more <= most_classic_tiff_bytes &&
         file.size() + *more + lists + pages * spare_of_page + spare <= most_classic_tiff_bytes;
}

}  // namespace

PixelForm form_of_tiff_pixels(const Layout& layout, const FormOptions& options) {
  if (!layout.is_chunked()) return form_of_linear_pixels(layout, options);
  const StoredChunks& stored = *layout.stored_chunks;
  PixelForm form = form_of_chunks(layout, ChunkPlace::one_file, options.memory);
  form.encoding = stored.encoding;
  form.read_only = stored.read_only;
  form.owns_files = form.may_be_rewritten = false;
  form.index_bytes = 2 * places_of(layout) * static_cast<int64_t>(sizeof(TiffPlace));
  const int64_t chunk = pixel_bytes_of_chunk(layout),
                padded = stored.has_whole_edges ? 2 * chunk : 0;
  form.encoder_bytes = ChunkEncoding::encoder_bytes(stored.filters, options.level, chunk) + padded;
  return form;
}

std::unique_ptr<PixelReader> read_tiff_pixels(const Layout& layout, const ReadOptions& options) {
  return layout.is_chunked() ? read_stored_chunks(layout, options)
                             : read_linear_pixels(layout, options);
}

std::unique_ptr<PixelSink> new_tiff_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options) {
  if (!file.layout.is_chunked()) return new_linear_pixels(file, files, options);
  TiffTarget bytes(*files.parts[0]);
  TiffFile header = bytes.read_again();
  TiffChunkPlaces known;
  known.directories = chain_from(header, header.first_directory(), pages_of(file.layout.grid()));
  known.places.resize(static_cast<size_t>(places_of(file.layout)));
  TiffChunkSink::Options chosen = options_of_sink(options);
  chosen.deflate.level = std::get<Chunked>(file.layout.storage).level;
  return new_chunks(std::make_unique<TiffChunkSink>(file.layout, bytes, std::move(known), chosen),
                    file.layout.order, options);
}

std::unique_ptr<PixelChange> change_tiff_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options) {
  if (!file.layout.is_chunked()) return change_linear_pixels(file, change, files, options);
  const ChunksOfFile chunks(file, change, files, options);
  return change_chunks(
      {file.layout, chunks.layout(), read_tiff_pixels(file.layout, options_for_old_chunks(options)),
       [chunks](const std::set<int64_t>&) { return chunks.open(); }},
      options);
}

ChangeForecast forecast_tiff_change(const Layout& layout, const ChangeRequest& request) {
  if (!layout.is_chunked()) return forecast_linear_change(layout, request);
  const std::string& path = layout.parts[0].path;
  TiffFile file(request.files->open(path));
  if (const char* const obstacle = find_tiff_use(file, read_tiff_pages(file)).obstacle) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": cannot be changed: ", obstacle,
         "; copy the image to another file");
  }
  ChangeForecast forecast = forecast_chunk_change(layout, request);
  if (!fits_class(file, layout, request)) forecast.method = SWR_METHOD_REWRITE;
  return forecast;
}

}  // namespace swr
