// Encodes runs with ISA-L, whose full flush already has the form that a run needs, and whole
// streams.
#ifdef SWR_HAVE_ISAL

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "codecs/deflate_run.h"

namespace swr {
namespace {

// ISA-L 2.30 makes other bytes of the same data if its state is at another address: of one in a
// thousand of 100 bytes, one in ten thousand of 2000, and of none of 40,000 of more. What is
// shorter than this, another engine encodes.
constexpr size_t fewest_bytes = 8192;

class IsalEncoder : public RunEncoder {
 public:
  explicit IsalEncoder(int level) : level_(level) {
    // The buffer limits a deflate block. Separate codes for each 16 Ki symbols fit pixels better
    // than ISA-L's default of 64 Ki.
    constexpr size_t buffer_bytes[] = {ISAL_DEF_LVL0_SMALL, ISAL_DEF_LVL1_SMALL,
                                       ISAL_DEF_LVL2_SMALL, ISAL_DEF_LVL3_SMALL};
    if (level < 0 || level > 3) fail(SWR_ERROR_INTERNAL, "ISA-L has no level ", level);
    level_buffer_.resize(buffer_bytes[level]);
  }

 protected:
  size_t deflate_into(std::span<const std::byte> raw, std::span<std::byte> out, End end) override {
    if (raw.size() < fewest_bytes) return encode_short(raw, out, end);
    isal_deflate_init(&stream_);
    stream_.level = static_cast<uint32_t>(level_);
    stream_.level_buf = level_buffer_.data();
    stream_.level_buf_size = static_cast<uint32_t>(level_buffer_.size());
    stream_.next_in = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(raw.data()));
    stream_.avail_in = static_cast<uint32_t>(raw.size());
    stream_.next_out = reinterpret_cast<uint8_t*>(out.data());
    stream_.avail_out = static_cast<uint32_t>(out.size());
    const bool is_whole = end == End::final_block;
    stream_.end_of_stream = is_whole ? 1 : 0;
    stream_.flush = is_whole ? NO_FLUSH : FULL_FLUSH;
    stream_.gzip_flag = IGZIP_DEFLATE;
    if (isal_deflate(&stream_) != COMP_OK || stream_.avail_in != 0 || stream_.avail_out == 0)
      return 0;
    const size_t bytes = out.size() - stream_.avail_out;
    if (is_whole) return stream_.internal_state.state == ZSTATE_END ? bytes : 0;
    constexpr std::byte flushed[4] = {std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};
    if (bytes < sizeof(flushed) ||
        std::memcmp(out.data() + bytes - sizeof(flushed), flushed, sizeof(flushed)) != 0)
      return 0;
    return bytes;
  }

 private:
  size_t encode_short(std::span<const std::byte> raw, std::span<std::byte> out, End end) {
    if (!for_short_data_) {
      const DeflateEngine exact = engine_is_built(DeflateEngine::libdeflate)
                                      ? DeflateEngine::libdeflate
                                      : DeflateEngine::zlib;
      for_short_data_ = make_run_encoder({exact, 1});  // those of higher levels take more memory
    }
    const std::span<const std::byte> made =
        end == End::final_block ? for_short_data_->encode_whole(raw) : for_short_data_->encode(raw);
    if (made.size() > out.size()) return 0;
    std::ranges::copy(made, out.begin());
    return made.size();
  }

  int level_;
  std::unique_ptr<RunEncoder> for_short_data_;  // made when there is some
  isal_zstream stream_{};
  std::vector<uint8_t> level_buffer_;
};

}  // namespace

std::unique_ptr<RunEncoder> detail::make_isal_encoder(int level) {
  return std::make_unique<IsalEncoder>(level);
}

}  // namespace swr

#endif
