// Encodes runs. A run is deflate data that refers to nothing before it and ends, without a final
// block, in the empty stored block of a full flush (00 00 FF FF), on a byte boundary. Runs can be
// concatenated, moved, and inflated independently. Data that nothing follows need not be a run: it
// ends with its final block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/pool.h"
#include "codecs/repeats.h"

namespace swr {

enum class DeflateEngine { zlib, libdeflate, isal };

// An encoder and its own level: zlib 1 .. 9, libdeflate 1 .. 12, ISA-L 0 .. 3.
struct DeflateMethod {
  DeflateEngine engine = DeflateEngine::zlib;
  int level = 6;

  bool operator==(const DeflateMethod&) const = default;
};

bool engine_is_built(DeflateEngine engine);

// The encoder for "auto", "zlib", "libdeflate" or "isal" at a level 1 .. 9. SWR_ERROR_ARGUMENT for
// another name or level, SWR_ERROR_UNSUPPORTED for an engine that is not built in.
DeflateMethod deflate_method(const std::string& engine, int level);

// The encoders to try, in this order, if a run of `method` is too long: each makes shorter runs.
std::vector<DeflateMethod> stronger_methods(const DeflateMethod& method);

// The longest possible run of `raw_bytes`: incompressible data is stored.
int64_t longest_run(int64_t raw_bytes);

// Not thread-safe. The same data always gives the same bytes, whatever was encoded before.
class RunEncoder {
 public:
  virtual ~RunEncoder() = default;
  // Encodes at least one byte. The run is valid until the next call.
  std::span<const std::byte> encode(std::span<const std::byte> raw) {
    return encode(raw, End::flush);
  }
  // The same as deflate data with a final block, which is no run and no longer than one.
  std::span<const std::byte> encode_whole(std::span<const std::byte> raw) {
    return encode(raw, End::final_block);
  }

 protected:
  enum class End { flush, final_block };
  // Writes the data into `out` and returns its length; 0 if it does not fit.
  virtual size_t deflate_into(std::span<const std::byte> raw, std::span<std::byte> out,
                              End end) = 0;

 private:
  std::span<const std::byte> encode(std::span<const std::byte> raw, End end);
  size_t encode_part(std::span<const std::byte> raw, std::span<std::byte> out, End end);
  static size_t put_repeat(const Repeat& repeat, std::span<std::byte> out, End end);
  static size_t store_into(std::span<const std::byte> raw, std::span<std::byte> out, End end);

  std::vector<std::byte> out_;
};

std::unique_ptr<RunEncoder> make_run_encoder(const DeflateMethod& method);

// The encoders of one method, for many threads.
class EncoderPool : public Pool<RunEncoder> {
 public:
  explicit EncoderPool(const DeflateMethod& method)
      : Pool([method] { return make_run_encoder(method); }) {}
};

namespace detail {
std::unique_ptr<RunEncoder> make_zlib_encoder(int level);
std::unique_ptr<RunEncoder> make_libdeflate_encoder(int level);
std::unique_ptr<RunEncoder> make_isal_encoder(int level);
}  // namespace detail

}  // namespace swr
