// The beginning of a gzip stream, for headers that lie in one, and small gzip files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace swr {

// Reads up to the span's size at an offset; less only at the end of the data.
using ByteSource = std::function<int64_t(int64_t offset, std::span<std::byte> out)>;

struct InflatedHead {
  enum class State {
    complete,  // as many bytes as were asked for, or the whole stream
    damaged,   // `bytes` came before the damage
    too_far    // most_stored_before_head compressed bytes inflated to less
  };
  std::string bytes;
  State state = State::complete;
};

// A header is looked for in so many compressed bytes, besides what the header itself takes. Heads of
// any length, empty members and empty blocks may come before it.
inline constexpr int64_t most_stored_before_head = int64_t{64} << 20;

// The first `count` bytes that the members of a gzip stream inflate to. Memory and time depend on
// `count` and most_stored_before_head, not on what the stream claims.
InflatedHead inflate_head(const ByteSource& source, int64_t count);

// The bytes as one gzip member. The same bytes give the same member.
std::string gzip_of(const std::string& bytes);

}  // namespace swr
