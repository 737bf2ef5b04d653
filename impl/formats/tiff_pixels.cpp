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
#include "stores/pyramid_reader.h"
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

// With those of the pyramid.
int64_t all_places_of(const Layout& layout) {
  int64_t places = places_of(layout);
  if (!layout.pyramid) return places;
  for (const Layout& level : layout.pyramid->levels) places += places_of(level);
  return places;
}

// The places of the image's chunks in a file that is there; `of`: its pages, or a level of them.
TiffChunkPlaces places_in(const TiffSource& source, const std::vector<TiffPage>& of,
                          const TiffUse& use) {
  TiffChunkPlaces known;
  known.shared_lists = use.shared_lists;
  const TiffPages& pages = source.pages;
  for (const int64_t number : source.used) {
    const TiffPage& page = of[static_cast<size_t>(number)];
    known.directories.push_back(page.directory);
    for (int64_t i = 0; i < pages.form_of(page).chunks(); ++i) {
      const int64_t place = page.first_place + i;
      if (std::ranges::binary_search(use.shared_places, place))
        known.shared.insert(known.shared.end(), std::ssize(known.places));
      known.places.push_back(pages.places[static_cast<size_t>(place)]);
    }
  }
  return known;
}

Holes holes_of(const TiffUse& use) {
  Holes holes;
  for (const TiffPlace& hole : use.holes) holes.add(hole.offset, hole.bytes);
  return holes;
}

// Files grow by pages: the levels have as many.
std::shared_ptr<const Pyramid> grown_levels(const Pyramid& old, const LinearOrder& order) {
  auto grown = std::make_shared<Pyramid>(old);
  for (Layout& level : grown->levels) {
    for (int axis = 2; axis < order.dimensions; ++axis) {
      level.order.size[axis] = order.size[axis];
      std::get<Chunked>(level.storage).grid.size[axis] = order.size[axis];
    }
  }
  return grown;
}

// The grid of the image after the change.
Layout grown_layout(const Layout& old, const LinearOrder& order) {
  Layout grown = old;
  grown.order = order;
  std::get<Chunked>(grown.storage).grid.size = order.size;
  if (old.pyramid) grown.pyramid = grown_levels(*old.pyramid, order);
  return grown;
}

// Where the chunks of a new file go, of its pages or of a level of them.
TiffChunkPlaces new_places(const Layout& layout, std::vector<int64_t> directories) {
  TiffChunkPlaces known;
  known.directories = std::move(directories);
  known.places.resize(static_cast<size_t>(places_of(layout)));
  return known;
}

// The directories of the level's pages.
std::vector<int64_t> directories_of_level(TiffFile& file, const std::vector<int64_t>& pages,
                                          size_t level) {
  std::vector<int64_t> directories;
  directories.reserve(pages.size());
  for (const int64_t page : pages) {
    const TiffDirectory directory = file.directory(page, std::ssize(directories));
    directories.push_back(file.whole(*directory.find(tiff_tag::sub_directories), level));
  }
  return directories;
}

class ChunksOfFile {
 public:
  ChunksOfFile(const Description& file, const PlannedChange& change, ChangedFiles& files,
               const WriteOptions& options)
      : file_(file),
        trailer_(change.trailer),
        files_(files),
        deflate_(options.deflate),
        erases_(options.erases),
        layout_(std::make_shared<const Layout>(grown_layout(file.layout, change.order))) {}

  const Layout& layout() const { return *layout_; }

  // Nothing was written before.
  std::unique_ptr<ChunkSink> open() {
    const TiffSource& source = this->source();
    FileChanges& changes = files_.existing();
    const int number = changes.add(file_.layout.parts[0].path);
    TiffTarget bytes(changes, number);
    TiffFile before = bytes.read_again();
    use_ = find_tiff_use(before, source.pages);
    TiffChunkPlaces known = places_in(source, source.pages.pages, use_);
    if (use_.order_remark)
      bytes.write(*use_.order_remark, std::as_bytes(std::span(tiff_order_lost)));
    if (!trailer_.empty()) add_pages(bytes, known);
    room_ = std::make_shared<TiffRoom>(bytes, holes_of(use_), erases_);
    return sink(*layout_, std::move(known));
  }

  // Requires: open() was called.
  std::vector<std::unique_ptr<ChunkSink>> open_levels() const {
    std::vector<std::unique_ptr<ChunkSink>> sinks;
    TiffFile file = room_->bytes().read_again();
    for (size_t level = 0; level < layout_->pyramid->levels.size(); ++level) {
      const Layout& layout = layout_->pyramid->levels[level];
      TiffChunkPlaces known = places_in(source(), source().pages.levels[level], use_);
      add_places(layout, directories_of_level(file, added_, level), known);
      sinks.push_back(sink(layout, std::move(known)));
    }
    return sinks;
  }

 private:
  const Description& file_;
  const std::string& trailer_;  // Growth::trailer
  ChangedFiles& files_;
  const DeflateOptions deflate_;
  const bool erases_;
  const std::shared_ptr<const Layout> layout_;  // outlives the sinks
  TiffUse use_;
  std::shared_ptr<TiffRoom> room_;
  std::vector<int64_t> added_;  // the directories of pages by which the file grows

  const TiffSource& source() const { return dynamic_cast<const TiffSource&>(*file_.header); }

  std::unique_ptr<ChunkSink> sink(const Layout& layout, TiffChunkPlaces known) const {
    return std::make_unique<TiffChunkSink>(layout, room_, std::move(known), deflate_);
  }

