// One write of ITK: the pieces that ITK hands over become an image file of swr.
#pragma once

#include <itkImageIOBase.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "swr/swr.h"

namespace swr_itk {

// The level of compression unless a program sets one: that of ITK for MetaImage and NRRD.
inline constexpr int usual_level = 2;

// What ITK asked for: the image and the region of it that is written, both from index 0.
struct WriteRequest {
  itk::ImageIORegion image;
  itk::ImageIORegion region;

  bool is_paste() const { return region != image; }
};

// Begins with the first piece, when ITK has set everything. ITK says neither which piece is the
// last one nor that it gives up: the write is complete when all pixels of the region are there, and
// destroying it before that leaves the old file as it was. All members throw itk::ExceptionObject.
class Writing {
 public:
  // The image is the one that `io` describes.
  Writing(const itk::ImageIOBase& io, const WriteRequest& request);

  // Stores what a piece has of the request's region; sources may deliver more. Completes the file
  // with the last pixels. Requires: is_complete() is false.
  void put(const itk::ImageIORegion& held, const void* pixels);
  bool is_complete() const { return pixels_left_ == 0; }

  // What swr says about the write so far; each warning once.
  std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }
  // Such as "created, 12 pieces, 3 MiB of buffers".
  std::string summary() const;

 private:
  struct Destroy {
    void operator()(swr_writer* writer) const { swr_writer_destroy(writer); }
    void operator()(swr_reader* reader) const { swr_reader_destroy(reader); }
  };

  void describe(const itk::ImageIOBase& io);
  void look_at_old_file();
  void set_geometry(const itk::ImageIOBase& io);
  void set_compression(const itk::ImageIOBase& io);
  swr_region region_of(const itk::ImageIORegion& region) const;
  void put_part(const swr_region& held, const swr_region& wanted, const char* pixels);
  void check(swr_status status) const;

  WriteRequest request_;
  std::string path_, format_;
  std::unique_ptr<swr_writer, Destroy> writer_;
  std::vector<std::string> warnings_;
  // Of a file that is pasted into: its start index, and how it calls its pixels.
  bool updates_ = false;
  swr_region old_region_ = {};
  int32_t old_components_ = 0;
  swr_kind old_kind_ = SWR_KIND_SCALAR;
  int64_t pixel_bytes_ = 0;
  int64_t pixels_left_ = 0;
};

}  // namespace swr_itk
