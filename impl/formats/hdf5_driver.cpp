#include "formats/hdf5_driver.h"

#include <H5FDpublic.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <limits>
#include <new>

#include "base/checked.h"
#include "formats/hdf5_checks.h"

namespace swr {
namespace {

constexpr int64_t most_structure_bytes = int64_t{256} << 20;
constexpr int64_t most_read_ahead = 4096;
constexpr haddr_t most_file_address = haddr_t{1} << 62;

[[noreturn]] void fail_far() {
  fail(SWR_ERROR_CORRUPT, "a place in the file is too far");
}

[[noreturn]] void fail_short() {
  fail(SWR_ERROR_CORRUPT, "the file ends in the middle of its structure");
}

}  // namespace

// The functions that the library calls.
struct Hdf5Driver {
  // The library's own fields come first.
  struct Open {
    H5FD_t own;
    std::shared_ptr<Hdf5File::Link> link;
  };
  using AccessInfo = const std::shared_ptr<Hdf5File::Link>*;

  static Hdf5File::Link& link_of(const H5FD_t* file) {
    return *reinterpret_cast<const Open*>(file)->link;
  }

  // Calls `act`. An exception is kept, and `failed` is returned.
  template <typename Result, typename Act>
  static Result guarded(H5FD_t* file, Result failed, const Act& act) noexcept {
    Hdf5File::Link& link = link_of(file);
    if (!link.bytes) return failed;
    try {
      return act(*link.bytes);
    } catch (...) {
      if (!link.error) link.error = std::current_exception();
      return failed;
    }
  }

  static int64_t offset_of(haddr_t address) {
    if (address >= most_file_address) fail_far();
    return static_cast<int64_t>(address);
  }

  static H5FD_t* open(const char*, unsigned, hid_t access, haddr_t) noexcept {
    const auto* const info = static_cast<const AccessInfo*>(H5Pget_driver_info(access));
    if (!info) return nullptr;
    // cppcheck-suppress legacyUninitvar
    auto* const opened = new (std::nothrow) Open{};
    if (!opened) {
      (**info)->error = std::make_exception_ptr(std::bad_alloc());
      return nullptr;
    }
    opened->link = **info;
    return &opened->own;
  }
  static herr_t close(H5FD_t* file) noexcept {
    delete reinterpret_cast<Open*>(file);
    return 0;
  }
  // Every open file is one of its own.
  static int compare(const H5FD_t* a, const H5FD_t* b) noexcept {
    const auto *const left = &link_of(a), *const right = &link_of(b);
    return std::less<>()(left, right) ? -1 : left == right ? 0 : 1;
  }
  static herr_t query(const H5FD_t*, unsigned long* features) noexcept {
    *features = 0;
    return 0;
  }
  static haddr_t allocate(H5FD_t* file, H5FD_mem_t kind, hid_t, hsize_t size) noexcept {
    return guarded(file, HADDR_UNDEF, [&](Hdf5Bytes& bytes) {
      return static_cast<haddr_t>(bytes.allocate(kind == H5FD_MEM_DRAW, offset_of(size)));
    });
  }
  static haddr_t end(const H5FD_t* file, H5FD_mem_t) noexcept {
    const Hdf5Bytes* const bytes = link_of(file).bytes;
    return bytes ? static_cast<haddr_t>(bytes->end()) : HADDR_UNDEF;
  }
  static herr_t set_end(H5FD_t* file, H5FD_mem_t, haddr_t end) noexcept {
    return guarded(file, herr_t{-1}, [&](Hdf5Bytes& bytes) {
      bytes.set_end(offset_of(end));
      return herr_t{0};
    });
  }
  static haddr_t stored_end(const H5FD_t* file, H5FD_mem_t) noexcept {
    const Hdf5Bytes* const bytes = link_of(file).bytes;
    return bytes ? static_cast<haddr_t>(bytes->stored_end()) : HADDR_UNDEF;
  }
  static herr_t read(H5FD_t* file, H5FD_mem_t kind, hid_t, haddr_t at, size_t size,
                     void* out) noexcept {
    return guarded(file, herr_t{-1}, [&](Hdf5Bytes& bytes) {
      const std::span read(static_cast<std::byte*>(out), size);
      if (Hdf5File::Link& link = link_of(file); out == link.watched) {
        link.seen = offset_of(at);
        return herr_t{0};
      }
      // Nodes of trees of version 1 have no checksum.
      if (kind == H5FD_MEM_BTREE && std::ssize(read) > bytes.size() - offset_of(at)) fail_short();
      bytes.read(offset_of(at), read);
      if (kind == H5FD_MEM_OHDR) check_hdf5_object_header(bytes, offset_of(at), read);
      check_hdf5_heap(read);
      return herr_t{0};
    });
  }
  // The library is told that all is well, and whoever closes the file learns the error: a file that
  // cannot be flushed is freed, but keeps its identifier, which the library frees again when the
  // program ends.
  static herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, size_t size,
                      const void* data) noexcept {
    return guarded(file, herr_t{0}, [&](Hdf5Bytes& bytes) {
      if (link_of(file).is_abandoned) return herr_t{0};
      bytes.write(offset_of(at), {static_cast<const std::byte*>(data), size});
      return herr_t{0};
    });
  }

