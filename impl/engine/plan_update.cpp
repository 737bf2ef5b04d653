#include "engine/plan_update.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "engine/erasing.h"
#include "engine/held_image.h"
#include "engine/plan_steps.h"
#include "engine/shared_bytes.h"
#include "image/convert.h"
#include "plan/coverage.h"
#include "storage/file.h"
#include "storage/platform.h"
#include "stores/contiguous.h"
#include "stores/overlay.h"

namespace swr {
namespace {

// What a file of raw pixels holds besides them.
struct OtherBytes {
  int64_t before = 0, after = 0;
};

OtherBytes other_bytes(const WritePlan& plan) {
  const Layout& layout = plan.file->layout;
  const DataPart& part = layout.parts[0];
  const int64_t before = PartMap(layout, plan.open.get()).locate(0, 1).file_offset;
  const int64_t size = plan.open->open(part.path)->size();
  return {before, size - before - part.bytes};
}

// A rewrite makes the data file again from the pixels alone.
void check_rewrite(const WritePlan& plan) {
  const Layout& layout = plan.file->layout;
  if (layout.is_chunked()) return;  // its files are all its format's own
  if (layout.parts.size() > 1) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the pixels lie in ", layout.parts.size(),
         " files, which cannot become one; copy the image to another file");
  }
  const DataPart& part = layout.parts[0];
  if (part.path == plan.path) return;
  bool holds_more = part.offset != 0 || part.lines_to_skip != 0;
  if (layout.is_raw()) {
    const OtherBytes others = other_bytes(plan);
    holds_more = others.before > 0 || others.after > 0;
  }
  if (!holds_more) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the file must be rewritten for this, and ", part.path,
       " holds more than the pixels, which would be lost; copy the image to another file");
}

void check_match(const WritePlan& plan, Image writer, const Settings& settings, bool compare_size) {
  const Image& file = plan.file->image;
  if (settings.conversion != SWR_CONVERSION_NONE) writer.pixel.component = file.pixel.component;
  if (components_convert(writer.pixel.components, file.pixel.components))
    writer.pixel.components = file.pixel.components;
  if (writer.pixel.components == file.pixel.components) writer.pixel.kind = file.pixel.kind;
  const std::string difference = swr::difference(file, writer, compare_size);
  if (!difference.empty()) fail(SWR_ERROR_MISMATCH, plan.path, ": ", difference);
  if (!same_scale(file.scale, writer.scale)) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": real values are ", scale_text(file.scale),
         " in the file and ", scale_text(writer.scale), " in the writer");
  }
}

Region bounding_box(const Region& a, const Region& b) {
  Region box = a;
  for (int axis = 0; axis < a.dimensions; ++axis) {
    box.index[axis] = std::min(a.index[axis], b.index[axis]);
    box.size[axis] =
        std::max(a.index[axis] + a.size[axis], b.index[axis] + b.size[axis]) - box.index[axis];
  }
  return box;
}

// Whether the image only grows at the far end of its slowest axis, so that no pixel of the file
// moves.
bool grows_at_the_end(const Region& file, const Region& grown) {
  const int slowest = file.dimensions - 1;
  for (int axis = 0; axis < file.dimensions; ++axis) {
    if (file.index[axis] != grown.index[axis] ||
        (axis < slowest && file.size[axis] != grown.size[axis]))
      return false;
  }
  return true;
}

class NoValues : public ReadStore {
 public:
  void read(int64_t, std::span<std::byte>) override {}
  void verify() override {}
};

