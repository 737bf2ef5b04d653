// Files that the HDF5 library opens through swr: it asks a virtual file driver for bytes, which
// asks an Hdf5Bytes. Nothing is opened by its name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/hdf5_library.h"
#include "storage/file.h"

namespace swr {

// The bytes of a file of HDF5. Functions may throw: the call of the library then fails, and
// Hdf5File::refuse() throws the same.
class Hdf5Bytes {
 public:
  virtual ~Hdf5Bytes() = default;
  virtual void read(int64_t offset, std::span<std::byte> out) = 0;
  virtual void write(int64_t offset, std::span<const std::byte> bytes) = 0;
  // The end of what is allocated, which the library sets too.
  virtual int64_t end() const = 0;
  virtual void set_end(int64_t end) = 0;
  // The end of what is stored.
  virtual int64_t stored_end() const = 0;
  // How many bytes are there: no more are asked for of what the library reads in one piece.
  virtual int64_t size() const { return std::numeric_limits<int64_t>::max(); }
  // Returns where new bytes are.
  virtual int64_t allocate(bool is_raw_data, int64_t bytes) = 0;
};

// Fills `out` with what the library reads. SWR_ERROR_CORRUPT if the file ends before.
void read_hdf5_structure(const File& file, int64_t offset, std::span<std::byte> out);

// An existing file, to be read.
class Hdf5FileBytes final : public Hdf5Bytes {
 public:
  explicit Hdf5FileBytes(std::shared_ptr<const File> file) : file_(std::move(file)) {}
  void read(int64_t offset, std::span<std::byte> out) override;
  void write(int64_t offset, std::span<const std::byte> bytes) override;
  int64_t end() const override { return end_; }
  void set_end(int64_t end) override { end_ = end; }
  int64_t size() const override { return file_->size(); }
  // A file may be cut off after what the library reads: the reader of the pixels notices that.
  int64_t stored_end() const override { return std::numeric_limits<int64_t>::max() / 2; }
  int64_t allocate(bool is_raw_data, int64_t bytes) override;

 private:
  std::shared_ptr<const File> file_;
  int64_t end_ = 0;
};

// The structure of a new file, in memory, around pixels that are not stored. What is allocated
// follows the superblock without gaps, except the pixels, which are at `pixels_begin`.
class Hdf5NewBytes final : public Hdf5Bytes {
 public:
  Hdf5NewBytes(int64_t pixels_begin, int64_t pixel_bytes)
      : pixels_begin_(pixels_begin), pixel_bytes_(pixel_bytes) {}
  // The next allocation of raw data is that of the pixels.
  void pixels_come() { pixels_come_ = true; }
  // The structure, without what is allocated after its last byte.
  const std::string& bytes() const { return bytes_; }
  int64_t structure_end() const { return structure_end_; }

  void read(int64_t offset, std::span<std::byte> out) override;
  void write(int64_t offset, std::span<const std::byte> bytes) override;
  int64_t end() const override;
  void set_end(int64_t end) override;
  int64_t stored_end() const override { return std::ssize(bytes_); }
  int64_t allocate(bool is_raw_data, int64_t bytes) override;

 private:
  const int64_t pixels_begin_, pixel_bytes_;
  bool pixels_come_ = false, has_pixels_ = false;
  int64_t structure_end_ = 0;
  std::string bytes_;
};

// An open file of the library. Requires: an Hdf5Calls exists, also when it is destroyed.
class Hdf5File {
  // What the driver gets from the access list and keeps in the open file. A damaged file can stay
  // open in the library until the program ends: then it has no bytes any more.
  struct Link {
    Hdf5Bytes* bytes = nullptr;
    std::exception_ptr error;
    const void* watched = nullptr;
    std::optional<int64_t> seen;
    bool is_abandoned = false;  // nothing is written any more
  };

 public:
  // While it exists, what the library reads into `buffer` is not read: its place is noted.
  class Watch {
   public:
    Watch(const Hdf5File& file, const void* buffer) : link_(*file.link_) {
      link_.watched = buffer;
      link_.seen.reset();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { link_.watched = nullptr; }
    std::optional<int64_t> place() const { return link_.seen; }

   private:
    Link& link_;
  };

