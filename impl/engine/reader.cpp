#include "engine/reader.h"

#include <atomic>
#include <optional>

#include "base/byte_order.h"
#include "base/counted.h"
#include "base/error.h"
#include "engine/image_rest.h"
#include "engine/recovery.h"

namespace swr {
namespace {

uint64_t next_number() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

// Runs `act`, which reads the file, and repeats it while others are changing the file. `act` must
// reopen the file if is_stale_ is set.
template <typename Act>
void Reader::undisturbed(const std::string& path, const Act& act) {
  for (Patience patience;;) {
    std::optional<Error> trouble;
    try {
      act();
      if (now_.is_believable()) return;
    } catch (const Error& error) {
      if (!may_be_a_change(error) || !now_.is_disturbed()) throw;
      trouble = error;
    }
    is_stale_ = true;
    patience.wait(path, trouble);
  }
}

void Reader::open(const std::string& path) {
  close();
  const std::string fixed = folder_.fix(image_path(path));
  folder_.run([&] {
    try {
      undisturbed(fixed, [&] {
        now_.open(fixed, {options, outside_allowed, dataset, level});
        number_ = next_number();
        is_stale_ = false;
      });
      path_ = fixed;
      file_ = now_.shared_file();
      keep_notes(now_.notes());
      data_file_ = folder_.as_given(file_->layout.parts.at(0).path);
      format_ = &now_.format();
    } catch (...) {
      close();
      throw;
    }
  });
}

void Reader::refresh() {
  file();
  if (is_stale_ || now_.is_disturbed()) {
    is_stale_ = true;
    folder_.run([&] { undisturbed(path_, [&] { look_again(); }); });
  }
  // Another call may have looked again: now_ is then newer, though nothing has changed since.
  file_ = now_.shared_file();
  data_file_ = folder_.as_given(file_->layout.parts.at(0).path);
}

void Reader::keep_notes(const std::vector<std::string>& notes) {
  std::string words;
  for (const std::string& note : notes)
    words += (words.empty() ? "" : "\n") + folder_.as_given(note);
  message_.set(words.c_str(), "");
}

void Reader::close() {
  now_ = {};
  is_stale_ = false;
  format_ = nullptr;
  file_.reset();
}

// Reopens the file if others have changed it. The image may have been extended since; any other
// change is an error. The options may have changed too.
void Reader::look_again() {
  if (!is_stale_) return now_.read_with(options);
  number_ = next_number();
  now_.open(path_, {options, outside_allowed, dataset, level});
  const Image& image = now_.file().image;
  if (&now_.format() != format_ || image.pixel != file_->image.pixel ||
      image.dimensions() != file_->image.dimensions() ||
      !image.region.contains(file_->image.region)) {
    fail(SWR_ERROR_MISMATCH, path_, ": the file was replaced by another image: it has ",
         image.region.text(), " of ", image.pixel.text(), ", and had ", file_->image.region.text(),
         " of ", file_->image.pixel.text(), " when it was opened; open it again");
  }
  is_stale_ = false;
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
  return {format_, path_, file_, dataset};
}

const std::string& Reader::data_file() const {
  file();
  return data_file_;
}

const char* Reader::encoding() const {
  return format().form(file().layout, {}).encoding;
}

Index Reader::chunk_shape() const {
  return format().form(file().layout, {}).stored_chunk;
}

bool Reader::slotted() const {
  file();
  return now_.is_slotted();
}

void Reader::read(const Region& region, void* buffer, int64_t bytes) {
  const Image& image = file().image;
  folder_.run([&] {
    if (!image.region.contains(region)) {
      fail(SWR_ERROR_REGION, path_, ": the region ", region.text(),
           " is not inside the image region ", image.region.text());
    }
    const int64_t needed = region.pixels() * image.pixel.bytes();
    if (bytes != needed)
      fail(SWR_ERROR_ARGUMENT, path_, ": the region ", region.text(), " takes ", needed, " bytes; ",
           bytes, " were given");
    undisturbed(path_, [&] {
      look_again();
      read_pixels(region, {static_cast<std::byte*>(buffer), static_cast<size_t>(bytes)});
    });
  });
}

void Reader::read_pixels(const Region& region, std::span<std::byte> out) {
  const Layout& layout = now_.file().layout;
  now_.pixels().read(region.relative_to(now_.file().image.region.index), out);
  if (layout.big_endian != machine_is_big_endian)
    swap_bytes(out, swr_component_bytes(file_->image.pixel.component));
}

void Reader::verify() {
  file();
  // A file may be larger than its header says. A shorter one fails when it is reopened.
  is_stale_ = true;
  folder_.run([&] {
    undisturbed(path_, [&] {
      look_again();
      now_.pixels().verify();
    });
    std::vector<std::string> notes = notes_of_names(path_, now_.file());
    if (const int64_t after = settled_bytes_after(path_, now_.file(), dataset); after > 0) {
      notes.push_back(
          text(path_, ": the image does not include the ", bytes_text(after), " after the pixels"));
    }
    keep_notes(notes);
  });
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
  folder_.run([&] { piece.watch().approve(number_, source()); });
  void* const buffer = piece.buffer();
  if (buffer) read(region, buffer, piece.bytes());
}

}  // namespace swr