  // Their chunks have no places yet.
  void add_pages(TiffTarget& bytes, TiffChunkPlaces& known) {
    const int64_t end = bytes.file().size();
    bytes.write(end, std::as_bytes(std::span(trailer_)));
    TiffFile file = bytes.read_again();
    const int64_t pages = pages_of(layout_->grid()) - std::ssize(known.directories);
    added_ = chain_from(file, round_up(end, tiff_alignment(file.numbers())), pages);
    add_places(*layout_, added_, known);
  }

  static void add_places(const Layout& layout, const std::vector<int64_t>& directories,
                         TiffChunkPlaces& known) {
    known.directories.insert(known.directories.end(), directories.begin(), directories.end());
    known.places.resize(static_cast<size_t>(places_of(layout)));
  }
};

// Whether all that changes fits below 4 GiB, be it as long as it can be.
bool fits_class(const TiffFile& file, const TiffUse& use, const Layout& layout,
                const ChangeRequest& request) {
  if (file.numbers().big) return true;
  constexpr int64_t spare = int64_t{1} << 20, spare_of_page = 4096;
  Layout changed = grown_layout(layout, request.order);
  const ChunkEncoding encoding(layout.stored_chunks->filters, layout.big_endian, request.deflate);
  const int64_t longest = encoding.longest(pixel_bytes_of_chunk(layout)) + 1;
  const int64_t chunks = std::ssize(changed.grid().chunks_of(request.region)) +
                         changed.grid().count() - layout.grid().count();
  const int64_t pages = pages_of(changed.grid()) - pages_of(layout.grid());
  const int64_t kept_lists = use.shared_lists.empty() ? all_places_of(layout) : 0;
  const int64_t lists = 8 * (all_places_of(changed) - kept_lists);
  const int64_t versions = 1 + (layout.pyramid ? std::ssize(layout.pyramid->levels) : 0);
  const auto more = try_multiply(longest, checked_multiply(chunks, versions));
  return more && *more <= most_classic_tiff_bytes &&
         file.size() + *more + lists + pages * versions * spare_of_page + spare <=
             most_classic_tiff_bytes;
}

}  // namespace

PixelForm form_of_tiff_pixels(const Layout& layout, const FormOptions& options) {
  if (!layout.is_chunked()) return form_of_linear_pixels(layout, options);
  const StoredChunks& stored = *layout.stored_chunks;
  PixelForm form = form_of_chunks(layout, ChunkPlace::one_file, options.memory);
  form.encoding = stored.encoding;
  form.read_only = stored.read_only;
  form.owns_files = form.may_be_rewritten = false;
  form.index_bytes = 2 * all_places_of(layout) * static_cast<int64_t>(sizeof(TiffPlace));
  const int64_t chunk = pixel_bytes_of_chunk(layout),
                padded = stored.has_whole_edges ? 2 * chunk : 0;
  form.encoder_bytes = ChunkEncoding::encoder_bytes(stored.filters, options.level, chunk) + padded;
  return form;
}

std::unique_ptr<PixelReader> read_tiff_pixels(const Layout& layout, const ReadOptions& options) {
  return layout.is_chunked() ? read_with_levels(layout, options, read_stored_chunks)
                             : read_linear_pixels(layout, options);
}

std::unique_ptr<PixelSink> new_tiff_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options) {
  if (!file.layout.is_chunked()) return new_linear_pixels(file, files, options);
  const Layout& layout = file.layout;
  TiffTarget bytes(*files.parts[0]);
  TiffFile header = bytes.read_again();
  const auto pages = chain_from(header, header.first_directory(), pages_of(layout.grid()));
  DeflateOptions deflate = options.deflate;
  deflate.level = std::get<Chunked>(layout.storage).level;
  const auto room = std::make_shared<TiffRoom>(bytes, Holes(), options.erases);
  const auto sink_of = [&](const Layout& of, std::vector<int64_t> directories) {
    return std::make_unique<TiffChunkSink>(of, room, new_places(of, std::move(directories)),
                                           deflate);
  };
  if (!layout.pyramid) return new_chunks(sink_of(layout, pages), layout.order, options);
  std::vector<std::unique_ptr<ChunkSink>> levels;
  for (size_t level = 0; level < layout.pyramid->levels.size(); ++level) {
    levels.push_back(
        sink_of(layout.pyramid->levels[level], directories_of_level(header, pages, level)));
  }
  return new_pyramid(sink_of(layout, pages), std::move(levels), layout, options);
}

std::unique_ptr<PixelChange> change_tiff_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options) {
  if (!file.layout.is_chunked()) return change_linear_pixels(file, change, files, options);
  const auto chunks = std::make_shared<ChunksOfFile>(file, change, files, options);
  return change_chunks(
      {.old = file.layout,
       .changed = chunks->layout(),
       .old_pixels = read_tiff_pixels(file.layout, options_for_old_chunks(options)),
       .open_sink = [chunks](const std::set<int64_t>&) { return chunks->open(); },
       .open_levels = [chunks] { return chunks->open_levels(); }},
      options);
}

ChangeForecast forecast_tiff_change(const Layout& layout, const ChangeRequest& request) {
  if (!layout.is_chunked()) return forecast_linear_change(layout, request);
  const std::string& path = layout.parts[0].path;
  TiffFile file(request.files->open(path));
  const TiffUse use = find_tiff_use(file, read_tiff_pages(file));
  if (use.obstacle) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": cannot be changed: ", use.obstacle,
         "; copy the image to another file");
  }
  ChangeForecast forecast = forecast_chunk_change(layout, request);
  if (!fits_class(file, use, layout, request)) forecast.method = SWR_METHOD_REWRITE;
  return forecast;
}

}  // namespace swr