  Hdf5File(Hdf5File&&) = default;
  Hdf5File& operator=(Hdf5File&&) = delete;
  ~Hdf5File();

  // SWR_ERROR_CORRUPT. `bytes` must outlive the file.
  static Hdf5File open(const std::string& path, Hdf5Bytes& bytes);
  // To be changed too. What is written reaches `bytes` until the file is closed or abandoned.
  static Hdf5File open_to_change(const std::string& path, Hdf5Bytes& bytes);
  // As old as HDF5 1.8 reads it, with checksums, and without the time.
  static Hdf5File create(const std::string& path, Hdf5Bytes& bytes);

  hid_t id() const { return file_.get(); }
  const std::string& path() const { return path_; }
  // Of a call that has just failed: its error, `what` says what was being done.
  [[noreturn]] void refuse(std::string_view what) const;
  // Takes an identifier that must be valid. `what` must not be a string that the call makes: where
  // that fails after the identifier was made, nobody closes it.
  Hdf5Id valid(hid_t id, Hdf5Id::Close close, std::string_view what) const;
  void check(herr_t result, std::string_view what) const {
    if (result < 0) refuse(what);
  }
  void close();    // writes what is left
  void abandon();  // closes it without that
  // Calls `act`, whose calls of the library may take what fails for what is not there, and returns
  // its result. Fails if a byte could not be read meanwhile, with the error of that read. Errors
  // have the name of the file.
  template <typename Act>
  auto complete(const Act& act) const {
    try {
      auto result = act();
      if (link_->error) rethrow(link_->error);
      return result;
    } catch (const Error&) {
      rethrow(link_->error ? link_->error : std::current_exception());
    }
  }
  // Bytes of the file itself.
  void read(int64_t offset, std::span<std::byte> out) const { link_->bytes->read(offset, out); }

 private:
  friend struct Hdf5Driver;
  [[noreturn]] void rethrow(const std::exception_ptr& error) const;
  void release();

  Hdf5File(const std::string& path, Hdf5Bytes& bytes);
  Hdf5Id access_list() const;
  static Hdf5File open(const std::string& path, Hdf5Bytes& bytes, unsigned how);

  std::string path_;
  std::shared_ptr<Link> link_;
  Hdf5Id driver_, file_;
};

// What a callback of the library collects. The library knows no exceptions: a lack of memory ends
// its call, and is thrown after it.
template <typename Item>
class Hdf5List {
 public:
  template <typename... Parts>
  herr_t add(Parts&&... parts) noexcept {
    try {
      items_.push_back(Item{std::forward<Parts>(parts)...});
      return 0;
    } catch (const std::bad_alloc&) {
      lacks_memory_ = true;
      return -1;
    }
  }
  // Requires: the call has returned.
  void check() const {
    if (lacks_memory_) throw std::bad_alloc();
  }
  std::vector<Item> take() { return std::move(items_); }

 private:
  std::vector<Item> items_;
  bool lacks_memory_ = false;
};

// What iterate(list) adds to the list, items with `name` and `made`: in the order in which they
// were made, or by name where that is unknown (`made` of one is negative). The function of the
// library must be asked for H5_INDEX_NAME in H5_ITER_NATIVE. Any other order makes it build a table
// first, as long as the file says: versions up to 1.14 write past its end, or free what they have
// not filled, if a heap or a tree of the file is damaged.
template <typename Item, typename Iterate>
std::vector<Item> hdf5_items(const Hdf5File& file, const std::string& damaged, Iterate iterate) {
  Hdf5List<Item> list;
  const herr_t result = iterate(&list);
  list.check();
  file.check(result, damaged);
  std::vector<Item> items = list.take();
  const bool is_known = std::ranges::all_of(items, [](const Item& item) { return item.made >= 0; });
  std::ranges::stable_sort(items, [&](const Item& a, const Item& b) {
    return is_known ? a.made < b.made : a.name < b.name;
  });
  return items;
}

// An access list with which the library follows no link to another file.
Hdf5Id hdf5_link_access(hid_t kind);

}  // namespace swr
