#include "engine/open_image.h"

#include <filesystem>

#include "base/error.h"
#include "storage/file.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"

namespace swr {
namespace {

void refuse_outside(const std::string& path, const Layout& layout) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path folder = fs::weakly_canonical(fs::path(path), ignored).parent_path();
  for (const DataPart& part : layout.parts) {
    if (fs::weakly_canonical(fs::path(part.path), ignored).parent_path() != folder) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": the data file ", part.path,
           " lies outside the header's folder, which the option detached.outside refuses");
    }
  }
}

}  // namespace

void OpenImage::open(const std::string& path, const Options& options) {
  store_.reset();
  watch_ = Watch(path);
  if (!file_exists(path)) fail(SWR_ERROR_NOT_FOUND, path, ": there is no such file");
  if (has_journal(path)) recover(path, false);
  format_ = &format_of_file(path);
  file_ = format_->read(path);
  // The journal lies beside the header, which a path to the data file names only now.
  if (!file_.header_path.empty()) {
    watch_.journals_are_beside(file_.header_path);
    watch_.add(file_.header_path);
    if (has_journal(file_.header_path)) recover(file_.header_path, false);
    file_ = format_->read(path);
  }
  if (!options.outside_allowed) refuse_outside(path, file_.layout);
  file_.image.bytes();
  watch_.add(file_.layout.parts.at(0).path);
  store_ = open_store(file_.layout, options.reading);
}

bool OpenImage::is_slotted() const {
  const auto* deflate = dynamic_cast<const DeflateReader*>(store_.get());
  return deflate && deflate->slotted();
}

bool OpenImage::is_believable() const {
  return store_->notices_changes() ? !watch_.is_replaced() : !watch_.is_disturbed();
}

}  // namespace swr
