#include "engine/write_plan.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/parallel.h"
#include "engine/erasing.h"
#include "image/convert.h"
#include "storage/file.h"
#include "storage/system.h"
#include "stores/contiguous.h"
#include "stores/overlay.h"
#include "stores/slotted_file.h"

namespace swr {
namespace {

int64_t memory_limit(const Settings& settings) {
  return settings.memory_limit.value_or(default_memory_limit);
}

void copy_values(const std::optional<std::vector<double>>& from, size_t count, const char* what,
                 double* to) {
  if (!from) return;
  if (from->size() != count)
    fail(SWR_ERROR_ARGUMENT, "the ", what, " has ", from->size(), " values; the image needs ",
         count);
  std::copy(from->begin(), from->end(), to);
}

// What the application set of the geometry.
void set_geometry(const Settings& settings, Image& image) {
  const auto n = static_cast<size_t>(image.dimensions());
  const Image before = image;
  copy_values(settings.spacing, n, "spacing", image.spacing.data());
  copy_values(settings.origin, n, "origin", image.origin.data());
  copy_values(settings.direction, n * n, "direction", image.direction.data());
  for (const auto& [axis, unit] : settings.units) {
    if (axis >= image.dimensions())
      fail(SWR_ERROR_ARGUMENT, "a unit is set for axis ", axis, "; the image has ", n);
    image.units[static_cast<size_t>(axis)] = unit;
  }
  if (!image.placement) return;
  std::copy_n(image.spacing.begin(), n, image.placement->spacing.begin());
  if (image.origin != before.origin || image.direction != before.direction) image.placement.reset();
}

void set_metadata(const Settings& settings, Image& image) {
  for (const std::string& key : settings.removed_metadata) image.metadata.erase(key);
  for (const auto& [key, value] : settings.metadata) image.set_metadata(key, value);
}

// What the application described. What it left unset is that of `model`, an existing file's image,
// if there is one.
Image described_image(const Settings& settings, const Image* model) {
  Image image;
  if (model) image = *model;
  if (settings.image_region) {
    image.set_region(*settings.image_region);
  } else if (!model) {
    fail(SWR_ERROR_ARGUMENT, settings.path, ": the image region is not set");
  }
  if (settings.pixel) {
    image.pixel = *settings.pixel;
  } else if (!model) {
    fail(SWR_ERROR_ARGUMENT, settings.path, ": the pixel type is not set");
  }
  set_geometry(settings, image);
  if (settings.scale) image.scale = *settings.scale;
  set_metadata(settings, image);
  image.bytes();  // fails if it overflows
  return image;
}

void check_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  if (!file_exists(folder)) fail(SWR_ERROR_NOT_FOUND, path, ": there is no folder ", folder);
}

// New files, journals and scratch files come into the folder: all but raw pixels that change without
// a way back need it.
void check_folder_writable(const WritePlan& plan, const Settings& settings) {
  if (plan.file && !plan.new_file && !settings.rollback) return;
  const std::string folder = folder_of(plan.path);
  if (system::access(folder.c_str(), W_OK | X_OK) != 0)
    SystemFailure(errno).fail(plan.path, "write into the folder ", folder);
}

swr_existing policy_of(const Settings& settings) {
  if (settings.existing != SWR_EXISTING_DEFAULT) return settings.existing;
  return settings.paste_region ? SWR_EXISTING_UPDATE : SWR_EXISTING_REPLACE;
}

const Format& format_for_new_file(const Settings& settings) {
  if (!settings.format.empty()) return *find_format(settings.format);
  if (const Format* format = format_by_suffix(settings.path)) return *format;
  fail(SWR_ERROR_FORMAT, settings.path, ": no format has this suffix, and none is set");
}

// A file that cannot be read is replaced like any other, unless it decides what becomes of a data file.
std::optional<Description> replaced_image(const std::string& header, const NewFile& file) {
  try {
    return image_at(header);
  } catch (const Error&) {
    if (file.layout.parts[0].path != header) throw;
    return std::nullopt;
  }
}

// Where the new file's bytes go, and which files give way to them.
void plan_place(WritePlan& plan, const Settings& settings) {
  const int64_t begin = plan.new_file->layout.parts[0].offset;
  if (plan.image.bytes() > std::numeric_limits<int64_t>::max() - begin) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path,
         ": the pixels would end after the largest position that "
         "a file can have");
  }
  const std::string& header =
      plan.new_file->header_path.empty() ? plan.path : plan.new_file->header_path;
  const auto replaced = plan.file ? std::nullopt : replaced_image(header, *plan.new_file);
  OldImage old{header, replaced ? &*replaced : nullptr, plan.file.has_value()};
  if (plan.file) old.file = &*plan.file;
  plan.files = plan_files(*plan.new_file, plan.path, old,
                          {policy_of(settings) == SWR_EXISTING_FAIL, settings.detached_outside});
}

