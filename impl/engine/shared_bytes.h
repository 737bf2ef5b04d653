// Refuses data files whose bytes have a second use. A header can name any file as its data file:
// the same one twice, the header's own file, or another image.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/format.h"
#include "stores/contiguous.h"

namespace swr {

// SWR_ERROR_UNSUPPORTED if bytes of a file belong to two places of the image, or to pixels and
// header: changing one would change the other. `file` is raw, its header is at `path`.
void refuse_shared_bytes(const std::string& path, const Description& file, OpenFiles& files);

// Returns a data file of the layout that is an image by itself, with a header of its own; nothing
// if there is none. Changing its bytes would damage that image. `header_path` is the layout's own
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
