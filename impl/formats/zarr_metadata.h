// The metadata of a Zarr array: .zarray of version 2 (zarr-specs.readthedocs.io, v2) and zarr.json
// of version 3 (the same, v3/core) as one structure.
//
// Shapes are in the order of the files: the slowest axis first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/blosc.h"
#include "formats/json.h"
#include "image/pixel_type.h"
#include "image/stored_chunks.h"

namespace swr {

using ZarrShape = std::vector<int64_t>;

// Of a shard; and of a chunk or shard, decoded.
inline constexpr int64_t most_zarr_shard_chunks = int64_t{1} << 24;
inline constexpr int64_t most_zarr_file_bytes = int64_t{1} << 40;

// How the numbers of a chunk give its name.
struct ZarrKeys {
  bool has_prefix = true;  // "c/2/0/1", the default of version 3; else "2/0/1"
  char separator = '/';    // or '.'

  bool operator==(const ZarrKeys&) const = default;
};

// A codec between bytes and bytes.
struct ZarrCodec {
  ChunkFilter::Kind kind = ChunkFilter::Kind::zlib;  // zlib, gzip, zstd, sized_lz4, blosc, crc32c
  int level = 1;              // of zlib, gzip and zstd; of sized_lz4 its acceleration
  bool has_checksum = false;  // of zstd
  BloscSettings blosc{};      // of blosc

  bool operator==(const ZarrCodec&) const = default;
};

// Where the chunks of a shard are: an index of all of them, in their order, as
// [offset u64][bytes u64] each, 2^64 - 1 twice for a chunk that is not stored.
struct ZarrShards {
  ZarrShape shape{};  // of a shard; a multiple of that of the chunks
  bool index_at_end = true;
  bool index_has_checksum = true;  // CRC-32C, 4 bytes
  bool index_is_big_endian = false;

  bool operator==(const ZarrShards&) const = default;
};

struct ZarrArray {
  int format = 3;  // 2 or 3
  ZarrShape shape{};
  ZarrShape chunk{};                   // what is encoded as one
  std::optional<ZarrShards> shards{};  // files hold these; without: chunks
  // Two components only for complex numbers; all other pixels of several components have an axis.
  PixelType pixel{};
  bool is_boolean = false;     // uint8 in the image; all bytes are 0 or 1
  bool is_half_float = false;  // float32 in the image
  bool big_endian = false;
  // A pixel as `pixel` has it, in the byte order of the file: what a chunk without a file holds.
  // Empty if the file says nothing (null in version 2): zeros then.
  std::vector<std::byte> fill{};
  // A chunk holds axis axis_order[i] as its i-th one, the slowest first; empty: 0, 1, 2 ...
  std::vector<int> axis_order{};
  std::vector<ZarrCodec> codecs{};  // in the order in which they are applied
  ZarrKeys keys{};
  std::vector<std::string> axis_names{};  // empty, or one for each axis; "" for one without
  Json attributes{};                      // of version 3; null or an object

  int dimensions() const { return static_cast<int>(shape.size()); }
  // What one file holds.
  const ZarrShape& file_shape() const { return shards ? shards->shape : chunk; }
  int64_t chunk_bytes() const;  // raw, as stored: half of the image's for half floats
  // The codecs as filters, in the order in which they are undone; reordered axes are none.
  std::vector<ChunkFilter> filters() const;
  // Why pixels cannot be changed, though they are read; empty if they can.
  std::string read_only() const;
  // Such as "zstd" or "blosc", for users; "none" without one that compresses.
  const char* encoding() const;
};

inline constexpr std::string_view zarr_array_name = ".zarray";            // version 2
inline constexpr std::string_view zarr_group_name = ".zgroup";            // version 2
inline constexpr std::string_view zarr_attributes_name = ".zattrs";       // version 2
inline constexpr std::string_view zarr_consolidated_name = ".zmetadata";  // version 2
inline constexpr std::string_view zarr_node_name = "zarr.json";           // version 3
inline constexpr std::string_view zarr_level_name = "0";  // the array in the groups that swr makes

// Whether the content of .zarray, .zgroup or zarr.json is that of a group. `path` is for messages,
// here and below. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED for other versions of Zarr.
bool is_zarr_group(const Json& document, const std::string& path);
// Requires: !is_zarr_group(). SWR_ERROR_CORRUPT; SWR_ERROR_UNSUPPORTED for what swr does not read,
// with the name of the field.
ZarrArray read_zarr_array(const Json& document, const std::string& path);

// The content of .zarray or zarr.json. Requires: an array as read_zarr_array() returns it.
std::string zarr_array_text(const ZarrArray& array);
// The content of .zgroup, or of zarr.json with the attributes (null: none).
std::string zarr_group_text(int format, const Json& attributes);
// The content of .zarray or zarr.json with another shape; nothing else of it changes. Requires:
// read_zarr_array() accepted the text.
std::string with_zarr_shape(std::string_view text, std::span<const int64_t> shape);
// The same in a copy of the metadata of all arrays of a group, which some readers take instead:
// .zmetadata of version 2, "consolidated_metadata" in zarr.json of version 3. `array`: its path in
// the group. Unchanged if there is no copy of it. Requires: parse_json() reads the text.
std::string with_consolidated_shape(std::string_view text, int format, std::string_view array,
                                    std::span<const int64_t> shape);

// The name of the file of a chunk or shard, relative to the folder of the array, with '/' between
// folders. `place`: its number along each axis, the slowest first.
std::string zarr_key(const ZarrKeys& keys, std::span<const int64_t> place);
// The inverse; nothing if the name is not that of a chunk or shard.
std::optional<ZarrShape> zarr_place(const ZarrKeys& keys, std::string_view name, int dimensions);

}  // namespace swr
