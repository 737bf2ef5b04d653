// Shared by the tests of Zarr's metadata: documents of others in tests/data/zarr, with the pixels
// that they tell of, read by the functions for metadata alone.
#pragma once

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/byte_order.h"
#include "codecs/crc32c.h"
#include "formats/zarr_metadata.h"
#include "formats/zarr_types.h"
#include "header_checks.h"
#include "stores/chunk_decoder.h"

namespace swr::checks {

inline std::string zarr_sample(const std::string& name) {
  return SWR_TEST_DATA "/zarr/" + name;
}

inline Json read_json_file(const std::string& path) {
  return parse_json(read_bytes(path), path);
}

// In a folder without the metadata of either version there is no array.
inline ZarrArray read_array(const std::string& folder) {
  const bool is_2 = std::filesystem::exists(folder + "/.zarray");
  const std::string path = folder + (is_2 ? "/.zarray" : "/zarr.json");
  const Json document = read_json_file(path);
  assert_false(is_zarr_group(document, path));
  return read_zarr_array(document, path);
}

// Documents of both versions, for changes of single fields.
inline constexpr const char* version_2 =
    R"({"zarr_format": 2, "shape": [5, 7], "chunks": [2, 4], "dtype": "<u2", "compressor": null,)"
    R"( "fill_value": 0, "order": "C", "filters": null})";
inline constexpr const char* version_3 =
    R"({"zarr_format": 3, "node_type": "array", "shape": [5, 7], "data_type": "uint16",)"
    R"( "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 8]}},)"
    R"( "chunk_key_encoding": {"name": "default"}, "fill_value": 0,)"
    R"( "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}]})";
inline constexpr const char* bytes_codec =
    R"({"name": "bytes", "configuration": {"endian": "little"}})";

inline ZarrArray array_of(const std::string& text) {
  return read_zarr_array(parse_json(text, "x.zarr/.zarray"), "x.zarr/.zarray");
}

class ArrayPixels {
 public:
  ArrayPixels(const std::string& folder, const ZarrArray& array)
      : folder_(folder),
        array_(array),
        filters_(array.filters()),
        decoder_(filters_, array.big_endian, folder) {}

  // All elements, the last axis fastest, little-endian.
  std::vector<std::byte> read() {
    pixels_.resize(static_cast<size_t>(bytes_of(array_.shape)));
    for_each(counts(array_.shape, array_.file_shape()), [&](const ZarrShape& place) {
      const std::string path = folder_ + "/" + zarr_key(array_.keys, place);
      const bool is_there = std::filesystem::exists(path);
      const std::string file = is_there ? read_bytes(path) : "";
      const auto bytes = std::as_bytes(std::span(file));
      if (array_.shards && is_there) {
        read_shard(bytes, place);
      } else {
        take_chunk(bytes, is_there, first_of(place, array_.file_shape(), {}), array_.file_shape());
      }
    });
    if (array_.big_endian) swap_bytes(pixels_, element_bytes_);
    return std::move(pixels_);
  }

 private:
  static ZarrShape counts(const ZarrShape& shape, const ZarrShape& chunk) {
    ZarrShape counts = shape;
    for (size_t i = 0; i < counts.size(); ++i) counts[i] = (shape[i] + chunk[i] - 1) / chunk[i];
    return counts;
  }

  template <typename Visit>
  static void for_each(const ZarrShape& counts, const Visit& visit) {
    ZarrShape at(counts.size());
    while (true) {
      visit(at);
      size_t axis = counts.size();
      while (axis > 0 && ++at[axis - 1] == counts[axis - 1]) at[--axis] = 0;
      if (axis == 0) return;
    }
  }

  static ZarrShape first_of(const ZarrShape& place, const ZarrShape& chunk, ZarrShape origin) {
    origin.resize(place.size());
    for (size_t i = 0; i < place.size(); ++i) origin[i] += place[i] * chunk[i];
    return origin;
  }

  int64_t bytes_of(const ZarrShape& shape) const {
    int64_t bytes = element_bytes_;
    for (const int64_t size : shape) bytes *= size;
    return bytes;
  }

  void read_shard(std::span<const std::byte> file, const ZarrShape& place) {
    const ZarrShape inner = counts(array_.shards->shape, array_.chunk);
    size_t chunks = 1;
    for (const int64_t count : inner) chunks *= static_cast<size_t>(count);
    const size_t checksum_bytes = array_.shards->index_has_checksum ? 4 : 0;
    const size_t index_bytes = 16 * chunks + checksum_bytes;
    assert_true(file.size() >= index_bytes);
    const auto index =
        array_.shards->index_at_end ? file.last(index_bytes) : file.first(index_bytes);
    if (checksum_bytes > 0)
      assert_int_equal(load<uint32_t>(&index[16 * chunks]), crc32c(index.first(16 * chunks)));
    size_t number = 0;
    for_each(inner, [&](const ZarrShape& at) {
      const auto offset = load<uint64_t>(&index[16 * number]);
      const auto bytes = load<uint64_t>(&index[16 * number + 8]);
      ++number;
      const bool is_there = offset != ~uint64_t{0};
      const ZarrShape first = first_of(at, array_.chunk, first_of(place, array_.shards->shape, {}));
      take_chunk(is_there ? file.subspan(offset, bytes) : file.first(0), is_there, first,
                 array_.chunk);
    });
  }

  void take_chunk(std::span<const std::byte> stored, bool is_there, const ZarrShape& first,
                  const ZarrShape& shape) {
    std::vector<std::byte> chunk(stored.begin(), stored.end());
    if (is_there) {
      const char* const flaw = decoder_.decode(chunk, bytes_of(shape));
      if (flaw) stop(folder_ + ": " + flaw);
    }
    const size_t n = shape.size(), width = static_cast<size_t>(element_bytes_);
    ZarrShape stored_shape = shape;
    for (size_t i = 0; i < n; ++i) stored_shape[i] = shape[axis_at(i)];
    size_t number = 0;
    for_each(stored_shape, [&](const ZarrShape& stored_at) {
      const size_t from = width * number++;
      ZarrShape at(n);
      for (size_t i = 0; i < n; ++i) at[axis_at(i)] = first[axis_at(i)] + stored_at[i];
      size_t to = 0;
      for (size_t i = 0; i < n; ++i) {
        if (at[i] >= array_.shape[i]) return;
        to = to * static_cast<size_t>(array_.shape[i]) + static_cast<size_t>(at[i]);
      }
      const std::byte* const element = is_there ? &chunk[from] : array_.fill.data();
      if (is_there || !array_.fill.empty()) std::copy_n(element, width, &pixels_[to * width]);
    });
  }

  size_t axis_at(size_t i) const {
    return array_.axis_order.empty() ? i : static_cast<size_t>(array_.axis_order[i]);
  }

  const std::string folder_;
  const ZarrArray& array_;
  const std::vector<ChunkFilter> filters_;
  const ChunkDecoder decoder_;
  const int element_bytes_ = static_cast<int>(array_.pixel.bytes());
  std::vector<std::byte> pixels_;
};

}  // namespace swr::checks
