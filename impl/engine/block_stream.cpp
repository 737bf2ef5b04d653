#include "engine/block_stream.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "base/error.h"
#include "base/stopwatch.h"

namespace swr {

// One block: the stored bytes [begin, end) of the sequence, made from the source units that cover
// them.
class BlockStream::Block : public Pipeline::Task {
 public:
  // `own`: the source again, if it may be changed; else empty.
  Block(BlockStream& stream, int64_t begin, int64_t end, int64_t first_unit,
        std::span<const std::byte> source, std::span<std::byte> own, BufferPool::Lease lease)
      : stream_(stream),
        begin_(begin),
        end_(end),
        first_unit_(first_unit),
        source_(source),
        own_(own),
        lease_(std::move(lease)) {}
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() override { stream_.statistics_.memory.remove(metered_); }

  void prepare() override {
    std::span<const std::byte> stored = source_;
    if (stream_.conversion_) stored = converted();
    encoded_ = encoded(stored);
    const bool is_borrowed = encoded_.is_borrowed();
    if (!is_borrowed) scratch_.reset();
    if (!is_borrowed || scratch_) lease_.reset();
    metered_ = encoded_.owned_bytes();
    stream_.statistics_.memory.add(metered_);
  }

  void place() override {
    const Stopwatch watch(stream_.statistics_.store.store_nanoseconds);
    stream_.store_.place(encoded_);
  }

 private:
  // A short block is no work for a thread that has to be started.
  Encoded encoded(std::span<const std::byte> stored) const {
    constexpr size_t shortest_in_parts = 256 << 10;
    if (stored.size() < shortest_in_parts) return stream_.store_.encode(begin_, stored);
    return stream_.store_.encode_in_parts(begin_, stored, [this](int64_t count, const auto& part) {
      stream_.pipeline_.run_parts(count, part);
    });
  }

  std::span<const std::byte> converted() {
    const Stopwatch watch(stream_.statistics_.convert_nanoseconds);
    const PixelConversion& conversion = *stream_.conversion_;
    if (!own_.empty() && conversion.only_swaps()) {
      conversion.swap(own_);
      return own_;
    }
    const auto place = [&](int64_t component) {
      const int64_t components_of_unit = conversion.components_in_unit();
      return stream_.place_(first_unit_ * components_of_unit + component);
    };
    scratch_ = stream_.scratch_.take();
    const auto all = scratch_->run(conversion, source_, place);
    return all.subspan(static_cast<size_t>(begin_ - stream_.stored_bytes(first_unit_)),
                       static_cast<size_t>(end_ - begin_));
  }

  BlockStream& stream_;
  const int64_t begin_, end_, first_unit_;
  const std::span<const std::byte> source_;
  const std::span<std::byte> own_;
  BufferPool::Lease lease_;  // null for lent memory that outlives the block
  std::optional<ConversionScratch::Lease> scratch_;
  Encoded encoded_;
  int64_t metered_ = 0;
};

BlockStream::BlockStream(StreamStore& store, int64_t total, const Options& options,
                         Statistics& statistics)
    : store_(store),
      total_(total),
      options_(options),
      statistics_(statistics),
      pool_(options.buffers, options.capacity, {}, statistics.memory),
      scratch_(statistics.memory),
      pipeline_({.threads = options.threads,
                 .producer_helps = true,
                 .window = options.window,
                 .may_run_inline = true,
                 .on_failure = [this](const std::exception_ptr& why) { fail_with(why); },
                 .waited_nanoseconds = [this] { return pool_.waited_nanoseconds(); }}) {}

void BlockStream::convert_with(const PixelConversion& conversion, Place place) {
  if (!conversion.changes()) return;
  conversion_ = &conversion;
  place_ = std::move(place);
  source_unit_ = conversion.source_unit();
  stored_unit_ = conversion.stored_unit();
}

// The bytes of the incomplete block are converted now, on this thread.
void BlockStream::stop_converting() {
  drain();
  if (!conversion_) return;
  const std::vector<std::byte> rest = converted_rest();
  conversion_ = nullptr;
  scratch_.clear();
  source_unit_ = stored_unit_ = 1;
  first_unit_ = begin_;
  level_ = 0;
  current_.reset();
  append(rest);
}

// Wakes a producer that waits for a buffer.
void BlockStream::fail_with(const std::exception_ptr& why) {
  pool_.abort(why);
  if (told_) told_(why);
}

std::vector<std::byte> BlockStream::converted_rest() const {
  if (level_ == 0) return {};
  PixelConversion::Buffers buffers;
  const std::span source(current_.get(), static_cast<size_t>(source_bytes(level_)));
  const auto place = [&](int64_t component) {
    return place_(first_unit_ * conversion_->components_in_unit() + component);
  };
  const auto stored = conversion_->run(source, buffers, place)
                          .subspan(static_cast<size_t>(begin_ - stored_bytes(first_unit_)));
  return {stored.begin(), stored.end()};
}

// The first block boundary after `position`: between units, where the store allows it, so that
// blocks share none.
int64_t BlockStream::next_break(int64_t position) const {
  int64_t next = store_.next_break(position, options_.block);
  if (store_.breaks_anywhere()) next = (next + stored_unit_ - 1) / stored_unit_ * stored_unit_;
  return std::min(total_, next);
}

void BlockStream::ensure_current() {
  while (!current_) {
    current_ = pool_.try_take();
    if (!current_ && !pipeline_.help()) current_ = pool_.take();
  }
}

std::byte* BlockStream::acquire(int64_t bytes) {
  pipeline_.check();
  ensure_current();
  if (source_bytes(level_) + bytes > options_.capacity)
    fail(SWR_ERROR_INTERNAL, "a piece of ", bytes, " bytes does not fit the stream's buffer");
  return current_.get() + source_bytes(level_);
}

void BlockStream::commit(int64_t bytes) {
  level_ += bytes / source_unit_;
  int64_t end = begin_;
  while (end < position() && next_break(end) <= position() && next_break(end) > end)
    end = next_break(end);
  if (end > begin_) cut(end);
}

// Submits the blocks before `end` and moves the rest to another buffer. A unit that two blocks
// share is part of both.
void BlockStream::cut(int64_t end) {
  const BufferPool::Lease full = std::move(current_);
  current_.reset();
  const int64_t from_unit = first_unit_, last_unit = first_unit_ + level_;
  for (int64_t at = begin_; at < end;) {
    const int64_t to = std::min(end, next_break(at));
    submit(at, to, {full.get(), full.get(), from_unit, full});
    at = to;
  }
  begin_ = end;
  first_unit_ = end / stored_unit_;
  level_ = last_unit - first_unit_;
  if (level_ == 0) return;
  ensure_current();
  std::memcpy(current_.get(), full.get() + source_bytes(first_unit_ - from_unit),
              static_cast<size_t>(source_bytes(level_)));
}

void BlockStream::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const int64_t to_break = next_break(position()) - position();
    const int64_t units = (to_break + stored_unit_ - 1) / stored_unit_;
    const int64_t room = std::min<int64_t>(std::ssize(bytes), source_bytes(units));
    std::memcpy(acquire(room), bytes.data(), static_cast<size_t>(room));
    commit(room);
    bytes = bytes.subspan(static_cast<size_t>(room));
  }
}

