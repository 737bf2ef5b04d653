#include "engine/open_image.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "engine/file_plan.h"
#include "formats/pyramid_level.h"
#include "storage/open_files.h"
#include "stores/contiguous.h"

namespace swr {
namespace {

// Where a file is not replaced in one step, a writer that died in between leaves none under the
// name until it is rolled back.
bool comes_back(const std::string& path, OpenFiles& files) {
  if (recover_path(path, {}).rolled_back == 0) return false;
  files.forget_all();
  return files.is_there(path);
}

// How much of what is read on opening may be remembered.
int64_t trace_bytes(const ReadOptions& options) {
  return std::clamp(options.memory_limit / 4, int64_t{1} << 20, ReadTrace::usual_bytes);
}

// While it exists, `trace` gets what is read of the files.
class Noted {
 public:
  Noted(OpenFiles& files, ReadTrace& trace) : files_(files) { files_.note_reads(&trace); }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;
  ~Noted() { files_.note_reads(nullptr); }

 private:
  OpenFiles& files_;
};

}  // namespace

void OpenImage::open(const std::string& path, const Options& options) {
  pixels_.reset();
  is_one_image_ = false;
  ReadTrace trace(trace_bytes(options.reading));
  const auto files = std::make_shared<OpenFiles>(File::Mode::read);
  const Noted noted(*files, trace);
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
  if (options.level > 0) image.file = find_level(image.file, options.level, path, files, trace);
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
  is_one_image_ = is_header_sound(trace) && !watch_.is_replaced();
}

// That there is no such level is final if the header that says so is sound: whatever changes.
Description OpenImage::find_level(const Description& whole, int level, const std::string& path,
                                  const std::shared_ptr<OpenFiles>& files, ReadTrace& trace) {
  try {
    return level_of(whole, level, path);
  } catch (const Error&) {
    file_ = std::make_shared<const Description>(whole);
    reading_.files = files;
    if (is_header_sound(trace) && !watch_.is_replaced()) watch_ = Watch();
    throw;
  }
}

// Pixels that are stored as they are may change while they are read; the header may not.
bool OpenImage::is_header_sound(ReadTrace& trace) const {
  reading_.files->note_reads(nullptr);
  if (!watch_.is_disturbed()) return true;
  if (!trace.is_whole()) return false;
  const bool has_places = format_->form(file_->layout, {}).has_places;
  std::map<std::shared_ptr<File>, std::vector<ReadTrace::Stretch>> pixels;
  for (const DataPart& part : file_->layout.parts) {
    if (!reading_.files->is_open(part.path)) continue;
    const std::shared_ptr<File> file = reading_.files->open(part.path);
    const std::optional<int64_t> begin = find_data_begin(part, *file);
    const int64_t most = std::numeric_limits<int64_t>::max();
    int64_t end = most;
    if (has_places && begin && add_overflows(*begin, part.bytes, end)) end = most;
    if (begin) pixels[file].push_back({*begin, end});
  }
  for (auto& [file, stretches] : pixels) trace.leave_out(*file, std::move(stretches));
  return !watch_.has_disturbed(trace);
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
