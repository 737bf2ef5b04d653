// Smaller versions of an image: their sizes, and how their pixels are made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/layout.h"
#include "image/region.h"

namespace swr {

enum class PyramidMethod {
  mean,    // of the pixels in the place of the smaller image's one
  nearest  // one of these pixels
};

const char* name_of(PyramidMethod method);
std::optional<PyramidMethod> pyramid_method_by_name(std::string_view name);

// The smaller versions of an image that are stored with it.
struct Pyramid {
  PyramidMethod method = PyramidMethod::mean;
  swr_component component = SWR_COMPONENT_UNKNOWN;
  std::vector<Layout> levels{};  // the largest first
};

// The order of the version from which this level is made, 0 being the largest level: that of the
// image, or of the level before it. Requires: the image has a pyramid.
const LinearOrder& larger_order(const Layout& image, size_t level);

// What an application asks for. Levels are the smaller versions: the image itself is none.
struct PyramidRequest {
  static constexpr int all = -1;  // until the longest axis that is halved has `small` pixels
  static constexpr int most = 30;
  static constexpr int64_t small = 256;
  int levels = 0;
  PyramidMethod method = PyramidMethod::mean;
};

// Of how many pixels along each axis the smaller version has one; nothing if it cannot be such a
// version. Sizes are rounded up or down.
std::optional<Index> factors_between(int dimensions, const Index& larger, const Index& smaller);

// The sizes of the levels. Along each axis of `halved` a level has half as many pixels as the one
// before it, rounded up. SWR_ERROR_UNSUPPORTED, naming `path`, if so many levels are asked for that
// the last ones would be alike.
std::vector<Index> level_sizes(const Region& image, const std::vector<int>& halved, int levels,
                               const std::string& path);

}  // namespace swr
