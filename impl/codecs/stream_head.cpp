#include "codecs/stream_head.h"

#include "base/byte_order.h"

namespace swr {
namespace {

constexpr unsigned flag_header_crc = 2, flag_extra = 4, flag_name = 8, flag_comment = 16,
                   reserved_flags = 0xe0;

}  // namespace

std::span<const std::byte> plain_head(bool gzip) {
  if (gzip) return plain_gzip_head;
  return plain_zlib_head;
}

std::vector<std::byte> trailer(bool gzip, uint32_t checksum, int64_t raw_bytes) {
  std::vector<std::byte> out(static_cast<size_t>(trailer_bytes(gzip)));
  store<uint32_t>(out.data(), checksum, !gzip);
  if (gzip) store<uint32_t>(out.data() + 4, static_cast<uint32_t>(raw_bytes & 0xffffffff));
  return out;
}

bool begins_like_gzip(std::span<const std::byte> data) {
  return data.size() >= 2 && data[0] == std::byte{0x1f} && data[1] == std::byte{0x8b};
}

StreamHeadParser::State StreamHeadParser::next_field() {
  if ((flags_ & flag_extra) != 0) {
    flags_ &= ~flag_extra;
    step_ = Step::extra_low;
  } else if ((flags_ & flag_name) != 0) {
    flags_ &= ~flag_name;
    step_ = Step::name;
  } else if ((flags_ & flag_comment) != 0) {
    flags_ &= ~flag_comment;
    step_ = Step::comment;
  } else if ((flags_ & flag_header_crc) != 0) {
    flags_ &= ~flag_header_crc;
    step_ = Step::crc;
    left_ = 2;
  } else {
    step_ = Step::finished;
    return State::done;
  }
  return State::more;
}

StreamHeadParser::State StreamHeadParser::take(std::byte byte) {
  const auto value = std::to_integer<unsigned>(byte);
  switch (step_) {
    case Step::first:
      first_ = value;
      step_ = Step::second;
      return State::more;
    case Step::second:
      gzip_ = first_ == 0x1f && value == 0x8b;
      if (gzip_) {
        step_ = Step::method;
        return State::more;
      }
      if ((first_ & 15) != 8 || first_ >> 4 > 7 || (first_ * 256 + value) % 31 != 0)
        return State::invalid;
      if ((value & 32) != 0) return State::dictionary;
      step_ = Step::finished;
      return State::done;
    case Step::method: step_ = Step::flags; return value == 8 ? State::more : State::invalid;
    case Step::flags:
      flags_ = value;
      step_ = Step::fixed;
      left_ = 6;
      return (value & reserved_flags) == 0 ? State::more : State::invalid;
    case Step::fixed:
    case Step::extra:
    case Step::crc: return --left_ > 0 ? State::more : next_field();
    case Step::extra_low:
      left_ = static_cast<int>(value);
      step_ = Step::extra_high;
      return State::more;
    case Step::extra_high:
      left_ += static_cast<int>(value) * 256;
      step_ = Step::extra;
      return left_ > 0 ? State::more : next_field();
    case Step::name:
    case Step::comment: return value != 0 ? State::more : next_field();
    case Step::finished: break;
  }
  return State::invalid;
}

}  // namespace swr
