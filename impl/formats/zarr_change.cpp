#include "formats/zarr_change.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/zarr_changed_shards.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_levels.h"
#include "formats/zarr_pixels.h"
#include "formats/zarr_sink.h"
#include "storage/file.h"
#include "stores/chunked_pixels.h"

namespace swr {
namespace {

Layout changed_layout(const Layout& old, const Index& size) {
  Layout layout = resized_zarr_layout(old, size);
  if (old.pyramid) layout.pyramid = grown_zarr_levels(old, size);
  return layout;
}

const std::string& header_of(const Layout& array) {
  return array.parts.at(0).path;
}

// The headers and chunks of an image with levels are in several folders of its group.
FolderPlaces places_of(const Description& file) {
  const Layout& layout = file.layout;
  const ZarrStorage& storage = zarr_storage(layout);
  FolderPlaces places{.folder = storage.folder,
                      .header = header_of(layout),
                      .outer_journal = file.journal_path,
                      .image = storage.root()};
  if (!layout.pyramid) return places;
  places.folder = storage.group;
  places.journal = file.journal_path;
  for (const Layout& level : layout.pyramid->levels)
    places.further_headers.push_back(header_of(level));
  return places;
}

// The old header, in which nothing but the shape changes.
std::string grown_header(const Layout& layout, OpenFiles* files) {
  const auto file = open_to_read(files, header_of(layout));
  return with_zarr_shape(read_head(*file, file->size()), zarr_storage(layout).array.shape);
}

class ZarrChange final : public PixelChange {
 public:
  ZarrChange(const Description& file, const PlannedChange& change, ChangedFiles& files,
             const WriteOptions& options)
      : old_(file),
        layout_(changed_layout(file.layout, change.order.size)),
        grows_(change.order.size != file.layout.order.size),
        files_(files),
        options_(options),
        pixels_(change_chunks(
            {file.layout, layout_, read_zarr_pixels(file.layout, options_for_old_chunks(options)),
             [this](const std::set<int64_t>& chunks) { return open_image(chunks); },
             [this] { folder_->take_turn(); }, [this] { return open_levels(); }},
            options)) {}

  void write(const Region& region, const std::byte* pixels) override {
    pixels_->write(region, pixels);
  }
  void write_selected(const Region& region, const std::byte* pixels,
                      std::span<const uint8_t> mask) override {
    pixels_->write_selected(region, pixels, mask);
  }
  bool finish(std::span<const Region> written) override { return pixels_->finish(written); }

 private:
  // Chunks of the levels depend on chunks that other writes may change, so that an image with
  // levels has its turn from here on.
  std::unique_ptr<ChunkSink> open_image(const std::set<int64_t>& changed) {
    places_ = places_of(old_);
    folder_ = &files_.change_folder(places_);
    if (layout_.pyramid) folder_->take_turn();
    return open(old_.layout, layout_, changed);
  }

  std::vector<std::unique_ptr<ChunkSink>> open_levels() {
    std::vector<std::unique_ptr<ChunkSink>> sinks;
    for (size_t level = 0; level < layout_.pyramid->levels.size(); ++level)
      sinks.push_back(open(old_.layout.pyramid->levels[level], layout_.pyramid->levels[level], {}));
    return sinks;
  }

  // `chunks`: that will be placed, if they are known.
  std::unique_ptr<ChunkSink> open(const Layout& old, const Layout& changed,
                                  const std::set<int64_t>& chunks) {
    const ZarrStorage& storage = zarr_storage(changed);
    const auto make_files = [&](const ZarrChunks& of) -> std::unique_ptr<ZarrChunkFiles> {
      const std::string place = within(storage.folder);
      if (!storage.array.shards) return single_zarr_files(folder_->files(), place);
      return std::make_unique<ZarrChangedShards>(of, *folder_, place, chunks, options_);
    };
    const auto complete = [this, &changed] {
      if (!grows_) return;
      const std::string text = grown_header(changed, options_.files.get());
      folder_->files().put(header_of(changed).substr(places_.folder.size() + 1),
                           std::as_bytes(std::span(text)));
    };
    OldZarrPixels pixels;
    if (layout_.pyramid) pixels = old_pixels(old);
    return zarr_chunk_sink(changed, make_files, options_, complete, std::move(pixels));
  }

