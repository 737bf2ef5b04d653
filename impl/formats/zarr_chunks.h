// The chunks of a Zarr array as those of an image: which file holds which pixels, and in which
// order. The components of a pixel may be an axis of the array; then several files can hold the
// components of the same pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/zarr_metadata.h"
#include "image/layout.h"
#include "image/strided_copy.h"

namespace swr {

// What a layout says to Zarr's stores besides the grid of the chunks.
struct ZarrStorage final : FormatStorage {
  ZarrArray array;
  int channel_axis = -1;  // of the array; -1: components are none
  std::string folder;     // of the array
  std::string group;      // the folder of the group that says where the image is; empty: none
  std::string journal;    // as Description::journal_path

  // The folder of the image.
  const std::string& root() const { return group.empty() ? folder : group; }
};

// Requires: the layout is that of a Zarr array.
inline const ZarrStorage& zarr_storage(const Layout& layout) {
  return static_cast<const ZarrStorage&>(*layout.own);
}

class ZarrChunks {
 public:
  // The layout must outlive this.
  explicit ZarrChunks(const Layout& layout);

  const Grid& grid() const { return layout_.grid(); }
  const ZarrStorage& storage() const { return storage_; }
  // How many stored chunks hold the components of the pixels of a chunk of the grid.
  int columns() const { return columns_; }
  struct Stored {
    std::string key;       // of the file, relative to the folder of the array
    int64_t in_shard = 0;  // the chunk's number in the file, if that is a shard
  };
  Stored place_of(int64_t chunk, int column) const;
  // The chunks of the grid of which the file with these numbers has pixels; none beyond the ends of
  // the image.
  std::vector<int64_t> chunks_in(std::span<const int64_t> file) const;
  // How many stored chunks the file with these numbers has, without those beyond the ends of the
  // image.
  int64_t count_in(std::span<const int64_t> file) const;
  // Of a chunk as it is stored, decoded.
  int64_t raw_bytes() const { return raw_bytes_; }

  // Whether the packed pixels of the grid's chunk, whose box this is, are the decoded chunk.
  bool are_packed(const Region& box) const;
  // Copies from the decoded chunk into the packed pixels of the grid's chunk, whose box this is.
  void unpack(std::span<const std::byte> raw, int column, const Region& box,
              std::span<std::byte> pixels) const;
  // The inverse; what is in no pixel stays as it is.
  void pack(std::span<const std::byte> pixels, int column, const Region& box,
            std::span<std::byte> raw) const;
  // Chunks that are not stored, and what is beyond the ends of the image, have the fill value.
  std::vector<std::byte> filled() const;

 private:
  struct Axis {
    int of_array = 0;
    int64_t step = 0;  // in a stored chunk, bytes
  };
  struct Way {
    std::vector<StridedAxis> axes;  // from the stored chunk to the pixels
    int64_t pixels = 0;             // the first byte there
  };

  int image_axis(int of_array) const;
  Way way_of(int column, const Region& box) const;

  const Layout& layout_;
  const ZarrStorage& storage_;
  const ZarrArray& array_;
  int64_t element_bytes_ = 1, raw_bytes_ = 0;
  int64_t channels_ = 1;  // in each stored chunk
  int columns_ = 1;
  std::vector<Axis> axes_;  // as in a stored chunk, the slowest first
};

// Calls visit(of_array, axis) for each axis of an image and the axis of the array of so many
// dimensions that it is: all but that of the channels, in reverse order.
template <typename Visit>
void for_each_image_axis(int dimensions, int channel_axis, const Visit& visit) {
  for (int of_array = dimensions - 1, axis = 0; of_array >= 0; --of_array) {
    if (of_array != channel_axis) visit(static_cast<size_t>(of_array), axis++);
  }
}

// The sizes of what a file holds, a chunk or a shard, in pixels.
Index zarr_file_shape(const ZarrArray& array, int channel_axis);

// The grid of the chunks in pixels.
Grid zarr_grid(const ZarrArray& array, int channel_axis, const Region& image);

}  // namespace swr
