#include "engine/open_image.h"

#include <utility>

#include "base/error.h"
#include "engine/file_plan.h"
#include "formats/pyramid_level.h"
#include "storage/open_files.h"

namespace swr {
namespace {

// Where a file is not replaced in one step, a writer that died in between leaves none under the
// name until it is rolled back.
bool comes_back(const std::string& path, OpenFiles& files) {
  if (recover_path(path, {}).rolled_back == 0) return false;
  files.forget_all();
  return files.is_there(path);
}

}  // namespace

void OpenImage::open(const std::string& path, const Options& options) {
  pixels_.reset();
  is_one_image_ = false;
  const auto files = std::make_shared<OpenFiles>(File::Mode::read);
  files->choose_dataset(options.dataset);
  bool is_there = files->is_there(path);
  watch_ = Watch(path, *files);
  // A second look: a living writer may have given the name in between, unseen by the watch.
  if (!is_there && (files->is_there(path) || comes_back(path, *files))) {
    is_there = true;
    watch_ = Watch(path, *files);
  }
  if (!is_there) fail(SWR_ERROR_NOT_FOUND, path, ": there is no such file");
  Recovery found;
  ExistingImage image = open_watched(path, *files, found);
  format_ = image.format;
  const std::string& header = image.file.header_path;
  if (!header.empty() && header != path) watch_.add_header(header, *files);
  if (!image.file.journal_path.empty()) watch_.add_journal(image.file.journal_path);
  if (options.level > 0) image.file = level_of(image.file, options.level, path);
  file_ = std::make_shared<const Description>(std::move(image.file));
  auto parts = std::make_shared<std::vector<FileState>>();
  for (const DataPart& part : file_->layout.parts)
    parts->push_back(part.path == path ? files->state_of(path) : watch_.add(part.path, *files));
  parts_ = std::move(parts);
  if (!options.outside_allowed)
    refuse_data_outside(path, file_->layout, *files, ", which the option detached.outside refuses");
  file_->image.bytes();
  reading_ = options.reading;
  reading_.files = files;
  pixels_ = format_->reader(file_->layout, reading_);
  notes_ = std::move(found.notes);
  is_one_image_ = !watch_.is_replaced();
}

ExistingImage OpenImage::open_watched(const std::string& path, OpenFiles& files, Recovery& found) {
  try {
    // Permission to read outside files does not include permission to change them.
    return open_recovered(path, {}, files, found);
  } catch (const Error&) {
    // Where a file is not replaced in one step, one that a living writer replaces is missing.
    for (const std::string& missing : files.missing()) watch_.add_missing(missing);
    throw;
  }
}

void OpenImage::read_with(const ReadOptions& options) {
  if (options.threads == reading_.threads && options.memory_limit == reading_.memory_limit) return;
  ReadOptions reading = options;
  reading.files = reading_.files;
  pixels_ = format_->reader(file_->layout, reading);
  reading_ = std::move(reading);
}

bool OpenImage::is_believable() const {
  return is_one_image_ && (pixels_->notices_changes() || !watch_.is_disturbed());
}

}  // namespace swr
