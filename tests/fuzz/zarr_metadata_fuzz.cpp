// Any JSON as the metadata of a Zarr array and as the attributes of a group, with an image of both.
#include <string>
#include <string_view>

#include "base/error.h"
#include "formats/zarr_image.h"
#include "scratch.h"

namespace {

using namespace swr;

void check_array(const ZarrArray& array) {
  fuzz::expect(array.dimensions() >= 1 && array.chunk.size() == array.shape.size(),
               "chunks have the axes of the array");
  fuzz::expect(array.chunk_bytes() > 0, "a chunk has bytes");
  for (size_t axis = 0; axis < array.shape.size(); ++axis) {
    fuzz::expect(array.shape[axis] > 0 && array.chunk[axis] > 0, "sizes are positive");
    fuzz::expect(array.file_shape()[axis] % array.chunk[axis] == 0, "chunks divide shards");
  }
  fuzz::expect(array.fill.empty() || std::ssize(array.fill) == array.pixel.bytes(),
               "the fill value is a pixel");
  const std::string text = zarr_array_text(array);
  const ZarrArray again = read_zarr_array(parse_json(text, "printed"), "printed");
  fuzz::expect(zarr_array_text(again) == text, "what is printed is read back");
  fuzz::expect(again.filters().size() == array.filters().size(), "the codecs are the same");
}

void check_image(const ZarrArray& array, const NgffImage* ngff, const Json& attributes) {
  try {
    const Image image = read_zarr_image(array, ngff, 0, attributes, "x.zarr").image;
    const bool is_multiscale = fits_ngff(image);
    draft_zarr_image(image, array.format, is_multiscale, "y.zarr");
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ZarrArray array;
  array.shape = {4, 5, 6};
  array.chunk = {1, 2, 3};
  array.pixel.component = SWR_UINT8;
  try {
    const Json document = parse_json(text, "x.zarr/zarr.json");
    const Json* const inner = document.find("attributes");
    const Json& attributes = inner ? *inner : document;
    check_image(array, nullptr, attributes);
    if (const auto ngff = read_ngff(attributes, "x.zarr")) {
      array.shape.assign(ngff->axes.size(), 3);
      array.chunk = array.shape;
      check_image(array, &*ngff, attributes);
    }
    if (is_zarr_group(document, "x.zarr/zarr.json")) return 0;
    array = read_zarr_array(document, "x.zarr/zarr.json");
  } catch (const Error&) {
    return 0;
  }
  check_array(array);
  check_image(array, nullptr, array.attributes);
  return 0;
}
