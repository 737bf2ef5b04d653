// The bytes of a file of HDF5 that is new, or that changes under the undo journal.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "formats/hdf5_driver.h"
#include "storage/file.h"
#include "storage/file_changes.h"
#include "stores/holes.h"

namespace swr {

class Hdf5Target final : public Hdf5Bytes {
 public:
  explicit Hdf5Target(File& file) : file_(file) {}
  Hdf5Target(FileChanges& changes, int number)
      : file_(changes.file(number)), changes_(&changes), number_(number) {}

  File& file() { return file_; }
  // Where the library may put what it stores, besides the end of the file.
  void take_holes(Holes holes) { holes_ = std::move(holes); }
  // Requires: the library has opened it. What other programs have put after the end that the file
  // names is kept. SWR_ERROR_CORRUPT if the file ends before.
  void begin();
  // Makes the file end where the library says. Requires: the library has closed it.
  void finish();

  void read(int64_t offset, std::span<std::byte> out) override;
  void write(int64_t offset, std::span<const std::byte> bytes) override;
  int64_t end() const override { return end_; }
  void set_end(int64_t end) override { end_ = end; }
  int64_t stored_end() const override;
  int64_t size() const override { return file_.size(); }
  int64_t allocate(bool is_raw_data, int64_t bytes) override;

 private:
  File& file_;
  FileChanges* changes_ = nullptr;
  int number_ = 0;
  int64_t end_ = 0;
  Holes holes_;
};

}  // namespace swr
