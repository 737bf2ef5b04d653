#include "stores/splice_encoder.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/error.h"
#include "base/stopwatch.h"
#include "codecs/bit_filler.h"
#include "codecs/filler.h"
#include "stores/slot_directory.h"
#include "stores/splice_effort.h"

namespace swr {
namespace {

constexpr int64_t encoded_chunk = int64_t{1} << 18;
// An empty stored block with these pad bits begins each splice, and shows that there is one.
constexpr std::byte mark_head{0xa8};
constexpr int64_t mark_bits = 40;

}  // namespace

void ChangedStream::read(int64_t offset, std::span<std::byte> out) {
  stream_.read(offset, out);
  overlay_.apply(offset, out);
}

std::byte ChangedStream::old_byte(int64_t position) const {
  std::byte byte;
  file_.read_at(extent_.begin + position, {&byte, 1});
  return byte;
}

int ChangedStream::window_bits() const {
  return gzip() ? 15 : std::to_integer<int>(old_byte(0) >> 4) + 8;
}

bool is_splice_mark(const ChangedStream& stream, const ForeignStream::Edge& before,
                    const ForeignStream::Edge& edge) {
  return edge.raw == before.raw && edge.bit - before.bit == mark_bits && before.bit % 8 == 0 &&
         stream.old_byte(before.bit / 8) == mark_head;
}

bool SpliceEncoder::is_tired() const {
  return effort_ > most_splice_effort(stream_.raw_bytes());
}

bool SpliceEncoder::encode_quickly(const Edge& begin, const Edge& end, Replacement& replacement) {
  constexpr int window_of_runs = 15;
  const Stopwatch watch(counters_.compress_nanoseconds);
  const Range range{begin, end, replacement};
  begin_range(range);
  if (stream_.window_bits() < window_of_runs) return false;
  const int64_t before = scratch_.end(), bytes = encode_runs(range);
  return (bytes >= 0 && fill(range, bytes)) || put_back(before);
}

bool SpliceEncoder::encode_best(const Edge& begin, const Edge& end, Replacement& replacement) {
  constexpr int least_window = 9;  // that zlib supports
  const Stopwatch watch(counters_.compress_nanoseconds);
  const Range range{begin, end, replacement};
  begin_range(range);
  if (stream_.window_bits() < least_window) return false;
  const int64_t before = scratch_.end();
  if (end.last) {
    const int64_t bytes = deflate_data(range, Z_FINISH);
    if ((bytes >= 0 && fill_in_front(range, bytes)) || put_back(before)) return true;
  }
  const int64_t bytes = deflate_data(range, Z_SYNC_FLUSH);
  return (bytes >= 0 && fill(range, bytes)) || put_back(before);
}

// Discards data that does not fit. Returns false.
bool SpliceEncoder::put_back(int64_t before) {
  scratch_.go_back_to(before);
  return false;
}

// Makes what precedes the data: the bits of the block before, `align` and the mark.
void SpliceEncoder::begin_range(const Range& range) {
  BitWriter head;
  if (range.begin.bit % 8 != 0) {
    const int kept = static_cast<int>(range.begin.bit % 8);
    const auto byte = std::to_integer<uint32_t>(stream_.old_byte(range.begin.bit / 8));
    head.put(byte & ((1u << kept) - 1), kept);
    write_flush(head);
  }
  head.put(std::to_integer<uint32_t>(mark_head), 8);
  head.put(0xffff0000u, 32);
  range.to.head = head.bytes();
}

// The most bytes that fit after the head.
int64_t SpliceEncoder::room(const Range& range) const {
  const int64_t end = range.end.last ? trailer_begin_ : range.end.bit / 8;
  return end - range.begin.bit / 8 - std::ssize(range.to.head);
}

// Keeps what encode(raw, ends_lead, is_last, keep) makes of each part as the data. Returns its
// length, or -1 if that is too much.
template <typename Encode>
int64_t SpliceEncoder::encode_parts(const Range& range, int effort, const Encode& encode) {
  const int64_t begin = range.begin.raw, end = range.end.raw;
  const int64_t lead_end = std::min(std::max(begin, stream_.prefix_bytes()), end);
  const int64_t most = room(range);
  std::vector<std::byte> raw(encoded_chunk);
  int64_t made = 0;
  range.to.data.clear();
  range.to.lead = 0;
  const auto keep = [&](std::span<const std::byte> bytes) {
    made += std::ssize(bytes);
    if (made > most) return false;
    if (!bytes.empty()) range.to.data.push_back(scratch_.append(bytes));
    return true;
  };
  for (int64_t at = begin; at < end;) {
    const int64_t part_end = std::min(at + encoded_chunk, at < lead_end ? lead_end : end);
    const auto part = std::span(raw).first(static_cast<size_t>(part_end - at));
    effort_ += std::ssize(part) * effort;
    if (is_tired()) return -1;
    stream_.read(at, part);
    at = part_end;
    if (!encode(part, at == lead_end, at == end, keep)) return -1;
    if (at == lead_end) range.to.lead = range.to.data.size();
  }
  return made;
}

// Runs as in a slot: without the history before them, hardly longer, and several times as fast.
int64_t SpliceEncoder::encode_runs(const Range& range) {
  if (!quick_) quick_ = make_run_encoder(deflate_method("auto", 6));
  return encode_parts(range, quick_effort,
                      [this](std::span<const std::byte> raw, bool, bool, const auto& keep) {
                        return keep(quick_->encode(raw));
                      });
}

// As small as zlib can, to end in a flush or with the stream (Z_SYNC_FLUSH, Z_FINISH).
int64_t SpliceEncoder::deflate_data(const Range& range, int ending) {
  const int64_t begin = range.begin.raw;
  const int bits = stream_.window_bits();
  z_stream z{};
  if (deflateInit2(&z, 9, Z_DEFLATED, -bits, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&z, deflateEnd);
  std::vector<std::byte> before(static_cast<size_t>(std::min(begin, int64_t{1} << bits)));
  stream_.read(begin - std::ssize(before), before);
  if (!before.empty() && deflateSetDictionary(&z, reinterpret_cast<const Bytef*>(before.data()),
                                              static_cast<uInt>(before.size())) != Z_OK) {
    fail(SWR_ERROR_INTERNAL, "zlib does not take a dictionary");
  }
  std::vector<std::byte> out(encoded_chunk);
  return encode_parts(
      range, best_effort,
      [&](std::span<std::byte> raw, bool ends_lead, bool is_last, const auto& keep) {
        z.next_in = reinterpret_cast<Bytef*>(raw.data());
        z.avail_in = static_cast<uInt>(raw.size());
        do {
          z.next_out = reinterpret_cast<Bytef*>(out.data());
          z.avail_out = static_cast<uInt>(out.size());
          deflate(&z, is_last ? ending : ends_lead ? Z_SYNC_FLUSH : Z_NO_FLUSH);
          if (!keep(std::span(out).first(out.size() - z.avail_out))) return false;
        } while (z.avail_out == 0);
        return true;
      });
}

// Makes the empty blocks that bring the data to exactly the old end. False if there are none.
bool SpliceEncoder::fill(const Range& range, int64_t data_bytes) const {
  if (range.end.last) return fill_at_end(range, data_bytes);
  const int64_t data_begin = range.begin.bit / 8 + std::ssize(range.to.head);
  const int64_t end = range.end.bit;
  const auto found = fill_bits(end - (data_begin + data_bytes) * 8);
  if (!found) return false;
  BitWriter bits;
  range.to.filler_bytes = found->stored * 5;
  write_unaligned_fill(*found, bits);
  // The bits of the next block that share a byte with the last ones.
  if (end % 8 != 0) {
    bits.put(std::to_integer<uint32_t>(stream_.old_byte(end / 8) >> static_cast<int>(end % 8)),
             static_cast<int>(8 - end % 8));
  }
  range.to.end = bits.bytes();
  return true;
}

// The same at the end of the stream, where a final block is needed.
bool SpliceEncoder::fill_at_end(const Range& range, int64_t data_bytes) const {
  constexpr int final_bits = 10;
  const int64_t left = (room(range) - data_bytes) * 8 - final_bits;
  std::optional<BitFill> found;
  for (int pad = 0; pad < 8 && !found; ++pad) found = fill_bits(left - pad);
  if (!found) return false;
  BitWriter bits;
  range.to.filler_bytes = found->stored * 5;
  write_unaligned_fill(*found, bits);
  write_empty_final_block(bits);
  range.to.end = bits.bytes();
  const int64_t end_bytes = std::ssize(range.to.end);
  return room_before_last_run(trailer_begin_ - end_bytes,
                              end_bytes + trailer_bytes(stream_.gzip())) == 0;
}

// The data ends the stream: all remaining room goes before it.
bool SpliceEncoder::fill_in_front(const Range& range, int64_t data_bytes) const {
  const int64_t left = room(range) - data_bytes;
  range.to.filler_bytes = left;
  range.to.end.clear();
  return fillable(left) && room_before_last_run(trailer_begin_, trailer_bytes(stream_.gzip())) == 0;
}

}  // namespace swr
