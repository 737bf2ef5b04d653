// Inflates a zlib or gzip stream of another program from its beginning, and keeps states on the way
// from which it can resume.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "codecs/stream_head.h"
#include "storage/file.h"
#include "stores/stream_extent.h"

namespace swr {

class ForeignStream {
 public:
  // The boundary of two deflate blocks: in bits from the start of the stream, and in raw bytes.
  struct Edge {
    int64_t bit;
    int64_t raw;
    bool last;  // the stream's last block ends here
  };

  // `expected_bytes`: the approximate inflated size; the kept states take up to `memory` bytes.
  // SWR_ERROR_CORRUPT, and SWR_ERROR_UNSUPPORTED for a preset dictionary.
  ForeignStream(const File& file, const StreamExtent& extent, int64_t expected_bytes,
                int64_t memory);
  ForeignStream(const ForeignStream&) = delete;
  ForeignStream& operator=(const ForeignStream&) = delete;
  ~ForeignStream();

  // Fills the span with raw bytes from `offset` on. Several gzip members form one sequence.
  // SWR_ERROR_CORRUPT if the stream is damaged or ends before.
  void read(int64_t offset, std::span<std::byte> out);
  // As read(), but returns less at the end of the stream; 0 only there.
  int64_t read_some(int64_t offset, std::span<std::byte> out);
  // Whether the stream ends at `offset`. If it does, its trailers have been checked.
  bool ends_at(int64_t offset);

  // Sets a function that is called at each edge; nullptr clears it.
  void watch_edges(std::function<void(const Edge&)> watcher) { watcher_ = std::move(watcher); }

  bool gzip() const;
  // The first member's deflate data, from the start of the stream; known after the first read.
  int64_t body_begin() const;
  // Requires: the end of the stream was reached. The number of members, the end of the last one's
  // deflate data, and the bytes after its trailer.
  int64_t members() const;
  int64_t body_end() const;
  int64_t trailing_bytes() const;

 private:
  struct State;

  void go_to(int64_t offset);
  int64_t inflate_some(std::span<std::byte> out);
  void parse_head();
  int64_t inflate_body(std::span<std::byte> out);
  void check_trailer();
  bool refill();
  std::byte next_byte();
  void keep_state();
  [[noreturn]] void fail_truncated() const;

  const File& file_;
  StreamExtent extent_;
  int64_t spacing_;
  size_t most_states_;
  std::unique_ptr<State> now_;
  std::vector<std::unique_ptr<State>> states_;  // ascending
  std::vector<std::byte> input_;
  int64_t input_begin_ = 0;  // from the start of the stream
  int64_t input_bytes_ = 0;
  std::function<void(const Edge&)> watcher_;
};

}  // namespace swr
