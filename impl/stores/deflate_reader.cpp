// Reads compressed pixels: slot by slot if the stream is slotted, else from the front.
#include <algorithm>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "base/lru_cache.h"
#include "base/parallel.h"
#include "stores/deflate_blocks.h"
#include "stores/foreign_stream.h"
#include "stores/slotted_file.h"
#include "stores/stream_suffix.h"

namespace swr {
namespace {

// Reads slots, several at a time.
class SlottedReader {
 public:
  SlottedReader(SlottedFile slots, const ReadOptions& options)
      : slots_(std::move(slots)),
        inflaters_([] { return std::make_unique<RunInflater>(); }),
        cache_(static_cast<size_t>(std::clamp<int64_t>(
            options.memory_limit / 4 / slots_.shape().slot_raw_bytes, 2, most_cached))) {
    // A thread holds a slot, its run and, while it is copied to the cache, the slot again.
    const int64_t for_thread = 3 * slots_.shape().slot_raw_bytes;
    threads_ = static_cast<int>(std::clamp<int64_t>(options.memory_limit / 2 / for_thread, 1,
                                                    thread_count(options.threads)));
  }

  int level() const { return slots_.shape().compression_level; }
  void read(int64_t offset, std::span<std::byte> out);
  void verify();

 private:
  static constexpr int64_t most_cached = 64;

  SlottedFile slots_;
  Pool<RunInflater> inflaters_;
  // Slots that were inflated although only a part was wanted: the next read often wants the rest.
  LruCache<int64_t, std::vector<std::byte>> cache_;
  int threads_;
};

void SlottedReader::read(int64_t offset, std::span<std::byte> out) {
  if (out.empty()) return;
  const int64_t slot_bytes = slots_.shape().slot_raw_bytes;
  const int64_t end = checked_add(offset, static_cast<int64_t>(out.size()));
  if (offset < 0 || end > slots_.shape().pixel_bytes)
    fail(SWR_ERROR_INTERNAL, "bytes ", offset, " to ", end, " are not in the sequence");
  const int64_t first = offset / slot_bytes, last = (end - 1) / slot_bytes;
  const auto copy_part = [&](int64_t slot, std::span<const std::byte> raw) {
    const int64_t begin = slot * slot_bytes;
    const int64_t from = std::max(offset, begin),
                  to = std::min(end, begin + static_cast<int64_t>(raw.size()));
    std::memcpy(out.data() + (from - offset), raw.data() + (from - begin),
                static_cast<size_t>(to - from));
  };
  std::vector<int64_t> wanted;
  for (int64_t slot = first; slot <= last; ++slot) {
    const bool whole =
        slot * slot_bytes >= offset && slot * slot_bytes + slots_.shape().raw_bytes(slot) <= end;
    const std::vector<std::byte>* known =
        whole && last - first > most_cached ? nullptr : cache_.find(slot);
    if (known) {
      copy_part(slot, *known);
    } else {
      wanted.push_back(slot);
    }
  }
  std::vector<std::byte> at_ends[2];
  parallel_for(static_cast<int64_t>(wanted.size()), threads_, [&](int64_t i) {
    const int64_t slot = wanted[static_cast<size_t>(i)];
    const int64_t begin = slot * slot_bytes, bytes = slots_.shape().raw_bytes(slot);
    auto inflater = inflaters_.take();
    if (begin >= offset && begin + bytes <= end) {
      slots_.read_slot(
          slot, *inflater,
          out.subspan(static_cast<size_t>(begin - offset), static_cast<size_t>(bytes)));
      return;
    }
    std::vector<std::byte>& raw = at_ends[slot == first ? 0 : 1];
    raw.resize(static_cast<size_t>(bytes));
    slots_.read_slot(slot, *inflater, raw);
    copy_part(slot, raw);
  });
  if (!at_ends[0].empty()) cache_.put(first, std::move(at_ends[0]));
  if (!at_ends[1].empty()) cache_.put(last, std::move(at_ends[1]));
}

void SlottedReader::verify() {
  slots_.verify_frame();
  Pool<std::vector<std::byte>> buffers([] { return std::make_unique<std::vector<std::byte>>(); });
  parallel_for(slots_.shape().count(), threads_, [&](int64_t slot) {
    auto inflater = inflaters_.take();
    auto raw = buffers.take();
    raw->resize(static_cast<size_t>(slots_.shape().raw_bytes(slot)));
    slots_.verify_slot(slot, *inflater, *raw);
  });
}

// Reads from the front.
class ForeignReader {
 public:
  ForeignReader(const File& file, const Layout& layout, const ReadOptions& options)
      : file_(file),
        prefix_(layout.stream().prefix),
        bytes_(layout.parts[0].bytes),
        has_open_end_(layout.stream().has_open_end),
        stream_(file_, stream_extent(file_, layout), checked_add(prefix_, bytes_),
                options.memory_limit / 4) {}

