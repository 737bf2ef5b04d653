// Reads the beginning of a gzip stream, for headers inside of it, and makes small gzip files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace swr {

// Reads up to the span's size at an offset, less only at the end of the data.
using ByteSource = std::function<int64_t(int64_t offset, std::span<std::byte> out)>;

struct InflatedHead {
  enum class State {
    complete,  // all bytes that were asked for, or the whole stream
    damaged,   // `bytes` precede the damage
    too_far    // most_stored_before_head compressed bytes inflated to less
  };
  std::string bytes;
  State state = State::complete;
};

// A header is searched in this many compressed bytes in addition to its own size. Heads of any
// length, empty members and empty blocks may precede it.
inline constexpr int64_t most_stored_before_head = int64_t{64} << 20;

// Inflates the first `count` bytes of a gzip stream with any number of members. Memory and time
// depend on `count` and most_stored_before_head, not on the stream.
InflatedHead inflate_head(const ByteSource& source, int64_t count);

// Compresses the bytes into one gzip member. The same bytes always give the same member.
std::string gzip_of(const std::string& bytes);

}  // namespace swr
