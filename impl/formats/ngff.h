// OME-NGFF (ngff.openmicroscopy.org, 0.4 and 0.5), also called OME-Zarr: the axes, units and
// positions of an image of several resolutions, in the attributes of a Zarr group.
//
// Axes are in the order of the files: the slowest first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json.h"

namespace swr {

enum class NgffAxisType { space, time, channel, other };

struct NgffAxis {
  std::string name;  // such as "z"
  NgffAxisType type = NgffAxisType::space;
  std::string type_name{};    // of other: as it is written; may be empty
  std::string unit{};         // of UDUNITS-2, such as "millimeter"; may be empty
  std::string orientation{};  // of RFC-4, such as "right-to-left"; may be empty
};

// One resolution. A pixel's centre is at scale * index + translation, in the unit of each axis.
struct NgffLevel {
  std::string path;  // of the array, relative to the group
  std::vector<double> scale{};
  std::vector<double> translation{};
};

struct NgffImage {
  std::string version;  // "0.4" or "0.5"
  std::string name{};
  std::string method{};  // how the coarser levels were made, such as "mean"; may be empty
  std::vector<NgffAxis> axes{};
  std::vector<NgffLevel> levels{};  // the finest first
  int64_t images = 1;               // in the group; this is the first one

  // The number of the axis; -1 if there is none.
  int channel_axis() const;
};

// The attributes of a group: the content of .zattrs, or "attributes" of zarr.json. Nothing if they
// are not those of an image. The transformations of a level and of the whole image are one in
// NgffLevel. SWR_ERROR_CORRUPT; SWR_ERROR_UNSUPPORTED for other versions, for plates and
// collections of images, with the paths of the images that they have.
std::optional<NgffImage> read_ngff(const Json& attributes, const std::string& path);

// "multiscales" of version 0.4, or "ome" of version 0.5 with it, as a member for the attributes.
Json::Member ngff_attribute(const NgffImage& image);

}  // namespace swr