void plan_new_file(WritePlan& plan, const Settings& settings) {
  NewFileRequest request;
  request.path = plan.path;
  request.storage = choose_storage(*plan.format, settings.path, settings.compression,
                                   plan.file ? &plan.file->layout : nullptr);
  const Model* const model = plan.file ? nullptr : settings.model();
  if (plan.file) {
    request.base = &*plan.file;
    request.rewritten = &plan.file->layout;
  }
  if (model && model->format == plan.format) request.base = model->file.get();
  plan.new_file = plan.format->plan(plan.image, request);
  plan.remarks = plan.new_file->remarks;
  plan_place(plan, settings);
  if (!model || model->format == plan.format || !model->file->header) return;
  const auto fields = model->file->header->own_fields();
  if (fields.empty()) return;
  std::string list;
  for (const std::string& field : fields) list += (list.empty() ? "" : ", ") + field;
  plan.remarks.push_back({text(plan.format->name, " has no place for what ", model->path, ", a ",
                               model->format->name, " file, says in: ", list)});
}

// What is left out of a header is a warning, unless it was asked for.
void check_remarks(const WritePlan& plan, const Settings& settings) {
  for (const Remark& remark : plan.remarks) {
    if (remark.loss && (settings.strict || settings.metadata.find(remark.metadata)))
      fail(SWR_ERROR_UNSUPPORTED, plan.path, ": ", remark.text);
  }
}

std::string scale_text(const ValueScale& scale) {
  return text(scale.slope, " * stored + ", scale.intercept);
}

// What the source's values mean: as set, else what the file says that they are pulled from.
std::optional<ValueScale> source_scale(const Settings& settings) {
  if (settings.source_scale) return settings.source_scale;
  const auto& reader = settings.pulled_from ? settings.pulled_from : settings.header_from;
  return reader ? std::optional(reader->file->image.scale) : std::nullopt;
}

void plan_source_scale(WritePlan& plan, const Settings& settings) {
  const ValueScale& file = plan.image.scale;
  const auto source = source_scale(settings);
  plan.source_scale = source.value_or(file);
  if (!plan.rescales()) return;
  if (!plan.source_scale.stated) {
    plan.source_scale = file;
    plan.remarks.push_back({text("the source does not say what its values mean: they are stored as "
                                 "they are, where real values are ",
                                 scale_text(file)),
                            false});
  } else if (plan.conversion == SWR_CONVERSION_NONE) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": real values are ", scale_text(plan.source_scale),
         " in the source and ", scale_text(file), " in the file, and no conversion is set");
  }
}

// The source's type: as set, else the type that the pixels were described with.
void plan_source(WritePlan& plan, const Settings& settings) {
  plan.source = settings.pixel.value_or(plan.image.pixel);
  if (settings.source_component != SWR_COMPONENT_UNKNOWN)
    plan.source.component = settings.source_component;
  if (settings.source_components > 0) plan.source.components = settings.source_components;
  plan.conversion = settings.conversion;
  if (plan.source.component != plan.image.pixel.component &&
      plan.conversion == SWR_CONVERSION_NONE) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": the source delivers ",
         swr_component_name(plan.source.component), " and the file holds ",
         swr_component_name(plan.image.pixel.component), ", and no conversion is set");
  }
  const int from = plan.source.components, to = plan.image.pixel.components;
  if (from != to && !components_convert(from, to)) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": the source delivers ", from,
         " components and the file holds ", plan.image.pixel.text(), "; these do not convert");
  }
  plan_source_scale(plan, settings);
}

