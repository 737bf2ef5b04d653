// An image file at one moment: what its header says, and where its pixels are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/recovery.h"
#include "engine/watch.h"
#include "formats/format.h"

namespace swr {

class OpenImage {
 public:
  struct Options {
    ReadOptions reading;
    bool outside_allowed = true;  // whether pixels may be outside the header's folder
    std::string dataset{};        // as in OpenFiles
    int level = 0;                // of the image's pyramid, which is opened instead of the image
  };

  // Rolls back interrupted changes of the image, reads the header and opens the pixels. After an
  // error only is_disturbed() and is_slotted() may be called.
  void open(const std::string& path, const Options& options);
  // From now on the pixels of the open files are read with these threads and this memory.
  void read_with(const ReadOptions& options);

  const Format& format() const { return *format_; }
  const Description& file() const { return *file_; }
  const std::shared_ptr<const Description>& shared_file() const { return file_; }
  PixelReader& pixels() const { return *pixels_; }
  // The files of the layout's parts, as they were opened.
  const std::shared_ptr<const std::vector<FileState>>& parts() const { return parts_; }
  bool is_slotted() const { return pixels_ && pixels_->facts().is_slotted; }
  // What was found beside the files and left alone, in sentences.
  const std::vector<std::string>& notes() const { return notes_; }

  // Whether others have changed the files since just before they were opened, or may have changed
  // them: then an error does not prove damage.
  bool is_disturbed() const { return watch_.is_disturbed(); }
  // Whether the header and the pixels were opened as one image, and nothing that was read since
  // comes from the middle of a change. Files whose names other files have got since may still be
  // read: no writer changes them.
  bool is_believable() const;

 private:
  ExistingImage open_watched(const std::string& path, OpenFiles& files, Recovery& found);
  Description find_level(const Description& whole, int level, const std::string& path,
                         const std::shared_ptr<OpenFiles>& files, ReadTrace& trace);
  bool is_header_sound(ReadTrace& trace) const;

  const Format* format_ = nullptr;
  std::shared_ptr<const Description> file_;
  std::shared_ptr<const std::vector<FileState>> parts_;
  ReadOptions reading_;
  std::unique_ptr<PixelReader> pixels_;
  std::vector<std::string> notes_;
  Watch watch_;
  bool is_one_image_ = false;
};

}  // namespace swr
