#include "image/pyramid.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"

namespace swr {
namespace {

constexpr const char* names[] = {"mean", "nearest"};

}  // namespace

const char* name_of(PyramidMethod method) {
  return names[static_cast<size_t>(method)];
}

std::optional<PyramidMethod> pyramid_method_by_name(std::string_view name) {
  for (const PyramidMethod method : {PyramidMethod::mean, PyramidMethod::nearest}) {
    if (name == name_of(method)) return method;
  }
  return std::nullopt;
}

const LinearOrder& larger_order(const Layout& image, size_t level) {
  return level == 0 ? image.order : image.pyramid->levels[level - 1].order;
}

std::optional<Index> factors_between(int dimensions, const Index& larger, const Index& smaller) {
  Index factors{};
  for (int axis = 0; axis < dimensions; ++axis) {
    const int64_t from = larger[axis], to = smaller[axis];
    if (to < 1 || to > from) return std::nullopt;
    const auto fits = [&](int64_t factor) {
      return from / factor == to || divide_up(from, factor) == to;
    };
    const int64_t candidates[] = {1, 2, divide_up(from, to), from / to};
    const auto* const factor = std::ranges::find_if(candidates, fits);
    if (factor == std::end(candidates)) return std::nullopt;
    factors[axis] = *factor;
  }
  return factors;
}

std::vector<Index> level_sizes(const Region& image, const std::vector<int>& halved, int levels,
                               const std::string& path) {
  std::vector<Index> sizes;
  Index size = image.size;
  const auto longest = [&] {
    int64_t most = 1;
    for (const int axis : halved) most = std::max(most, size[axis]);
    return most;
  };
  const auto is_enough = [&] {
    return levels == PyramidRequest::all ? longest() <= PyramidRequest::small
                                         : std::ssize(sizes) == levels;
  };
  while (!is_enough()) {
    if (longest() == 1) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": the option pyramid.levels asks for ", levels,
           " smaller versions; an image of ", image.text(), " has at most ", sizes.size());
    }
    for (const int axis : halved) size[axis] = divide_up(size[axis], 2);
    sizes.push_back(size);
  }
  return sizes;
}

}  // namespace swr
