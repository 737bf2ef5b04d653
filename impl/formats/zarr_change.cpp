#include "formats/zarr_change.h"

#include <utility>

#include "base/error.h"
#include "formats/zarr_changed_shards.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_pixels.h"
#include "formats/zarr_sink.h"
#include "storage/file.h"
#include "stores/chunked_pixels.h"

namespace swr {
namespace {

Layout changed_layout(const Layout& old, const LinearOrder& order) {
  Layout layout = old;
  layout.order = order;
  std::get<Chunked>(layout.storage).grid.size = order.size;
  auto storage = std::make_shared<ZarrStorage>(zarr_storage(old));
  ZarrArray& array = storage->array;
  for_each_image_axis(array.dimensions(), storage->channel_axis,
                      [&](size_t of_array, int axis) { array.shape[of_array] = order.size[axis]; });
  layout.own = std::move(storage);
  return layout;
}

// The old header, in which nothing but the shape changes.
std::string grown_header(const Layout& layout, OpenFiles* files) {
  const auto file = open_to_read(files, layout.parts.at(0).path);
  return with_zarr_shape(read_head(*file, file->size()), zarr_storage(layout).array.shape);
}

class ZarrChange final : public PixelChange {
 public:
  ZarrChange(const Description& file, const PlannedChange& change, ChangedFiles& files,
             const WriteOptions& options)
      : layout_(changed_layout(file.layout, change.order)),
        grows_(change.order.size != file.layout.order.size),
        files_(files),
        options_(options),
        pixels_(change_chunks(
            {file.layout, layout_, read_zarr_pixels(file.layout, options_for_old_chunks(options)),
             [this](const std::set<int64_t>& chunks) { return open_sink(chunks); },
             [this] { folder_->take_turn(); }},
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
  std::unique_ptr<ChunkSink> open_sink(const std::set<int64_t>& changed) {
    const std::string& header = layout_.parts.at(0).path;
    const ZarrStorage& storage = zarr_storage(layout_);
    folder_ = &files_.change_folder(storage.root(), storage.folder, header);
    const auto make_files = [&](const ZarrChunks& chunks) -> std::unique_ptr<ZarrChunkFiles> {
      if (!storage.array.shards) return single_zarr_files(folder_->files(), "");
      return std::make_unique<ZarrChangedShards>(chunks, *folder_, "", changed, options_);
    };
    return zarr_chunk_sink(layout_, make_files, options_, [this, &header] {
      if (!grows_) return;
      const std::string text = grown_header(layout_, options_.files.get());
      folder_->files().put(name_of(header), std::as_bytes(std::span(text)));
    });
  }

  const Layout layout_;
  const bool grows_;
  ChangedFiles& files_;
  FolderChange* folder_ = nullptr;  // once all new pixels are known
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
  const bool has_attributes =
      old.array.attributes.is_object() && !old.array.attributes.object()->empty();
  if (has_attributes || file_exists(text(old.folder, '/', zarr_attributes_name)))
    refuse(text("the attributes of ", old.folder));
  for (const std::string& name : names_in(old.group)) {
    const std::string place = text(old.group, '/', name);
    const bool is_array = place == old.folder && name == zarr_level_name;
    if (!is_array && is_folder(place)) refuse(place);
  }
}

std::optional<Growth> grow_zarr(const std::string& path, const Description& file, const Image&) {
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