  void read(int64_t offset, std::span<std::byte> out) {
    const int64_t begin = checked_add(prefix_, offset);
    stream_.read(begin, out);
    if (offset + static_cast<int64_t>(out.size()) == bytes_) check_what_follows();
  }

  void verify() {
    constexpr int64_t step = int64_t{1} << 20;
    std::vector<std::byte> raw(step);
    const int64_t end = prefix_ + bytes_;
    for (int64_t at = 0; at < end; at += step)
      stream_.read(at, std::span(raw).first(static_cast<size_t>(std::min(step, end - at))));
    check_what_follows();
  }

 private:
  // The end of the pixels includes a check of the stream's checksum. A stream may hold a little
  // more than the image; much more looks like damage or like a decompression bomb.
  void check_what_follows() {
    constexpr int64_t step = 65536;
    const int64_t usual = bytes_ + (int64_t{1} << 20);
    const int64_t most = has_open_end_ ? std::max(usual, most_suffix_bytes) : usual;
    std::vector<std::byte> more(step);
    for (int64_t extra = 0; extra < most;) {
      const int64_t made = stream_.read_some(prefix_ + bytes_ + extra, more);
      if (made == 0) return;
      extra += made;
    }
    fail(SWR_ERROR_CORRUPT, file_.path(), ": the compressed data continues far after the ", bytes_,
         " bytes of the pixels");
  }

  const File& file_;
  int64_t prefix_, bytes_;
  bool has_open_end_;
  ForeignStream stream_;
};

// A slotted stream is read as a foreign one as soon as its directory turns out to be damaged.
class StreamReader : public DeflateReader {
 public:
  StreamReader(const Layout& layout, const ReadOptions& options)
      : layout_(layout),
        options_(options),
        file_(open_to_read(options.files.get(), layout.parts[0].path)) {
    auto slots = SlottedFile::open(*file_, layout, options.memory_limit, meter_);
    if (slots) {
      slotted_.emplace(std::move(*slots), options);
    } else {
      foreign_.emplace(*file_, layout, options);
    }
    options_.files.reset();
  }

  bool slotted() const override { return slotted_.has_value(); }
  int level() const override { return slotted_ ? slotted_->level() : usual_level; }
  // Each slot has a checksum. A foreign stream has one, at its end.
  bool notices_changes() const override { return slotted_.has_value(); }
  void read(int64_t offset, std::span<std::byte> out) override {
    with_reader([&](auto& reader) { reader.read(offset, out); });
  }
  void verify() override {
    with_reader([](auto& reader) { reader.verify(); });
  }

 private:
  static constexpr int usual_level = 6;

  template <typename Work>
  void with_reader(const Work& work) {
    if (slotted_) {
      try {
        work(*slotted_);
        return;
      } catch (const DirectoryError&) {
        slotted_.reset();
        foreign_.emplace(*file_, layout_, options_);
      }
    }
    work(*foreign_);
  }

  Layout layout_;
  ReadOptions options_;
  std::shared_ptr<const File> file_;
  MemoryMeter meter_;
  std::optional<SlottedReader> slotted_;
  std::optional<ForeignReader> foreign_;
};

}  // namespace

std::unique_ptr<DeflateReader> DeflateReader::open(const Layout& layout,
                                                   const ReadOptions& options) {
  if (layout.parts.size() != 1)
    fail(SWR_ERROR_INTERNAL, "a stream is in one file, not in ", layout.parts.size());
  return std::make_unique<StreamReader>(layout, options);
}

}  // namespace swr