  static Hdf5Id enlist() {
    constexpr H5FD_mem_t kinds[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
    H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 2)
    driver.version = H5FD_CLASS_VERSION;
    driver.value = static_cast<H5FD_class_value_t>(511);  // of those for programs' own drivers
#endif
    driver.name = "swr";
    driver.maxaddr = most_file_address;
    driver.fc_degree = H5F_CLOSE_STRONG;
    driver.fapl_size = sizeof(AccessInfo);
    driver.open = open;
    driver.close = close;
    driver.cmp = compare;
    driver.query = query;
    driver.alloc = allocate;
    driver.get_eoa = end;
    driver.set_eoa = set_end;
    driver.get_eof = stored_end;
    driver.read = read;
    driver.write = write;
    std::copy(std::begin(kinds), std::end(kinds), driver.fl_map);
    return {H5FDregister(&driver), H5FDunregister};
  }
};

// --- Bytes ---

void read_hdf5_structure(const File& file, int64_t offset, std::span<std::byte> out) {
  // The library reads headers of unknown length with some bytes that follow. Larger reads fail
  // before memory that a damaged file asks for is touched.
  const int64_t size = file.size(), missing = std::ssize(out) - (size - offset);
  if (missing >= std::ssize(out) || missing > most_read_ahead) {
    fail(SWR_ERROR_CORRUPT, file.path(), ": the file ends after ", size,
         " bytes, in the middle of its structure");
  }
  const auto read = static_cast<size_t>(file.read_some(offset, out));
  std::ranges::fill(out.subspan(read), std::byte{});
}

void Hdf5FileBytes::read(int64_t offset, std::span<std::byte> out) {
  read_hdf5_structure(*file_, offset, out);
}

void Hdf5FileBytes::write(int64_t, std::span<const std::byte>) {
  fail(SWR_ERROR_INTERNAL, file_->path(), ": HDF5 writes to a file that is only read");
}

int64_t Hdf5FileBytes::allocate(bool, int64_t) {
  fail(SWR_ERROR_INTERNAL, file_->path(), ": HDF5 writes to a file that is only read");
}

void Hdf5NewBytes::read(int64_t offset, std::span<std::byte> out) {
  const int64_t there = std::clamp<int64_t>(std::ssize(bytes_) - offset, 0, std::ssize(out));
  const auto from = std::as_bytes(std::span(bytes_));
  if (there > 0)
    std::ranges::copy(from.subspan(static_cast<size_t>(offset), static_cast<size_t>(there)),
                      out.begin());
  std::ranges::fill(out.subspan(static_cast<size_t>(there)), std::byte{});
}

void Hdf5NewBytes::write(int64_t offset, std::span<const std::byte> bytes) {
  const int64_t end = checked_add(offset, std::ssize(bytes));
  if (end > structure_end_)
    fail(SWR_ERROR_INTERNAL, "HDF5 writes to a place that it has not allocated");
  if (end > std::ssize(bytes_)) bytes_.resize(static_cast<size_t>(end));
  std::ranges::copy(bytes, std::as_writable_bytes(std::span(bytes_)).begin() + offset);
}

int64_t Hdf5NewBytes::end() const {
  return has_pixels_ ? pixels_begin_ + pixel_bytes_ : structure_end_;
}

void Hdf5NewBytes::set_end(int64_t end) {
  if (has_pixels_ && end == this->end()) return;
  if (has_pixels_) fail(SWR_ERROR_INTERNAL, "HDF5 moves the end of the pixels");
  if (end > most_structure_bytes) fail_far();
  structure_end_ = end;
}

