#include "stores/foreign_stream.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/byte_order.h"
#include "base/checked.h"

namespace swr {
namespace {

constexpr int64_t input_buffer_bytes = 131072;
constexpr int64_t least_spacing = int64_t{1} << 20;
constexpr int64_t bytes_of_state = 45000;  // zlib's, with its window
constexpr int raw_window_bits = -15;

}  // namespace

// The state from which inflating can resume.
struct ForeignStream::State {
  enum class Phase { head, body, trailer, end };

  State() {
    if (inflateInit2(&z, raw_window_bits) != Z_OK) throw std::bad_alloc();
  }
  State(const State& other)
      : phase(other.phase),
        gzip(other.gzip),
        raw(other.raw),
        in(other.in),
        member_raw(other.member_raw),
        checksum(other.checksum),
        members(other.members),
        body_begin(other.body_begin),
        body_end(other.body_end) {
    if (inflateCopy(&z, const_cast<z_stream*>(&other.z)) != Z_OK) throw std::bad_alloc();
  }
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&z); }

  z_stream z{};
  Phase phase = Phase::head;
  bool gzip = false;
  int64_t raw = 0;  // of all members
  int64_t in = 0;   // the next input byte, from the start of the stream
  int64_t member_raw = 0;
  uint32_t checksum = 0;  // of the member
  int64_t members = 0;
  int64_t body_begin = 0;  // of the first member
  int64_t body_end = 0;    // of the last member
};

ForeignStream::ForeignStream(const File& file, const StreamExtent& extent, int64_t expected_bytes,
                             int64_t memory)
    : file_(file),
      extent_(extent),
      most_states_(static_cast<size_t>(std::max<int64_t>(memory / bytes_of_state, 4))),
      now_(std::make_unique<State>()) {
  spacing_ = std::max(least_spacing, expected_bytes / static_cast<int64_t>(most_states_));
  input_.resize(
      static_cast<size_t>(std::min(input_buffer_bytes, std::max<int64_t>(extent.bytes, 1))));
  states_.push_back(std::make_unique<State>(*now_));
}

ForeignStream::~ForeignStream() = default;

bool ForeignStream::gzip() const {
  return now_->gzip;
}
int64_t ForeignStream::body_begin() const {
  return now_->body_begin;
}
int64_t ForeignStream::members() const {
  return now_->members;
}
int64_t ForeignStream::body_end() const {
  return now_->body_end;
}
int64_t ForeignStream::trailing_bytes() const {
  return extent_.bytes - now_->in;
}

void ForeignStream::fail_truncated() const {
  fail(SWR_ERROR_CORRUPT, file_.path(), ": the compressed data is cut off at byte ", extent_.end(),
       ", after ", now_->raw, " bytes were inflated");
}

// Makes the input buffer hold the byte at now_->in; false at the stream's end.
bool ForeignStream::refill() {
  if (now_->in >= input_begin_ && now_->in < input_begin_ + input_bytes_) return true;
  input_begin_ = now_->in;
  input_bytes_ =
      std::min<int64_t>(static_cast<int64_t>(input_.size()), extent_.bytes - input_begin_);
  if (input_bytes_ <= 0) return false;
  file_.read_at(extent_.begin + input_begin_,
                std::span(input_).first(static_cast<size_t>(input_bytes_)));
  return true;
}

std::byte ForeignStream::next_byte() {
  if (!refill()) fail_truncated();
  return input_[static_cast<size_t>(now_->in++ - input_begin_)];
}

void ForeignStream::parse_head() {
  StreamHeadParser parser;
  for (;;) {
    switch (parser.take(next_byte())) {
      case StreamHeadParser::State::more: continue;
      case StreamHeadParser::State::dictionary:
        fail(SWR_ERROR_UNSUPPORTED, file_.path(),
             ": the compressed data needs a preset dictionary, which the file does not hold");
      case StreamHeadParser::State::invalid:
        fail(SWR_ERROR_CORRUPT, file_.path(), ": the compressed data at byte ", extent_.begin,
             " is neither a zlib nor a gzip stream");
      case StreamHeadParser::State::done: break;
    }
    break;
  }
  if (inflateReset(&now_->z) != Z_OK) fail(SWR_ERROR_INTERNAL, "zlib cannot reset an inflater");
  now_->gzip = parser.gzip();
  now_->checksum = checksum_start(checksum_kind(now_->gzip));
  now_->member_raw = 0;
  if (now_->members++ == 0) now_->body_begin = now_->in;
  now_->phase = State::Phase::body;
}

