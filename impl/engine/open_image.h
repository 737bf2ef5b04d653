// An image file as one look at it found it: what its header says, and where its pixels are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/watch.h"
#include "formats/format.h"

namespace swr {

class OpenImage {
 public:
  struct Options {
    ReadOptions reading;
    bool outside_allowed = true;  // whether pixels may be outside the header's folder
  };

  // Rolls back what died while it changed the image, reads the header and opens the pixels. After an
  // error only is_disturbed() and is_slotted() may be called.
  void open(const std::string& path, const Options& options);

  const Format& format() const { return *format_; }
  const Description& file() const { return *file_; }
  const std::shared_ptr<const Description>& shared_file() const { return file_; }
  PixelReader& pixels() const { return *pixels_; }
  bool is_slotted() const { return pixels_ && pixels_->facts().is_slotted; }
  // What was found beside the files and left alone.
  const std::vector<std::string>& notes() const { return notes_; }

  // Whether others have changed the files since just before they were opened, or may have: an error
  // is then no proof of damage.
  bool is_disturbed() const { return watch_.is_disturbed(); }
  // Whether the header and the pixels were opened as one image, and what was read of them since does
  // not come from the middle of a change. Files that have lost their names to others since can be
  // read on: nobody changes them.
  bool is_believable() const;

 private:
  const Format* format_ = nullptr;
  std::shared_ptr<const Description> file_;
  std::unique_ptr<PixelReader> pixels_;
  std::vector<std::string> notes_;
  Watch watch_;
  bool is_one_image_ = false;
};

}  // namespace swr
