// Between Zarr's metadata and an Image: which axis of an array is which axis of the image, and
// where the image is in space. What NGFF does not hold is in the attribute "swr" of the group, or
// of an array without a group:
//   {"version": 1, "index": [0, 100, 200], "direction": [...], "first_pixel": [...],
//    "spacing": [...], "units": ["mm", ...], "kind": "rgb", "scale": [2.0, -1024.0],
//    "placement": {"direction": [9], "spacing": [3], "origin": [3]},
//    "metadata": {"Modality": "MR"}, "pyramid": "mean"}
// Lists have the order of an Image: axis 0, the fastest, first. Positions are in mm, as an Image
// has them; members that say nothing new are left out: NGFF has spacing and position in the unit of
// each axis, and "spacing" and "first_pixel" say what the conversion loses. "channel_axis" is the
// number of an axis of an array without a group.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "formats/json_patch.h"
#include "formats/ngff.h"
#include "formats/zarr_metadata.h"
#include "image/image.h"

namespace swr {

inline constexpr std::string_view zarr_swr_attribute = "swr";
// In it: how swr has made the levels after the first one.
inline constexpr std::string_view zarr_pyramid_attribute = "pyramid";

struct ZarrImage {
  Image image;
  // The axis of the array that has the components of a pixel; -1 if they are not an axis. The other
  // axes are the image's, in reverse order.
  int channel_axis = -1;
};

// The image of an array. `ngff`: what its group says, null for an array without a group; `level`:
// which of its levels the array is. `attributes`: those of the group, or of an array without one.
// SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED.
ZarrImage read_zarr_image(const ZarrArray& array, const NgffImage* ngff, size_t level,
                          const Json& attributes, const std::string& path);
// Attributes besides those of NGFF and swr: they are lost in a file of another format.
std::vector<std::string> zarr_own_attributes(const Json& attributes);

// What the files of a new image say.
struct ZarrDraft {
  ZarrShape shape{};
  std::vector<std::string> axis_names{};
  int channel_axis = -1;
  PixelType pixel{};          // of the array
  bool is_multiscale = true;  // a group with NGFF and the array at "0"; else the array alone
  // Of the group, or of the array alone; an object.
  Json attributes{};
  std::vector<Remark> remarks{};
};

// Whether NGFF can hold the image's axes: 2 or 3 of space, and one of time at most.
bool fits_ngff(const Image& image);
// The axes of space, which are those that smaller levels have fewer pixels along.
std::vector<int> zarr_halved_axes(const Image& image);

// The levels of a new image after the first one.
struct ZarrDraftLevels {
  std::vector<Index> sizes{};
  PyramidMethod method = PyramidMethod::mean;
};
// `format`: 2 (NGFF 0.4) or 3 (0.5). Requires: fits_ngff() for a multiscale. SWR_ERROR_UNSUPPORTED.
ZarrDraft draft_zarr_image(const Image& image, int format, bool is_multiscale,
                           const std::string& path, const ZarrDraftLevels& levels = {});
// The attributes (.zattrs, or zarr.json) of an existing group or array with those of the image;
// nothing else of the text changes. `within`: of zarr.json the key "attributes", of .zattrs
// nothing.
std::string with_zarr_attributes(std::string_view text, const Json& attributes, JsonPlace within);

}  // namespace swr