void plan_region(WritePlan& plan, const Settings& settings) {
  plan.region = settings.paste_region.value_or(settings.image_region.value_or(plan.image.region));
  if (plan.region.dimensions != plan.image.dimensions()) {
    fail(SWR_ERROR_REGION, plan.path, ": the paste region ", plan.region.text(), " has ",
         plan.region.dimensions, " dimensions, the image ", plan.image.region.text(), " has ",
         plan.image.dimensions());
  }
  if (!plan.image.region.contains(plan.region)) {
    fail(SWR_ERROR_REGION, plan.path, ": the paste region ", plan.region.text(),
         " is not inside the image region ", plan.image.region.text());
  }
  plan.whole_image = plan.region == plan.image.region;
}

void plan_fill(WritePlan& plan, const Settings& settings) {
  plan.fill.resize(static_cast<size_t>(swr_component_bytes(plan.image.pixel.component)));
  const double value = settings.fill_value.value_or(0);
  if (!encode_value(value, plan.image.pixel.component, plan.fill.data())) {
    fail(SWR_ERROR_CONVERSION, plan.path, ": the fill value ", value, " is not one that ",
         swr_component_name(plan.image.pixel.component), " can hold");
  }
}

void plan_create(WritePlan& plan, const Settings& settings) {
  plan.method = SWR_METHOD_CREATE;
  plan.format = &format_for_new_file(settings);
  if (!(plan.format->capabilities & SWR_CAN_STREAM))
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": ", plan.format->name, " files cannot be written");
  const Model* const model = settings.model();
  plan.image = described_image(settings, model ? &model->file->image : nullptr);
  // Without a region of its own a new image must be covered; the rest around a paste region is
  // filled by definition.
  plan.holes_allowed = settings.fill_value.has_value();
  plan_new_file(plan, settings);
}

// What a file of raw pixels holds besides them.
struct OtherBytes {
  int64_t before = 0, after = 0;
};

OtherBytes other_bytes(const Layout& layout) {
  const DataPart& part = layout.parts[0];
  const int64_t before = PartMap(layout).locate(0, 1).file_offset;
  const int64_t size = File(part.path, File::Mode::read).size();
  return {before, size - before - part.bytes};
}

// A rewrite makes the data file again from the pixels alone.
void check_rewrite(const WritePlan& plan) {
  const Layout& layout = plan.file->layout;
  if (layout.parts.size() > 1) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the pixels lie in ", layout.parts.size(),
         " files, which cannot become one; copy the image to another file");
  }
  const DataPart& part = layout.parts[0];
  if (part.path == plan.path) return;
  bool holds_more = part.offset != 0 || part.lines_to_skip != 0;
  if (layout.is_raw()) {
    const OtherBytes others = other_bytes(layout);
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
  const DeflateForecast forecast = forecast_update(plan.file->layout, update);
  plan.method = forecast.slotted ? SWR_METHOD_IN_PLACE : SWR_METHOD_SPLICE;
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
  const int64_t after = other_bytes(plan.file->layout).after;
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
  if (grows) {
    std::optional<Growth> growth;
    if (grows_at_the_end(plan.file->image.region, plan.image.region))
      growth = plan.format->grow(plan.path, *plan.file, plan.image);
    if (growth && layout.is_raw()) refuse_growth_over_others(plan);
    if (growth) {
      plan.patches = growth->patches;
      plan.remarks = growth->remarks;
    } else {
      plan.method = SWR_METHOD_REWRITE;
    }
  }
  if (!layout.is_compressed() || !stays_compressed) return;
  if (plan.method == SWR_METHOD_IN_PLACE) {
    forecast_compressed(plan, settings);
  } else {
    plan.file_level = DeflateReader::open(layout, {})->level();
  }
}

void estimate_cost(WritePlan& plan, const Settings& settings) {
  const int64_t region_bytes = plan.region.pixels() * plan.image.pixel.bytes();
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
  if (layout.is_raw()) PartMap{layout};  // that each file is there, and long enough
  if (layout.parts.size() == 1) return;
  if (!layout.is_raw())
    fail(SWR_ERROR_UNSUPPORTED, plan.path,
         ": cannot be changed: its pixels lie in several compressed files");
  if (grows)
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot grow: its pixels lie in several files");
}