// Whether a compressed stream changes in place, and at what cost.
void forecast_compressed(WritePlan& plan, const Settings& settings) {
  NoValues none;
  LinearOrder order = plan.file->layout.order;
  std::copy_n(plan.image.region.size.begin(), plan.image.dimensions(), order.size.begin());
  OverlayList overlays(order.bytes());
  overlays.add(std::make_unique<FillOverlay>(plan.file->layout.order.bytes(),
                                             plan.stored_fill(plan.file->layout)));
  overlays.add(std::make_unique<BoxOverlay>(order, plan.region.relative_to(plan.image.region.index),
                                            none, BoxOverlay::Values::in_place, false));
  DeflateUpdate update;
  update.overlay = &overlays;
  update.new_bytes = order.bytes();
  update.options = settings.deflate;
  update.resources.files = plan.open;
  const DeflateForecast forecast = forecast_update(plan.file->layout, update);
  // Without a paste region, less than the whole image may come, and be spliced.
  const bool may_be_spliced = forecast.spliced || (!forecast.slotted && !settings.paste_region);
  plan.method = forecast.slotted ? SWR_METHOD_IN_PLACE
                : may_be_spliced ? SWR_METHOD_SPLICE
                                 : SWR_METHOD_REWRITE;
  plan.file_level = forecast.level;
  plan.bytes_read = forecast.bytes_read;
  plan.bytes_written = forecast.bytes_written;
  if (!forecast.slotted && plan.image.region.size != plan.file->image.region.size)
    plan.method = SWR_METHOD_REWRITE;
}

// Pixels that grow over other bytes of a data file, such as those of another image, would destroy
// them.
void refuse_growth_over_others(const WritePlan& plan) {
  const DataPart& part = plan.file->layout.parts[0];
  if (part.path == plan.path) return;
  const int64_t after = other_bytes(plan).after;
  if (after == 0) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot grow: ", part.path, " holds ", after,
       " bytes after the pixels");
}

void choose_method(WritePlan& plan, const Settings& settings, bool grows) {
  const Layout& layout = plan.file->layout;
  const bool stays_compressed = std::holds_alternative<Deflate>(
      choose_storage(*plan.format, settings.path, settings.compression, &layout));
  plan.method = SWR_METHOD_IN_PLACE;
  if (stays_compressed != layout.is_compressed()) plan.method = SWR_METHOD_REWRITE;
  if (plan.format->outdate) plan.patches = plan.format->outdate(*plan.file);
  if (grows) {
    std::optional<Growth> growth;
    if (grows_at_the_end(plan.file->image.region, plan.image.region))
      growth = plan.format->grow(plan.path, *plan.file, plan.image);
    if (growth && layout.is_raw()) refuse_growth_over_others(plan);
    if (growth) {
      plan.patches = growth->patches;
      plan.remarks = growth->remarks;
      plan.trailer = growth->trailer;
    } else {
      plan.method = SWR_METHOD_REWRITE;
    }
  }
  if (!layout.is_compressed() || !stays_compressed) return;
  if (plan.method == SWR_METHOD_IN_PLACE) {
    forecast_compressed(plan, settings);
  } else {
    plan.file_level = DeflateReader::open(layout, {.files = plan.open})->level();
  }
}

// Whole chunks are written, with the old pixels of those that the region covers in part.
void estimate_chunks(WritePlan& plan) {
  const Region whole_image = whole(plan.image.dimensions(), plan.image.region.size);
  const Region old = plan.file->image.region.relative_to(plan.image.region.index);
  const Region region = plan.region.relative_to(plan.image.region.index);
  Coverage kept;
  kept.add(old);
  std::vector<Region> changed = kept.missing(whole_image);
  changed.push_back(region);
  const Grid& grid = plan.new_file->layout.grid();
  std::set<int64_t> chunks;
  for (const Region& box : changed) {
    const std::vector<int64_t> numbers = grid.chunks_of(box);
    chunks.insert(numbers.begin(), numbers.end());
  }
  int64_t read = 0, written = 0;
  for (const int64_t chunk : chunks) {
    const Region box = grid.box(chunk);
    written += box.pixels();
    if (!region.contains(box)) read += box.intersection(old).pixels();
  }
  plan.bytes_read = read * plan.image.pixel.bytes();
  plan.bytes_written = (written - region.pixels()) * plan.image.pixel.bytes();
}

void estimate_cost(WritePlan& plan, const Settings& settings) {
  const int64_t region_bytes = plan.region.pixels() * plan.image.pixel.bytes();
  if (plan.method == SWR_METHOD_IN_PLACE && plan.layout().is_chunked()) estimate_chunks(plan);
  if (plan.method == SWR_METHOD_IN_PLACE && plan.layout().is_raw()) {
    // The journal takes what is overwritten; what the file grows by, besides the region's pixels,
    // becomes the fill value.
    const int64_t old_bytes =
        plan.region.intersection(plan.file->image.region).pixels() * plan.image.pixel.bytes();
    if (settings.rollback) plan.bytes_read = plan.bytes_written = old_bytes;
    plan.bytes_written +=
        plan.image.bytes() - plan.file->image.bytes() - (region_bytes - old_bytes);
  }
  if (plan.method == SWR_METHOD_REWRITE) {
    plan.bytes_read = plan.file->image.bytes();
    plan.bytes_written = plan.image.bytes() - region_bytes;
  }
}

