#include "chunks/chunk_header.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "formats/header_text.h"

namespace swr::chunks {
namespace {

template <typename Numbers>
void put(std::ostream& out, const char* name, const Numbers& numbers, int count) {
  out << name;
  for (int i = 0; i < count; ++i) out << ' ' << numbers[static_cast<size_t>(i)];
  out << '\n';
}

template <typename Numbers>
void get(std::istream& in, const char* name, Numbers& numbers, int count) {
  std::string word;
  in >> word;
  if (word != name) in.setstate(std::ios::failbit);
  for (int i = 0; i < count; ++i) in >> numbers[static_cast<size_t>(i)];
}

void read_metadata(std::istream& in, Image& image) {
  int64_t entries[1] = {0};
  get(in, "metadata", entries, 1);
  for (int64_t i = 0; in && i < entries[0]; ++i) {
    size_t key = 0, value = 0;
    in >> key >> value;
    in.get();
    if (!in || key > 65536 || value > most_header_bytes) break;
    std::string text(key + value, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    image.set_metadata(text.substr(0, key), text.substr(key));
  }
}

}  // namespace

// Few chunks in a small image, so that regions of tests cross their borders, and not too many in a
// large one.
Grid grid_of(const Image& image, const Layout* rewritten) {
  constexpr int64_t least[] = {8, 4, 3, 2, 1, 1, 1}, most_along[] = {3, 2, 2, 2, 2, 2, 2};
  Grid grid{image.dimensions(), image.region.size, {}};
  for (int axis = 0; axis < grid.dimensions; ++axis)
    grid.chunk[axis] =
        std::max(least[axis], (grid.size[axis] + most_along[axis] - 1) / most_along[axis]);
  if (rewritten && rewritten->is_chunked()) grid.chunk = rewritten->grid().chunk;
  return grid;
}

Layout layout_of(const Image& image, const Grid& grid) {
  Layout layout;
  layout.order = {image.dimensions(), image.region.size, swr_component_bytes(image.pixel.component),
                  image.pixel.components};
  layout.storage = Chunked{{grid.dimensions, image.region.size, grid.chunk}};
  return layout;
}

std::string lines_of(const Image& image, const Grid& grid) {
  std::ostringstream out;
  out.exceptions(std::ios::badbit);  // what an allocation throws comes through
  out.precision(17);
  const int n = image.dimensions();
  const int64_t type[] = {n, image.pixel.component, image.pixel.components, image.pixel.kind};
  put(out, "type", type, 4);
  put(out, "size", image.region.size, n);
  put(out, "index", image.region.index, n);
  put(out, "chunk", grid.chunk, n);
  put(out, "spacing", image.spacing, n);
  put(out, "origin", image.origin, n);
  put(out, "direction", image.direction, n * n);
  const std::vector<int> units(image.units.begin(), image.units.begin() + n);
  put(out, "units", units, n);
  const std::vector<double> scale = {image.scale.stated ? 1.0 : 0.0, image.scale.slope,
                                     image.scale.intercept};
  put(out, "scale", scale, 3);
  out << "metadata " << image.metadata.size() << '\n';
  for (const auto& [key, value] : image.metadata)
    out << key.size() << ' ' << value.size() << ' ' << key << value << '\n';
  return out.str();
}

Image read_lines(std::istream& in, const std::string& path, Grid& grid) {
  in.exceptions(std::ios::badbit);
  int64_t type[4] = {};
  get(in, "type", type, 4);
  if (!in || type[0] < 1 || type[0] > most_axes)
    fail(SWR_ERROR_CORRUPT, path, ": the header is damaged");
  Image image;
  const int n = image.region.dimensions = static_cast<int>(type[0]);
  image.pixel = {static_cast<swr_component>(type[1]), static_cast<int>(type[2]),
                 static_cast<swr_kind>(type[3])};
  image.set_default_geometry();
  grid = {n, {}, {}};
  get(in, "size", image.region.size, n);
  get(in, "index", image.region.index, n);
  get(in, "chunk", grid.chunk, n);
  get(in, "spacing", image.spacing, n);
  get(in, "origin", image.origin, n);
  get(in, "direction", image.direction, n * n);
  std::vector<int> units(static_cast<size_t>(n));
  get(in, "units", units, n);
  for (int axis = 0; axis < n; ++axis)
    image.units[static_cast<size_t>(axis)] =
        static_cast<swr_unit>(units[static_cast<size_t>(axis)]);
  double scale[3] = {};
  get(in, "scale", scale, 3);
  image.scale = {scale[1], scale[2], scale[0] != 0};
  read_metadata(in, image);
  const auto positive = [](int64_t number) { return number > 0; };
  if (!in || !std::all_of(grid.chunk.begin(), grid.chunk.begin() + n, positive) ||
      image.region.empty())
    fail(SWR_ERROR_CORRUPT, path, ": the header is damaged");
  check_pixel_type(image.pixel);
  grid.size = image.region.size;
  return image;
}

}  // namespace swr::chunks
