// A file with positioned, complete reads and writes. Every failure is an Error with the file's
// path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/platform.h"

namespace swr {

class File {
 public:
  enum class Mode {
    read,
    change,
    create_new
  };  // change: an existing file, for reading and writing; create_new fails if there is one

  File() = default;
  File(const std::string& path, Mode mode);  // only regular files: SWR_ERROR_UNSUPPORTED for others
  // Owns an open handle; `path` is for messages. Make it before the handle: without memory for it no
  // one would own that.
  File(system::Handle handle, std::string&& path) noexcept
      : handle_(handle), path_(std::move(path)) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();  // closes; an error is lost, so who wrote calls close()

  bool is_open() const { return handle_ != system::Handle::none; }
  system::Handle descriptor() const { return handle_; }
  const std::string& path() const { return path_; }
  // The file has got another name.
  void is_called(std::string&& path) noexcept { path_ = std::move(path); }
  // What the system says of the file. After learn() it need not be asked: what was known then, with the
  // size that the file has come to by this object. For files that nobody else makes longer or shorter
  // meanwhile.
  system::Facts facts() const;
  int64_t size() const { return facts().size; }
  void learn() { known_ = ask(); }
  void learn(const system::Facts& facts) { known_ = facts; }
  void forget() noexcept { known_.reset(); }
  // Fills the whole span; SWR_ERROR_CORRUPT if the file ends before.
  void read_at(int64_t offset, std::span<std::byte> out) const;
  // Reads up to the span's size; less only at the end of the file.
  int64_t read_some(int64_t offset, std::span<std::byte> out) const;
  void write_at(int64_t offset, std::span<const std::byte> data);
  // Says that sync() will follow: large writes then go to the disk as they come, while the next are
  // made.
  void write_through() { writes_through_ = true; }
  void resize(int64_t size);
  // Asks for the space of the first `size` bytes. Where the file system cannot, nothing happens; a
  // full disk is an error.
  void preallocate(int64_t size);
  // Tells the system that the range will soon be read.
  void will_need(int64_t offset, int64_t bytes) const;
  void sync();
  void close();  // a failure of the system's close is an error
  // Opens a file again that was closed, at the full path that it has. Needs no memory if all goes
  // well.
  void reopen(const std::string& full_path, Mode mode);
  // Closes the file as close() does, which is where some file systems tell that a write failed, and
  // keeps it open.
  void close_and_keep();
  int64_t bytes_written() const { return bytes_written_; }

 private:
  void open(const std::string& path, Mode mode);
  system::Facts ask() const;
  void reaches(int64_t size) noexcept;
  void close_quietly() noexcept;

  system::Handle handle_ = system::Handle::none;
  std::string path_;
  std::optional<system::Facts> known_;
  int64_t bytes_written_ = 0;
  bool writes_through_ = false;
};

// Says why a file cannot be opened.
[[noreturn]] void refuse_to_open(const std::string& path, std::errc reason, File::Mode mode);
// SWR_ERROR_IO if the system cannot say.
bool file_exists(const std::string& path);
// What the system says of what has this name; nothing if nothing has. SWR_ERROR_IO, saying that it
// was not possible to `act`, if the system cannot tell: a disk that does not answer is no reason to
// take the place of a file that may be there.
std::optional<system::Facts> facts_if_there(const std::string& path, system::Links links,
                                            const char* act = "look at it");
// What the system says of a file; nothing if there is none. SWR_ERROR_UNSUPPORTED if it is not a
// regular file.
std::optional<system::Facts> regular_file(const std::string& path);
// Whether both paths lead to one file, by whatever names; not if one of them leads to none.
bool same_file(const std::string& a, const std::string& b);
// Whether both paths lead to one name in one folder, when all symbolic links are followed. Hard links
// of a file are several names. Neither needs to exist.
bool same_entry(const std::string& a, const std::string& b);
// Whether a file lies in the folder of `beside` or below it, when all symbolic links are followed.
// Neither needs to exist.
bool lies_below(const std::string& path, const std::string& beside);
// What a path that is a symbolic link points to in the end, also if nothing is there; another path
// stays as it is.
std::string follow_links(const std::string& path);
// The folder of a path ("." if it has none) and its last name.
std::string folder_of(const std::string& path);
// The same in full, with all symbolic links followed. It must exist.
std::string real_folder_of(const std::string& path);
std::string name_of(const std::string& path);
// What is in a folder, sorted; nothing if there is no such folder.
std::vector<std::string> names_in(const std::string& folder);
// `name` in the folder of `beside`; an absolute name stays as it is.
std::string sibling(const std::string& beside, const std::string& name);
// Flushes a folder's entries to the disk.
void sync_folder(const std::string& folder);
// The whole of a small file (a header): its first `most` bytes, or all if it is shorter.
std::string read_head(const std::string& path, int64_t most);
std::string read_head(const File& file, int64_t most);

}  // namespace swr
