// A splice, for every stretch of changed bytes:
//
//   old   ... | block | block with changed bytes | block | block | block ...
//                     ^ begin                                    ^ end
//   new   ... | block | align | mark | 00 00 00 FF FF ... | deflate data | fill | block ...
//
// `begin` and `end` are positions in bits, and stay. `end` is at least 32 KiB after the last
// changed byte, because later blocks may refer back that far. `align` is an empty stored block up
// to a byte boundary. The mark is one with pad bits that show that the stream was spliced. The fill
// makes the number of bits exact (codecs/bit_filler.h). Thousands of empty blocks go before the
// data, not after it: MetaIO needs pixels in each GiB of a stream. Only the bytes before the first
// pixel, which are the image's header, precede the empty blocks: programs look for the header in
// the first bytes of the file. At the end of the stream an empty final block replaces the final
// bit.
//
// The deflate data is first encoded as in a slot, which is quick. If that does not fit, zlib
// encodes it at level 9, with the 32 KiB before it as the dictionary; if that does not fit either,
// another block is included at either side, as encoding it again gains a little room. Everything is
// encoded before the first byte is written. stores/splice_effort.h says where it ends, and why.
//
// All compressed bytes between begin and end are new: only the undo journal has the old pixels.
#include "stores/splice.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/checked.h"
#include "base/stopwatch.h"
#include "codecs/bit_filler.h"
#include "codecs/deflate_run.h"
#include "codecs/filler.h"
#include "stores/foreign_stream.h"
#include "stores/scratch.h"
#include "stores/slot_directory.h"
#include "stores/splice_effort.h"
#include "stores/stream_overlay.h"

namespace swr {
namespace {

using Edge = ForeignStream::Edge;

constexpr int64_t history = 32768;
constexpr int64_t chunk = int64_t{1} << 18;
constexpr int most_attempts = 11;
// An empty stored block with these pad bits begins each splice, and shows that there is one.
constexpr std::byte mark_head{0xa8};
constexpr int64_t mark_bits = 40;

// The range between two edges, by their numbers, and its replacement.
struct Splice {
  size_t first, last;
  std::vector<std::byte> head{};  // the bits of the previous block, and `align`
  int64_t filler_bytes = 0;       // of five bytes
  std::vector<Scratch::Stretch> data{};
  size_t lead = 0;               // the stretches of `data` that come before the filler
  std::vector<std::byte> end{};  // the fill, and the bits of the next block
};

class StreamSplicer {
 public:
  StreamSplicer(const File& file, const StreamExtent& extent, const Layout& layout,
                const DeflateUpdate& update, StoreCounters& counters)
      : file_(file),
        extent_(extent),
        overlay_(update, layout.stream().prefix),
        prefix_bytes_(layout.stream().prefix),
        has_open_end_(layout.stream().has_open_end),
        raw_bytes_(checked_add(prefix_bytes_, layout.parts[0].bytes)),
        counters_(counters),
        stream_(file, extent, raw_bytes_, update.resources.memory_limit / 4),
        scratch_(update.resources.memory_limit / 4, file.path(), counters),
        most_written_(std::max<int64_t>(update.resources.memory_limit / 4, chunk)) {}

  // False if the stream cannot be changed in place.
  bool plan() {
    if (raw_bytes_ < 1 || !scan()) return false;
    find_splices();
    return encode_all();
  }
  void write(InPlace& change, int file);

 private:
  bool scan();
  void scan_suffix();
  void note_edge(const Edge& edge);
  void note_changes(int64_t offset, std::span<const std::byte> old, std::span<const std::byte> now);
  void find_splices();
  bool encode_all();
  bool widen(Splice& splice, int attempt, size_t left_limit, std::vector<Splice>& waiting);
  void begin_splice(Splice& splice);
  bool encode_quickly(Splice& splice);
  bool encode_best(Splice& splice);
  template <typename Encode>
  int64_t encode_parts(Splice& splice, int effort, const Encode& encode);
  int64_t encode_runs(Splice& splice);
  int64_t deflate_data(Splice& splice, int ending);
  bool put_back(int64_t before);
  bool fill(Splice& splice, int64_t data_bytes);
  bool fill_in_front(Splice& splice, int64_t data_bytes) const;
  int64_t room(const Splice& splice) const;
  bool tired() const { return effort_ > most_splice_effort(raw_bytes_); }
  void read_new(int64_t offset, std::span<std::byte> out);
  std::byte old_byte(int64_t position) const;
  bool at_end(const Splice& splice) const { return splice.last + 1 == edges_.size(); }
  int64_t window_bits() const;

