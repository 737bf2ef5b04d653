// Makes runs: deflate data with a history of its own that ends, without a final block, in the empty
// stored block of a full flush (00 00 FF FF), on a byte boundary. Runs can be put one behind the
// other in any number, moved, and inflated each for itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/pool.h"

namespace swr {

enum class DeflateEngine { zlib, libdeflate, isal };

// An encoder and its own level: zlib 1 .. 9, libdeflate 1 .. 12, ISA-L 0 .. 3.
struct DeflateMethod {
  DeflateEngine engine = DeflateEngine::zlib;
  int level = 6;

  bool operator==(const DeflateMethod&) const = default;
};

bool engine_is_built(DeflateEngine engine);

// What "auto", "zlib", "libdeflate" or "isal" means for a level 1 .. 9. SWR_ERROR_ARGUMENT for
// another name or level, SWR_ERROR_UNSUPPORTED for an engine that is not built in.
DeflateMethod deflate_method(const std::string& engine, int level);

// What to try, in this order, when a run of `method` is too long: encoders that make shorter ones.
std::vector<DeflateMethod> stronger_methods(const DeflateMethod& method);

// No run of `raw_bytes` is longer: data that does not shrink is stored.
int64_t longest_run(int64_t raw_bytes);

// One thread at a time. The same data gives the same run, whatever was encoded before.
class RunEncoder {
 public:
  virtual ~RunEncoder() = default;
  // Encodes at least one byte; the run is valid until the next call.
  std::span<const std::byte> encode(std::span<const std::byte> raw);

 protected:
  // Writes the run into `out` and returns its length; 0 if it does not fit.
  virtual size_t deflate_into(std::span<const std::byte> raw, std::span<std::byte> out) = 0;

 private:
  std::vector<std::byte> out_;
};

std::unique_ptr<RunEncoder> make_run_encoder(const DeflateMethod& method);

// Encoders of one method for many threads.
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
