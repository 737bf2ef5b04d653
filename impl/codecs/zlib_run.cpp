// Encodes runs with zlib's full flush, and whole streams.
#include <zlib.h>

#include <new>

#include "base/error.h"
#include "codecs/deflate_run.h"

namespace swr {
namespace {

class ZlibEncoder : public RunEncoder {
 public:
  explicit ZlibEncoder(int level) {
    constexpr int raw_window_bits = -15, most_memory = 9;
    if (deflateInit2(&stream_, level, Z_DEFLATED, raw_window_bits, most_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ZlibEncoder(const ZlibEncoder&) = delete;
  ZlibEncoder& operator=(const ZlibEncoder&) = delete;
  ~ZlibEncoder() override { deflateEnd(&stream_); }

 protected:
  size_t deflate_into(std::span<const std::byte> raw, std::span<std::byte> out, End end) override {
    if (deflateReset(&stream_) != Z_OK) fail(SWR_ERROR_INTERNAL, "zlib cannot reset a deflater");
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(raw.data()));
    stream_.avail_in = static_cast<uInt>(raw.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const bool is_whole = end == End::final_block;
    const int result = deflate(&stream_, is_whole ? Z_FINISH : Z_FULL_FLUSH);
    // If the buffer is full, the flush may be incomplete.
    if (result != (is_whole ? Z_STREAM_END : Z_OK)) return 0;
    if (stream_.avail_in != 0 || stream_.avail_out == 0) return 0;
    return out.size() - stream_.avail_out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<RunEncoder> detail::make_zlib_encoder(int level) {
  return std::make_unique<ZlibEncoder>(level);
}

}  // namespace swr
