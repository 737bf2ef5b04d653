// Encodes runs with libdeflate. It only makes whole streams, so for a run this clears the final bit
// of the last block and appends an empty stored block.
#ifdef SWR_HAVE_LIBDEFLATE

#include <libdeflate.h>

#include <new>

#include "base/error.h"
#include "codecs/block_walk.h"
#include "codecs/deflate_run.h"

namespace swr {
namespace {

class LibdeflateEncoder : public RunEncoder {
 public:
  explicit LibdeflateEncoder(int level) : compressor_(libdeflate_alloc_compressor(level)) {
    if (!compressor_) throw std::bad_alloc();
  }
  LibdeflateEncoder(const LibdeflateEncoder&) = delete;
  LibdeflateEncoder& operator=(const LibdeflateEncoder&) = delete;
  ~LibdeflateEncoder() override { libdeflate_free_compressor(compressor_); }

 protected:
  size_t deflate_into(std::span<const std::byte> raw, std::span<std::byte> out, End end) override {
    constexpr size_t flush_room = 8;
    const size_t bytes = libdeflate_deflate_compress(compressor_, raw.data(), raw.size(),
                                                     out.data(), out.size() - flush_room);
    if (bytes == 0 || end == End::final_block) return bytes;
    const auto last = walker_.last_block({out.data(), bytes});
    if (!last || divide_up_bits(last->end_bit) != bytes)
      fail(SWR_ERROR_INTERNAL, "libdeflate made a stream with invalid blocks");
    out[last->begin_bit / 8] &= ~(std::byte{1} << last->begin_bit % 8);
    return append_flush(out, last->end_bit);
  }

 private:
  static size_t divide_up_bits(size_t bits) { return (bits + 7) / 8; }

  // Three zero bits from `bit` on, zeros up to the end of the byte, 00 00 FF FF. The bits after the
  // end of a stream are zeros already.
  static size_t append_flush(std::span<std::byte> out, size_t bit) {
    size_t at = divide_up_bits(bit);
    if (divide_up_bits(bit + 3) > at) out[at++] = std::byte{0};
    for (const unsigned byte : {0x00u, 0x00u, 0xffu, 0xffu})
      out[at++] = static_cast<std::byte>(byte);
    return at;
  }

  libdeflate_compressor* compressor_;
  BlockWalker walker_;
};

}  // namespace

std::unique_ptr<RunEncoder> detail::make_libdeflate_encoder(int level) {
  return std::make_unique<LibdeflateEncoder>(level);
}

}  // namespace swr

#endif
