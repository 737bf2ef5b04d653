#include "selection.h"

#include <algorithm>

#include "arguments.h"
#include "regions.h"

namespace swr::tool {
namespace {

// Sets the bytes of the pixels of `part` that are in the box.
void select_box(const swr_region& box, const swr_region& part, std::vector<uint8_t>& selected) {
  swr_region common = part;
  for (int d = 0; d < part.dimensions; ++d) {
    common.index[d] = std::max(part.index[d], box.index[d]);
    common.size[d] =
        std::min(part.index[d] + part.size[d], box.index[d] + box.size[d]) - common.index[d];
    if (common.size[d] <= 0) return;
  }
  const int64_t rows = pixel_count(common) / common.size[0];
  for (int64_t row = 0; row < rows; ++row) {
    int64_t at = common.index[0] - part.index[0], step = part.size[0], rest = row;
    for (int d = 1; d < part.dimensions; ++d) {
      at += (common.index[d] - part.index[d] + rest % common.size[d]) * step;
      rest /= common.size[d];
      step *= part.size[d];
    }
    std::fill_n(selected.begin() + at, common.size[0], uint8_t{1});
  }
}

}  // namespace

Selection::Selection(const std::string& file, const Facts& facts, std::vector<swr_region> boxes,
                     const std::optional<std::string>& mask, const WriteOptions& options)
    : image_(facts.region), boxes_(std::move(boxes)) {
  for (const swr_region& box : boxes_) {
    expect_dimensions("--region", box.dimensions, image_.dimensions);
    if (contains(image_, box)) continue;
    throw Failure(SWR_ERROR_REGION, file + ": the region " + region_text(box) +
                                        " is not inside the image's, " + region_text(image_));
  }
  if (!mask) return;
  mask_.emplace(*mask, options);
  if (!mask_->fits(image_))
    throw Failure(SWR_ERROR_MISMATCH, "--where: " + mask_->size_text() + "; " + file + " has " +
                                          list_text(image_.size, image_.dimensions, " x "));
}

swr_region Selection::bounds() const {
  if (mask_) return image_;
  swr_region all = boxes_.front();
  for (const swr_region& box : boxes_) all = enclosing(all, box);
  return all;
}

void Selection::apply(const swr_region& part, std::vector<uint8_t>& selected) {
  if (mask_) {
    mask_->apply(part, image_, selected);
  } else {
    std::fill(selected.begin(), selected.end(), uint8_t{0});
  }
  for (const swr_region& box : boxes_) select_box(box, part, selected);
}

void Selection::for_each_part(
    int64_t pixels,
    const std::function<void(const swr_region&, const std::vector<uint8_t>&)>& visit) {
  std::vector<uint8_t> selected;
  const auto visit_part = [&](const swr_region& part) {
    selected.assign(static_cast<size_t>(pixel_count(part)), 1);
    apply(part, selected);
    visit(part, selected);
  };
  if (mask_) return tool::for_each_part(image_, pixels, visit_part);
  for (const swr_region& box : boxes_) tool::for_each_part(box, pixels, visit_part);
}

}  // namespace swr::tool
