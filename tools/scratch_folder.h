// A private folder for streams, and what is left of those of processes that were killed.
#pragma once

#include <optional>
#include <string>

namespace swr::tool {

// An open file or folder.
class Descriptor {
 public:
  // Throws a Failure if it cannot be opened.
  Descriptor(const std::string& path, int flags);
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

// Whether the path leads to the open file.
bool is_file_of(int descriptor, const std::string& path);

// A folder in $TMPDIR, or else in /var/tmp, which lasts as long as the object. It is locked: making
// one removes those of this user that are not, whose processes were killed.
class ScratchFolder {
 public:
  // The end of a message about a full disk.
  static constexpr const char* advice = "; make room there, or set TMPDIR to another folder";

  ScratchFolder();
  ~ScratchFolder() { remove(); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  // Requires: the name begins with "standard-"; only such files are removed after a kill.
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }
  // The folder that it is in, which the user knows.
  const std::string& parent() const { return parent_; }
  // With the files in it.
  void remove() noexcept;

 private:
  bool try_to_make();

  std::string parent_, path_;
  std::optional<Descriptor> lock_;
};

}  // namespace swr::tool
