// Tells whether the files of an image changed while they were read.
//
// A writer changes a compressed file in place, protected by an undo journal: first its slots, then
// the directory, then the header. A reader that reads meanwhile sees parts that contradict each
// other, as in a damaged file. So an error counts only if the files have not changed since before
// they were opened; otherwise they are read again when the change is over.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file_state.h"
#include "storage/open_files.h"
#include "storage/read_trace.h"

namespace swr {

class Watch {
 public:
  Watch() = default;
  // Watches the image whose undo journals are beside `path`.
  Watch(const std::string& path, OpenFiles& files) : journal_paths_{path} { add(path, files); }

  // Watches another file of the image: from the moment when it was opened in `files`, otherwise
  // from now. In the second case, call this before the file is opened. Returns the state from which
  // on it is watched.
  FileState add(const std::string& path, OpenFiles& files);
  // The same, for a header that is not at the image's path. The image's journals are beside the
  // header.
  void add_header(const std::string& path, OpenFiles& files) {
    journal_paths_ = {path};
    add(path, files);
  }
  // A further file beside which the image has journals.
  void add_journal(const std::string& path) { journal_paths_.push_back(path); }

  // A file that was not there when the image was opened, and may be a header.
  void add_missing(const std::string& path);

  // Whether a file was, or may have been, changed or replaced since it was added, or a living
  // writer is changing the image now.
  bool is_disturbed() const;
  // Whether some of this, which was read of the files since they were added, may come from the
  // middle of a change. False if all changes are elsewhere in the files.
  bool has_disturbed(const ReadTrace& trace) const {
    return trace.is_in_journals_of(journal_paths_) || !trace.is_still_there();
  }
  // Whether the name of one of the files now belongs to another file.
  bool is_replaced() const;

 private:
  std::vector<std::string> journal_paths_;
  std::vector<std::pair<std::string, FileState>> files_;
};

// Whether a concurrent change of the file can cause this error. Errors of the application's
// request, and of the system, have other causes.
bool may_be_a_change(const Error& error);

// Waits for the end of a change, for a short time per call. SWR_ERROR_BUSY if that takes too long
// in total, SWR_CANCELLED if the application says so; `trouble` is the last error of reading.
class Patience {
 public:
  explicit Patience(std::function<bool()> is_cancelled = nullptr)
      : is_cancelled_(std::move(is_cancelled)) {}
  void wait(const std::string& path, const std::optional<Error>& trouble);
  // Something else that the caller waited for so long does not count.
  void leave_out(std::chrono::steady_clock::duration time) { begun_ += time; }

 private:
  std::function<bool()> is_cancelled_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  // After two or three waits the clocks of file systems have gone on (FileState::is_settled).
  std::chrono::milliseconds moment_{3};
};

}  // namespace swr
