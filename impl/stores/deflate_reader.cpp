// Reads compressed pixels: slot by slot where the stream is slotted, else from the front.
#include <algorithm>
#include <cstring>
#include <list>

#include "base/checked.h"
#include "base/parallel.h"
#include "stores/deflate_blocks.h"
#include "stores/foreign_stream.h"
#include "stores/slotted_file.h"

namespace swr {
namespace {

// Slots that were inflated for a part of them only: the next read often wants the rest.
class SlotCache {
 public:
  explicit SlotCache(int64_t most) : most_(static_cast<size_t>(std::max<int64_t>(most, 2))) {}

  // The bytes of a slot that is there; else nullptr.
  const std::vector<std::byte>* find(int64_t slot) {
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [slot](const Entry& e) { return e.slot == slot; });
    if (entry == entries_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, entry);
    return &entry->raw;
  }

  void put(int64_t slot, std::vector<std::byte> raw) {
    if (entries_.size() >= most_) entries_.pop_back();
    entries_.push_front({slot, std::move(raw)});
  }

 private:
  struct Entry {
    int64_t slot;
    std::vector<std::byte> raw;
  };
  std::list<Entry> entries_;  // the one used last in front
  size_t most_;
};

class SlottedReader : public DeflateReader {
 public:
  SlottedReader(std::unique_ptr<File> file, SlottedFile slots, const ReadOptions& options)
      : file_(std::move(file)),
        slots_(std::move(slots)),
        inflaters_([] { return std::make_unique<RunInflater>(); }),
        cache_(std::min<int64_t>(options.memory_limit / 4 / slots_.directory().slot_raw_bytes,
                                 most_cached)) {
    // A thread holds a slot, its run and, while it is written to the cache, the slot once more.
    const int64_t for_thread = 3 * slots_.directory().slot_raw_bytes;
    threads_ = static_cast<int>(std::clamp<int64_t>(options.memory_limit / 2 / for_thread, 1,
                                                    thread_count(options.threads)));
  }

  bool slotted() const override { return true; }
  int level() const override { return slots_.directory().level; }
  void read(int64_t offset, std::span<std::byte> out) override;
  void verify() override;

 private:
  static constexpr int64_t most_cached = 64;

  std::unique_ptr<File> file_;
  SlottedFile slots_;
  Pool<RunInflater> inflaters_;
  SlotCache cache_;
  int threads_;
};

void SlottedReader::read(int64_t offset, std::span<std::byte> out) {
  if (out.empty()) return;
  const int64_t slot_bytes = slots_.directory().slot_raw_bytes;
  const int64_t end = checked_add(offset, static_cast<int64_t>(out.size()));
  if (offset < 0 || end > slots_.directory().pixel_bytes)
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
    const bool whole = slot * slot_bytes >= offset &&
                       slot * slot_bytes + slots_.directory().raw_bytes(slot) <= end;
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
    const int64_t begin = slot * slot_bytes, bytes = slots_.directory().raw_bytes(slot);
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
  parallel_for(slots_.directory().count(), threads_, [&](int64_t slot) {
    auto inflater = inflaters_.take();
    auto raw = buffers.take();
    raw->resize(static_cast<size_t>(slots_.directory().raw_bytes(slot)));
    slots_.verify_slot(slot, *inflater, *raw);
  });
}

class ForeignReader : public DeflateReader {
 public:
  ForeignReader(std::unique_ptr<File> file, const Layout& layout, const ReadOptions& options)
      : file_(std::move(file)),
        prefix_(layout.stream().prefix),
        bytes_(layout.parts[0].bytes),
        stream_(*file_, stream_extent(*file_, layout), checked_add(prefix_, bytes_),
                options.memory_limit / 4) {}

  bool slotted() const override { return false; }
  int level() const override { return 6; }
  bool notices_changes() const override { return false; }  // the one checksum is at the end

  void read(int64_t offset, std::span<std::byte> out) override {
    const int64_t begin = checked_add(prefix_, offset);
    stream_.read(begin, out);
    if (offset + static_cast<int64_t>(out.size()) == bytes_) check_what_follows();
  }

  void verify() override {
    constexpr int64_t step = int64_t{1} << 20;
    std::vector<std::byte> raw(step);
    const int64_t end = prefix_ + bytes_;
    for (int64_t at = 0; at < end; at += step)
      stream_.read(at, std::span(raw).first(static_cast<size_t>(std::min(step, end - at))));
    if (!stream_.ends_at(end))
      fail(SWR_ERROR_CORRUPT, file_->path(), ": the compressed data goes on behind the ", bytes_,
           " bytes of the last pixel");
  }

 private:
  // With the last pixel comes the checksum of all. A stream may hold more than the image, but not
  // so much that it looks like damage, or like a bomb.
  void check_what_follows() {
    constexpr int64_t step = 65536;
    const int64_t most = bytes_ + (int64_t{1} << 20);
    std::vector<std::byte> more(step);
    for (int64_t extra = 0; extra < most;) {
      const int64_t made = stream_.read_some(prefix_ + bytes_ + extra, more);
      if (made == 0) return;
      extra += made;
    }
    fail(SWR_ERROR_CORRUPT, file_->path(), ": the compressed data goes on far behind the ", bytes_,
         " bytes of the pixels");
  }

  std::unique_ptr<File> file_;
  int64_t prefix_, bytes_;
  ForeignStream stream_;
};

}  // namespace

std::unique_ptr<DeflateReader> DeflateReader::open(const Layout& layout,
                                                   const ReadOptions& options) {
  if (layout.parts.size() != 1)
    fail(SWR_ERROR_INTERNAL, "a stream lies in one file, not in ", layout.parts.size());
  auto file = std::make_unique<File>(layout.parts[0].path, File::Mode::read);
  if (auto slots = SlottedFile::open(*file, layout))
    return std::make_unique<SlottedReader>(std::move(file), std::move(*slots), options);
  return std::make_unique<ForeignReader>(std::move(file), layout, options);
}

}  // namespace swr
