#include "engine/recovery.h"

#include <chrono>
#include <set>
#include <thread>

#include "base/error.h"
#include "storage/file.h"
#include "storage/in_place.h"
#include "storage/platform.h"
#include "storage/sweep.h"

namespace swr {

namespace {

void recover_beside(const std::string& path, const std::string& image,
                    const RecoverOptions& options, Recovery& recovery) {
  if (has_journal(path)) recovery.add(recover_all(path, options, image));
}

// Those of the other files that the header at `path` names.
void recover_named(const std::string& path, const Description& file, const RecoverOptions& options,
                   Recovery& recovery) {
  if (!file.header_path.empty() && file.header_path != path)
    recover_beside(file.header_path, path, options, recovery);
  for (const DataPart& part : file.layout.parts) {
    if (part.path != path && part.path != file.header_path)
      recover_beside(part.path, path, options, recovery);
  }
}

// The number of the file's names; 1 if another process is replacing the image at `path`, whose files
// have a second name then for a moment.
uint64_t lasting_names(const std::string& file, const std::string& path) {
  constexpr int looks = 3;
  uint64_t names = 1;
  for (int look = 0; look < looks; ++look) {
    if (look > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    system::Facts facts;
    if (!system::facts(follow_links(file).c_str(), system::Links::no_follow, facts) ||
        facts.links < 2)
      return 1;
    if (is_being_changed(path)) return 1;
    names = facts.links;
  }
  return names;
}

}  // namespace

Recovery recover_path(const std::string& path, const RecoverOptions& options) {
  Recovery recovery;
  recover_beside(path, path, options, recovery);
  return recovery;
}

ExistingImage open_existing(const std::string& path, OpenFiles& files) {
  ExistingImage image{&format_of_file(path, files), {}};
  image.file = image.format->read(path, files);
  return image;
}

ExistingImage open_recovered(const std::string& path, const RecoverOptions& options,
                             OpenFiles& files, Recovery& recovery) {
  for (int rolled_back = 0;;) {
    recovery = recover_path(path, options);
    require_recovered(recovery);
    ExistingImage image;
    if (recovery.rolled_back == 0) {
      image = open_existing(path, files);
      recover_named(path, image.file, options, recovery);
      require_recovered(recovery);
    }
    if (recovery.rolled_back == 0) {
      recovery.rolled_back = rolled_back;
      return image;
    }
    rolled_back += recovery.rolled_back;
    files.forget_all();
  }
}

std::vector<std::string> notes_of_names(const std::string& path, const Description& file) {
  std::set<std::string> files{path};
  if (!file.header_path.empty()) files.insert(file.header_path);
  for (const DataPart& part : file.layout.parts) files.insert(part.path);
  std::vector<std::string> notes;
  for (const std::string& each : files) {
    const uint64_t names = lasting_names(each, path);
    if (names < 2) continue;
    notes.push_back(text(each, ": has ", names,
                         " names (hard links); if a write under another one has died, its undo "
                         "journal is there, and is not found from here: run 'swr recover' on the "
                         "other names"));
  }
  return notes;
}

void require_recovered(const Recovery& recovery) {
  if (recovery.refusal) throw Error(*recovery.refusal);
}

Recovery recover_image(const std::string& path, const RecoverOptions& options) {
  Recovery recovery = recover_path(path, options);
  sweep(path);
  if (!file_exists(path)) return recovery;
  Description file;
  try {
    file = read_description(path);
  } catch (const Error&) {
    return recovery;  // what is no image names no other files
  }
  recover_named(path, file, options, recovery);
  if (!file.header_path.empty() && file.header_path != path) sweep(file.header_path);
  // Of several data files none is ever replaced, unless they hold chunks.
  if (file.layout.parts.size() != 1 && !file.layout.is_chunked()) return recovery;
  for (const DataPart& part : file.layout.parts) {
    if (options.outside || lies_below(part.path, path)) sweep(part.path);
  }
  return recovery;
}

}  // namespace swr
