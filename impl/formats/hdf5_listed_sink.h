// Stores chunks that a file of swr lists already (hdf5_use.h), without the HDF5 library, which
// forgets the room that chunks leave.
//
// A chunk stays where it is if it fits there. Otherwise it goes into the first hole of the file
// that has room for it, or else to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/hdf5_chunk_coder.h"
#include "formats/hdf5_use.h"
#include "storage/file_changes.h"
#include "stores/chunk_sink.h"

namespace swr {

class Hdf5ListedSink final : public ChunkSink {
 public:
  // `layout` must outlive the sink. Requires: `use` is that of the file, and lists all chunks that
  // are placed. `erases`: old pixels are overwritten.
  Hdf5ListedSink(const Layout& layout, FileChanges& changes, int number, Hdf5Use use,
                 const DeflateOptions& deflate, bool erases);

  const Grid& grid() const override { return layout_.grid(); }
  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const override {
    return coder_.encode(chunk, std::move(pixels));
  }
  void place(int64_t chunk, std::span<const std::byte> encoded) override;
  void read(int64_t chunk, std::span<std::byte> pixels) override;
  void finish() override;

 private:
  void write(int64_t offset, std::span<const std::byte> bytes);
  int64_t room_for(const Hdf5Use::Listed& old, int64_t bytes);
  void leave(int64_t offset, int64_t bytes);

  const Layout& layout_;
  FileChanges& changes_;
  const int number_;
  Hdf5Use use_;
  const bool erases_;
  const Hdf5ChunkCoder coder_;
  const int64_t old_end_;
  int64_t end_;
};

}  // namespace swr
