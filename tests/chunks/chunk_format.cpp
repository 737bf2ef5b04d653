// A chunked format that lives in the tests alone: "x.chunks" is a header of text lines, and each chunk
// is a file of raw pixels beside it, such as "x.c0_2_1", with its place along each axis in its name.
#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "image/copy.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr std::string_view first_line = "swr test chunks\n";
constexpr int most_axes = 7;

struct ChunkSource final : SourceHeader {
  std::vector<std::string> own_fields() const override { return {}; }
};

std::string chunk_path(const std::string& header, const Grid& grid, int64_t chunk) {
  const std::string stem = header.substr(0, std::min(header.size(), header.rfind('.')));
  const Index place = grid.place_of(chunk);
  std::string path = stem + ".c";
  for (int axis = 0; axis < grid.dimensions; ++axis)
    path += (axis > 0 ? "_" : "") + std::to_string(place[axis]);
  return path;
}

// Few chunks of a small image, so that each has its borders inside a test's regions, and not too many
// of a large one.
Grid new_grid(const Image& image) {
  constexpr int64_t least[] = {8, 4, 3, 2, 1, 1, 1}, most_along[] = {3, 2, 2, 2, 2, 2, 2};
  Grid grid{image.dimensions(), image.region.size, {}};
  for (int axis = 0; axis < grid.dimensions; ++axis)
    grid.chunk[axis] =
        std::max(least[axis], (grid.size[axis] + most_along[axis] - 1) / most_along[axis]);
  return grid;
}

Layout layout_of(const std::string& path, const Image& image, Grid grid) {
  Layout layout;
  grid.size = image.region.size;
  layout.order = {image.dimensions(), image.region.size, swr_component_bytes(image.pixel.component),
                  image.pixel.components};
  layout.storage = Chunked{grid};
  for (int64_t chunk = 0; chunk < grid.count(); ++chunk) {
    layout.parts.push_back({.path = chunk_path(path, grid, chunk),
                            .bytes = grid.box(chunk).pixels() * image.pixel.bytes()});
  }
  return layout;
}

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

std::string header_of(const Image& image, const Grid& grid) {
  std::ostringstream out;
  out.exceptions(std::ios::badbit);  // what an allocation throws comes through
  out.precision(17);
  const int n = image.dimensions();
  const int64_t type[] = {n, image.pixel.component, image.pixel.components, image.pixel.kind};
  out << first_line;
  put(out, "type", type, 4);
  put(out, "size", image.region.size, n);
  put(out, "index", image.region.index, n);
  put(out, "chunk", grid.chunk, n);
  put(out, "spacing", image.spacing, n);
  put(out, "origin", image.origin, n);
  put(out, "direction", image.direction, n * n);
  const std::vector<int> units(image.units.begin(), image.units.begin() + n);
  put(out, "units", units, n);
  out << "metadata " << image.metadata.size() << '\n';
  for (const auto& [key, value] : image.metadata)
    out << key.size() << ' ' << value.size() << ' ' << key << value << '\n';
  return out.str();
}

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with(first_line);
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

Description read(const std::string& path) {
  std::istringstream in(read_head(path, most_header_bytes));
  in.exceptions(std::ios::badbit);
  std::string line;
  std::getline(in, line);
  int64_t type[4] = {};
  get(in, "type", type, 4);
  if (!in || type[0] < 1 || type[0] > most_axes)
    fail(SWR_ERROR_CORRUPT, path, ": the header is damaged");
  Description file;
  Image& image = file.image;
  const int n = image.region.dimensions = static_cast<int>(type[0]);
  image.pixel = {static_cast<swr_component>(type[1]), static_cast<int>(type[2]),
                 static_cast<swr_kind>(type[3])};
  image.set_default_geometry();
  Grid grid{n, {}, {}};
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
  read_metadata(in, image);
  const auto positive = [](int64_t number) { return number > 0; };
  if (!in || !std::all_of(grid.chunk.begin(), grid.chunk.begin() + n, positive) ||
      image.region.empty())
    fail(SWR_ERROR_CORRUPT, path, ": the header is damaged");
  check_pixel_type(image.pixel);
  file.layout = layout_of(path, image, grid);
  file.header = std::make_shared<ChunkSource>();
  return file;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  check_writable(image, request.path);
  const bool keeps = request.rewritten && request.rewritten->is_chunked();
  NewFile file;
  Grid grid = new_grid(image);
  if (keeps) grid.chunk = request.rewritten->grid().chunk;
  file.header = header_of(image, grid);
  file.layout = layout_of(request.path, image, grid);
  return file;
}

// The header is written again with the chunks that change, so it always has room.
std::optional<Growth> grow(const std::string&, const Description&, const Image&) {
  return Growth{};
}

class ChunkReader final : public PixelReader {
 public:
  explicit ChunkReader(const Layout& layout)
      : layout_(layout),
        pixel_bytes_(int64_t{layout.order.component_bytes} * layout.order.components) {}

  void read(const Region& region, std::span<std::byte> out) override {
    for (const int64_t chunk : layout_.grid().chunks_of(region)) {
      const Region box = layout_.grid().box(chunk), part = box.intersection(region);
      std::vector<std::byte> pixels(static_cast<size_t>(box.pixels() * pixel_bytes_));
      open(chunk).read_at(0, pixels);
      copy_region(part, pixel_bytes_, pixels.data(), box, out.data(), region);
    }
  }
  bool notices_changes() const override { return false; }
  void verify() override {
    for (int64_t chunk = 0; chunk < std::ssize(layout_.parts); ++chunk) open(chunk);
  }

 private:
  File open(int64_t chunk) const {
    const DataPart& part = layout_.parts[static_cast<size_t>(chunk)];
    File file(part.path, File::Mode::read);
    if (file.size() != part.bytes)
      fail(SWR_ERROR_CORRUPT, part.path, ": has ", file.size(), " bytes; the chunk has ",
           part.bytes);
    return file;
  }

  Layout layout_;
  int64_t pixel_bytes_;
};

std::unique_ptr<PixelReader> reader(const Layout& layout, const ReadOptions&) {
  return std::make_unique<ChunkReader>(layout);
}

class ChunkSink final : public PixelSink {
 public:
  ChunkSink(const Grid& grid, std::span<File* const> parts)
      : grid_(grid), parts_(parts.begin(), parts.end()) {}
  const Grid& grid() const override { return grid_; }
  std::vector<std::byte> encode(int64_t, std::vector<std::byte> pixels) const override {
    return pixels;
  }
  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    parts_[static_cast<size_t>(chunk)]->write_at(0, encoded);
  }
  void read(int64_t chunk, std::span<std::byte> pixels) override {
    parts_[static_cast<size_t>(chunk)]->read_at(0, pixels);
  }
  void finish() override {}

 private:
  Grid grid_;
  std::vector<File*> parts_;
};

std::unique_ptr<PixelSink> sink(const NewFile& file, std::span<File* const> parts) {
  return std::make_unique<ChunkSink>(file.layout.grid(), parts);
}

constexpr Suffix suffixes[] = {{".chunks", Compression::never}};

}  // namespace

extern const Format chunks_format;
const Format chunks_format = {
    .name = "Chunks",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities =
        SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND | holds_everything,
    .least_dimensions = 1,
    .most_dimensions = most_axes,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
    .reader = reader,
    .sink = sink,
};

}  // namespace swr
