#include "storage/working_folder.h"

#include <filesystem>

#include "storage/file.h"
#include "storage/paths.h"
#include "storage/platform.h"

namespace swr {

namespace {

bool is_same_folder(const std::string& a, const std::string& b) {
  system::Facts first, second;
  return system::facts(a.c_str(), system::Links::follow, first) &&
         system::facts(b.c_str(), system::Links::follow, second) && first.device == second.device &&
         first.inode == second.inode;
}

}  // namespace

std::string WorkingFolder::fix(const std::string& given) {
  prefix_.clear();
  std::string path = with_slashes(given);
  if (path.empty() || root_bytes(path) > 0) return path;
  std::error_code unknown;
  std::string prefix = text_of(std::filesystem::current_path(unknown));
  if (unknown || prefix.empty()) return path;
  if (!prefix.ends_with('/')) prefix += '/';
  std::string full = prefix + path;
  if (full.size() > system::longest_path || !is_same_folder(folder_of(path), folder_of(full)))
    return path;
  prefix_ = std::move(prefix);
  return full;
}

std::string WorkingFolder::as_given(std::string text) const {
  if (prefix_.size() < 2) return text;
  for (size_t at = 0; (at = text.find(prefix_, at)) != std::string::npos;) {
    // In the middle of another path, the same text is not the working directory.
    const bool begins =
        at == 0 || std::string_view(" '\"(").find(text[at - 1]) != std::string::npos;
    if (begins) {
      text.erase(at, prefix_.size());
    } else {
      at += prefix_.size();
    }
  }
  return text;
}

}  // namespace swr
