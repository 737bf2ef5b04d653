// Writes a slotted stream from front to back. slot_directory.h shows the layout.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/checked.h"
#include "base/stopwatch.h"
#include "codecs/deflate_run.h"
#include "codecs/filler.h"
#include "stores/deflate_blocks.h"
#include "stores/repeated_slot.h"
#include "stores/slack.h"
#include "stores/slot_index.h"

namespace swr {
namespace {

// Collects small writes, so that each write call except the last ends on a page of the file.
class StreamWriter {
 public:
  StreamWriter(File& file, int64_t begin) : file_(file), position_(begin) {
    buffer_.reserve(buffer_bytes);
  }

  int64_t position() const { return position_ + static_cast<int64_t>(buffer_.size()); }

  void write(std::span<const std::byte> data) {
    while (!data.empty()) {
      const size_t room =
          static_cast<size_t>(round_down(position_, buffer_bytes) + buffer_bytes - position_) -
          buffer_.size();
      const auto part = data.first(std::min(room, data.size()));
      buffer_.insert(buffer_.end(), part.begin(), part.end());
      if (part.size() == room) flush();
      data = data.subspan(part.size());
    }
  }

  void flush() {
    file_.write_at(position_, buffer_);
    position_ += static_cast<int64_t>(buffer_.size());
    buffer_.clear();
  }

 private:
  static constexpr int64_t buffer_bytes = int64_t{1} << 20;
  File& file_;
  int64_t position_;
  std::vector<std::byte> buffer_;
};

class NewSlottedStream : public SlottedStream {
 public:
  NewSlottedStream(File& file, int64_t stream_offset, bool gzip, const std::string& prefix,
                   int64_t pixel_bytes, const DeflateOptions& options, StoreCounters& counters)
      : stream_offset_(stream_offset),
        options_(options),
        encoders_(deflate_method(options.engine, options.level)),
        writer_(file, stream_offset),
        counters_(counters),
        footer_(footer_of(gzip, prefix, pixel_bytes, options)),
        checksum_(shape().kind(), footer_.prefix_checksum, shape().slot_raw_bytes),
        index_(shape(), nullptr,
               [this](int64_t position, const std::vector<std::byte>& node) {
                 write_node(position, node);
               }),
        directory_memory_(shape().levels() * shape().node_entries * entry_memory, counters.memory) {
    writer_.write(plain_head(gzip));
    writer_.write(store_prefix(std::as_bytes(std::span(prefix))));
  }

  int64_t phase() const override { return 0; }
  Encoded encode(int64_t offset, std::span<const std::byte> raw) const override;
  void place(const Encoded& encoded) override;
  void finish() override;
  int64_t stream_bytes() const override { return finished_bytes_; }

 private:
  struct Run {
    std::vector<std::byte> bytes{};
    uint32_t checksum = 0;
  };

  static SlotFooter footer_of(bool gzip, const std::string& prefix, int64_t pixel_bytes,
                              const DeflateOptions& options);
  const StreamShape& shape() const { return footer_.shape; }
  int64_t position() const { return writer_.position() - stream_offset_; }
  void encode_slot(std::span<const std::byte> raw, RunEncoder& encoder, Encoded& encoded) const;
  void place_slot(const Encoded::Unit& unit, std::span<const std::byte> bytes);
  void write_page();
  void write_node(int64_t position, std::span<const std::byte> node);

