#include "codecs/bzip2.h"

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

#include "base/error.h"

#ifdef SWR_HAVE_BZIP2
#include <bzlib.h>
#endif

namespace swr {

#ifdef SWR_HAVE_BZIP2

namespace {

constexpr size_t input_bytes = 65536;
constexpr size_t mark_bytes = 4;  // "BZh" and how many times 100,000 bytes a block has

bool begins_stream(const char* mark) {
  return mark[0] == 'B' && mark[1] == 'Z' && mark[2] == 'h' && mark[3] >= '1' && mark[3] <= '9';
}

}  // namespace

struct Bzip2Decoder::Stream {
  bz_stream state{};

  Stream() {
    if (BZ2_bzDecompressInit(&state, 0, 0) != BZ_OK) throw std::bad_alloc();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { BZ2_bzDecompressEnd(&state); }
};

Bzip2Decoder::Bzip2Decoder(More more, std::string path)
    : more_(std::move(more)), path_(std::move(path)), input_(input_bytes) {}

size_t Bzip2Decoder::read(std::span<std::byte> out) {
  size_t done = 0;
  while (done < out.size() && !ended_) {
    if (stream_ == nullptr && !begin_stream()) break;
    if (at_ == held_ && !take_more()) damaged("it ends too early");
    bz_stream& state = stream_->state;
    const auto room = static_cast<unsigned>(std::min<size_t>(out.size() - done, UINT_MAX));
    state.next_in = input_.data() + at_;
    state.avail_in = static_cast<unsigned>(held_ - at_);
    state.next_out = reinterpret_cast<char*>(out.data() + done);
    state.avail_out = room;
    const int result = BZ2_bzDecompress(&state);
    at_ = held_ - state.avail_in;
    done += room - state.avail_out;
    if (result == BZ_STREAM_END) {
      stream_.reset();
    } else if (result == BZ_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != BZ_OK) {
      damaged("a block cannot be decoded, or is not what its checksum says");
    }
  }
  return done;
}

// Adds the next bytes of the file to those that are held; false at the end of the file.
bool Bzip2Decoder::take_more() {
  std::copy(input_.begin() + static_cast<std::ptrdiff_t>(at_),
            input_.begin() + static_cast<std::ptrdiff_t>(held_), input_.begin());
  held_ -= at_;
  at_ = 0;
  const size_t got = more_(std::as_writable_bytes(std::span(input_).subspan(held_)));
  held_ += got;
  return got > 0;
}

// False after the last stream.
bool Bzip2Decoder::begin_stream() {
  while (held_ - at_ < mark_bytes && take_more()) {
  }
  if (held_ - at_ < mark_bytes || !begins_stream(input_.data() + at_)) {
    if (!any_stream_) damaged("it does not begin with \"BZh\" and a digit");
    ended_ = true;
    return false;
  }
  any_stream_ = true;
  stream_ = std::make_unique<Stream>();
  return true;
}

void Bzip2Decoder::damaged(const char* what) const {
  fail(SWR_ERROR_CORRUPT, path_, ": the bzip2 stream is damaged: ", what);
}

#else

struct Bzip2Decoder::Stream {};

Bzip2Decoder::Bzip2Decoder(More more, std::string path)
    : more_(std::move(more)), path_(std::move(path)) {
  fail(SWR_ERROR_UNSUPPORTED, path_,
       ": the pixels are compressed with bzip2, and this swr was built without libbz2");
}

size_t Bzip2Decoder::read(std::span<std::byte>) {
  return 0;
}

#endif

Bzip2Decoder::~Bzip2Decoder() = default;

}  // namespace swr
