#include "engine/reader.h"

#include "base/byte_order.h"
#include "base/error.h"
#include "engine/file_plan.h"
#include "engine/recovery.h"
#include "storage/file.h"
#include "stores/deflate_blocks.h"
#include "stores/region_io.h"

namespace swr {

void Reader::open(const std::string& path) {
  close();
  const std::string fixed = folder_.fix(path);
  folder_.run([&] { open_file(fixed); });
}

void Reader::open_file(const std::string& path) {
  if (!file_exists(path)) fail(SWR_ERROR_NOT_FOUND, path, ": there is no such file");
  // Permission to read outside files is none to change them.
  Recovery found;
  recover_path(path, {}, found);
  require_recovered(found);
  const Format& format = format_of_file(path);
  Description file = format.read(path);
  const int before = found.rolled_back;
  recover_named(path, file, {}, found);
  require_recovered(found);
  if (found.rolled_back != before) file = format.read(path);
  if (!outside_allowed)
    refuse_data_outside(path, file.layout, ", which the option detached.outside refuses");
  file.image.bytes();
  path_ = path;
  keep_notes(found.notes);
  data_file_ = folder_.as_given(file.layout.parts.at(0).path);
  file_ = std::make_shared<const Description>(std::move(file));
  format_ = &format;
  try {
    store();
  } catch (...) {
    close();
    throw;
  }
}

void Reader::keep_notes(const std::vector<std::string>& notes) {
  std::string words;
  for (const std::string& note : notes)
    words += (words.empty() ? "" : "\n") + folder_.as_given(note);
  message_.set(words.c_str(), "");
}

void Reader::close() {
  store_.reset();
  format_ = nullptr;
  file_.reset();
}

const Format& Reader::format() const {
  if (!format_) fail(SWR_ERROR_STATE, "the reader has no open file");
  return *format_;
}

const Description& Reader::file() const {
  format();
  return *file_;
}

Model Reader::model() const {
  file();
  return {format_, path_, file_};
}

const std::string& Reader::data_file() const {
  file();
  return data_file_;
}

const char* Reader::encoding() const {
  if (file().layout.is_text()) return "text";
  if (file_->layout.is_bzip2()) return "bzip2";
  return file_->layout.is_compressed() ? "deflate" : "none";
}

bool Reader::slotted() {
  const auto* deflate = dynamic_cast<const DeflateReader*>(&store());
  return deflate && deflate->slotted();
}

ReadStore& Reader::store() {
  file();
  if (!store_) store_ = open_store(file_->layout, options);
  return *store_;
}

void Reader::read(const Region& region, void* buffer, int64_t bytes) {
  folder_.run([&] { read_pixels(region, buffer, bytes); });
}

void Reader::read_pixels(const Region& region, void* buffer, int64_t bytes) {
  const Image& image = file().image;
  if (!image.region.contains(region)) {
    fail(SWR_ERROR_REGION, path_, ": the region ", region.text(),
         " is not inside the image region ", image.region.text());
  }
  const int64_t needed = region.pixels() * image.pixel.bytes();
  if (bytes != needed)
    fail(SWR_ERROR_ARGUMENT, path_, ": the region ", region.text(), " takes ", needed, " bytes; ",
         bytes, " were given");
  auto* const out = static_cast<std::byte*>(buffer);
  // Decompression works on whole slots in parallel: the larger the span, the more of them.
  const int64_t span =
      file_->layout.is_compressed()
          ? std::clamp<int64_t>(options.memory_limit / 8, int64_t{1} << 16, int64_t{8} << 20)
          : int64_t{1} << 20;
  read_region(store(), file_->layout.order, region.relative_to(image.region.index), out, span);
  if (file_->layout.big_endian != machine_is_big_endian) {
    swap_bytes({out, static_cast<size_t>(bytes)}, swr_component_bytes(image.pixel.component));
  }
}

void Reader::verify() {
  file();
  // A file that is larger than its header says is fine; one that is shorter fails when it is opened
  // again.
  store_.reset();
  folder_.run([&] { store().verify(); });
}

void Reader::pull(Piece& piece) {
  const PixelType& stored = file().image.pixel;
  if (piece.type().component != stored.component || piece.type().components != stored.components) {
    fail(SWR_ERROR_MISMATCH, folder_.as_given(path_), ": the file has ", stored.text(),
         ", and the writer asks for ", piece.type().text());
  }
  const Region& whole = file_->image.region;
  const Region region = piece.region().without_ones(whole.dimensions);
  if (!whole.contains(region)) {
    fail(SWR_ERROR_REGION, folder_.as_given(path_), ": the region ", piece.region().text(),
         " is not inside the image region ", whole.text());
  }
  void* const buffer = piece.buffer();
  if (buffer) read(region, buffer, piece.bytes());
}

}  // namespace swr
