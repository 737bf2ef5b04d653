#include "stores/chunk_encoding.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "base/byte_order.h"
#include "base/error.h"
#include "codecs/crc32c.h"
#include "codecs/fletcher32.h"
#include "codecs/lz4.h"
#include "codecs/predictor.h"
#include "codecs/shuffle.h"
#include "codecs/zlib_stream.h"

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;

bool is_encoder(const ChunkFilter& filter) {
  switch (filter.kind) {
    case Kind::zlib:
    case Kind::gzip:
    case Kind::crc32c:
    case Kind::differences:
    case Kind::float_differences:
    case Kind::shuffle:
    case Kind::fletcher32: return true;
    case Kind::zstd: return has_zstd();
    case Kind::sized_lz4: return has_lz4();
    case Kind::blosc: return has_blosc();
    default: return false;
  }
}

bool is_compressor(const ChunkFilter& filter) {
  switch (filter.kind) {
    case Kind::zlib:
    case Kind::gzip:
    case Kind::sized_lz4:
    case Kind::blosc:
    case Kind::zstd: return true;
    default: return false;
  }
}

constexpr int64_t fletcher32_bytes = 4;
// Of memory for another chunk, when it is not needed.
constexpr int64_t most_kept = 4 << 20;

void add_fletcher32(std::vector<std::byte>& bytes) {
  const uint32_t checksum = fletcher32(bytes);
  bytes.resize(bytes.size() + fletcher32_bytes);
  store(&bytes.back() + 1 - fletcher32_bytes, checksum);
}

bool has(std::span<const ChunkFilter> filters, Kind kind) {
  return std::ranges::find(filters, kind, &ChunkFilter::kind) != filters.end();
}

constexpr int64_t crc32c_bytes = sizeof(uint32_t);

void append_checksum(std::vector<std::byte>& bytes) {
  std::byte checksum[crc32c_bytes];
  store(checksum, crc32c(bytes));
  bytes.insert(bytes.end(), std::begin(checksum), std::end(checksum));
}

}  // namespace

bool can_encode(std::span<const ChunkFilter> filters) {
  return std::ranges::all_of(filters, is_encoder);
}

ChunkEncoding::ChunkEncoding(std::span<const ChunkFilter> filters, bool big_endian,
                             const DeflateOptions& options, BloscSettings blosc)
    : filters_(filters),
      big_endian_(big_endian),
      level_(options.level),
      blosc_(std::move(blosc)),
      // Levels of other codecs are no levels of deflate, which the chunks then do not use.
      deflate_(deflate_method(options.engine, std::clamp(options.level, 1, 9))),
      zstd_([level = options.level] { return std::make_unique<ZstdEncoder>(level); }),
      spare_([] { return std::make_unique<std::vector<std::byte>>(); }) {
  if (!can_encode(filters)) fail(SWR_ERROR_INTERNAL, "swr has no encoder of these chunks");
}

std::vector<std::byte> ChunkEncoding::encode(std::vector<std::byte>&& pixels) const {
  std::vector<std::byte> shorter;
  std::vector<std::byte>* bytes = &pixels;
  // They are in the order in which they are undone.
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    if (is_compressor(*filter)) {
      shorter = compressed(*filter, *bytes);
      bytes = &shorter;
    } else {
      change(*filter, *bytes);
    }
  }
  return std::move(*bytes);
}

std::vector<std::byte> ChunkEncoding::compressed(const ChunkFilter& filter,
                                                 std::span<const std::byte> bytes) const {
  switch (filter.kind) {
    case Kind::zlib: return encode_zlib(*deflate_.take(), bytes);
    case Kind::gzip: return encode_gzip(*deflate_.take(), bytes);
    case Kind::sized_lz4: return encode_sized_lz4(level_, bytes);
    case Kind::blosc: return encode_blosc(blosc_, bytes);
    default: return zstd_.take()->encode(bytes);
  }
}

void ChunkEncoding::change(const ChunkFilter& filter, std::vector<std::byte>& bytes) const {
  const Differences how{filter.sample_bytes, filter.row_samples, filter.distance, big_endian_};
  switch (filter.kind) {
    case Kind::crc32c: append_checksum(bytes); break;
    case Kind::differences: make_differences(how, bytes); break;
    case Kind::float_differences: make_float_differences(how, bytes); break;
    case Kind::fletcher32: add_fletcher32(bytes); break;
    default: shuffle(filter.sample_bytes, bytes);
  }
}

// Memory that is allocated anew for each chunk is given back to the system and cleared again each
// time. For long chunks that is little next to the rest, and their memory counts.
void ChunkEncoding::shuffle(int64_t element_bytes, std::vector<std::byte>& bytes) const {
  auto spare = spare_.take();
  spare->resize(bytes.size());
  make_shuffle(element_bytes, bytes, *spare);
  bytes.swap(*spare);
  if (std::ssize(*spare) > most_kept) *spare = std::vector<std::byte>();
}

int64_t ChunkEncoding::longest(int64_t pixel_bytes) const {
  int64_t bytes = pixel_bytes;
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    switch (filter->kind) {
      case Kind::zlib: bytes = longest_zlib(bytes); break;
      case Kind::gzip: bytes = longest_gzip(bytes); break;
      case Kind::zstd: bytes = longest_zstd(bytes); break;
      case Kind::sized_lz4: bytes = longest_sized_lz4(bytes); break;
      case Kind::blosc: bytes = longest_blosc(bytes); break;
      case Kind::crc32c: bytes += crc32c_bytes; break;
      case Kind::fletcher32: bytes += fletcher32_bytes; break;
      default: break;
    }
  }
  return bytes;
}

int64_t ChunkEncoding::encoder_bytes(std::span<const ChunkFilter> filters, int level,
                                     int64_t pixel_bytes) {
  constexpr int64_t deflate_bytes = 640 << 10;  // of the engine with the largest tables
  const int64_t spare = has(filters, Kind::shuffle) ? std::min(pixel_bytes, most_kept) : 0;
  return spare +
         (has(filters, Kind::zstd) ? zstd_encoder_bytes(level, pixel_bytes) : deflate_bytes);
}

}  // namespace swr
