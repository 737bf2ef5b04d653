#include "codecs/inflate.h"

#include <zlib.h>

#include <new>

#include "base/error.h"

#ifdef SWR_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace swr {
namespace {

// An empty final block. Appended to a run, it makes a complete stream.
constexpr std::byte ending[2] = {std::byte{3}, std::byte{0}};

}  // namespace

#ifdef SWR_HAVE_LIBDEFLATE

struct RunInflater::State {
  libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
  State() {
    if (!decompressor) throw std::bad_alloc();
  }
  ~State() { libdeflate_free_decompressor(decompressor); }
};

bool RunInflater::inflate(std::span<std::byte> out) {
  size_t used = 0, made = 0;
  const libdeflate_result result = libdeflate_deflate_decompress_ex(
      state_->decompressor, input_.data(), input_.size(), out.data(), out.size(), &used, &made);
  return result == LIBDEFLATE_SUCCESS && used == input_.size() && made == out.size();
}

#else

struct RunInflater::State {
  z_stream stream{};
  State() {
    if (inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
  }
  ~State() { inflateEnd(&stream); }
};

bool RunInflater::inflate(std::span<std::byte> out) {
  z_stream& z = state_->stream;
  if (inflateReset(&z) != Z_OK) fail(SWR_ERROR_INTERNAL, "zlib cannot reset an inflater");
  // zlib needs one more byte of room to detect the end.
  std::byte more;
  z.next_in = reinterpret_cast<Bytef*>(input_.data());
  z.avail_in = static_cast<uInt>(input_.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  int result = ::inflate(&z, Z_NO_FLUSH);
  if (result == Z_OK && z.avail_out == 0) {
    z.next_out = reinterpret_cast<Bytef*>(&more);
    z.avail_out = 1;
    result = ::inflate(&z, Z_NO_FLUSH);
    if (z.avail_out == 0) return false;
  }
  if (result == Z_MEM_ERROR) throw std::bad_alloc();  // zlib makes its window when it needs one
  return result == Z_STREAM_END && z.avail_in == 0 && z.total_out == out.size();
}

#endif

RunInflater::RunInflater() : state_(std::make_unique<State>()) {}
RunInflater::~RunInflater() = default;

std::span<std::byte> RunInflater::input(size_t bytes) {
  input_.resize(bytes + sizeof(ending));
  input_[bytes] = ending[0];
  input_[bytes + 1] = ending[1];
  return {input_.data(), bytes};
}

}  // namespace swr
