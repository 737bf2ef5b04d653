#include "engine/recovery.h"

#include <set>
#include <utility>

#include "base/error.h"
#include "storage/file.h"
#include "storage/sweep.h"

namespace swr {
namespace {

// The files of the image besides the one at `path`, beside which there can be journals.
std::vector<std::string> further_files(const std::string& path, const Description& file) {
  std::vector<std::string> files;
  if (!file.header_path.empty() && file.header_path != path) files.push_back(file.header_path);
  if (!file.journal_path.empty()) files.push_back(file.journal_path);
  for (const DataPart& part : file.layout.parts) {
    if (part.path != path && part.path != file.header_path) files.push_back(part.path);
  }
  return files;
}

}  // namespace

Recovery recover_path(const std::string& path, const RecoverOptions& options) {
  return recover_files({path}, path, options);
}

ExistingImage open_existing(const std::string& path, OpenFiles& files) {
  ExistingImage image{&format_of_file(path, files), {}};
  image.file = read_image(*image.format, path, files);
  return image;
}

ExistingImage open_recovered(const std::string& path, const RecoverOptions& options,
                             OpenFiles& files, Recovery& recovery) {
  for (int rolled_back = 0;;) {
    recovery = recover_path(path, options);
    require_recovered(recovery);
    ExistingImage image;
    if (recovery.rolled_back == 0) {
      try {
        image = open_existing(path, files);
      } catch (const Error&) {
        // Where files are not replaced in one step, a header may be missing after a writer's death.
        recovery.add(recover_files(files.missing(), path, options));
        if (recovery.rolled_back == 0) throw;
        files.forget_all();
        continue;
      }
      recovery.add(recover_files(further_files(path, image.file), path, options));
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
  const std::vector<std::string> further = further_files(path, file);
  std::set<std::string> files(further.begin(), further.end());
  files.insert(path);
  return notes_of_names(files, path);
}

Recovery recover_image(const std::string& given, const RecoverOptions& options) {
  const std::string path = image_path(given);
  Recovery recovery = recover_path(path, options);
  sweep(path);
  if (!file_exists(path)) return recovery;
  ExistingImage image;
  while (!image.format) {
    OpenFiles files(File::Mode::read);
    try {
      image = open_existing(path, files);
    } catch (const Error&) {
      // As in open_recovered().
      Recovery found = recover_files(files.missing(), path, options);
      const bool is_further = found.rolled_back > 0;
      recovery.add(std::move(found));
      if (!is_further) return recovery;  // what is no image names no other files
    }
  }
  const Description& file = image.file;
  recovery.add(recover_files(further_files(path, file), path, options));
  if (!file.header_path.empty() && file.header_path != path) sweep(file.header_path);
  if (!file.journal_path.empty()) sweep(file.journal_path);
  // Of several data files none is ever replaced, unless they are all the format's own.
  const bool owns_files = image.format->form(file.layout, {}).owns_files;
  if (file.layout.parts.size() != 1 && !owns_files) return recovery;
  for (const DataPart& part : file.layout.parts) {
    if (options.outside || lies_below(part.path, path)) sweep(part.path);
  }
  return recovery;
}

}  // namespace swr