  int64_t stream_offset_;
  DeflateOptions options_;
  mutable EncoderPool encoders_;
  mutable RepeatedSlot<Run> repeated_;
  StreamWriter writer_;
  StoreCounters& counters_;
  SlotFooter footer_;
  ChecksumChain checksum_;  // of all placed slots except the last one
  SlotIndex index_;
  MeterShare directory_memory_;
  std::vector<Slot> page_;            // slots whose page is not yet written
  int64_t pages_ = 0;                 // written
  std::vector<std::byte> last_slot_;  // kept until finish(): directory and filler go before it
  int64_t placed_ = 0;                // raw bytes
  int64_t finished_bytes_ = 0;
};

SlotFooter NewSlottedStream::footer_of(bool gzip, const std::string& prefix, int64_t pixel_bytes,
                                       const DeflateOptions& options) {
  SlotFooter footer;
  StreamShape& shape = footer.shape;
  shape.gzip = gzip;
  shape.compression_level = options.level;
  shape.slot_raw_bytes = options.slot_bytes;
  shape.prefix_bytes = std::ssize(prefix);
  shape.pixel_bytes = pixel_bytes;
  shape.node_entries = options.node_entries;
  shape.indexed = options.indexed || shape.pages() == 1;
  footer.prefix_checksum = checksum_of(shape.kind(), std::as_bytes(std::span(prefix)));
  return footer;
}

Encoded NewSlottedStream::encode(int64_t offset, std::span<const std::byte> raw) const {
  const Stopwatch watch(counters_.compress_nanoseconds);
  const auto slot_bytes = static_cast<size_t>(shape().slot_raw_bytes);
  const int64_t end = offset + static_cast<int64_t>(raw.size());
  if (offset % shape().slot_raw_bytes != 0 || end > shape().pixel_bytes ||
      (end < shape().pixel_bytes && end % shape().slot_raw_bytes != 0)) {
    fail(SWR_ERROR_INTERNAL, "the block at ", offset, " of ", raw.size(),
         " bytes is not a multiple of slots of ", slot_bytes, " bytes");
  }
  Encoded encoded;
  encoded.offset = offset;
  encoded.owned.reserve(raw.size() / 2);
  auto encoder = encoders_.take();
  while (!raw.empty()) {
    const auto slot = raw.first(std::min(slot_bytes, raw.size()));
    encode_slot(slot, *encoder, encoded);
    raw = raw.subspan(slot.size());
  }
  encoded.bytes = encoded.owned;
  return encoded;
}

void NewSlottedStream::encode_slot(std::span<const std::byte> raw, RunEncoder& encoder,
                                   Encoded& encoded) const {
  const auto known = repeated_.find(raw);
  const auto run = known ? std::span<const std::byte>(known->bytes) : encoder.encode(raw);
  const uint32_t checksum = known ? known->checksum : checksum_of(shape().kind(), raw);
  if (!known) repeated_.remember(raw, [&] { return Run{{run.begin(), run.end()}, checksum}; });
  const auto filler =
      static_cast<size_t>(slack_bytes(std::ssize(run), std::ssize(raw), options_.slack_percent));
  const size_t at = encoded.owned.size();
  encoded.owned.resize(at + filler);
  write_filler(std::span(encoded.owned).subspan(at));
  encoded.owned.insert(encoded.owned.end(), run.begin(), run.end());
  encoded.units.push_back({static_cast<uint32_t>(filler + run.size()),
                           static_cast<uint32_t>(raw.size()), checksum,
                           static_cast<uint32_t>(filler)});
}

void NewSlottedStream::place_slot(const Encoded::Unit& unit, std::span<const std::byte> bytes) {
  if (std::ssize(page_) == shape().node_entries) write_page();
  page_.push_back({unit.stored_bytes, unit.stored_bytes - unit.filler_bytes, unit.checksum});
  placed_ += unit.raw_bytes;
  if (placed_ < shape().pixel_bytes) {
    checksum_.add(unit.checksum);
    writer_.write(bytes);
  } else {
    last_slot_.assign(bytes.begin(), bytes.end());
  }
}

// Writes the page and the index nodes that follow it.
void NewSlottedStream::write_page() {
  const int64_t at = position();
  writer_.write(encode_page(page_, pages_));
  index_.set_page(pages_, {at, checksum_of_page(shape(), pages_, page_)});
  ++pages_;
  page_.clear();
}

void NewSlottedStream::write_node(int64_t position, std::span<const std::byte> node) {
  if (position != this->position())
    fail(SWR_ERROR_INTERNAL, "an index node for ", position, " is placed at ", this->position());
  writer_.write(node);
}

void NewSlottedStream::place(const Encoded& encoded) {
  if (encoded.offset != placed_)
    fail(SWR_ERROR_INTERNAL, "the block at ", encoded.offset, " is placed before the one at ",
         placed_);
  std::span<const std::byte> rest = encoded.bytes;
  for (const Encoded::Unit& unit : encoded.units) {
    place_slot(unit, rest.first(unit.stored_bytes));
    rest = rest.subspan(unit.stored_bytes);
  }
}

void NewSlottedStream::finish() {
  if (placed_ != shape().pixel_bytes)
    fail(SWR_ERROR_INTERNAL, "the stream ends at ", placed_, " of ", shape().pixel_bytes, " bytes");
  Slot& last = page_.back();
  const int64_t run_end = position() + shape().chain_bytes(pages_) + last.bytes;
  const int64_t filler = int64_t{last.bytes} - last.run_bytes;
  if (const int64_t more = room_before_last_run(run_end, shape().tail_bytes()); more > 0) {
    last.bytes = static_cast<uint32_t>(last.run_bytes + round_up_to_fillable(filler + more));
  }
  footer_.last_slot_bytes = last.bytes;
  footer_.checksum = checksum_combine(shape().kind(), checksum_.value(), last.checksum,
                                      shape().raw_bytes(shape().count() - 1));
  std::vector<std::byte> fill(last.bytes - last.run_bytes);
  write_filler(fill);
  write_page();
  writer_.write(fill);
  writer_.write(std::span(last_slot_).subspan(static_cast<size_t>(filler)));
  writer_.write(footer_.tail());
  writer_.flush();
  finished_bytes_ = position();
}

}  // namespace

bool deflate_engine_available(const std::string& engine) {
  if (engine == "auto" || engine == "zlib") return true;
  if (engine == "libdeflate") return engine_is_built(DeflateEngine::libdeflate);
  return engine == "isal" && engine_is_built(DeflateEngine::isal);
}

std::unique_ptr<SlottedStream> SlottedStream::create(File& file, int64_t stream_offset, bool gzip,
                                                     const std::string& prefix, int64_t pixel_bytes,
                                                     const DeflateOptions& options,
                                                     StoreCounters& counters) {
  check_options(options);
  if (pixel_bytes < 1 || prefix.size() > (size_t{1} << 31))
    fail(SWR_ERROR_ARGUMENT,
         "a slotted stream holds at least one byte, after a prefix of at most 2 GiB");
  return std::make_unique<NewSlottedStream>(file, stream_offset, gzip, prefix, pixel_bytes, options,
                                            counters);
}

}  // namespace swr
