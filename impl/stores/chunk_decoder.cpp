#include "stores/chunk_decoder.h"

#include <algorithm>

#include "base/byte_order.h"
#include "base/error.h"
#include "codecs/blosc.h"
#include "codecs/crc32c.h"
#include "codecs/fletcher32.h"
#include "codecs/half_float.h"
#include "codecs/lz4.h"
#include "codecs/lzf.h"
#include "codecs/lzw.h"
#include "codecs/packbits.h"
#include "codecs/predictor.h"
#include "codecs/shuffle.h"
#include "codecs/xz.h"
#include "codecs/zlib_stream.h"
#include "codecs/zstd.h"

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;
using Decode = const char* (*)(std::span<const std::byte>, std::span<std::byte>);

constexpr int64_t checksum_bytes = 4;

bool is_checksum(Kind kind) {
  return kind == Kind::fletcher32 || kind == Kind::crc32c;
}

bool is_checksum_of(Kind kind, uint32_t checksum, std::span<const std::byte> bytes) {
  return kind == Kind::crc32c ? checksum == crc32c(bytes) : is_fletcher32(checksum, bytes);
}

struct Codec {
  Kind kind;
  Decode decode;
  int64_t most_ratio;            // a stored byte stands for no more than these
  bool (*is_there)() = nullptr;  // asked where it depends on the build
  const char* needs = "";        // then
};
constexpr Codec codecs[] = {
    {Kind::zlib, decode_zlib, 1032},        // two bits for a match of 258 bytes
    {Kind::gzip, decode_gzip, 1032},        // the same
    {Kind::lzw, decode_lzw, 2560},          // a code of 12 bits for up to 3839 bytes
    {Kind::packbits, decode_packbits, 64},  // two bytes for 128
    {Kind::lzf, decode_lzf, 88},            // three bytes for 264
    // a byte for a block, at the very most
    {Kind::zstd, decode_zstd, 128 << 10, has_zstd,
     "Zstandard, and this swr was built without libzstd"},
    {Kind::lz4, decode_lz4, 255, has_lz4, "LZ4, and this swr was built without liblz4"},
    {Kind::sized_lz4, decode_sized_lz4, 255, has_lz4, "LZ4, and this swr was built without liblz4"},
    // blocks of up to 2^31 bytes, a few bytes each where all of them are equal
    {Kind::blosc, decode_blosc, most_blosc_bytes, has_blosc,
     "Blosc, and this swr was built without libblosc"},
    // some ten bits of hardly any cost for 273 bytes
    {Kind::xz, decode_xz, 16384, has_xz, "LZMA, and this swr was built without liblzma"},
};

const Codec* codec_of(Kind kind) {
  const auto* const found = std::ranges::find(codecs, kind, &Codec::kind);
  return found == std::end(codecs) ? nullptr : found;
}

}  // namespace

ChunkDecoder::ChunkDecoder(std::span<const ChunkFilter> filters, bool big_endian,
                           const std::string& path)
    : filters_(filters), big_endian_(big_endian), path_(path) {
  const auto compresses = [](const ChunkFilter& filter) {
    return codec_of(filter.kind) != nullptr;
  };
  if (std::ranges::count_if(filters, compresses) > 1)
    fail(SWR_ERROR_UNSUPPORTED, path, ": its pixels are compressed twice; swr reads what is once");
  for (const ChunkFilter& filter : filters) {
    const Codec* const codec = codec_of(filter.kind);
    if (codec && codec->is_there && !codec->is_there())
      fail(SWR_ERROR_UNSUPPORTED, path, ": the pixels are compressed with ", codec->needs);
  }
}

// How many times larger a chunk is than what was compressed.
int64_t ChunkDecoder::widening() const {
  return !filters_.empty() && filters_.back().kind == Kind::half_floats ? 2 : 1;
}

