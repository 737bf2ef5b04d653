#include "engine/recovery.h"

#include <set>

#include "base/error.h"
#include "storage/file.h"
#include "storage/in_place.h"
#include "storage/sweep.h"
#include "storage/system.h"

namespace swr {

namespace {

void recover_beside(const std::string& path, const std::string& image,
                    const RecoverOptions& options, Recovery& recovery) {
  if (has_journal(path)) recovery.add(recover_all(path, options, image));
}

}  // namespace

void recover_path(const std::string& path, const RecoverOptions& options, Recovery& recovery) {
  recover_beside(path, path, options, recovery);
}

void recover_named(const std::string& path, const Description& file, const RecoverOptions& options,
                   Recovery& recovery) {
  if (!file.header_path.empty() && file.header_path != path)
    recover_beside(file.header_path, path, options, recovery);
  for (const DataPart& part : file.layout.parts) {
    if (part.path != path && part.path != file.header_path)
      recover_beside(part.path, path, options, recovery);
  }
}

std::vector<std::string> notes_of_names(const std::string& path, const Description& file) {
  std::set<std::string> files{path};
  if (!file.header_path.empty()) files.insert(file.header_path);
  for (const DataPart& part : file.layout.parts) files.insert(part.path);
  std::vector<std::string> notes;
  for (const std::string& each : files) {
    system::Facts facts;
    if (system::facts(follow_links(each).c_str(), &facts) != 0 || facts.links < 2) continue;
    notes.push_back(text(each, ": has ", facts.links,
                         " names (hard links); if a write under another one has died, its undo "
                         "journal is there, and is not found from here"));
  }
  return notes;
}

void require_recovered(const Recovery& recovery) {
  if (recovery.refusal) throw Error(*recovery.refusal);
}

Recovery recover_image(const std::string& path, const RecoverOptions& options) {
  Recovery recovery;
  recover_path(path, options, recovery);
  sweep(path);
  if (!file_exists(path)) return recovery;
  Description file;
  try {
    file = format_of_file(path).read(path);
  } catch (const Error&) {
    return recovery;  // what is no image names no other files
  }
  recover_named(path, file, options, recovery);
  if (!file.header_path.empty() && file.header_path != path) sweep(file.header_path);
  // Of several data files none is ever replaced.
  if (file.layout.parts.size() == 1) sweep(file.layout.parts[0].path);
  return recovery;
}

}  // namespace swr
