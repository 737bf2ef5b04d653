#include "engine/plan_update.h"

#include <algorithm>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "engine/erasing.h"
#include "engine/held_image.h"
#include "engine/plan_steps.h"
#include "engine/shared_bytes.h"
#include "formats/bytes_before.h"
#include "image/convert_components.h"
#include "storage/file.h"
#include "storage/platform.h"
#include "stores/contiguous.h"
#include "stores/stream_rest.h"

namespace swr {
namespace {

// The number of bytes before the pixels of a raw data file that has no header.
int64_t bytes_before_data(const WritePlan& plan) {
  return PartMap(plan.file->layout, plan.open.get()).locate(0, 1).file_offset;
}

// All bytes after the pixels that are no part of the image.
int64_t bytes_after_pixels(const WritePlan& plan) {
  return bytes_after(plan.path, *plan.file, *plan.open);
}

PixelForm form_of_file(const WritePlan& plan) {
  return plan.format->form(plan.file->layout, {});
}

// A rewrite creates the file from what its format knows of the old one.
void refuse_loss_of_others(const WritePlan& plan) {
  const int64_t before = bytes_before(plan.path, *plan.file, *plan.open);
  const int64_t after = plan.file->other_bytes;
  if (before == 0 && after == 0) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the file must be rewritten for this, and the ",
       bytes_text(before > 0 ? before : after),
       before > 0 ? " between its header and its pixels" : " after its pixels",
       " would be lost; copy the image to another file");
}

bool is_in_one_file(const Layout& layout) {
  return std::ranges::all_of(
      layout.parts, [&](const DataPart& part) { return part.path == layout.parts[0].path; });
}

// A rewrite creates the data file from the pixels alone.
void check_rewrite(const WritePlan& plan) {
  const Layout& layout = plan.file->layout;
  const PixelForm form = form_of_file(plan);
  if (form.owns_files) return;
  if (!is_in_one_file(layout)) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the pixels are in ", layout.parts.size(),
         " files, which cannot become one; copy the image to another file");
  }
  const DataPart& part = layout.parts[0];
  if (part.path == plan.path) return refuse_loss_of_others(plan);
  bool holds_more = passes_over_bytes(layout);
  if (form.has_places) holds_more = bytes_before_data(plan) > 0 || bytes_after_pixels(plan) > 0;
  if (!holds_more) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the file must be rewritten for this, and ", part.path,
       " holds more than the pixels, which would be lost; copy the image to another file");
}

// Bytes of others in a compressed file, which a rewritten one does not have. Only the write itself
// shows whether the stream can change in place, where bytes after it stay.
void check_rest_of_stream(WritePlan& plan) {
  const StreamRest rest = rest_of_stream(plan.file->layout, *plan.open);
  if (rest.in_stream > 0) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the file may have to be rewritten for this, and the ",
         bytes_text(rest.in_stream),
         " after its compressed pixels would be lost; copy the image to ", "another file");
  }
  if (rest.after_stream == 0) return;
  plan.remarks.push_back(
      {text("if the file is rewritten, it loses the ", bytes_text(rest.after_stream),
            " after the end of the compressed pixels, which gzip ignores")});
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

// SWR_ERROR_REGION if it is larger than 2^63 - 1 along an axis.
Region bounding_box(const Region& a, const Region& b) {
  Region box = a;
  for (int axis = 0; axis < a.dimensions; ++axis) {
    box.index[axis] = std::min(a.index[axis], b.index[axis]);
    const int64_t end = std::max(a.index[axis] + a.size[axis], b.index[axis] + b.size[axis]);
    if (subtract_overflows(end, box.index[axis], box.size[axis])) {
      fail(SWR_ERROR_REGION, "the image would reach from ", a.text(), " to ", b.text(),
           ", which is too large along ", axis_text(axis));
    }
  }
  return box;
}

// Whether the image only grows at the far end of its slowest axis, or of any axis. Then no old
// pixel moves, in a sequence or in chunks.
bool grows_at_the_end(const Region& file, const Region& grown, bool of_any_axis) {
  const int slowest = file.dimensions - 1;
  for (int axis = 0; axis < file.dimensions; ++axis) {
    const bool may_grow = of_any_axis || axis == slowest;
    if (file.index[axis] != grown.index[axis] || (!may_grow && file.size[axis] != grown.size[axis]))
      return false;
  }
  return true;
}

// Whether the existing file changes where it is, and at what cost.
ChangeForecast forecast(const WritePlan& plan, const Settings& settings) {
  ChangeRequest request;
  request.order = plan.file->layout.order;
  std::copy_n(plan.image.region.size.begin(), plan.image.dimensions(), request.order.size.begin());
  request.region = plan.region.relative_to(plan.image.region.index);
  request.may_be_less = !settings.paste_region;
  request.keeps_old_bytes = settings.rollback;
  request.fill = plan.stored_fill(plan.file->layout);
  request.deflate = settings.deflate;
  request.files = plan.open;
  return plan.format->forecast(plan.file->layout, request);
}

// Growing pixels would overwrite what follows them in their file, such as another image.
void refuse_growth_over_others(const WritePlan& plan) {
  const DataPart& part = plan.file->layout.parts[0];
  const int64_t after = bytes_after_pixels(plan);
  if (after == 0) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot grow: ", part.path, " holds ", bytes_text(after),
       " after the pixels; copy the image to another file");
}

