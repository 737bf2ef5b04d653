#include "image/runs.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {

namespace {

// The runs of a region. All have the same length; an odometer over the axes from `first_outer` up
// gives their positions. The faster axes are covered completely, except the last of them. That one
// leaves a gap, so no two runs touch.
struct RunPlan {
  int first_outer = 0;
  int64_t bytes = 0;
  int64_t begin = 0;  // of the first run, in the linear sequence
  Index step{};       // from one pixel to the next along each axis, in the linear sequence
};

void check_inside(const LinearOrder& order, const Region& region) {
  bool inside = region.dimensions == order.dimensions;
  for (int axis = 0; inside && axis < order.dimensions; ++axis) {
    inside = region.index[axis] >= 0 && region.size[axis] <= order.size[axis] &&
             region.index[axis] <= order.size[axis] - region.size[axis];
  }
  if (!inside)
    fail(SWR_ERROR_REGION, "the region ", region.text(), " is not inside the image ",
         whole(order.dimensions, order.size).text());
}

RunPlan plan_runs(const LinearOrder& order, const Region& region) {
  check_inside(order, region);
  order.bytes();  // if this does not overflow, nothing below does
  RunPlan plan;
  int64_t step = int64_t{order.component_bytes} * order.components;
  plan.bytes = step;
  bool whole_so_far = true;
  for (int axis = 0; axis < order.dimensions; ++axis) {
    plan.step[axis] = step;
    plan.begin += region.index[axis] * step;
    if (whole_so_far) {
      plan.bytes *= region.size[axis];
      plan.first_outer = axis + 1;
      whole_so_far = region.size[axis] == order.size[axis];
    }
    step *= order.size[axis];
  }
  return plan;
}

}  // namespace

int64_t LinearOrder::bytes() const {
  int64_t product = int64_t{component_bytes} * components;
  for (int axis = 0; axis < dimensions; ++axis) product = checked_multiply(product, size[axis]);
  return product;
}

LinearOrder LinearOrder::unfolded() const {
  LinearOrder order = *this;
  const auto at = order.size.begin() + component_axis;
  std::copy_backward(at, order.size.begin() + dimensions, order.size.begin() + dimensions + 1);
  *at = components;
  ++order.dimensions;
  order.components = 1;
  order.component_axis = 0;
  order.planes.clear();
  return order;
}

Region LinearOrder::unfolded(const Region& region, int first, int count) const {
  Region out = region;
  const auto insert = [&](Index& list, int64_t value) {
    const auto at = list.begin() + component_axis;
    std::copy_backward(at, list.begin() + dimensions, list.begin() + dimensions + 1);
    *at = value;
  };
  insert(out.index, first);
  insert(out.size, count);
  ++out.dimensions;
  return out;
}

void for_each_run(const LinearOrder& order, const Region& region,
                  const std::function<void(const Run&)>& visit) {
  if (!order.interleaved())
    fail(SWR_ERROR_INTERNAL, "runs of an image whose components are an axis, ", order.components,
         " of them, were requested");
  if (region.empty()) return;
  const RunPlan plan = plan_runs(order, region);
  Run run{plan.begin, 0, plan.bytes};
  Index at{};
  for (;;) {
    visit(run);
    run.packed += plan.bytes;
    int axis = plan.first_outer;
    for (; axis < order.dimensions; ++axis) {
      run.linear += plan.step[axis];
      if (++at[axis] < region.size[axis]) break;
      run.linear -= plan.step[axis] * region.size[axis];
      at[axis] = 0;
    }
    if (axis == order.dimensions) return;
  }
}

int64_t contiguous_begin(const LinearOrder& order, const Region& region) {
  if (!order.interleaved() || region.empty()) return -1;
  const RunPlan plan = plan_runs(order, region);
  for (int axis = plan.first_outer; axis < order.dimensions; ++axis) {
    if (region.size[axis] != 1) return -1;
  }
  return plan.begin;
}

}  // namespace swr
