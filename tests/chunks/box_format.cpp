// A chunked format for tests only, of one file: "x.boxes" is a header of text lines, then the
// chunks, each compressed by itself, in any order and with gaps, and at the end a table that says
// where each is. A chunk that changes stays in its place if it fits; else it moves to the end.
//
//   | header, padded | chunk | chunk | gap | chunk | ... | table |
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <iomanip>
#include <sstream>

#include "base/checked.h"
#include "base/error.h"
#include "chunks/chunk_header.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "storage/file.h"
#include "stores/chunked_pixels.h"
#include "stores/chunked_reader.h"

namespace swr {
namespace {

constexpr std::string_view first_line = "swr test boxes\n";
constexpr int64_t least_header_bytes = 1024;

struct Entry {
  int64_t offset = 0, bytes = 0;
};
using Table = std::vector<Entry>;

// Streams that pass on what a failed allocation throws.
std::ostringstream text_stream() {
  std::ostringstream out;
  out.exceptions(std::ios::badbit);
  return out;
}

// Of the header, when the table's place is known. The field is of fixed width.
std::string table_line(int64_t offset) {
  std::ostringstream line = text_stream();
  line << first_line << "table " << std::setw(20) << offset << '\n';
  return line.str();
}

Layout layout_of(const std::string& path, const Image& image, const Grid& grid, int64_t begin) {
  Layout layout = chunks::layout_of(image, grid);
  layout.parts = {{.path = path, .offset = begin, .bytes = image.bytes()}};
  return layout;
}

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with(first_line);
}

int64_t read_table_line(std::istream& in, const std::string& path) {
  in.exceptions(std::ios::badbit);
  std::string line, word;
  std::getline(in, line);
  int64_t offset = 0;
  in >> word >> offset;
  if (!in || word != "table" || offset < 0)
    fail(SWR_ERROR_CORRUPT, path, ": the header is damaged");
  return offset;
}

Description read(const std::string& path, OpenFiles& files) {
  std::istringstream in(read_head(*files.open(path), most_header_bytes));
  read_table_line(in, path);
  Description file;
  Grid grid;
  file.image = chunks::read_lines(in, path, grid);
  int64_t begin = 0;
  std::string word;
  in >> word >> begin;
  if (!in || word != "begin" || begin <= 0)
    fail(SWR_ERROR_CORRUPT, path, ": the header is damaged");
  file.layout = layout_of(path, file.image, grid, begin);
  file.header = std::make_shared<chunks::ChunkSource>();
  file.header_bytes = begin;
  return file;
}

// As long as it is for any place of the chunks.
std::string header_text(const Image& image, const Grid& grid, int64_t begin) {
  std::ostringstream last = text_stream();
  last << "begin " << std::setw(20) << begin << '\n';
  return table_line(0) + chunks::lines_of(image, grid) + last.str();
}

// The chunks of a file that is written again begin where they are, if the header has room there.
NewFile plan(const Image& image, const NewFileRequest& request) {
  check_storable(image, request.path);
  const Layout* const old = request.rewritten;
  const Grid grid = chunks::grid_of(image, old);
  const int64_t needed = std::ssize(header_text(image, grid, 0));
  int64_t begin = old && old->is_chunked() ? old->parts[0].offset : least_header_bytes;
  while (begin < needed) begin *= 2;
  NewFile file;
  file.header = header_text(image, grid, begin);
  check_header_length(file.header, request.path);
  file.header.resize(static_cast<size_t>(begin), '\n');
  file.layout = layout_of(request.path, image, grid, begin);
  return file;
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const int64_t needed = std::ssize(header_text(grown, file.layout.grid(), 0));
  if (needed > file.layout.parts[0].offset) return std::nullopt;
  return Growth{};
}

// Where the bytes of a file are read and written: a new one, or one that changes.
class Place {
 public:
  explicit Place(File& file) : file_(file) {}
  Place(File& file, FileChanges& change, int number)
      : file_(file), change_(&change), number_(number) {}

  void read(int64_t offset, std::span<std::byte> out) const { file_.read_at(offset, out); }
  void write(int64_t offset, std::span<const std::byte> bytes) {
    if (change_) {
      change_->write(number_, offset, bytes);
    } else {
      file_.write_at(offset, bytes);
    }
  }

 private:
  File& file_;
  FileChanges* change_ = nullptr;
  int number_ = 0;
};

[[noreturn]] void fail_damaged(const std::string& path, const char* what) {
  fail(SWR_ERROR_CORRUPT, path, ": ", what, " is damaged");
}

Table read_table(const File& file, const Layout& layout) {
  const std::string& path = layout.parts[0].path;
  std::string head(table_line(0).size(), '\0');
  if (file.size() < std::ssize(head)) fail_damaged(path, "the header");
  file.read_at(0, std::as_writable_bytes(std::span(head)));
  std::istringstream in(head);
  const int64_t offset = read_table_line(in, path);
  Table table(static_cast<size_t>(layout.grid().count()));
  const auto bytes = std::as_writable_bytes(std::span(table));
  if (offset > file.size() - std::ssize(bytes)) fail_damaged(path, "the table");
  file.read_at(offset, bytes);
  for (const Entry& entry : table) {
    if (entry.offset < 0 || entry.bytes < 0 || entry.offset > file.size() - entry.bytes)
      fail_damaged(path, "the table");
  }
  return table;
}

std::vector<std::byte> deflated(std::span<const std::byte> raw) {
  uLongf bytes = compressBound(static_cast<uLong>(raw.size()));
  std::vector<std::byte> out(bytes);
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &bytes,
                reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()),
                1) != Z_OK)
    fail(SWR_ERROR_MEMORY, "no memory for a compressed chunk");
  out.resize(bytes);
  return out;
}