void BlockStream::lend(std::span<const std::byte> bytes, const BufferPool::Lease& lease) {
  if (level_ > 0 && store_.breaks_anywhere()) cut(position());
  if (level_ > 0) {
    const int64_t to_break = next_break(position()) - position();
    const int64_t units = (to_break + stored_unit_ - 1) / stored_unit_;
    const auto head =
        static_cast<size_t>(std::min<int64_t>(std::ssize(bytes), source_bytes(units)));
    append(bytes.first(head));
    bytes = bytes.subspan(head);
  }
  // Blocks that begin at a unit boundary need no copy.
  while (!bytes.empty() && level_ == 0) {
    const int64_t end = position() + std::ssize(bytes) / source_unit_ * stored_unit_;
    const int64_t to = next_break(begin_) <= end ? next_break(begin_) : end;
    if ((to < next_break(begin_) && !store_.breaks_anywhere()) || to % stored_unit_ != 0) break;
    pipeline_.check();
    submit(begin_, to, {bytes.data(), nullptr, first_unit_, lease});
    const int64_t units = (to - begin_) / stored_unit_;
    begin_ = to;
    first_unit_ += units;
    bytes = bytes.subspan(static_cast<size_t>(source_bytes(units)));
  }
  append(bytes);
  if (!lease) drain();
}

void BlockStream::drain() {
  if (level_ > 0 && store_.breaks_anywhere()) cut(position());
  pipeline_.drain();
}

std::span<const std::byte> BlockStream::take_back() {
  const std::span<const std::byte> left{current_.get(), static_cast<size_t>(level_)};
  level_ = 0;
  return left;
}

void BlockStream::finish() {
  if (position() != total_)
    fail(SWR_ERROR_INTERNAL, "the stream ends at byte ", position(), " of ", total_);
  if (level_ > 0) cut(total_);
  drain();
  const Stopwatch watch(statistics_.store.store_nanoseconds);
  store_.finish();
}

void BlockStream::submit(int64_t begin, int64_t end, const Source& source) {
  const int64_t from = begin / stored_unit_, to = (end + stored_unit_ - 1) / stored_unit_;
  const int64_t offset = source_bytes(from - source.first_unit);
  const auto bytes = static_cast<size_t>(source_bytes(to - from));
  // Units at the ends may be part of other blocks, too.
  const bool has_whole_units = begin % stored_unit_ == 0 && end % stored_unit_ == 0;
  std::span<std::byte> own;
  if (source.own && has_whole_units) own = {source.own + offset, bytes};
  pipeline_.submit(
      std::make_unique<Block>(*this, begin, end, from, std::span(source.bytes + offset, bytes), own,
                              source.lease),
      end - begin, end < total_);
}

}  // namespace swr
