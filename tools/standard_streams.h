// "-" as the name of a file: standard input and standard output hold an image. Both go through a
// scratch folder, because formats are read and written in any order: memory stays small, and
// nothing reaches standard output before the image is complete.
#pragma once

#include <optional>
#include <string>

#include "scratch_folder.h"

namespace swr::tool {

inline constexpr const char* standard_stream = "-";

// Standard input as a file. A file that is redirected whole is read where it is; everything else
// is copied into a scratch folder first.
class StandardInput {
 public:
  StandardInput();

  const std::string& path() const { return path_; }
  // What compressed it, such as "gzip", if it begins like a compressed file; else "".
  std::string compression() const;

 private:
  void spool();

  std::optional<ScratchFolder> folder_;
  std::string path_;
};

// An image that goes to standard output when it is complete. `suffix` is that of its format.
class StandardOutput {
 public:
  // Throws a UsageError if standard output is a terminal, or the file `input`.
  StandardOutput(const std::string& suffix, const std::string& input);

  // The file to write.
  const std::string& path() const { return path_; }
  // The folder in which it is kept until then.
  const std::string& folder() const { return folder_.parent(); }
  // Sends the file, which has no name any more then: if the reader of a pipe ends early, this
  // process ends too, and nothing is left.
  void send();

 private:
  ScratchFolder folder_;
  std::string path_;
};

// Throws a UsageError if `path` is the file that standard output is redirected to: the command
// would replace it, and what it prints would be lost with the old one.
void refuse_redirected_file(const std::string& path);

}  // namespace swr::tool
