#include "engine/recovery.h"

#include "storage/file.h"
#include "storage/in_place.h"
#include "storage/sweep.h"

namespace swr {

void recover_path(const std::string& path, const RecoverOptions& options, Recovery& recovery) {
  if (has_journal(path)) recovery.add(recover_all(path, options));
}

void recover_named(const std::string& path, const Description& file, const RecoverOptions& options,
                   Recovery& recovery) {
  if (!file.header_path.empty() && file.header_path != path)
    recover_path(file.header_path, options, recovery);
  for (const DataPart& part : file.layout.parts) {
    if (part.path != path && part.path != file.header_path)
      recover_path(part.path, options, recovery);
  }
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
