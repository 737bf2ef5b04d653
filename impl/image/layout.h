// Where the pixels of an image are and how they are stored: what a header tells a pixel store.
#pragma once

#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "image/chunk_coding.h"
#include "image/grid.h"
#include "image/runs.h"
#include "image/stored_chunks.h"

namespace swr {

// A file that holds a stretch of the linear pixel sequence, or a chunk.
struct DataPart {
  std::string path;
  // first byte of the pixels, or of the compressed stream; -1: the last bytes of the file
  int64_t offset = 0;
  int64_t lines_to_skip = 0;  // text lines between `offset` and the data
  int64_t bytes = 0;          // bytes of pixels in this part, decoded
  int64_t bytes_to_skip = 0;  // after the lines
};

// A decimal number in a header that can be overwritten: `width` characters, blanks after the
// digits.
struct NumberField {
  int64_t offset = 0;
  int width = 0;

  // The field's characters; more than `width` if the number does not fit.
  std::string text(int64_t number) const {
    std::string digits = std::to_string(number);
    if (std::ssize(digits) < width) digits.resize(static_cast<size_t>(width), ' ');
    return digits;
  }
  // The largest number that fits.
  int64_t most() const {
    if (width > std::numeric_limits<int64_t>::digits10) return std::numeric_limits<int64_t>::max();
    int64_t most = 1;
    for (int i = 0; i < width; ++i) most *= 10;
    return most - 1;
  }
};

// The ways in which pixels are stored.

struct Raw {};  // as they are

struct Text {  // as decimal numbers; or as two hexadecimal digits for each byte
  swr_component component = SWR_COMPONENT_UNKNOWN;
  bool hexadecimal = false;
  bool fractions = false;    // of 255, from 0 to 1: colours of uint8
  bool ends_at_tag = false;  // the numbers end at a "<"
};

struct Deflate {  // each part is a compressed stream
  enum class Wrapper { zlib, gzip };
  Wrapper wrapper = Wrapper::zlib;  // of new streams; for reading, the stream determines it
  int64_t prefix = 0;               // bytes of each decompressed stream before the pixels
  int64_t stream_bytes =
      -1;  // length of the stream if the header has it; else it ends with the file
  std::optional<NumberField> stream_bytes_field{};  // where the header has it
  bool has_open_end = false;                        // bytes of the header may follow the pixels
};

struct Bzip2 {         // each part is a bzip2 stream; only read
  int64_t prefix = 0;  // as in Deflate
};

// What a format tells its own stores of chunks.
struct FormatStorage {
  FormatStorage() = default;
  FormatStorage(const FormatStorage&) = default;
  FormatStorage& operator=(const FormatStorage&) = default;
  virtual ~FormatStorage() = default;
};

struct Chunked {  // as boxes of pixels, stored by the format's own stores
  Grid grid{};
  // How new chunks are encoded.
  ChunkCodec codec = ChunkCodec::none;
  int level = 6;
  ChunkPreparation preparation = ChunkPreparation::none;
};

struct Pyramid;

using Storage = std::variant<Raw, Text, Deflate, Bzip2, Chunked>;

// The only record of whether and how pixels are compressed.
struct Layout {
  LinearOrder order;
  Storage storage;
  bool big_endian = false;
  // Of a sequence: its components are stored as floating numbers of 16 bits and read as float32.
  // The parts then have half as many bytes as the order. Chunks have a filter for that.
  bool half_floats = false;
  // In linear order; one, unless the header lists several files. Of chunks: the files that hold
  // them, as the format's stores want them.
  std::vector<DataPart> parts;
  // Chunks that read_stored_chunks() reads; null otherwise.
  std::shared_ptr<const StoredChunks> stored_chunks{};
  // For the format's own stores of chunks; null: they need nothing else.
  std::shared_ptr<const FormatStorage> own{};
  // Smaller versions of the image, which change with it (image/pyramid.h); null: there are none.
  std::shared_ptr<const Pyramid> pyramid{};

  bool is_raw() const { return std::holds_alternative<Raw>(storage); }
  bool is_text() const { return std::holds_alternative<Text>(storage); }
  bool is_bzip2() const { return std::holds_alternative<Bzip2>(storage); }
  bool is_compressed() const { return std::holds_alternative<Deflate>(storage); }
  bool is_chunked() const { return std::holds_alternative<Chunked>(storage); }
  // Requires: is_chunked().
  const Grid& grid() const { return std::get<Chunked>(storage).grid; }
  // Requires: is_compressed().
  const Deflate& stream() const { return std::get<Deflate>(storage); }
};

}  // namespace swr