// The detached files that several parts lie in cannot grow, and several compressed streams cannot
// change.
void check_parts(const WritePlan& plan, bool grows) {
  const Layout& layout = plan.file->layout;
  if (!plan.file->read_only.empty())
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot be changed: ", plan.file->read_only);
  if (layout.is_text())
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot be changed: its pixels are written as text");
  if (layout.is_chunked()) return;
  refuse_other_images(plan.path, layout, *plan.open);
  // That each file is there, and long enough.
  if (layout.is_raw()) refuse_shared_bytes(plan.path, *plan.file, *plan.open);
  if (layout.parts.size() == 1) return;
  if (!layout.is_raw())
    fail(SWR_ERROR_UNSUPPORTED, plan.path,
         ": cannot be changed: its pixels lie in several compressed files");
  if (grows)
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot grow: its pixels lie in several files");
}

// Of a file that cannot say where its index space begins, the writer says it. The pixels stay where
// they are in space.
void take_start_index(WritePlan& plan, const Image& writer) {
  Image& file = plan.file->image;
  if ((plan.format->capabilities & SWR_HOLDS_START_INDEX) ||
      file.dimensions() != writer.dimensions())
    return;
  const auto position = file.first_pixel_position();
  file.region.index = writer.region.index;
  // Without an origin in the file, the pixel with index zero is at 0 in both.
  if (plan.format->capabilities & SWR_HOLDS_ORIGIN) file.set_origin_from_first_pixel(position);
}

void check_writable(const WritePlan& plan) {
  plan.open->expect_changeable(plan.path);
  for (const DataPart& part : plan.file->layout.parts) plan.open->expect_changeable(part.path);
}

}  // namespace

void plan_update(WritePlan& plan, const Settings& settings, ExistingImage existing, bool may_grow) {
  plan.format = existing.format;
  if (!settings.format.empty() && find_format(settings.format) != plan.format) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": the format is ", plan.format->name, " in the file and ",
         find_format(settings.format)->name, " in the writer");
  }
  if (!(plan.format->capabilities & SWR_CAN_PASTE))
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": regions of ", plan.format->name,
         " files cannot be changed");
  plan.file = std::move(existing.file);
  if (!plan.file->header_path.empty()) plan.path = plan.file->header_path;
  const Image& file = plan.file->image;
  Image writer = described_image(settings, &file);
  if (settings.drops_geometry) {
    if (!may_grow) {
      take_start_index(plan, writer);
      writer = described_image(settings, &file);  // what it does not say is as in the file
    }
    drop_geometry(writer, *plan.format);
  }
  check_match(plan, writer, settings, !may_grow);
  plan.image = file;
  if (may_grow) plan.image.region = bounding_box(file.region, writer.region);
  const bool grows = !(plan.image.region == file.region);
  if (grows && !(plan.format->capabilities & SWR_CAN_EXTEND))
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": ", plan.format->name, " files cannot grow");
  plan.image.bytes();
  plan_fill(plan, settings);
  plan_region(plan, settings);
  check_parts(plan, grows);
  if (!settings.detached_outside) {
    refuse_data_outside(plan.path, plan.file->layout, *plan.open,
                        "; the option detached.outside allows to change it");
  }
  check_writable(plan);
  choose_method(plan, settings, grows);
  // A compressed stream is rewritten where the change does not fit it, which shows at the end.
  // Chunks that change become new files, with the header, or are written again in their file.
  if (plan.method == SWR_METHOD_REWRITE || plan.file->layout.is_compressed() ||
      plan.file->layout.is_chunked()) {
    check_rewrite(plan);
    plan_new_file(plan, settings);
    const bool may_replace = plan.method == SWR_METHOD_REWRITE || !plan.format->change;
    if (settings.erase && may_replace) refuse_further_names(plan);
  }
  estimate_cost(plan, settings);
}

}  // namespace swr
