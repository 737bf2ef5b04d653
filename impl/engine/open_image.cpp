#include "engine/open_image.h"

#include "base/error.h"
#include "engine/file_plan.h"
#include "engine/recovery.h"
#include "storage/file.h"

namespace swr {

void OpenImage::open(const std::string& path, const Options& options) {
  pixels_.reset();
  is_one_image_ = false;
  watch_ = Watch(path);
  if (!file_exists(path)) fail(SWR_ERROR_NOT_FOUND, path, ": there is no such file");
  // Permission to read outside files does not include permission to change them.
  Recovery found;
  recover_path(path, {}, found);
  require_recovered(found);
  format_ = &format_of_file(path);
  file_ = format_->read(path);
  const bool has_other_header = !file_.header_path.empty() && file_.header_path != path;
  if (has_other_header) watch_.add_header(file_.header_path);
  for (const DataPart& part : file_.layout.parts) {
    if (part.path != path) watch_.add(part.path);
  }
  const int before = found.rolled_back;
  recover_named(path, file_, {}, found);
  require_recovered(found);
  // What was read before its file was watched, or before a rollback, may be out of date.
  if (has_other_header || found.rolled_back != before) file_ = format_->read(path);
  if (!options.outside_allowed)
    refuse_data_outside(path, file_.layout, ", which the option detached.outside refuses");
  file_.image.bytes();
  pixels_ = format_->reader(file_.layout, options.reading);
  notes_ = std::move(found.notes);
  is_one_image_ = !watch_.is_replaced();
}

bool OpenImage::is_believable() const {
  return is_one_image_ && (pixels_->notices_changes() || !watch_.is_disturbed());
}

}  // namespace swr
