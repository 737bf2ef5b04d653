// A chunked format that exists only in the tests: "x.chunks" is a header of text lines, and each
// chunk is a file of raw pixels beside it, such as "x.c0_2_1", with its position along each axis in
// its name.
#include <algorithm>
#include <functional>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "chunks/chunk_header.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "storage/file.h"
#include "stores/chunked_pixels.h"
#include "stores/chunked_reader.h"

namespace swr {
namespace {

constexpr std::string_view first_line = "swr test chunks\n";

std::string chunk_path(const std::string& header, const Grid& grid, int64_t chunk) {
  const std::string stem = header.substr(0, std::min(header.size(), header.rfind('.')));
  const Index place = grid.place_of(chunk);
  std::string path = stem + ".c";
  for (int axis = 0; axis < grid.dimensions; ++axis)
    path += (axis > 0 ? "_" : "") + std::to_string(place[axis]);
  return path;
}

Layout layout_of(const std::string& path, const Image& image, const Grid& grid) {
  Layout layout = chunks::layout_of(image, grid);
  for (int64_t chunk = 0; chunk < layout.grid().count(); ++chunk) {
    layout.parts.push_back({.path = chunk_path(path, layout.grid(), chunk),
                            .bytes = layout.grid().box(chunk).pixels() * image.pixel.bytes()});
  }
  return layout;
}

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with(first_line);
}

Description read(const std::string& path, OpenFiles& files) {
  std::istringstream in(read_head(*files.open(path), most_header_bytes));
  std::string line;
  std::getline(in, line);
  Description file;
  Grid grid;
  file.image = chunks::read_lines(in, path, grid);
  file.layout = layout_of(path, file.image, grid);
  file.header = std::make_shared<chunks::ChunkSource>();
  return file;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  check_storable(image, request.path);
  const Grid grid = chunks::grid_of(image, request.rewritten);
  NewFile file;
  file.header = std::string(first_line) + chunks::lines_of(image, grid);
  check_header_length(file.header, request.path);
  file.layout = layout_of(request.path, image, grid);
  return file;
}

// The header is written again with the chunks that change, so it always has room.
std::optional<Growth> grow(const std::string&, const Description&, const Image&) {
  return Growth{};
}

class ChunkReader final : public ChunkedReader {
 public:
  explicit ChunkReader(const Layout& layout)
      : ChunkedReader(layout.grid(), layout.order.pixel_bytes()), layout_(layout) {}

  void verify() override {
    for (int64_t chunk = 0; chunk < std::ssize(layout_.parts); ++chunk) open(chunk);
  }

 private:
  std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const override {
    std::vector<std::byte> pixels(static_cast<size_t>(box.pixels() * pixel_bytes()));
    open(chunk).read_at(0, pixels);
    return pixels;
  }

  // The file of a chunk at the end has more slices when the image has grown meanwhile.
  File open(int64_t chunk) const {
    const DataPart& part = layout_.parts[static_cast<size_t>(chunk)];
    File file(part.path, File::Mode::read);
    if (file.size() < part.bytes)
      fail(SWR_ERROR_CORRUPT, part.path, ": has ", file.size(), " bytes; the chunk has ",
           part.bytes);
    return file;
  }

  Layout layout_;
};

std::unique_ptr<PixelReader> reader(const Layout& layout, const ReadOptions&) {
  return std::make_unique<ChunkReader>(layout);
}

// The files of chunks: all of a new image, or those that change.
class ChunkFiles final : public ChunkSink {
 public:
  using Parts = std::vector<File*>;  // nullptr: a chunk that stays as it is

  // `complete` is called at the end.
  ChunkFiles(const Grid& grid, Parts parts, std::function<void()> complete)
      : grid_(grid), parts_(std::move(parts)), complete_(std::move(complete)) {}
  const Grid& grid() const override { return grid_; }
  std::vector<std::byte> encode(int64_t, std::vector<std::byte>&& pixels) const override {
    return pixels;
  }
  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    parts_[static_cast<size_t>(chunk)]->write_at(0, encoded);
  }
  void read(int64_t chunk, std::span<std::byte> pixels) override {
    parts_[static_cast<size_t>(chunk)]->read_at(0, pixels);
  }
  void finish() override { complete_(); }

 private:
  Grid grid_;
  Parts parts_;
  std::function<void()> complete_;
};

PixelForm form(const Layout& layout, const FormOptions& options) {
  return form_of_chunks(layout, ChunkPlace::own_files, options.memory);
}

std::unique_ptr<PixelSink> sink(const NewFile& file, const NewFiles& files,
                                const WriteOptions& options) {
  auto chunks = std::make_unique<ChunkFiles>(
      file.layout.grid(), ChunkFiles::Parts(files.parts.begin(), files.parts.end()), [] {});
  return new_chunks(std::move(chunks), file.layout.order, options);
}

// The files of changed chunks are replaced, and the header with them, which may have another size.
std::unique_ptr<PixelChange> change(const Description& file, const PlannedChange& change,
                                    ChangedFiles& files, const WriteOptions& options) {
  const NewFile& changed = *change.new_file;
  const auto write_header = [&changed, &files] {
    files.create_header().write_at(0, std::as_bytes(std::span(changed.header)));
  };
  const auto open_sink = [=, &changed, &files](const std::set<int64_t>& chunks) {
    ChunkFiles::Parts parts(changed.layout.parts.size());
    for (const int64_t chunk : chunks)
      parts[static_cast<size_t>(chunk)] = &files.create_part(chunk);
    return std::make_unique<ChunkFiles>(changed.layout.grid(), std::move(parts), write_header);
  };
  return change_chunks(
      {file.layout, changed.layout, std::make_unique<ChunkReader>(file.layout), open_sink},
      options);
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
    .most_dimensions = chunks::most_axes,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
    .form = form,
    .reader = reader,
    .sink = sink,
    .change = change,
    .forecast = forecast_chunk_change,
};

}  // namespace swr
