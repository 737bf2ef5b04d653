#include "codecs/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <vector>

#include "base/error.h"
#include "codecs/stream_head.h"

namespace swr {
namespace {

constexpr int gzip_window = 15 + 16;  // for zlib: gzip only

class HeadInflater {
 public:
  HeadInflater(const ByteSource& source, int64_t most_stored)
      : source_(source), most_stored_(most_stored), input_(65536) {
    if (inflateInit2(&stream_, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  HeadInflater(const HeadInflater&) = delete;
  HeadInflater& operator=(const HeadInflater&) = delete;
  ~HeadInflater() { inflateEnd(&stream_); }

  InflatedHead first(int64_t count) {
    InflatedHead head;
    std::array<char, 16384> slice;
    while (static_cast<int64_t>(head.bytes.size()) < count) {
      if (!has_input(1)) return head;
      if (taken_ - stream_.avail_in > most_stored_) {
        head.state = InflatedHead::State::too_far;
        return head;
      }
      const auto room = static_cast<size_t>(
          std::min<int64_t>(count - static_cast<int64_t>(head.bytes.size()), slice.size()));
      stream_.next_out = reinterpret_cast<Bytef*>(slice.data());
      stream_.avail_out = static_cast<uInt>(room);
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      head.bytes.append(slice.data(), room - stream_.avail_out);
      if (result == Z_MEM_ERROR) throw std::bad_alloc();
      if (result == Z_STREAM_END) {
        if (!begin_next_member()) return head;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        head.state = InflatedHead::State::damaged;
        return head;
      }
    }
    return head;
  }

 private:
  // Makes at least `bytes` input bytes available; false at the end of the data.
  bool has_input(uInt bytes) {
    if (stream_.avail_in >= bytes) return true;
    std::move(stream_.next_in, stream_.next_in + stream_.avail_in, input_.begin());
    stream_.next_in = input_.data();
    const auto room = std::as_writable_bytes(std::span(input_)).subspan(stream_.avail_in);
    const int64_t got = source_(taken_, room);
    taken_ += got;
    stream_.avail_in += static_cast<uInt>(got);
    return stream_.avail_in >= bytes;
  }

  // After a member comes another one, or padding up to the end of the stream.
  bool begin_next_member() {
    if (!has_input(plain_gzip_head.size())) return false;
    const auto next = std::as_bytes(std::span(stream_.next_in, stream_.avail_in));
    if (!begins_like_gzip(next) || next[2] != plain_gzip_head[2]) return false;
    if (inflateReset(&stream_) != Z_OK) fail(SWR_ERROR_INTERNAL, "zlib cannot reset an inflater");
    return true;
  }

  const ByteSource& source_;
  const int64_t most_stored_;
  std::vector<Bytef> input_;
  z_stream stream_{};
  int64_t taken_ = 0;  // from the source
};

}  // namespace

InflatedHead inflate_head(const ByteSource& source, int64_t count) {
  // Deflate expands data by no more than a few bytes in each 16 KiB.
  return HeadInflater(source, most_stored_before_head + 2 * count).first(count);
}

std::string gzip_of(const std::string& bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&stream, deflateEnd);
  std::string in = bytes;
  std::string out(deflateBound(&stream, static_cast<uLong>(in.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
    fail(SWR_ERROR_INTERNAL, "a small gzip member exceeds its bound");
  out.resize(out.size() - stream.avail_out);
  return out;
}

}  // namespace swr
