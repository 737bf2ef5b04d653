// A file with positioned reads and writes that are never partial. Every failure is an Error with
// the file's path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/platform.h"

namespace swr {

class ReadTrace;

class File {
 public:
  enum class Mode {
    read,
    change,
    create_new
  };  // change: an existing file, for reading and writing; create_new: fails if the file exists

  File() = default;
  File(const std::string& path, Mode mode);  // only regular files: SWR_ERROR_UNSUPPORTED for others
  // Takes ownership of an open handle; `path` is for messages. Construct the path before opening
  // the handle: if allocating it failed afterwards, the handle would leak.
  File(system::Handle handle, std::string&& path) noexcept
      : handle_(handle), path_(std::move(path)) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();  // closes and ignores errors; after writing, call close()

  bool is_open() const { return handle_ != system::Handle::none; }
  system::Handle descriptor() const { return handle_; }
  const std::string& path() const { return path_; }
  // Records that the file was renamed.
  void is_called(std::string&& path) noexcept { path_ = std::move(path); }
  // The system's facts about the file. After learn() they are cached, and the size is updated by
  // writes through this object. Use learn() only if no other process or object changes the size
  // meanwhile.
  system::Facts facts() const;
  int64_t size() const { return facts().size; }
  // Asks the system, whatever is cached: another writer may have lengthened the file.
  int64_t size_now() const { return ask().size; }
  void learn() { known_ = ask(); }
  void learn(const system::Facts& facts) { known_ = facts; }
  void forget() noexcept { known_.reset(); }
  // Fills the whole span; SWR_ERROR_CORRUPT if the file ends earlier.
  void read_at(int64_t offset, std::span<std::byte> out) const;
  // Reads up to the span's size; returns less only at the end of the file.
  int64_t read_some(int64_t offset, std::span<std::byte> out) const;
  // What is read from now on is added to `trace`, which must outlive that; null: no longer.
  void note_reads(ReadTrace* trace) noexcept { trace_ = trace; }
  void write_at(int64_t offset, std::span<const std::byte> data);
  // Announces that sync() will follow: from now on, large writes go to the disk at once, in
  // parallel with the work on the next ones.
  void write_through() { writes_through_ = true; }
  void resize(int64_t size);
  // Allocates disk space for the first `size` bytes. Does nothing if the file system does not
  // support this; a full disk is an error.
  void preallocate(int64_t size);
  // Advises the system that the range will soon be read.
  void will_need(int64_t offset, int64_t bytes) const;
  void sync();
  void close();  // a failure of the system's close is an error
  // Reopens a closed file by its absolute path. Allocates nothing unless it fails.
  void reopen(const std::string& full_path, Mode mode);
  // Closes one handle of the file, because some file systems report failed writes only then, and
  // keeps the file open through another handle.
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
  ReadTrace* trace_ = nullptr;
};

// Throws the error for a file that cannot be opened.
[[noreturn]] void refuse_to_open(const std::string& path, std::errc reason, File::Mode mode);
// SWR_ERROR_IO if the system cannot tell.
bool file_exists(const std::string& path);
// The facts about the file, folder or link of this name; nothing if there is none. If the system
// cannot tell, SWR_ERROR_IO, with `act` as the failed action: the caller must not replace a file
// that may exist on a disk that does not answer.
std::optional<system::Facts> facts_if_there(const std::string& path, system::Links links,
                                            const char* act = "query its attributes");
// The facts about a regular file; nothing if no file has this name. SWR_ERROR_UNSUPPORTED if it is
// not a regular file.
std::optional<system::Facts> regular_file(const std::string& path);
// Whether the path leads to a folder, or is one. SWR_ERROR_IO if the system cannot tell.
bool is_folder(const std::string& path, system::Links links = system::Links::follow);
// SWR_ERROR_UNSUPPORTED if the file or folder `within`, or a folder on the way to it from `folder`,
// is a symbolic link. It need not exist.
void refuse_links(const std::string& folder, std::string_view within);
// Opens the file `within` in `folder` for reading, unless there is none. No part of `within` may be
// a symbolic link: SWR_ERROR_UNSUPPORTED.
std::optional<File> open_if_there(const std::string& folder, std::string_view within);
// Whether both paths lead to the same existing file.
bool same_file(const std::string& a, const std::string& b);
// Whether both paths, with all symbolic links followed, lead to the same name in the same folder.
// The hard links of a file are different names. The files need not exist.
bool same_entry(const std::string& a, const std::string& b);
// Whether a file, with all symbolic links followed, is in the folder of `beside` or in a folder
// below it. The files need not exist.
bool lies_below(const std::string& path, const std::string& beside);
// The target of a symbolic link, after following a chain of links; the target need not exist. Any
// other path is returned unchanged.
std::string follow_links(const std::string& path);
// Splits a path textually: its folder ("." if it has none) and its last name.
std::string folder_of(const std::string& path);
// The absolute path of the folder of `path`, with all symbolic links followed. The folder must
// exist.
std::string real_folder_of(const std::string& path);
std::string name_of(const std::string& path);
// The sorted names in a folder; none if the folder does not exist.
std::vector<std::string> names_in(const std::string& folder);
// The path of `name` in the folder of `beside`; an absolute name is returned unchanged.
std::string sibling(const std::string& beside, const std::string& name);
// Flushes a folder's entries to the disk.
void sync_folder(const std::string& folder);
void sync_folder_if_there(const std::string& folder);
// The first `most` bytes of a file, or all of it if it is shorter.
std::string read_head(const std::string& path, int64_t most);
std::string read_head(const File& file, int64_t most);

}  // namespace swr