void check_writable(const WritePlan& plan) {
  const auto check = [](const std::string& path) {
    if (system::access(path.c_str(), W_OK) != 0) SystemFailure(errno).fail(path, "be changed");
  };
  check(plan.path);
  for (const DataPart& part : plan.file->layout.parts) check(part.path);
}

void plan_update(WritePlan& plan, const Settings& settings, bool may_grow) {
  plan.format = &format_of_file(settings.path);
  if (!settings.format.empty() && find_format(settings.format) != plan.format) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": the format is ", plan.format->name, " in the file and ",
         find_format(settings.format)->name, " in the writer");
  }
  if (!(plan.format->capabilities & SWR_CAN_PASTE))
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": regions of ", plan.format->name,
         " files cannot be changed");
  plan.file = plan.format->read(settings.path);
  if (!plan.file->header_path.empty()) plan.path = plan.file->header_path;
  const Image& file = plan.file->image;
  Image writer = described_image(settings, &file);
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
    refuse_data_outside(plan.path, plan.file->layout,
                        "; the option detached.outside allows to change it");
  }
  check_writable(plan);
  choose_method(plan, settings, grows);
  // A compressed stream is rewritten where the change does not fit it, which shows at the end.
  if (plan.method == SWR_METHOD_REWRITE || plan.file->layout.is_compressed()) {
    check_rewrite(plan);
    plan_new_file(plan, settings);
    if (settings.erase) refuse_further_names(plan);
  }
  estimate_cost(plan, settings);
}

// Small blocks where memory is scarce, and whole slots where they are compressed.
int64_t choose_block(const WritePlan& plan, int64_t limit) {
  const int64_t room = std::min(block_bytes, std::max<int64_t>(limit / 32, 4096));
  if (!plan.layout().is_compressed()) return round_down(room, 4096);
  const int64_t slot = plan.deflate.slot_bytes;
  return std::max(slot, round_down(std::min<int64_t>(room, 262144), slot));
}

MemoryFacts memory_facts(const WritePlan& plan, const Settings& settings, const Split& split) {
  MemoryFacts facts;
  facts.source_piece_bytes = checked_multiply(split.largest_pixels(), plan.source.bytes());
  facts.stored_piece_bytes = checked_multiply(split.largest_pixels(), plan.image.pixel.bytes());
  facts.direct = plan.direct;
  facts.staged_pieces = !plan.direct;
  facts.own_buffers = !settings.buffers.pointers.empty();
  const PixelConversion conversion = plan.pixel_conversion();
  facts.converts = conversion.changes();
  facts.source_block = plan.converts_in_blocks
                           ? std::max(plan.block, conversion.source_bytes(plan.block))
                           : plan.block;
  facts.compresses = plan.layout().is_compressed();
  if (facts.compresses)
    facts.directory_bytes = SlottedFile::directory_memory(memory_limit(settings) / 2);
  facts.streams = plan.method != SWR_METHOD_IN_PLACE || facts.compresses;
  facts.block = plan.block;
  facts.threads = plan.threads;
  facts.pull_threads = settings.pull_threads;
  return facts;
}

// The smallest number of divisions that stays inside the limit; 0 if none does.
int64_t divisions_that_fit(const WritePlan& plan, const Settings& settings, int64_t limit) {
  const auto fits = [&](int64_t n) {
    return plan_memory(memory_facts(plan, settings, Split::in_divisions(plan.region, n)), limit)
               .need <= limit;
  };
  int axis = plan.region.dimensions - 1;
  while (axis > 0 && plan.region.size[axis] == 1) --axis;
  int64_t too_few = 0, enough = plan.region.size[axis];
  if (!fits(enough)) return 0;
  while (enough - too_few > 1) {
    const int64_t middle = too_few + (enough - too_few) / 2;
    (fits(middle) ? enough : too_few) = middle;
  }
  return enough;
}

// Where the library chooses the pieces, they become smaller until all fits the limit.
void plan_pieces(WritePlan& plan, const Settings& settings, int64_t limit) {
  constexpr int64_t least_share = 65536;
  for (int64_t share = limit;; share /= 2) {
    plan.split = split_of(settings, plan.region, plan.source.bytes(), share);
    plan.memory = plan_memory(memory_facts(plan, settings, *plan.split), limit);
    if (plan.memory.need <= limit || share <= least_share || settings.divisions ||
        !settings.buffers.pointers.empty())
      return;
  }
}

