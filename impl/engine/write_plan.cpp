#include "engine/write_plan.h"

#include <algorithm>

#include "base/byte_order.h"
#include "base/error.h"
#include "engine/plan_resources.h"
#include "engine/plan_steps.h"
#include "engine/plan_update.h"
#include "engine/resume.h"
#include "formats/left_out.h"
#include "storage/file.h"
#include "storage/platform.h"

namespace swr {
namespace {

void check_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  if (!file_exists(folder)) fail(SWR_ERROR_NOT_FOUND, path, ": there is no folder ", folder);
}

// New files are created where symbolic links lead, and replace regular files only.
void check_new_files(const WritePlan& plan) {
  if (!plan.new_file) return;
  const auto check = [&](const std::string& path) {
    if (plan.open->is_open(path)) return;  // a regular file
    const std::string target = follow_links(path);
    check_folder(target);
    static_cast<void>(regular_file(target));
  };
  if (plan.files.folder) return check_folder(follow_links(plan.files.folder->path));
  check(plan.files.header_path());
  check(plan.files.parts.front().path);
}

// New files, journals and scratch files are created in the folder. Only a raw file that is changed
// in place without rollback needs none.
void check_folder_writable(const WritePlan& plan, const Settings& settings) {
  if (plan.file && !plan.new_file && !settings.rollback) return;
  const std::string folder = plan.files.folder ? folder_of(follow_links(plan.files.folder->path))
                                               : folder_of(plan.open->target_of(plan.path));
  const auto may = system::may(folder.c_str(), system::Wish::add_to_folder);
  if (!may) SystemFailure(may.reason).fail(plan.path, "write into the folder ", folder);
}

const Format& format_for_new_file(const Settings& settings) {
  if (!settings.format.empty()) return *find_format(settings.format);
  if (const Format* format = format_by_suffix(settings.path)) return *format;
  refuse_left_out_suffix(settings.path);
  fail(SWR_ERROR_FORMAT, settings.path, ": no format has this suffix, and none is set");
}

void plan_create(WritePlan& plan, const Settings& settings) {
  plan.method = SWR_METHOD_CREATE;
  plan.format = &format_for_new_file(settings);
  if (!(plan.format->capabilities & SWR_CAN_STREAM))
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": ", plan.format->name, " files cannot be written");
  const Model* const model = settings.model();
  std::optional<Image> from;
  if (model) from = model_image(settings, *model);
  plan.image = described_image(settings, from ? &*from : nullptr);
  // The source must cover the region that is written, unless a fill value is set. Outside the
  // region a new image always has the fill value.
  plan.holes_allowed = settings.fill_value.has_value();
  plan_fill(plan, settings);
  plan_new_file(plan, settings);
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

std::vector<std::string> warnings_of(const Settings& settings, const WritePlan& plan) {
  std::vector<std::string> warnings;
  for (const Remark& remark : plan.remarks) warnings.push_back(text(plan.path, ": ", remark.text));
  if (plan.file && !settings.metadata.empty()) {
    warnings.push_back(
        text(plan.path, ": the metadata that was set is not written: the file keeps its own"));
  }
  return warnings;
}

bool keeps_existing(const Settings& settings) {
  const swr_existing policy = policy_of(settings);
  return policy == SWR_EXISTING_UPDATE || policy == SWR_EXISTING_EXTEND;
}

WritePlan make_write_plan(const Settings& settings, const std::shared_ptr<OpenFiles>& files,
                          std::optional<ExistingImage> existing) {
  WritePlan plan;
  plan.open = files;
  files->choose_dataset(settings.dataset);
  if (settings.path.empty()) fail(SWR_ERROR_ARGUMENT, "the path is not set");
  plan.path = settings.path;
  const swr_existing policy = policy_of(settings);
  if (policy == SWR_EXISTING_FAIL && files->exists(settings.path))
    fail(SWR_ERROR_EXISTS, settings.path, ": the file exists");
  check_folder(settings.path);
  if (keeps_existing(settings) && (existing || files->is_there(settings.path))) {
    if (!existing) existing = open_existing(settings.path, *files);
    plan_update(plan, settings, std::move(*existing), policy == SWR_EXISTING_EXTEND);
  } else {
    plan_create(plan, settings);
    plan_region(plan, settings);
  }
  check_resume(plan, settings);
  check_remarks(plan, settings);
  check_new_files(plan);
  check_folder_writable(plan, settings);
  plan_source(plan, settings);
  plan_resources(plan, settings);
  check_buffers(plan, settings);
  return plan;
}

}  // namespace swr
