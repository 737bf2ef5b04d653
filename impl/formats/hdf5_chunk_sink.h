// Stores chunks in a dataset of HDF5: they are encoded here, on several threads, and the library
// gives them places and lists them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/hdf5_chunk_coder.h"
#include "formats/hdf5_target.h"
#include "image/layout.h"
#include "stores/chunk_sink.h"

namespace swr {

class Hdf5ChunkSink final : public ChunkSink {
 public:
  struct Options {
    DeflateOptions deflate{};
    bool erases = false;  // old pixels are overwritten
    // Chunks that get shorter keep their room, since the file cannot use what they leave.
    bool keeps_room = false;
  };
  // Of the image that grows.
  struct Growth {
    bool is_needed = false;
    std::string itk_sizes{};  // the path of the dataset that has them too; empty if there is none
  };

  // `layout`: of the image after the change; it must outlive the sink. SWR_ERROR_CORRUPT.
  Hdf5ChunkSink(const Layout& layout, std::unique_ptr<Hdf5Target> bytes, const Growth& growth,
                const Options& options);
  Hdf5ChunkSink(const Hdf5ChunkSink&) = delete;
  Hdf5ChunkSink& operator=(const Hdf5ChunkSink&) = delete;
  ~Hdf5ChunkSink() override;

  const Grid& grid() const override { return layout_.grid(); }
  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const override {
    return coder_.encode(chunk, std::move(pixels));
  }
  void place(int64_t chunk, std::span<const std::byte> encoded) override;
  void read(int64_t chunk, std::span<std::byte> pixels) override;
  void finish() override;

 private:
  struct Opened;

  std::vector<hsize_t> offset_of(int64_t chunk) const;
  void grow(const Growth& growth);
  // The bytes that are stored: `encoded`, or these in `padded`.
  std::span<const std::byte> leave_old(const std::vector<hsize_t>& at,
                                       std::span<const std::byte> encoded,
                                       std::vector<std::byte>& padded);

  const Layout& layout_;
  const Options options_;
  const std::string path_;
  const Hdf5ChunkCoder coder_;
  std::unique_ptr<Hdf5Target> bytes_;
  std::unique_ptr<Opened> opened_;
};

}  // namespace swr
