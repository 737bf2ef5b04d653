#include "codecs/zstd.h"

#include <algorithm>
#include <new>

#include "base/error.h"

#ifdef SWR_HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

namespace swr {

#ifdef SWR_HAVE_ZSTD

bool has_zstd() {
  return true;
}

const char* decode_zstd(std::span<const std::byte> stored, std::span<std::byte> out) {
  const size_t made = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (!ZSTD_isError(made)) return made == out.size() ? nullptr : "it ends too early";
  switch (ZSTD_getErrorCode(made)) {
    case ZSTD_error_memory_allocation: throw std::bad_alloc();
    case ZSTD_error_dstSize_tooSmall: return "it holds more pixels than it should";
    default: return "it is not a whole Zstandard stream, or not what its checksum says";
  }
}

struct ZstdEncoder::State {
  ZSTD_CCtx* context = ZSTD_createCCtx();
};

ZstdEncoder::ZstdEncoder(int level) : state_(std::make_unique<State>()) {
  if (!state_->context) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_checksumFlag, 1);
}

ZstdEncoder::~ZstdEncoder() {
  ZSTD_freeCCtx(state_->context);
}

std::vector<std::byte> ZstdEncoder::encode(std::span<const std::byte> raw) {
  std::vector<std::byte> frame(ZSTD_compressBound(raw.size()));
  const size_t made =
      ZSTD_compress2(state_->context, frame.data(), frame.size(), raw.data(), raw.size());
  if (ZSTD_isError(made)) {
    if (ZSTD_getErrorCode(made) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    fail(SWR_ERROR_INTERNAL, "libzstd: ", ZSTD_getErrorName(made));
  }
  frame.resize(made);
  return frame;
}

int64_t longest_zstd(int64_t raw_bytes) {
  constexpr int64_t checksum = 4;
  return static_cast<int64_t>(ZSTD_compressBound(static_cast<size_t>(raw_bytes))) + checksum;
}

// What libzstd 1.5 takes, measured: its tables depend on the level, and on the length if that is
// small.
int64_t zstd_encoder_bytes(int level, int64_t raw_bytes) {
  constexpr int64_t kib[] = {600, 800, 1300, 2600, 3600, 3600, 6700, 6700, 12800};
  const int64_t most = kib[std::clamp(level, 1, 9) - 1] << 10;
  constexpr int64_t few = 65536;
  return raw_bytes > most ? most : std::min(most, 16 * raw_bytes + few);
}

#else

bool has_zstd() {
  return false;
}

namespace {
[[noreturn]] void fail_without_library() {
  fail(SWR_ERROR_INTERNAL, "this swr was built without libzstd");
}
}  // namespace

const char* decode_zstd(std::span<const std::byte>, std::span<std::byte>) {
  fail_without_library();
}

struct ZstdEncoder::State {};
ZstdEncoder::ZstdEncoder(int) {
  fail_without_library();
}
ZstdEncoder::~ZstdEncoder() = default;
std::vector<std::byte> ZstdEncoder::encode(std::span<const std::byte>) {
  fail_without_library();
}
int64_t longest_zstd(int64_t) {
  fail_without_library();
}
int64_t zstd_encoder_bytes(int, int64_t) {
  fail_without_library();
}

#endif

}  // namespace swr