// What changes if the image grows in its file; nothing if it cannot.
std::optional<Growth> growth_in_place(const WritePlan& plan) {
  const bool along_any_axis = plan.format->grows_along_any_axis;
  if (!grows_at_the_end(plan.file->image.region, plan.image.region, along_any_axis))
    return std::nullopt;
  std::optional<Growth> growth = plan.format->grow(plan.path, *plan.file, plan.image);
  if (!growth || growth->more || !form_of_file(plan).has_places) return growth;
  // The last one of several parts must not grow over the others.
  if (plan.file->layout.parts.size() > 1) return std::nullopt;
  refuse_growth_over_others(plan);
  return growth;
}

// What shows the old pixels would show what is to be erased.
void take_stale_remark(WritePlan& plan, const Settings& settings) {
  const std::string& stale = plan.file->left_stale;
  if (stale.empty()) return;
  if (settings.erase) fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot be erased: ", stale);
  plan.remarks.push_back({stale});
}

void choose_method(WritePlan& plan, const Settings& settings, bool grows) {
  const Layout& layout = plan.file->layout;
  const bool changes_storage =
      swr::changes_storage(*plan.format, settings.path, settings.storage, layout);
  plan.method = changes_storage ? SWR_METHOD_REWRITE : SWR_METHOD_IN_PLACE;
  if (plan.format->outdate) plan.patches = plan.format->outdate(*plan.file);
  if (grows) {
    if (const std::optional<Growth> growth = growth_in_place(plan)) {
      plan.patches = growth->patches;
      plan.remarks = growth->remarks;
      plan.trailer = growth->trailer;
      plan.more = growth->more;
    } else {
      plan.method = SWR_METHOD_REWRITE;
    }
  }
  if (plan.method == SWR_METHOD_IN_PLACE) {
    const ChangeForecast change = forecast(plan, settings);
    plan.method = change.method;
    plan.file_level = change.level;
    plan.bytes_read = change.bytes_read;
    plan.bytes_written = change.bytes_written;
  } else if (!changes_storage) {
    plan.file_level = plan.format->reader(layout, {.files = plan.open})->facts().level;
  }
  if (plan.method != SWR_METHOD_REWRITE) {
    take_stale_remark(plan, settings);
    return;
  }
  plan.bytes_read = plan.file->image.bytes();
  plan.bytes_written = plan.image.bytes() - plan.region.pixels() * plan.image.pixel.bytes();
}

// Refuses files whose pixels cannot change, or not without a change of other bytes.
void check_parts(const WritePlan& plan, bool grows) {
  const Layout& layout = plan.file->layout;
  const PixelForm form = form_of_file(plan);
  const std::string& reason = plan.file->read_only.empty() ? form.read_only : plan.file->read_only;
  if (!reason.empty()) fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot be changed: ", reason);
  if (form.owns_files) return;
  if (form.has_places) {
    check_raw_parts(plan.path, *plan.file, *plan.open);
  } else {
    refuse_other_images(plan.path, layout, *plan.open);
  }
  if (grows && !is_in_one_file(layout))
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot grow: its pixels are in several files");
}

// Of a file that cannot say where its index space begins, the writer says it. The pixels stay where
// they are in space.
void take_start_index(WritePlan& plan, const Settings& settings) {
  Image& file = plan.file->image;
  if ((plan.format->capabilities & SWR_HOLDS_START_INDEX) || !settings.image_region ||
      file.dimensions() != settings.image_region->dimensions)
    return;
  const auto position = file.first_pixel_position();
  file.region.index = settings.image_region->index;
  // Without an origin in the file, the pixel with index zero is at 0 in both.
  if (plan.format->capabilities & SWR_HOLDS_ORIGIN) file.set_origin_from_first_pixel(position);
}

void check_writable(const WritePlan& plan) {
  plan.open->expect_changeable(plan.path);
  for (const DataPart& part : plan.file->layout.parts) plan.open->expect_changeable(part.path);
}

// Of an image that is a folder, files are replaced one by one, and old pixels may have further
// names.
void refuse_erasure_in_folder(const WritePlan& plan, const Settings& settings) {
  if (!settings.erase || !plan.format->refuse_other_folder) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path,
       ": old pixels of an image that is a folder cannot be erased");
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
  if (settings.drops_geometry && !may_grow) take_start_index(plan, settings);
  Image writer = described_image(settings, &file);
  if (settings.drops_geometry) drop_geometry(writer, *plan.format);
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
                        "; to change it, set the option detached.outside to \"allow\"");
  }
  check_writable(plan);
  choose_method(plan, settings, grows);
  refuse_erasure_in_folder(plan, settings);
  const PixelForm form = form_of_file(plan);
  if (plan.method != SWR_METHOD_REWRITE && !form.may_be_rewritten) return;
  check_rewrite(plan);
  plan_new_file(plan, settings);
  check_rest_of_stream(plan);
  if (settings.erase && (plan.method == SWR_METHOD_REWRITE || form.replaces_files))
    refuse_further_names(plan);
}

}  // namespace swr
