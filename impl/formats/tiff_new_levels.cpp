#include "formats/tiff_new_levels.h"

#include <algorithm>
#include <utility>

#include "formats/tiff_new_chunks.h"

namespace swr {

std::vector<NewTiffLevel> new_tiff_levels(const Image& image, const NewFileRequest& request,
                                          const TiffForm& page) {
  std::vector<NewTiffLevel> levels;
  for (const Index& size :
       level_sizes(image.region, {0, 1}, request.pyramid.levels, request.path)) {
    TiffForm form = page;
    form.width = size[0];
    form.height = size[1];
    if (!form.is_tiled) {
      form.chunk_width = form.width;
      form.chunk_height = std::min(form.chunk_height, form.height);
    }
    levels.push_back({form, new_tiff_chunks(std::get<Chunked>(request.storage), form)});
  }
  return levels;
}

Layout new_tiff_layout(const Layout& whole, const TiffForm& form, const StoredChunks& chunks,
                       int64_t pages) {
  Layout layout = whole;
  layout.order.size[0] = form.width;
  layout.order.size[1] = form.height;
  Grid& grid = std::get<Chunked>(layout.storage).grid;
  grid = {layout.order.dimensions, layout.order.size, {}};
  std::fill_n(grid.chunk.begin(), grid.dimensions, 1);
  grid.chunk[0] = form.chunk_width;
  grid.chunk[1] = form.chunk_height;
  layout.parts[0].offset = 0;
  StoredChunks stored = chunks;
  stored.chunks.resize(static_cast<size_t>(form.chunks() * pages));
  layout.stored_chunks = std::make_shared<const StoredChunks>(std::move(stored));
  return layout;
}

std::shared_ptr<const Pyramid> new_tiff_pyramid(const std::vector<NewTiffLevel>& levels,
                                                const Image& image, PyramidMethod method,
                                                const Layout& layout, int64_t pages) {
  if (levels.empty()) return nullptr;
  auto pyramid = std::make_shared<Pyramid>();
  pyramid->method = method;
  pyramid->component = image.pixel.component;
  for (const NewTiffLevel& level : levels)
    pyramid->levels.push_back(new_tiff_layout(layout, level.form, level.chunks, pages));
  return pyramid;
}

}  // namespace swr
