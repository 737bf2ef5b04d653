// Inflates a zlib or gzip stream that another program made, from its begin, and remembers states on
// the way to start from again.
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
  // Where a deflate block ends and the next one begins: in bits from the stream's begin, and in raw
  // bytes.
  struct Edge {
    int64_t bit;
    int64_t raw;
    bool last;  // the stream's last block ends here
  };

  // `expected_bytes`: what the stream inflates to, about; states kept on the way take up to
  // `memory` bytes. SWR_ERROR_CORRUPT, and SWR_ERROR_UNSUPPORTED for a preset dictionary.
  ForeignStream(const File& file, const StreamExtent& extent, int64_t expected_bytes,
                int64_t memory);
  ForeignStream(const ForeignStream&) = delete;
  ForeignStream& operator=(const ForeignStream&) = delete;
  ~ForeignStream();

  // Fills the span with raw bytes from `offset` on. Several gzip members are one sequence.
  // SWR_ERROR_CORRUPT if the stream is damaged or ends before.
  void read(int64_t offset, std::span<std::byte> out);
  // As read(), but less at the stream's end; 0 only there.
  int64_t read_some(int64_t offset, std::span<std::byte> out);
  // Whether the stream ends at `offset`; if so, its trailers have been checked.
  bool ends_at(int64_t offset);

  // Called at each edge that comes by, until it is cleared.
  void watch_edges(std::function<void(const Edge&)> watcher) { watcher_ = std::move(watcher); }

  bool gzip() const;
  int64_t body_begin()
      const;  // of the first member's deflate data, from the stream's begin; known once something was read
  // At the end of the stream: how many members it has, where the last one's deflate data ends, and
  // what lies behind its trailer, in bytes.
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
  int64_t input_begin_ = 0;  // from the stream's begin
  int64_t input_bytes_ = 0;
  std::function<void(const Edge&)> watcher_;
};

}  // namespace swr