const char* ChunkDecoder::flaw_of_sizes(int64_t stored_bytes, int64_t pixel_bytes) const {
  const int64_t chunk_bytes = pixel_bytes / widening();
  constexpr int64_t around = 65536;  // of a stream's head, checksums, and what is left unused
  const Codec* codec = nullptr;
  for (const ChunkFilter& filter : filters_) {
    if (!codec) codec = codec_of(filter.kind);
  }
  if (!codec) return stored_bytes < chunk_bytes ? "there are too few bytes" : nullptr;
  if (chunk_bytes / codec->most_ratio > stored_bytes) return "there are too few bytes";
  // In all of these encodings twice the pixels are far more than the worst case.
  if (stored_bytes / 2 > chunk_bytes + around) return "there are too many bytes";
  return nullptr;
}

int64_t ChunkDecoder::needed(int64_t stored_bytes, int64_t chunk_bytes) const {
  const bool is_raw = std::ssize(filters_) == widening() - 1;
  return is_raw ? chunk_bytes / widening() : stored_bytes;
}

const char* ChunkDecoder::decode(std::vector<std::byte>& bytes, int64_t chunk_bytes) const {
  int64_t after = chunk_bytes / widening();  // bytes when a filter is undone
  for (const ChunkFilter& filter : filters_) {
    if (is_checksum(filter.kind)) after += checksum_bytes;
  }
  for (const ChunkFilter& filter : filters_) {
    if (is_checksum(filter.kind)) after -= checksum_bytes;
    if (const char* const flaw = undo(filter, bytes, after)) return flaw;
  }
  return std::ssize(bytes) == chunk_bytes ? nullptr : "it has not as many bytes as its pixels";
}

// Each chunk of Blosc says by itself how it is compressed.
void ChunkDecoder::refuse_missing_compressor(std::span<const std::byte> chunk,
                                             int64_t raw_bytes) const {
  const std::string missing = missing_blosc_compressor(chunk, raw_bytes);
  if (missing.empty()) return;
  fail(SWR_ERROR_UNSUPPORTED, path_, ": pixels are compressed with Blosc's compressor ", missing,
       ", which this swr was built without");
}

const char* ChunkDecoder::undo(const ChunkFilter& filter, std::vector<std::byte>& bytes,
                               int64_t after) const {
  if (const Codec* const codec = codec_of(filter.kind)) {
    if (filter.kind == Kind::lzw && is_old_lzw(bytes))
      return "it is LZW of an old kind, with its bits in reverse, which swr does not read";
    if (filter.kind == Kind::blosc) refuse_missing_compressor(bytes, after);
    std::vector<std::byte> decoded(static_cast<size_t>(after));
    const char* const flaw = codec->decode(bytes, decoded);
    bytes.swap(decoded);
    return flaw;
  }
  if (is_checksum(filter.kind)) {
    if (std::ssize(bytes) < checksum_bytes) return "there are too few bytes";
    const size_t size = bytes.size() - checksum_bytes;
    const auto checksum = load<uint32_t>(bytes.data() + size);
    bytes.resize(size);
    return is_checksum_of(filter.kind, checksum, bytes)
               ? nullptr
               : "its bytes are not what its checksum says";
  }
  if (std::ssize(bytes) != after) return "it has not as many bytes as its pixels";
  if (filter.kind == Kind::half_floats) {
    bytes.insert(bytes.begin(), bytes.size(), std::byte{});
    widen_half_floats(bytes, big_endian_);
    return nullptr;
  }
  const bool has_rows = filter.kind != Kind::shuffle;
  if (has_rows && after % (filter.row_samples * filter.sample_bytes) != 0)
    return "its rows are not whole";
  const Differences how{filter.sample_bytes, filter.row_samples, filter.distance, big_endian_};
  switch (filter.kind) {
    case Kind::differences: undo_differences(how, bytes); break;
    case Kind::float_differences: undo_float_differences(how, bytes); break;
    default: undo_shuffle(filter.sample_bytes, bytes);
  }
  return nullptr;
}

}  // namespace swr
