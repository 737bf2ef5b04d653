// The files of an image while it is read or written: each is opened once, and used through that one
// open file from then on, whatever becomes of its name.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/file.h"
#include "storage/file_state.h"
#include "storage/identity.h"
#include "storage/read_trace.h"

namespace swr {

// Thread-safe. The files know their facts (file.h), and sizes are not asked for again: if others
// may have changed a file meanwhile, another object is needed.
class OpenFiles {
 public:
  // Mode::change: for reading and writing. A file that the system permits only to read is opened
  // for reading; open_to_change() then fails with the reason.
  explicit OpenFiles(File::Mode mode) : mode_(mode) {}
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

  // Which dataset is the image, in files that hold several: its name in the file. Empty: the format
  // chooses.
  const std::string& dataset() const { return dataset_; }
  // Requires: nothing was read yet.
  void choose_dataset(const std::string& name) { dataset_ = name; }

  // The file of this name, opened at the first call. A symbolic link stands for what it points to.
  // Fails as the constructor of File does.
  std::shared_ptr<File> open(const std::string& path);
  // The same, for a change.
  // `is_held`: later calls return the same object. Of many files, the last ones are not held: a
  // process may not have many open files.
  struct Lent {
    std::shared_ptr<File> file;
    bool is_held = false;
  };
  Lent open_to_change(const std::string& path);
  // Opens the file and holds it, however many there are. Returns nothing if there is no regular
  // file, or if the system does not permit to open it.
  std::shared_ptr<File> hold(const std::string& path);

  // From now on `path` stands for this open file, whatever file has that name.
  void adopt(const std::string& path, File&& file);

  // Opens the file if there is one. SWR_ERROR_IO if the system cannot say.
  bool is_there(const std::string& path);
  // The names that is_there() did not find.
  std::vector<std::string> missing();
  // Whether the path leads to a folder. SWR_ERROR_IO if the system cannot say.
  bool is_folder(const std::string& path);
  // Looks, without opening.
  bool exists(const std::string& path);
  bool is_open(const std::string& path);
  // Whether both are names of one file, as same_file() of file.h says.
  bool are_same(const std::string& a, const std::string& b);
  bool lies_below(const std::string& path, const std::string& beside);
  // SWR_ERROR_IO if the system does not permit to change the file.
  void expect_changeable(const std::string& path);
  // What a path that is a symbolic link points to.
  std::string target_of(const std::string& path);
  bool is_writable(const std::string& path);
  // The state of a file when it was opened, or as it is now.
  FileState state_of(const std::string& path);

  // What is read of the files that are held is noted from now on, until `trace` is null.
  // Requires: one thread reads meanwhile.
  void note_reads(ReadTrace* trace);

  // Whether the file that was opened still has this name. Learns its facts again; forgets the file
  // if another one has the name.
  bool is_still_named(const std::string& path);
  // Whether others have changed or replaced one of the files that are held since it was opened, or
  // may have done so.
  bool are_disturbed();
  void forget_all();
  // Forgets the files for which `is_kept` is false.
  void forget_others(const std::function<bool(const File&)>& is_kept);

 private:
  static constexpr size_t most_held = 16;

  struct Entry {
    std::shared_ptr<File> file{};
    std::string target{};    // the path, its symbolic links followed
    FileState state{};       // when it was opened
    std::errc refused{};     // why it was opened for reading only
    std::errc reason{};      // why it was not opened
    bool is_regular = true;  // if not, it was not kept open
  };

  Entry look(const std::string& path, bool always_held) SWR_REQUIRES(mutex_);
  Entry open_new(const std::string& path) const;
  const Entry* held(const std::string& path) const SWR_REQUIRES(mutex_);
  bool is_no_link(const std::string& path) const SWR_REQUIRES(mutex_);
  [[noreturn]] void refuse(const std::string& path, const Entry& entry) const;

  const File::Mode mode_;
  std::string dataset_;
  Mutex mutex_;
  std::map<std::string, Entry> entries_ SWR_GUARDED_BY(mutex_);
  std::vector<std::string> missing_ SWR_GUARDED_BY(mutex_);
  ReadTrace* trace_ SWR_GUARDED_BY(mutex_) = nullptr;
};

// The file of this name: one of `files`, or one that is opened for the caller alone if there are
// none.
std::shared_ptr<File> open_to_read(OpenFiles* files, const std::string& path);

}  // namespace swr
