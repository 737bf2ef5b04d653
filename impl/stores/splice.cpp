// Plans and writes a splice. A range of deflate blocks is replaced for every group of changed
// bytes; it ends at least 32 KiB after the last changed byte, because later blocks may refer back
// that far.
//
// A range is first encoded as in a slot, which is quick. If that does not fit, zlib encodes it at
// level 9; if that does not fit either, another block is included at either side, as encoding it
// again gains a little room. Everything is encoded before the first byte is written.
// stores/splice_effort.h says when to give up, and why.
//
// All compressed bytes of a range are new: only the undo journal has the old pixels.
#include "stores/splice.h"

#include <algorithm>

#include "base/checked.h"
#include "base/stopwatch.h"
#include "codecs/filler.h"
#include "stores/slot_directory.h"
#include "stores/splice_effort.h"
#include "stores/splice_encoder.h"
#include "stores/stream_overlay.h"

namespace swr {
namespace {

using Edge = ForeignStream::Edge;

constexpr int64_t history = 32768;
constexpr int64_t chunk = int64_t{1} << 18;
constexpr int most_attempts = 11;

// The range between two edges, by their numbers, and its replacement.
struct Splice {
  size_t first, last;
  Replacement replacement{};
};

class StreamSplicer {
 public:
  StreamSplicer(const File& file, const StreamExtent& extent, const Layout& layout,
                const DeflateUpdate& update, StoreCounters& counters)
      : extent_(extent),
        overlay_(update, layout.stream().prefix),
        prefix_bytes_(layout.stream().prefix),
        has_open_end_(layout.stream().has_open_end),
        raw_bytes_(checked_add(prefix_bytes_, layout.parts[0].bytes)),
        counters_(counters),
        stream_(file, extent, raw_bytes_, update.resources.memory_limit / 4),
        changed_(file, extent_, stream_, overlay_, prefix_bytes_, raw_bytes_),
        scratch_(update.resources.memory_limit / 4, file.path(), counters),
        most_written_(std::max<int64_t>(update.resources.memory_limit / 4, chunk)) {}

  // False if the stream cannot be changed in place.
  bool plan() {
    if (raw_bytes_ < 1 || !scan()) return false;
    find_splices();
    return encode_all();
  }
  void write(FileChanges& change, int file);

 private:
  bool scan();
  void scan_suffix();
  void note_edge(const Edge& edge);
  void note_changes(int64_t offset, std::span<const std::byte> old, std::span<const std::byte> now);
  void find_splices();
  bool encode_all();
  bool widen(Splice& splice, int attempt, size_t left_limit, std::vector<Splice>& waiting);
  bool at_end(const Splice& splice) const { return splice.last + 1 == edges_.size(); }

  StreamExtent extent_;
  StreamOverlay overlay_;
  const int64_t prefix_bytes_;
  const bool has_open_end_;
  int64_t raw_bytes_;  // of the whole stream, once it is scanned
  StoreCounters& counters_;
  ForeignStream stream_;
  ChangedStream changed_;
  Scratch scratch_;
  int64_t most_written_;
  std::vector<Edge> edges_;
  std::optional<Edge> newest_edge_;
  bool spliced_before_ = false;
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
  spliced_before_ = spliced_before_ || is_splice_mark(changed_, before, edge);
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
  SpliceEncoder encoder(changed_, trailer_begin_, scratch_, counters_);
  const auto encode_best = [&](Splice& splice) {
    return encoder.encode_best(edges_[splice.first], edges_[splice.last], splice.replacement);
  };
  while (!waiting.empty()) {
    Splice splice = std::move(waiting.back());
    waiting.pop_back();
    // At least one block stays between two splices, so that they do not share a byte.
    const size_t left_limit = splices_.empty() ? 0 : splices_.back().last + 1;
    bool fits =
        encoder.encode_quickly(edges_[splice.first], edges_[splice.last], splice.replacement) ||
        encode_best(splice);
    for (int attempt = 0; !fits; ++attempt) {
      if (encoder.is_tired() || attempt == most_attempts ||
          !widen(splice, attempt, left_limit, waiting))
        return false;
      fits = encode_best(splice);
    }
    splices_.push_back(std::move(splice));
  }
  return true;
}

void StreamSplicer::write(FileChanges& change, int file) {
  if (splices_.empty()) return;
  std::vector<std::vector<std::byte>> kept;
  std::vector<FileChanges::Change> changes;
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
    const Replacement& now = splice.replacement;
    position = edges_[splice.first].bit / 8;
    add(now.head);
    for (size_t i = 0; i < now.lead; ++i) add_stretch(now.data[i]);
    for (int64_t left = now.filler_bytes; left > 0;) {
      // After the first part, the rest is a multiple of five.
      const int64_t part = left > chunk ? chunk / 5 * 5 + left % 5 : left;
      std::vector<std::byte> filler(static_cast<size_t>(part));
      write_filler(filler);
      add(std::move(filler));
      left -= part;
    }
    for (size_t i = now.lead; i < now.data.size(); ++i) add_stretch(now.data[i]);
    add(now.end);
    ++counters_.blocks_spliced;
  }
  position = trailer_begin_;
  add(trailer(stream_.gzip(), new_checksum_, raw_bytes_));
  flush();
}

}  // namespace

DeflateResult splice_stream(const Layout& layout, const DeflateUpdate& update, FileChanges& change,
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
