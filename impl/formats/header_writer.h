// What the writers of new headers begin with: the image, and the header of an existing file of the
// format, which the new one continues.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"
#include "formats/format.h"

namespace swr {

// Source is the format's SourceHeader. The image and the request must outlive the writer.
template <typename Source>
class HeaderWriter {
 protected:
  HeaderWriter(const char* format, const Image& image, const NewFileRequest& request)
      : format_(format),
        image_(image),
        path_(request.path),
        n_(image.dimensions()),
        base_(request.base),
        source_(base_ ? dynamic_cast<const Source*>(base_->header.get()) : nullptr) {}
  ~HeaderWriter() = default;

  const char* const format_;  // its name
  const Image& image_;
  const std::string& path_;
  const int n_;  // dimensions
  const Description* const base_;
  const Source* const source_;  // of the base; null if there is none

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", format_, " cannot hold ", parts...);
  }

  // Refuses more axes, sizes beyond 31 bits and spacings that are not positive.
  void check_axes(int most) const {
    if (n_ < 1 || n_ > most) refuse("an image of ", n_, " dimensions; it has 1 to ", most);
    for (int axis = 0; axis < n_; ++axis) {
      const int64_t size = image_.region.size[axis];
      if (size > std::numeric_limits<int32_t>::max())
        refuse("a size of ", size, " along ", axis_text(axis), "; sizes have 31 bits");
      if (!(image_.spacing[axis] > 0)) refuse("a spacing that is not positive");
    }
  }
};

}  // namespace swr