void plan_resources(WritePlan& plan, const Settings& settings) {
  const int64_t limit = memory_limit(settings);
  plan.deflate = settings.deflate;
  plan.deflate.level = settings.compression ? settings.compression_level : plan.file_level;
  plan.threads = thread_count(settings.threads);
  plan.block = choose_block(plan, limit);
  plan.direct = plan.method == SWR_METHOD_CREATE && plan.whole_image &&
                plan.layout().order.interleaved() && settings.pull_threads == 1 &&
                settings.buffers.pointers.empty();
  plan.converts_in_blocks = plan.pixel_conversion().changes();
  plan_pieces(plan, settings, limit);
  if (plan.converts_in_blocks && plan.memory.need > limit) {
    // Blocks of the source's type may be several times as large as those of the file's.
    plan.converts_in_blocks = plan.direct = false;
    plan_pieces(plan, settings, limit);
  }
  if (!settings.memory_limit || plan.memory.need <= limit) return;
  if (!settings.divisions) {
    fail(SWR_ERROR_MEMORY_LIMIT, plan.path, ": the write needs ", plan.memory.need,
         " bytes of memory; the limit is ", limit);
  }
  const int64_t enough = divisions_that_fit(plan, settings, limit);
  const std::string advice = enough > 0 ? text(enough, " divisions would do")
                                        : "no number of divisions would do; leave them unset";
  fail(SWR_ERROR_MEMORY_LIMIT, plan.path, ": ", *settings.divisions, " divisions of ",
       plan.region.text(), " need ", plan.memory.need, " bytes of memory; the limit is ", limit,
       "; ", advice);
}

void check_buffers(const WritePlan& plan, const Settings& settings) {
  const int64_t piece = plan.split->largest_pixels() * plan.source.bytes();
  if (!settings.buffers.pointers.empty() && settings.buffers.bytes_each < piece) {
    fail(SWR_ERROR_MEMORY_LIMIT, plan.path, ": the largest piece has ", piece,
         " bytes; the buffers that were set have ", settings.buffers.bytes_each);
  }
}

}  // namespace

PixelConversion WritePlan::pixel_conversion() const {
  std::optional<PixelConversion::Rescaling> rescaling;
  if (rescales()) {
    rescaling = {source_scale.slope / image.scale.slope,
                 (source_scale.intercept - image.scale.intercept) / image.scale.slope};
  }
  return {path, source, image.pixel, conversion, layout().big_endian, rescaling};
}

std::vector<std::byte> WritePlan::stored_fill(const Layout& in) const {
  std::vector<std::byte> stored = fill;
  if (in.big_endian != machine_is_big_endian) swap_bytes(stored, static_cast<int>(stored.size()));
  return stored;
}

Split split_of(const Settings& settings, const Region& region, int64_t pixel_bytes, int64_t limit) {
  if (settings.divisions) return Split::in_divisions(region, *settings.divisions);
  const int64_t room = settings.buffers.pointers.empty()
                           ? std::min(block_bytes, limit / 16)
                           : std::min(block_bytes, settings.buffers.bytes_each);
  return Split::in_bytes(region, pixel_bytes, std::max(room, pixel_bytes));
}

WritePlan make_write_plan(const Settings& settings) {
  WritePlan plan;
  if (settings.path.empty()) fail(SWR_ERROR_ARGUMENT, "the path is not set");
  plan.path = settings.path;
  const swr_existing policy = policy_of(settings);
  const bool exists = file_exists(settings.path);
  if (policy == SWR_EXISTING_FAIL && exists)
    fail(SWR_ERROR_EXISTS, settings.path, ": the file exists");
  const bool keeps = policy == SWR_EXISTING_UPDATE || policy == SWR_EXISTING_EXTEND;
  check_folder(settings.path);
  if (exists && keeps) {
    plan_update(plan, settings, policy == SWR_EXISTING_EXTEND);
  } else {
    plan_create(plan, settings);
    plan_fill(plan, settings);
    plan_region(plan, settings);
  }
  check_remarks(plan, settings);
  check_folder_writable(plan, settings);
  plan_source(plan, settings);
  plan_resources(plan, settings);
  check_buffers(plan, settings);
  return plan;
}

}  // namespace swr