  const File& file_;
  StreamExtent extent_;
  StreamOverlay overlay_;
  const int64_t prefix_bytes_;
  const bool has_open_end_;
  int64_t raw_bytes_;  // of the whole stream, once it is scanned
  StoreCounters& counters_;
  ForeignStream stream_;
  Scratch scratch_;
  int64_t most_written_;
  std::vector<Edge> edges_;
  std::optional<Edge> newest_edge_;
  bool spliced_before_ = false;
  int64_t effort_ = 0;
  std::unique_ptr<RunEncoder> quick_;
  struct Change {
    int64_t begin, end;  // in raw bytes
  };
  std::vector<Change> changes_;
  std::vector<Splice> splices_;
  uint32_t new_checksum_ = 0;
  int64_t trailer_begin_ = 0;
};

void StreamSplicer::note_edge(const Edge& edge) {
  const Edge before = newest_edge_.value_or(Edge{stream_.body_begin() * 8, 0, false});
  newest_edge_ = edge;
  if (edge.raw == before.raw && edge.bit - before.bit == mark_bits && before.bit % 8 == 0)
    spliced_before_ = spliced_before_ || old_byte(before.bit / 8) == mark_head;
  // Smaller blocks are merged, so that the list stays short.
  const int64_t least_block = std::max<int64_t>(4096, raw_bytes_ / 100000);
  if (edges_.empty() || edge.last || edge.raw - edges_.back().raw >= least_block)
    edges_.push_back(edge);
}

// Inflates everything once: checks the stream, finds the edges of its blocks and the bytes that
// change, and works out the new checksum.
bool StreamSplicer::scan() {
  stream_.watch_edges([this](const Edge& edge) { note_edge(edge); });
  std::vector<std::byte> raw(chunk), old;
  for (int64_t at = 0; at < raw_bytes_; at += chunk) {
    const auto part = std::span(raw).first(static_cast<size_t>(std::min(chunk, raw_bytes_ - at)));
    stream_.read(at, part);
    if (spliced_before_) return false;
    if (at == 0) {
      new_checksum_ = checksum_start(checksum_kind(stream_.gzip()));
      edges_.insert(edges_.begin(), {stream_.body_begin() * 8, 0, false});
    }
    if (overlay_.next_change(at) < at + std::ssize(part)) {
      old.assign(part.begin(), part.end());
      overlay_.apply(at, part);
      note_changes(at, old, part);
    }
    new_checksum_ = checksum_update(checksum_kind(stream_.gzip()), new_checksum_, part);
  }
  if (has_open_end_) scan_suffix();
  const bool ends = stream_.ends_at(raw_bytes_);
  stream_.watch_edges(nullptr);
  trailer_begin_ = stream_.body_end();
  return ends && stream_.members() == 1 && stream_.trailing_bytes() == 0 && edges_.back().last;
}

// The bytes of a header that follow the pixels.
void StreamSplicer::scan_suffix() {
  std::vector<std::byte> raw(chunk);
  for (int64_t got = 1; got > 0; raw_bytes_ += got) {
    got = stream_.read_some(raw_bytes_, raw);
    new_checksum_ = checksum_update(checksum_kind(stream_.gzip()), new_checksum_,
                                    std::span(raw).first(static_cast<size_t>(got)));
  }
}

// Merges changes that are so close that the same blocks may refer to both.
void StreamSplicer::note_changes(int64_t offset, std::span<const std::byte> old,
                                 std::span<const std::byte> now) {
  for (size_t at = 0; at < old.size();) {
    const auto difference = std::mismatch(old.begin() + static_cast<std::ptrdiff_t>(at), old.end(),
                                          now.begin() + static_cast<std::ptrdiff_t>(at));
    if (difference.first == old.end()) return;
    const int64_t begin = offset + (difference.first - old.begin());
    if (changes_.empty() || begin - changes_.back().end > history)
      changes_.push_back({begin, begin});
    changes_.back().end = begin + 1;
    at = static_cast<size_t>(begin - offset) + 1;
  }
}

// The blocks that hold changed bytes, and those that may refer to them.
void StreamSplicer::find_splices() {
  const auto is_before = [](int64_t raw, const Edge& edge) { return raw < edge.raw; };
  const auto before = [](const Edge& edge, int64_t raw) { return edge.raw < raw; };
  for (const Change& change : changes_) {
    const int64_t referred_to = std::min(change.end + history, raw_bytes_);
    const auto first = static_cast<size_t>(
                           std::upper_bound(edges_.begin(), edges_.end(), change.begin, is_before) -
                           edges_.begin()) -
                       1;
    auto last = static_cast<size_t>(
        std::lower_bound(edges_.begin(), edges_.end(), referred_to, before) - edges_.begin());
    if (edges_[last].raw == raw_bytes_) last = edges_.size() - 1;  // empty blocks may follow
    if (!splices_.empty() && first <= splices_.back().last) {
      splices_.back().last = std::max(splices_.back().last, last);
    } else {
      splices_.push_back({first, last});
    }
  }
}

void StreamSplicer::read_new(int64_t offset, std::span<std::byte> out) {
  stream_.read(offset, out);
  overlay_.apply(offset, out);
}

std::byte StreamSplicer::old_byte(int64_t position) const {
  std::byte byte;
  file_.read_at(extent_.begin + position, {&byte, 1});
  return byte;
}

// The head of a zlib stream may declare a window of less than 32 KiB.
int64_t StreamSplicer::window_bits() const {
  if (stream_.gzip()) return 15;
  return std::to_integer<int>(old_byte(0) >> 4) + 8;
}

// The most bytes that fit after the splice's head.
int64_t StreamSplicer::room(const Splice& splice) const {
  const int64_t end = at_end(splice) ? trailer_begin_ : edges_[splice.last].bit / 8;
  return end - edges_[splice.first].bit / 8 - std::ssize(splice.head);
}

// Keeps what encode(raw, ends_lead, is_last) makes of each part as the splice's data; its length,
// or -1 if that is too much.
template <typename Encode>
int64_t StreamSplicer::encode_parts(Splice& splice, int effort, const Encode& encode) {
  const int64_t begin = edges_[splice.first].raw, end = edges_[splice.last].raw;
  const int64_t lead_end = std::min(std::max(begin, prefix_bytes_), end), most = room(splice);
  std::vector<std::byte> raw(chunk);
  int64_t made = 0;
  splice.data.clear();
  splice.lead = 0;
  const auto keep = [&](std::span<const std::byte> bytes) {
    made += std::ssize(bytes);
    if (made > most) return false;
    if (!bytes.empty()) splice.data.push_back(scratch_.append(bytes));
    return true;
  };
  for (int64_t at = begin; at < end;) {
    const int64_t part_end = std::min(at + chunk, at < lead_end ? lead_end : end);
    const auto part = std::span(raw).first(static_cast<size_t>(part_end - at));
    effort_ += std::ssize(part) * effort;
    if (tired()) return -1;
    read_new(at, part);
    at = part_end;
    if (!encode(part, at == lead_end, at == end, keep)) return -1;
    if (at == lead_end) splice.lead = splice.data.size();
  }
  return made;
}

// Runs as in a slot: without the history before them, hardly longer, and several times as fast.
int64_t StreamSplicer::encode_runs(Splice& splice) {
  if (!quick_) quick_ = make_run_encoder(deflate_method("auto", 6));
  return encode_parts(splice, quick_effort,
                      [this](std::span<const std::byte> raw, bool, bool, const auto& keep) {
                        return keep(quick_->encode(raw));
                      });
}

// As small as zlib can, to end in a flush or with the stream (Z_SYNC_FLUSH, Z_FINISH).
int64_t StreamSplicer::deflate_data(Splice& splice, int ending) {
  const int64_t begin = edges_[splice.first].raw, bits = window_bits();
  z_stream z{};
  if (deflateInit2(&z, 9, Z_DEFLATED, static_cast<int>(-bits), 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&z, deflateEnd);
  std::vector<std::byte> before(static_cast<size_t>(std::min(begin, int64_t{1} << bits)));
  read_new(begin - std::ssize(before), before);
  if (!before.empty() && deflateSetDictionary(&z, reinterpret_cast<const Bytef*>(before.data()),
                                              static_cast<uInt>(before.size())) != Z_OK) {
    fail(SWR_ERROR_INTERNAL, "zlib does not take a dictionary");
  }
  std::vector<std::byte> out(chunk);
  return encode_parts(
      splice, best_effort,
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

// Finds the empty blocks that bring the data to exactly the old end; false if none do.
bool StreamSplicer::fill(Splice& splice, int64_t data_bytes) {
  const int64_t data_begin = edges_[splice.first].bit / 8 + std::ssize(splice.head);
  BitWriter bits;
  if (at_end(splice)) {
    constexpr int final_bits = 10;
    const int64_t room = (trailer_begin_ - data_begin - data_bytes) * 8 - final_bits;
    std::optional<BitFill> found;
    for (int pad = 0; pad < 8 && !found; ++pad) found = fill_bits(room - pad);
    if (!found) return false;
    splice.filler_bytes = found->stored * 5;
    write_unaligned_fill(*found, bits);
    write_empty_final_block(bits);
    splice.end = bits.bytes();
    return room_before_last_run(trailer_begin_ - std::ssize(splice.end),
                                std::ssize(splice.end) + trailer_bytes(stream_.gzip())) == 0;
  }
  const int64_t end = edges_[splice.last].bit;
  const auto found = fill_bits(end - (data_begin + data_bytes) * 8);
  if (!found) return false;
  splice.filler_bytes = found->stored * 5;
  write_unaligned_fill(*found, bits);
  // The bits of the next block that share a byte with the last ones.
  if (end % 8 != 0)
    bits.put(std::to_integer<uint32_t>(old_byte(end / 8) >> static_cast<int>(end % 8)),
             static_cast<int>(8 - end % 8));
  splice.end = bits.bytes();
  return true;
}

// The data ends the stream: all remaining room goes before it.
bool StreamSplicer::fill_in_front(Splice& splice, int64_t data_bytes) const {
  const int64_t left =
      trailer_begin_ - edges_[splice.first].bit / 8 - std::ssize(splice.head) - data_bytes;
  splice.filler_bytes = left;
  splice.end.clear();
  return fillable(left) && room_before_last_run(trailer_begin_, trailer_bytes(stream_.gzip())) == 0;
}

// What precedes the data: the bits of the block before, a way to a byte boundary, and the mark.
void StreamSplicer::begin_splice(Splice& splice) {
  const int64_t begin = edges_[splice.first].bit;
  BitWriter head;
  if (begin % 8 != 0) {
    const int kept = static_cast<int>(begin % 8);
    head.put(std::to_integer<uint32_t>(old_byte(begin / 8)) & ((1u << kept) - 1), kept);
    head.put(0, 3);
    while (head.bits() % 8 != 0) head.put(0, 1);
    head.put(0xffff0000u, 32);
  }
  head.put(std::to_integer<uint32_t>(mark_head), 8);
  head.put(0xffff0000u, 32);
  splice.head = head.bytes();
}

bool StreamSplicer::encode_quickly(Splice& splice) {
  constexpr int64_t window_of_runs = 15;
  const Stopwatch watch(counters_.compress_nanoseconds);
  begin_splice(splice);
  if (window_bits() < window_of_runs) return false;
  const int64_t before = scratch_.end(), bytes = encode_runs(splice);
  return (bytes >= 0 && fill(splice, bytes)) || put_back(before);
}

bool StreamSplicer::encode_best(Splice& splice) {
  constexpr int64_t least_window = 9;  // that zlib makes
  const Stopwatch watch(counters_.compress_nanoseconds);
  begin_splice(splice);
  if (window_bits() < least_window) return false;
  const int64_t before = scratch_.end();
  if (at_end(splice)) {
    const int64_t bytes = deflate_data(splice, Z_FINISH);
    if ((bytes >= 0 && fill_in_front(splice, bytes)) || put_back(before)) return true;
  }
  const int64_t bytes = deflate_data(splice, Z_SYNC_FLUSH);
  return (bytes >= 0 && fill(splice, bytes)) || put_back(before);
}

// Forgets what does not fit; false.
bool StreamSplicer::put_back(int64_t before) {
  scratch_.go_back_to(before);
  return false;
}

// Includes more blocks at one side, twice as many every second time. A neighbouring splice that is
// reached is included as a whole.
bool StreamSplicer::widen(Splice& splice, int attempt, size_t left_limit,
                          std::vector<Splice>& waiting) {
  const size_t blocks = size_t{1} << attempt / 2;
  const bool right_possible = !at_end(splice), left_possible = splice.first > left_limit;
  if (right_possible && (attempt % 2 == 0 || !left_possible)) {
    splice.last = std::min(splice.last + blocks, edges_.size() - 1);
    if (edges_[splice.last].raw == raw_bytes_) splice.last = edges_.size() - 1;
    while (!waiting.empty() && waiting.back().first <= splice.last) {
      splice.last = std::max(splice.last, waiting.back().last);
      waiting.pop_back();
    }
    return true;
  }
  if (!left_possible) return false;
  splice.first -= std::min(blocks, splice.first - left_limit);
  return true;
}

bool StreamSplicer::encode_all() {
  std::vector<Splice> waiting(std::make_move_iterator(splices_.rbegin()),
                              std::make_move_iterator(splices_.rend()));
  splices_.clear();
  while (!waiting.empty()) {
    Splice splice = std::move(waiting.back());
    waiting.pop_back();
    // At least one block stays between two splices, so that they do not share a byte.
    const size_t left_limit = splices_.empty() ? 0 : splices_.back().last + 1;
    bool fits = encode_quickly(splice) || encode_best(splice);
    for (int attempt = 0; !fits; ++attempt) {
      if (tired() || attempt == most_attempts || !widen(splice, attempt, left_limit, waiting))
        return false;
      fits = encode_best(splice);
    }
    splices_.push_back(std::move(splice));
  }
  return true;
}

void StreamSplicer::write(InPlace& change, int file) {
  if (splices_.empty()) return;
  std::vector<std::vector<std::byte>> kept;
  std::vector<InPlace::Change> changes;
  int64_t position = 0, waiting = 0;
  const auto flush = [&] {
    if (!changes.empty()) change.write(changes);
    changes.clear();
    kept.clear();
    waiting = 0;
  };
  const auto add = [&](std::vector<std::byte> bytes) {
    if (bytes.empty()) return;
    const int64_t count = std::ssize(bytes);
    kept.push_back(std::move(bytes));
    changes.push_back({file, extent_.begin + position, kept.back()});
    position += count;
    waiting += count;
    if (waiting >= most_written_) flush();
  };
  const auto add_stretch = [&](const Scratch::Stretch& stretch) {
    std::vector<std::byte> bytes(static_cast<size_t>(stretch.bytes));
    scratch_.read(stretch, bytes);
    add(std::move(bytes));
  };
  for (const Splice& splice : splices_) {
    position = edges_[splice.first].bit / 8;
    add(splice.head);
    for (size_t i = 0; i < splice.lead; ++i) add_stretch(splice.data[i]);
    for (int64_t left = splice.filler_bytes; left > 0;) {
      // After the first part, the rest is a multiple of five.
      const int64_t part = left > chunk ? chunk / 5 * 5 + left % 5 : left;
      std::vector<std::byte> filler(static_cast<size_t>(part));
      write_filler(filler);
      add(std::move(filler));
      left -= part;
    }
    for (size_t i = splice.lead; i < splice.data.size(); ++i) add_stretch(splice.data[i]);
    add(splice.end);
    ++counters_.blocks_spliced;
  }
  position = trailer_begin_;
  add(trailer(stream_.gzip(), new_checksum_, raw_bytes_));
  flush();
}

}  // namespace

DeflateResult splice_stream(const Layout& layout, const DeflateUpdate& update, InPlace& change,
                            int file, StoreCounters& counters) {
  if (update.new_bytes != layout.parts[0].bytes) return {};
  if (!splice_may_pay(*update.overlay, update.new_bytes)) return {};
  const File& data = change.file(file);
  const StreamExtent extent = stream_extent(data, layout);
  StreamSplicer splicer(data, extent, layout, update, counters);
  if (!splicer.plan()) return {};
  const Stopwatch watch(counters.store_nanoseconds);
  splicer.write(change, file);
  return {true, extent.bytes};
}

}  // namespace swr
