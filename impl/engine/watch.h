// Whether the files of an image were at rest while they were read.
//
// A writer changes a compressed file in place, under an undo journal: its slots first, then the
// directory, then the header. A reader that comes meanwhile finds parts that contradict each other,
// as in a damaged file. So an error counts only if nobody has changed the files since before they
// were opened; otherwise they are read again when the change is over.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file_state.h"
#include "storage/open_files.h"

namespace swr {

class Watch {
 public:
  Watch() = default;
  // Of the image whose undo journals are beside `path`.
  Watch(const std::string& path, OpenFiles& files) : journal_path_(path) { add(path, files); }

  // Watches another file of the image, since it was opened in `files`, or else from now on: then call
  // it before the file is opened.
  void add(const std::string& path, OpenFiles& files);
  // The same, for a header that is not at the image's path. The image's journals are beside it.
  void add_header(const std::string& path, OpenFiles& files) {
    journal_path_ = path;
    add(path, files);
  }

  // Whether a file was changed or replaced since it was added, or may have been, or a living writer
  // is changing the image now.
  bool is_disturbed() const;
  // Whether another file has the name of one of them.
  bool is_replaced() const;

 private:
  std::string journal_path_;
  std::vector<std::pair<std::string, FileState>> files_;
};

// Waits for the end of a change, a moment at each call. SWR_ERROR_BUSY when that has taken too long;
// `trouble` is what reading came to last.
class Patience {
 public:
  void wait(const std::string& path, const std::optional<Error>& trouble);

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::milliseconds moment_{1};
};

}  // namespace swr