void inflate_into(std::span<std::byte> raw, std::span<const std::byte> stored,
                  const std::string& path) {
  uLongf bytes = static_cast<uLongf>(raw.size());
  const int status =
      uncompress(reinterpret_cast<Bytef*>(raw.data()), &bytes,
                 reinterpret_cast<const Bytef*>(stored.data()), static_cast<uLong>(stored.size()));
  if (status == Z_MEM_ERROR) fail(SWR_ERROR_MEMORY, "no memory to inflate a chunk");
  if (status != Z_OK || bytes != raw.size()) fail_damaged(path, "a chunk");
}

class BoxReader final : public ChunkedReader {
 public:
  explicit BoxReader(const Layout& layout)
      : ChunkedReader(layout.grid(), layout.order.pixel_bytes()),
        layout_(layout),
        file_(layout.parts[0].path, File::Mode::read),
        table_(read_table(file_, layout_)) {}

 private:
  std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const override {
    const Entry entry = table_[static_cast<size_t>(chunk)];
    std::vector<std::byte> stored(static_cast<size_t>(entry.bytes));
    std::vector<std::byte> pixels(static_cast<size_t>(box.pixels() * pixel_bytes()));
    file_.read_at(entry.offset, stored);
    inflate_into(pixels, stored, layout_.parts[0].path);
    return pixels;
  }

  Layout layout_;
  File file_;
  Table table_;
};

std::unique_ptr<PixelReader> reader(const Layout& layout, const ReadOptions&) {
  return std::make_unique<BoxReader>(layout);
}

class BoxSink final : public ChunkSink {
 public:
  // `table` is that of the chunks that are there; `end`, where more bytes go.
  BoxSink(const NewFile& file, Place place, Table table, int64_t end)
      : file_(file), place_(place), table_(std::move(table)), end_(end) {
    table_.resize(static_cast<size_t>(grid().count()));
  }

  const Grid& grid() const override { return file_.layout.grid(); }
  std::vector<std::byte> encode(int64_t, std::vector<std::byte>&& pixels) const override {
    return deflated(pixels);
  }
  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    Entry& entry = table_[static_cast<size_t>(chunk)];
    if (std::ssize(encoded) > entry.bytes) {
      erase(entry.offset, entry.bytes);
      entry.offset = end_;
      end_ = checked_add(end_, std::ssize(encoded));
    } else {
      erase(entry.offset + std::ssize(encoded), entry.bytes - std::ssize(encoded));
    }
    entry.bytes = std::ssize(encoded);
    place_.write(entry.offset, encoded);
  }
  void read(int64_t chunk, std::span<std::byte> pixels) override {
    const Entry& entry = table_[static_cast<size_t>(chunk)];
    std::vector<std::byte> stored(static_cast<size_t>(entry.bytes));
    place_.read(entry.offset, stored);
    inflate_into(pixels, stored, file_.layout.parts[0].path);
  }
  // The table, then the header that says where it is.
  void finish() override {
    place_.write(end_, std::as_bytes(std::span(table_)));
    std::string header = file_.header;
    const std::string line = table_line(end_);
    header.replace(0, line.size(), line);
    place_.write(0, std::as_bytes(std::span(header)));
  }

 private:
  // Old pixels stay nowhere.
  void erase(int64_t offset, int64_t bytes) {
    if (bytes > 0) place_.write(offset, std::vector<std::byte>(static_cast<size_t>(bytes)));
  }

  const NewFile& file_;
  Place place_;
  Table table_;
  int64_t end_;
};

PixelForm form(const Layout& layout, const FormOptions& options) {
  return form_of_chunks(layout, ChunkPlace::one_file, options.memory);
}

std::unique_ptr<PixelSink> sink(const NewFile& file, const NewFiles& files,
                                const WriteOptions& options) {
  auto boxes =
      std::make_unique<BoxSink>(file, Place(*files.parts[0]), Table{}, file.layout.parts[0].offset);
  return new_chunks(std::move(boxes), file.layout.order, options);
}

// New bytes take the place of the old table, which is written again after them.
std::unique_ptr<ChunkSink> open_changed(const Layout& layout, const NewFile& changed,
                                        FileChanges& existing) {
  const int number = existing.add(layout.parts[0].path);
  File& opened = existing.file(number);
  Table table = read_table(opened, layout);
  int64_t end = layout.parts[0].offset;
  for (const Entry& entry : table) end = std::max(end, entry.offset + entry.bytes);
  return std::make_unique<BoxSink>(changed, Place(opened, existing, number), std::move(table), end);
}

std::unique_ptr<PixelChange> change(const Description& file, const PlannedChange& change,
                                    ChangedFiles& files, const WriteOptions& options) {
  const NewFile& changed = *change.new_file;
  const auto open_sink = [&file, &changed, &files](const std::set<int64_t>&) {
    return open_changed(file.layout, changed, files.existing());
  };
  return change_chunks({file.layout, changed.layout,
                        reader(file.layout, options_for_old_chunks(options)), open_sink},
                       options);
}

constexpr Suffix suffixes[] = {{".boxes", Compression::never}};

}  // namespace

extern const Format boxes_format;
const Format boxes_format = {
    .name = "Boxes",
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
