// Any bytes as a compressed stream of 70000 pixels after a prefix of 5 bytes: read, verify, update,
// and grow it. An input that begins with 'D' is repaired first: its first byte becomes the head of
// a stream, and the CRCs of the footer, index nodes and pages that it contains are corrected, so
// that wrong values pass them.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/byte_order.h"
#include "base/error.h"
#include "codecs/checksum.h"
#include "codecs/pad_bits.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"
#include "stores/slot_directory.h"

namespace {

constexpr int64_t pixel_bytes = 70000;
constexpr int64_t prefix_bytes = 5;

class OneStretch : public swr::Overlay {
 public:
  explicit OneStretch(int64_t size) : size_(size) {}
  int64_t next_change(int64_t from) const override {
    if (from < begin) return begin;
    if (from < end) return from;
    return size_ > pixel_bytes ? std::max(from, pixel_bytes) : size_;
  }
  void apply(int64_t offset, std::span<std::byte> raw) const override {
    for (size_t i = 0; i < raw.size(); ++i) {
      const int64_t at = offset + static_cast<int64_t>(i);
      if ((at >= begin && at < end) || at >= pixel_bytes) raw[i] = static_cast<std::byte>(at * 7);
    }
  }

 private:
  static constexpr int64_t begin = 10000, end = 14000;
  int64_t size_;
};

// Corrects the CRC of a node and those of all nodes under it, if they are in the stream.
void mend_node(std::vector<std::byte>& stream, const swr::StreamShape& shape, int level,
               int64_t number, int64_t position) {
  const auto entries = static_cast<size_t>(shape.entries(level, number));
  const int64_t bytes = shape.node_bytes(level, number);
  if (position < 0 || position + bytes > std::ssize(stream)) return;
  const auto stored = std::span(stream).subspan(static_cast<size_t>(position));
  std::vector<std::byte> raw(entries * 10);
  if (!swr::find_in_pad_bits(stored.first(entries * 80), raw)) return;
  const auto number_at = [&](size_t at, int length) {
    int64_t value = 0;
    for (int i = 0; i < length; ++i)
      value |= std::to_integer<int64_t>(raw[at + static_cast<size_t>(i)]) << (8 * i);
    return value;
  };
  std::vector<swr::Slot> slots;
  std::vector<swr::IndexEntry> children;
  for (size_t at = 0; at < raw.size(); at += 10) {
    const auto checksum = static_cast<uint32_t>(number_at(at + 6, 4));
    slots.push_back({static_cast<uint32_t>(number_at(at, 3)),
                     static_cast<uint32_t>(number_at(at + 3, 3)), checksum});
    children.push_back({number_at(at, 6), checksum});
  }
  const auto mended = level == 0 ? swr::encode_page(slots, number)
                                 : swr::encode_index_node(children, level, number);
  std::copy(mended.begin(), mended.end(), stored.begin());
  if (level == 0) return;
  for (size_t i = 0; i < children.size(); ++i) {
    mend_node(stream, shape, level - 1, number * shape.node_entries + static_cast<int64_t>(i),
              children[i].position);
  }
}

// Corrects the CRC of the footer and those of the nodes at the positions that it gives.
void mend(std::vector<std::byte>& stream, bool gzip) {
  const auto tail = static_cast<size_t>(swr::footer_stored_bytes + 2 + swr::trailer_bytes(gzip));
  if (stream.size() < tail + 10) return;
  const auto stored = std::span(stream).subspan(stream.size() - tail, swr::footer_stored_bytes);
  std::array<std::byte, 40> footer;
  if (!swr::find_in_pad_bits(stored, footer)) return;
  swr::store<uint32_t>(&footer[36],
                       swr::checksum_of(swr::Checksum::crc32, std::span(footer).first(36)));
  swr::hide_in_pad_bits(footer, stored);
  swr::StreamShape shape{.gzip = gzip, .pixel_bytes = pixel_bytes};
  shape.slot_raw_bytes = swr::load<uint32_t>(&footer[8]);
  shape.node_entries = swr::load<uint16_t>(&footer[6]);
  if (shape.slot_raw_bytes < swr::least_slot_raw_bytes || shape.node_entries < 2) return;
  const int top = shape.levels() - 1;
  mend_node(stream, shape, top, 0,
            std::ssize(stream) - static_cast<int64_t>(tail) - swr::load<uint32_t>(&footer[24]) -
                shape.node_bytes(top, 0));
}

// Foreign bytes may only give these three.
template <typename Work>
void refuses_or_works(const Work& work) {
  try {
    work();
  } catch (const swr::Error& error) {
    if (error.status() != SWR_ERROR_CORRUPT && error.status() != SWR_ERROR_UNSUPPORTED)
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string path = "stream-" + std::to_string(getpid());
  std::vector<std::byte> stream(size);
  for (size_t i = 0; i < size; ++i) stream[i] = static_cast<std::byte>(data[i]);
  if (size > 2 && data[0] == 'D') {
    const bool gzip = data[1] == 0x8b;
    stream[0] = gzip ? std::byte{0x1f} : std::byte{0x78};
    mend(stream, gzip);
  }
  std::remove(path.c_str());
  swr::File file(path, swr::File::Mode::create_new);
  file.write_at(0, stream);
  file.close();

  swr::Layout layout;
  layout.parts.push_back({path, 0, 0, pixel_bytes});
  layout.storage = swr::Deflate{.prefix = prefix_bytes};
  const swr::ReadOptions resources{.threads = 1, .memory_limit = 8 << 20};
  refuses_or_works([&] {
    const auto reader = swr::DeflateReader::open(layout, resources);
    std::vector<std::byte> pixels(pixel_bytes);
    reader->read(0, pixels);
    reader->verify();
  });
  for (const int64_t new_bytes : {pixel_bytes, pixel_bytes + 9000}) {
    refuses_or_works([&] {
      const OneStretch overlay(new_bytes);
      swr::DeflateUpdate update;
      update.overlay = &overlay;
      update.new_bytes = new_bytes;
      update.prefix_patches = {{1, "abc"}};
      update.options.level = 1;
      update.resources = resources;
      swr::StoreCounters counters;
      swr::InPlace change(path, {});
      const auto result = swr::update_deflate(layout, update, change, change.add(path), counters);
      if (!result.done) return;
      change.commit();
      // After the change everything is valid, except slots that were not touched.
      swr::Layout changed = layout;
      changed.parts[0].bytes = new_bytes;
      const auto reader = swr::DeflateReader::open(changed, resources);
      std::vector<std::byte> pixels(4000), expected(4000);
      reader->read(10000, pixels);
      overlay.apply(10000, expected);
      if (pixels != expected) std::abort();
      layout.parts[0].bytes = new_bytes;
    });
    if (layout.parts[0].bytes != pixel_bytes) break;
  }
  return 0;
}
