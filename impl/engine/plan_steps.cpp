#include "engine/plan_steps.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/counted.h"
#include "base/error.h"
#include "engine/held_image.h"
#include "engine/image_rest.h"
#include "formats/bytes_before.h"
#include "image/convert.h"
#include "image/convert_components.h"
#include "storage/open_files.h"

namespace swr {
namespace {

void copy_values(const std::optional<std::vector<double>>& from, size_t count, const char* what,
                 double* to) {
  if (!from) return;
  if (from->size() != count)
    fail(SWR_ERROR_ARGUMENT, "the ", what, " has ", from->size(), " values; the image needs ",
         count);
  std::copy(from->begin(), from->end(), to);
}

// Applies what the application set of the geometry.
void set_geometry(const Settings& settings, Image& image) {
  const auto n = static_cast<size_t>(image.dimensions());
  const Image before = image;
  copy_values(settings.spacing, n, "spacing", image.spacing.data());
  copy_values(settings.origin, n, "origin", image.origin.data());
  copy_values(settings.direction, n * n, "direction", image.direction.data());
  for (const auto& [axis, unit] : settings.units) {
    if (axis >= image.dimensions())
      fail(SWR_ERROR_ARGUMENT, "a unit is set for ", axis_text(axis), "; the image has ", n);
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

// An unreadable header is replaced like any other file, unless it decides whether a data file may
// be replaced.
std::optional<Description> replaced_image(const std::string& header, const NewFile& file) {
  try {
    return image_at(header);
  } catch (const Error&) {
    if (file.layout.parts[0].path != header) throw;
    return std::nullopt;
  }
}

// Plans the new files' paths, and which old files they replace.
void plan_place(WritePlan& plan, const Settings& settings) {
  const int64_t begin = plan.new_file->layout.parts[0].offset;
  if (plan.image.bytes() > std::numeric_limits<int64_t>::max() - begin) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path,
         ": the pixels would end beyond the largest offset in a file");
  }
  const FileRules rules{.fail_if_exists = policy_of(settings) == SWR_EXISTING_FAIL,
                        .made_if_absent = !plan.file && keeps_existing(settings),
                        .outside_allowed = settings.detached_outside};
  if (plan.new_file->folder && plan.makes_new_file()) {
    plan.files = plan_folder(*plan.new_file, *plan.format, rules);
    return;
  }
  const std::string& header =
      plan.new_file->header_path.empty() ? plan.path : plan.new_file->header_path;
  const auto replaced = plan.file ? std::nullopt : replaced_image(header, *plan.new_file);
  OldImage old{header, replaced ? &*replaced : nullptr, plan.file.has_value()};
  if (plan.file) old.file = &*plan.file;
  plan.files = plan_files(*plan.new_file, plan.path, old, rules, *plan.open);
}

// The bytes of others in front of the pixels in the model's own file.
int64_t bytes_before_of(const Model& model) {
  OpenFiles files(File::Mode::read);
  return files.is_there(model.path) ? bytes_before(model.path, *model.file, files) : 0;
}

void check_dimensions(const WritePlan& plan) {
  const int n = plan.image.dimensions();
  const int least = plan.format->least_dimensions, most = plan.format->most_dimensions;
  if (n >= least && n <= most) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path, ": the image has ", n, " dimensions; ", plan.format->name,
       " files have ", least, " to ", most);
}

// The source's value scale: as set, otherwise that of the file from which the pixels are pulled.
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
    plan.remarks.push_back({text("the source states no value scale: its values are stored "
                                 "unchanged, and real values in the file are ",
                                 scale_text(file)),
                            false});
  } else if (plan.conversion == SWR_CONVERSION_NONE) {
    fail(SWR_ERROR_MISMATCH, plan.path, ": real values are ", scale_text(plan.source_scale),
         " in the source and ", scale_text(file),
         " in the file, and no conversion is set (swr_set_conversion, or the command's --convert)");
  }
}

}  // namespace

