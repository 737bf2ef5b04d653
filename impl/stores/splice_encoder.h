// Encodes the replacement of a range of deflate blocks into exactly as many bits as before.
//
//   old   ... | block | block with changed bytes | block | block | block ...
//                     ^ begin                                    ^ end
//   new   ... | block | align | mark | 00 00 00 FF FF ... | deflate data | fill | block ...
//
// `begin` and `end` are edges of blocks, at positions in bits, and stay. `align` is an empty stored
// block up to a byte boundary. The mark is one with pad bits that show that the stream was spliced.
// The fill makes the number of bits exact (codecs/bit_filler.h). Thousands of empty blocks go
// before the data, not after it: MetaIO needs pixels in each GiB of a stream. Only the bytes before
// the first pixel, which are the image's header, precede the empty blocks: programs look for the
// header in the first bytes of the file. At the end of the stream an empty final block replaces the
// final bit.
#pragma once

#include <memory>
#include <vector>

#include "codecs/deflate_run.h"
#include "stores/foreign_stream.h"
#include "stores/scratch.h"

namespace swr {

// A foreign stream with changes.
class ChangedStream {
 public:
  // The arguments must outlive the object. `extent` is that of the stream in the file; of its
  // `raw_bytes` the first `prefix_bytes` precede the pixels.
  ChangedStream(const File& file, const StreamExtent& extent, ForeignStream& stream,
                const Overlay& overlay, int64_t prefix_bytes, int64_t raw_bytes)
      : file_(file),
        extent_(extent),
        stream_(stream),
        overlay_(overlay),
        prefix_bytes_(prefix_bytes),
        raw_bytes_(raw_bytes) {}

  int64_t prefix_bytes() const { return prefix_bytes_; }
  int64_t raw_bytes() const { return raw_bytes_; }
  bool gzip() const { return stream_.gzip(); }
  // Reads raw bytes as they are after the changes.
  void read(int64_t offset, std::span<std::byte> out);
  // A byte of the old stream.
  std::byte old_byte(int64_t position) const;
  // The head of a zlib stream may declare a window of less than 32 KiB.
  int window_bits() const;

 private:
  const File& file_;
  const StreamExtent& extent_;
  ForeignStream& stream_;
  const Overlay& overlay_;
  int64_t prefix_bytes_, raw_bytes_;
};

// Whether the stored block from `before` to `edge` is the mark of a splice.
bool is_splice_mark(const ChangedStream& stream, const ForeignStream::Edge& before,
                    const ForeignStream::Edge& edge);

// The new bytes of a range, from the byte of its first edge on.
struct Replacement {
  std::vector<std::byte> head{};  // the bits of the block before, `align` and the mark
  int64_t filler_bytes = 0;       // of empty stored blocks
  std::vector<Scratch::Stretch> data{};
  size_t lead = 0;               // the stretches of `data` that come before the filler
  std::vector<std::byte> end{};  // the fill, and the bits of the block after
};

class SpliceEncoder {
 public:
  using Edge = ForeignStream::Edge;

  // `trailer_begin`: the end of the stream's deflate data. The data is kept in `scratch`. The
  // references must outlive the object.
  SpliceEncoder(ChangedStream& stream, int64_t trailer_begin, Scratch& scratch,
                StoreCounters& counters)
      : stream_(stream), trailer_begin_(trailer_begin), scratch_(scratch), counters_(counters) {}

  // Encodes the range as in a slot, which is quick. False if it does not fit.
  bool encode_quickly(const Edge& begin, const Edge& end, Replacement& replacement);
  // Encodes it with zlib at level 9, with the 32 KiB before it as the dictionary.
  bool encode_best(const Edge& begin, const Edge& end, Replacement& replacement);
  // Whether all attempts together have cost too much (stores/splice_effort.h).
  bool is_tired() const;

 private:
  struct Range {
    const Edge &begin, &end;
    Replacement& to;
  };

  void begin_range(const Range& range);
  template <typename Encode>
  int64_t encode_parts(const Range& range, int effort, const Encode& encode);
  int64_t encode_runs(const Range& range);
  int64_t deflate_data(const Range& range, int ending);
  bool put_back(int64_t before);
  bool fill(const Range& range, int64_t data_bytes) const;
  bool fill_at_end(const Range& range, int64_t data_bytes) const;
  bool fill_in_front(const Range& range, int64_t data_bytes) const;
  int64_t room(const Range& range) const;

  ChangedStream& stream_;
  const int64_t trailer_begin_;
  Scratch& scratch_;
  StoreCounters& counters_;
  std::unique_ptr<RunEncoder> quick_;
  int64_t effort_ = 0;
};

}  // namespace swr