int64_t Hdf5NewBytes::allocate(bool is_raw_data, int64_t bytes) {
  if (is_raw_data && std::exchange(pixels_come_, false)) {
    if (bytes != pixel_bytes_) fail(SWR_ERROR_INTERNAL, "HDF5 allocates other pixels than asked");
    has_pixels_ = true;
    return pixels_begin_;
  }
  if (bytes > most_structure_bytes - structure_end_)
    fail(SWR_ERROR_UNSUPPORTED, "HDF5's structure would have more than ", most_structure_bytes,
         " bytes");
  return std::exchange(structure_end_, structure_end_ + bytes);
}

// --- Files ---

Hdf5File::Hdf5File(const std::string& path, Hdf5Bytes& bytes)
    : path_(path), link_(std::make_shared<Link>()), driver_(Hdf5Driver::enlist()) {
  link_->bytes = &bytes;
  if (!driver_) refuse("cannot use the HDF5 library");
}

// A close that fails has freed the file, and left its identifier: one more reference keeps the
// library from following it when the program ends.
void Hdf5File::release() {
  const hid_t id = file_.get();
  file_ = {};
  if (id >= 0 && H5Iis_valid(id) > 0) H5Iinc_ref(id);
}

Hdf5File::~Hdf5File() {
  release();
  if (link_) link_->bytes = nullptr;
}

Hdf5Id Hdf5File::access_list() const {
  Hdf5Id list = valid(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "cannot use the HDF5 library");
  const Hdf5Driver::AccessInfo link = &link_;
  check(H5Pset_driver(list.get(), driver_.get(), &link), "cannot use the HDF5 library");
  return list;
}

Hdf5File Hdf5File::open(const std::string& path, Hdf5Bytes& bytes, unsigned how) {
  Hdf5File file(path, bytes);
  const Hdf5Id access = file.access_list();
  file.file_ = file.valid(H5Fopen(path.c_str(), how, access.get()), H5Fclose,
                          "the file's structure is damaged");
  return file;
}

Hdf5File Hdf5File::open(const std::string& path, Hdf5Bytes& bytes) {
  return open(path, bytes, H5F_ACC_RDONLY);
}

Hdf5File Hdf5File::open_to_change(const std::string& path, Hdf5Bytes& bytes) {
  return open(path, bytes, H5F_ACC_RDWR);
}

Hdf5File Hdf5File::create(const std::string& path, Hdf5Bytes& bytes) {
  constexpr const char* what = "cannot plan a file of HDF5";
  Hdf5File file(path, bytes);
  const Hdf5Id access = file.access_list();
  file.check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), what);
  const Hdf5Id creation = file.valid(H5Pcreate(H5P_FILE_CREATE), H5Pclose, what);
  file.check(H5Pset_obj_track_times(creation.get(), false), what);
  file.file_ = file.valid(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()),
                          H5Fclose, what);
  return file;
}

void Hdf5File::refuse(std::string_view what) const {
  const Hdf5Failure failure = last_hdf5_failure();
  if (link_->error) rethrow(link_->error);
  if (failure.is_memory) fail(SWR_ERROR_MEMORY, path_, ": no memory for HDF5's structure");
  fail(SWR_ERROR_CORRUPT, path_, ": ", what, " (HDF5: ", failure.text, ")");
}

Hdf5Id Hdf5File::valid(hid_t id, Hdf5Id::Close closing, std::string_view what) const {
  if (id < 0) refuse(what);
  return {id, closing};
}

void Hdf5File::close() {
  const herr_t result = H5Fflush(file_.get(), H5F_SCOPE_LOCAL);
  check(result, "cannot complete the structure of HDF5");
  release();
  if (link_->error) rethrow(link_->error);
}

// The library closes the file as if it were complete, since it does not bear a close that fails.
void Hdf5File::abandon() {
  link_->is_abandoned = true;
  release();
}

// With the name of the file.
void Hdf5File::rethrow(const std::exception_ptr& error) const {
  try {
    std::rethrow_exception(error);
  } catch (const Error& found) {
    const std::string_view message = found.what();
    if (message.starts_with(path_)) throw;
    fail(found.status(), path_, ": ", message);
  }
}

Hdf5Id hdf5_link_access(hid_t kind) {
  Hdf5Id list(H5Pcreate(kind), H5Pclose);
  const auto refuse = [](const char*, const char*, const char*, const char*, unsigned*, hid_t,
                         void*) noexcept { return herr_t{-1}; };
  if (!list || H5Pset_elink_cb(list.get(), refuse, nullptr) < 0)
    fail(SWR_ERROR_MEMORY, "the HDF5 library has no memory");
  return list;
}

}  // namespace swr