Image model_image(const Settings& settings, const Model& model) {
  Image image = model.file->image;
  if (settings.drops_metadata) image.metadata = {};
  if (!settings.header_region) return image;
  const Region& box = *settings.header_region;
  const int kept = settings.image_region ? settings.image_region->dimensions : box.dimensions;
  bool fits = image.region.contains(box);
  for (int axis = kept; axis < box.dimensions; ++axis) fits = fits && box.size[axis] == 1;
  if (!fits) {
    fail(SWR_ERROR_REGION, settings.path, ": the header region is ", box.text(),
         "; it must be inside ", image.region.text(), " of ", model.path,
         ", and of size 1 along the axes that the new image lacks");
  }
  image.set_region(box);
  return image;
}

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

swr_existing policy_of(const Settings& settings) {
  if (settings.existing != SWR_EXISTING_DEFAULT) return settings.existing;
  return settings.paste_region ? SWR_EXISTING_UPDATE : SWR_EXISTING_REPLACE;
}

void plan_new_file(WritePlan& plan, const Settings& settings) {
  check_dimensions(plan);
  NewFileRequest request;
  request.path = plan.path;
  request.dataset = settings.dataset;
  request.zarr_version = settings.zarr_version;
  request.zarr_shard = settings.zarr_shard;
  request.fill = plan.fill;
  request.memory = settings.memory();
  const Layout* const existing = plan.file ? &plan.file->layout : nullptr;
  request.storage =
      choose_storage(*plan.format, settings.path, settings.storage, plan.image.region, existing);
  request.pyramid = choose_pyramid(*plan.format, settings.path, settings.storage, existing);
  const Model* const model = plan.file || settings.drops_metadata ? nullptr : settings.model();
  if (plan.file) {
    request.base = &*plan.file;
    request.rewritten = &plan.file->layout;
  }
  if (model && model->format == plan.format) {
    request.base = model->file.get();
    request.base_region = settings.header_region;
  }
  plan.remarks = make_held(plan.image, request.base ? &request.base->image : nullptr, *plan.format,
                           settings, plan.path);
  plan.new_file = plan.format->plan(plan.image, request);
  std::ranges::copy(plan.new_file->remarks, std::back_inserter(plan.remarks));
  plan_place(plan, settings);
  if (!model) return;
  if (const int64_t before = bytes_before_of(*model); before > 0) {
    plan.remarks.push_back({text("the new file does not have the ", bytes_text(before),
                                 " between the header and the pixels of ", model->path)});
  }
  const int64_t after = settled_bytes_after(model->path, *model->file, model->dataset);
  if (after > 0) {
    plan.remarks.push_back({text("the new file does not have the ", bytes_text(after),
                                 " after the pixels of ", model->path)});
  }
  if (model->format == plan.format || !model->file->header) return;
  const auto fields = model->file->header->own_fields();
  if (fields.empty()) return;
  std::string list;
  for (const std::string& field : fields) list += (list.empty() ? "" : ", ") + field;
  plan.remarks.push_back({text(plan.format->name, " cannot store these header fields of ",
                               model->path, ", a ", model->format->name, " file: ", list)});
}

void check_remarks(const WritePlan& plan, const Settings& settings) {
  for (const Remark& remark : plan.remarks) {
    if (remark.loss && (settings.strict || settings.metadata.find(remark.metadata)))
      fail(SWR_ERROR_UNSUPPORTED, plan.path, ": ", remark.text);
  }
}

std::string scale_text(const ValueScale& scale) {
  return text(scale.slope, " * stored + ", scale.intercept);
}

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
         swr_component_name(plan.image.pixel.component),
         ", and no conversion is set (swr_set_conversion, or the command's --convert)");
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
    fail(SWR_ERROR_CONVERSION, plan.path, ": the fill value ", value, " cannot be stored as ",
         swr_component_name(plan.image.pixel.component));
  }
}

}  // namespace swr
