// Headers can name any file for their pixels: the same one twice, that of the header itself, or
// another image.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/format.h"
#include "stores/contiguous.h"

namespace swr {

// SWR_ERROR_UNSUPPORTED if bytes of a file would be the pixels of two places of the image, or pixels
// and header: a change of the one would change the other. `file` is raw, its header at `path`.
void refuse_shared_bytes(const std::string& path, const Description& file, OpenFiles& files);

// The data file of the layout that is an image by itself, with a header of its own; nothing if
// there is none. A change of its bytes would damage that image. `header_path` is the layout's own
// header.
struct OtherImage {
  std::string path;
  std::string_view format;
};
std::optional<OtherImage> other_image_in(const std::string& header_path, const Layout& layout,
                                         OpenFiles& files);
// SWR_ERROR_UNSUPPORTED if there is one.
void refuse_other_images(const std::string& header_path, const Layout& layout, OpenFiles& files);

}  // namespace swr