int64_t ForeignStream::inflate_body(std::span<std::byte> out) {
  z_stream& z = now_->z;
  const bool more = refill();
  const int64_t at = now_->in - input_begin_;
  z.next_in = reinterpret_cast<Bytef*>(input_.data() + (more ? at : 0));
  z.avail_in = more ? static_cast<uInt>(input_bytes_ - at) : 0;
  const uInt had = z.avail_in;
  const size_t room = std::min<size_t>(out.size(), size_t{1} << 30);
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(room);
  const int result = inflate(&z, watcher_ ? Z_BLOCK : Z_NO_FLUSH);
  now_->in += had - z.avail_in;
  const size_t made = room - z.avail_out;
  if (result == Z_BUF_ERROR && had == 0 && !more) fail_truncated();
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
    fail(SWR_ERROR_CORRUPT, file_.path(), ": the compressed data near byte ",
         extent_.begin + now_->in, " is damaged: ", z.msg ? z.msg : "no deflate data");
  }
  now_->checksum = checksum_update(checksum_kind(now_->gzip), now_->checksum, out.first(made));
  now_->member_raw += static_cast<int64_t>(made);
  now_->raw += static_cast<int64_t>(made);
  // An empty block may be in bits that zlib already holds. zlib then reports an edge without
  // progress.
  if (watcher_ && (z.data_type & 128) != 0 && result != Z_STREAM_END)
    watcher_({now_->in * 8 - (z.data_type & 7), now_->raw, (z.data_type & 64) != 0});
  if (result == Z_STREAM_END) {
    now_->body_end = now_->in;
    now_->phase = State::Phase::trailer;
  }
  return static_cast<int64_t>(made);
}

void ForeignStream::check_trailer() {
  const std::vector<std::byte> expected = trailer(now_->gzip, now_->checksum, now_->member_raw);
  for (const std::byte byte : expected) {
    if (next_byte() != byte) {
      fail(SWR_ERROR_CORRUPT, file_.path(), ": the checksum at byte ",
           extent_.begin + now_->body_end, " does not match the ", now_->member_raw,
           " inflated bytes");
    }
  }
  now_->phase = State::Phase::end;
  if (!now_->gzip || extent_.bytes - now_->in < static_cast<int64_t>(plain_gzip_head.size()))
    return;
  std::array<std::byte, 3> next;
  file_.read_at(extent_.begin + now_->in, next);
  if (begins_like_gzip(next) && next[2] == std::byte{8}) now_->phase = State::Phase::head;
}

// At least one byte, or 0 at the end of the stream.
int64_t ForeignStream::inflate_some(std::span<std::byte> out) {
  for (;;) {
    switch (now_->phase) {
      case State::Phase::head: parse_head(); break;
      case State::Phase::body:
        if (const int64_t made = inflate_body(out); made > 0) return made;
        break;
      case State::Phase::trailer: check_trailer(); break;
      case State::Phase::end: return 0;
    }
  }
}

void ForeignStream::keep_state() {
  if (now_->raw - states_.back()->raw < spacing_ || states_.size() >= most_states_ ||
      now_->phase != State::Phase::body)
    return;
  states_.push_back(std::make_unique<State>(*now_));
}

// Seeks to the raw position `offset`, or to the end if that comes first.
void ForeignStream::go_to(int64_t offset) {
  const auto after =
      std::upper_bound(states_.begin(), states_.end(), offset,
                       [](int64_t raw, const auto& state) { return raw < state->raw; });
  const State& nearest = **std::prev(after);
  if (offset < now_->raw || nearest.raw > now_->raw) now_ = std::make_unique<State>(nearest);
  std::vector<std::byte> passed_over;
  while (now_->raw < offset) {
    passed_over.resize(static_cast<size_t>(std::min<int64_t>(offset - now_->raw, 65536)));
    if (inflate_some(passed_over) == 0) return;
    keep_state();
  }
}

int64_t ForeignStream::read_some(int64_t offset, std::span<std::byte> out) {
  go_to(offset);
  if (now_->raw < offset) return 0;
  size_t have = 0;
  while (have < out.size()) {
    // Not more than the spacing at a time, so that states are kept on the way.
    const auto part =
        out.subspan(have, std::min(out.size() - have, static_cast<size_t>(least_spacing)));
    const int64_t made = inflate_some(part);
    if (made == 0) break;
    keep_state();
    have += static_cast<size_t>(made);
  }
  return static_cast<int64_t>(have);
}

void ForeignStream::read(int64_t offset, std::span<std::byte> out) {
  const int64_t bytes = read_some(offset, out);
  if (bytes == static_cast<int64_t>(out.size())) return;
  fail(SWR_ERROR_CORRUPT, file_.path(), ": the compressed data inflates to ", now_->raw,
       " bytes, but ", offset + static_cast<int64_t>(out.size()), " are needed");
}

bool ForeignStream::ends_at(int64_t offset) {
  std::byte more;
  return read_some(offset, {&more, 1}) == 0 && now_->raw == offset;
}

}  // namespace swr
