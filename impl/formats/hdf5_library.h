// The HDF5 library as the format uses it: identifiers that close themselves, calls one at a time,
// errors as exceptions, and files that the library reads and writes through swr's own files
// (hdf5_driver.h).
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/mutex.h"

namespace swr {

// An identifier of the library, which closes it. Requires: an Hdf5Calls exists.
class Hdf5Id {
 public:
  using Close = herr_t (*)(hid_t);

  Hdf5Id() = default;
  Hdf5Id(hid_t id, Close close) : id_(id), close_(close) {}
  Hdf5Id(Hdf5Id&& other) noexcept
      : id_(std::exchange(other.id_, hid_t{H5I_INVALID_HID})), close_(other.close_) {}
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Id() {
    if (id_ >= 0) close_(id_);
  }

  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

// Held during calls of the library: one thread of swr is in it at a time, since the library may not
// be thread-safe. It prints no errors meanwhile.
class Hdf5Calls {
 public:
  Hdf5Calls();
  Hdf5Calls(const Hdf5Calls&) = delete;
  Hdf5Calls& operator=(const Hdf5Calls&) = delete;
  ~Hdf5Calls();

 private:
  MutexLock lock_;
  H5E_auto2_t report_ = nullptr;
  void* report_data_ = nullptr;
};

// What went wrong in the call of the library that has just failed.
struct Hdf5Failure {
  bool is_memory = false;
  std::string text;  // in the library's words
};
Hdf5Failure last_hdf5_failure();

}  // namespace swr