  // The sinks read chunks one by one, and none again soon.
  OldZarrPixels old_pixels(const Layout& array) const {
    Layout alone = array;
    alone.pyramid.reset();
    ReadOptions reading = options_for_old_chunks(options_);
    reading.keeps_chunks = false;
    return {read_zarr_pixels(alone, reading), whole(array.order.dimensions, array.order.size)};
  }

  // The place of an array in the folder that changes.
  std::string within(const std::string& array) const {
    return array == places_.folder ? "" : array.substr(places_.folder.size() + 1) + '/';
  }

  const Description& old_;
  const Layout layout_;
  const bool grows_;
  ChangedFiles& files_;
  FolderPlaces places_;             // once all new pixels are known
  FolderChange* folder_ = nullptr;  // the same
  const WriteOptions options_;
  const std::unique_ptr<PixelChange> pixels_;
};

// Whether the group in the folder has a copy of the metadata of all its arrays.
bool has_copies(const std::string& folder) {
  if (file_exists(text(folder, "/.zmetadata"))) return true;
  const std::string path = text(folder, '/', zarr_node_name);
  const auto file = open_if_there(folder, zarr_node_name);
  if (!file || file->size() > static_cast<int64_t>(most_json_bytes)) return false;
  const Json document = parse_json(read_head(*file, file->size()), path);
  const Json* const copies = document.find("consolidated_metadata");
  return copies && !copies->is_null();
}

bool has_attributes(const ZarrStorage& array) {
  const Json& attributes = array.array.attributes;
  return (attributes.is_object() && !attributes.object()->empty()) ||
         file_exists(text(array.folder, '/', zarr_attributes_name));
}

// The array of the image, and those of its levels.
std::vector<const ZarrStorage*> arrays_of(const Layout& image) {
  std::vector<const ZarrStorage*> arrays{&zarr_storage(image)};
  if (!image.pyramid) return arrays;
  for (const Layout& level : image.pyramid->levels) arrays.push_back(&zarr_storage(level));
  return arrays;
}

bool is_group(const std::string& folder) {
  return file_exists(text(folder, '/', zarr_group_name)) ||
         file_exists(text(folder, '/', zarr_node_name));
}

}  // namespace

std::unique_ptr<PixelChange> change_zarr_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options) {
  return std::make_unique<ZarrChange>(file, change, files, options);
}

void refuse_loss_of_zarr(const ZarrStorage& old, const Description& file, const std::string& path) {
  const auto refuse = [&](const std::string& what) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": for this, the folder ", old.root(),
         " would have to be written again, which would lose ", what,
         "; copy the image to another name");
  };
  const auto attributes = file.header->own_fields();
  if (!attributes.empty()) refuse("the attribute " + attributes.front());
  if (has_copies(old.root())) refuse("the consolidated metadata");
  if (is_group(folder_of(old.root()))) refuse("its place in the group " + folder_of(old.root()));
  if (old.group.empty()) return;
  const std::vector<const ZarrStorage*> arrays = arrays_of(file.layout);
  for (const ZarrStorage* const array : arrays) {
    if (has_attributes(*array)) refuse(text("the attributes of ", array->folder));
  }
  for (const std::string& name : names_in(old.group)) {
    const std::string place = text(old.group, '/', name);
    const auto array = std::ranges::find(arrays, place, &ZarrStorage::folder);
    const bool is_kept = array != arrays.end() && name == std::to_string(array - arrays.begin());
    if (!is_kept && is_folder(place)) refuse(place);
  }
}

std::optional<Growth> grow_zarr(const std::string& path, const Description& file, const Image&) {
  if (!file.left_stale.empty() && !zarr_storage(file.layout).group.empty())
    fail(SWR_ERROR_UNSUPPORTED, path, ": cannot grow: ", file.left_stale);
  constexpr int most_groups = 16;
  std::string folder = folder_of(zarr_storage(file.layout).folder);
  for (int groups = 0; groups < most_groups && is_group(folder); ++groups) {
    if (has_copies(folder)) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": cannot grow: the group ", folder,
           " has a copy of the array's metadata (consolidated metadata), which would no longer be"
           " right; remove it, and consolidate again afterwards");
    }
    std::string outer = folder_of(folder);
    if (outer == folder) break;
    folder = std::move(outer);
  }
  return Growth{};
}

}  // namespace swr
