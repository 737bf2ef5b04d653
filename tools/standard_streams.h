// "-" as the name of a file: standard input and standard output hold an image. Both go through a
// scratch folder, because formats are read and written in any order: memory stays small, and
// nothing reaches standard output before the image is complete.
#pragma once

#include <optional>
#include <string>

namespace swr::tool {

inline constexpr const char* standard_stream = "-";

// A private folder in $TMPDIR, or else in /var/tmp.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder() { remove(); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path_of(const std::string& name) const { return path_ + "/" + name; }
  // With the files in it.
  void remove() noexcept;

 private:
  std::string path_;
};

// Standard input as a file. A file that is redirected whole is read where it is; everything else
// is copied into a scratch folder first.
class StandardInput {
 public:
  StandardInput();

  const std::string& path() const { return path_; }

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
// `text` with `name`, such as "standard input", in the place of `path`.
std::string with_stream_names(std::string text, const std::string& path, const std::string& name);

}  // namespace swr::tool
