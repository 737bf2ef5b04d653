// What a recovery may change.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "storage/found_journals.h"

namespace swr {

struct RecoverOptions {
  bool outside = false;        // also files that are not in the image's folder
  bool other_machine = false;  // also what a writer on another machine left
  // How long to wait for another process that does the same: SWR_ERROR_BUSY after that.
  std::chrono::milliseconds patience = FoundJournals::usual_patience;
};

// Both without symbolic links.
inline bool is_inside(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

struct RecoveryScope {
  RecoverOptions options;
  std::filesystem::path home;  // the folder of the image

  // `real` has no symbolic links.
  bool has(const std::filesystem::path& real) const {
    return options.outside || is_inside(real, home);
  }
};

}  // namespace swr
