// A slotted stream whose directory lies: entries and header fields are changed and the checksums made right again, so that nothing but the
// directory's own contradictions can give it away.
#include <cstring>
#include <vector>

#include "base/error.h"
#include "scratch.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"
#include "stores/slot_directory.h"

namespace {

using Bytes = std::vector<std::byte>;

constexpr int64_t slot_bytes = 4096, pixel_bytes = 10 * slot_bytes - 100;

class Everywhere : public swr::Overlay {
 public:
  int64_t next_change(int64_t from) const override { return from; }
  void apply(int64_t, std::span<std::byte> raw) const override { std::fill(raw.begin(), raw.end(), std::byte{7}); }
};

struct Original {
  Bytes stream;
  swr::SlotDirectory directory;
};

Original make_original(const fuzz::Scratch& scratch) {
  const std::string path = scratch.path("original.gz");
  Bytes raw(pixel_bytes);
  for (size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::byte>(i * i >> 7 & 63);
  swr::File file(path, swr::File::Mode::create_new);
  swr::StoreCounters counters;
  const swr::DeflateOptions options{.level = 6, .slot_bytes = slot_bytes, .slack_percent = 3, .engine = "zlib"};
  const auto store = swr::SlottedStream::create(file, 0, true, "prefix", pixel_bytes, options, counters);
  for (int64_t begin = 0; begin < pixel_bytes;) {
    const int64_t end = std::min(pixel_bytes, (begin + store->phase()) / store->granule() * store->granule() + store->granule() - store->phase());
    store->place(store->encode(begin, std::span(raw).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin))));
    begin = end;
  }
  store->finish();
  Original original;
  original.stream.resize(static_cast<size_t>(store->stream_bytes()));
  file.read_at(0, original.stream);
  const auto directory = swr::SlotDirectory::find(file, 0, store->stream_bytes());
  fuzz::expect(directory.has_value(), "a new stream has a directory");
  original.directory = *directory;
  return original;
}

void lie(swr::SlotDirectory& directory, fuzz::Input& input) {
  const auto which = static_cast<size_t>(input.number(1));
  const uint64_t value = input.number(4);
  swr::Slot& slot = directory.slots[which % directory.slots.size()];
  swr::Slot& next = directory.slots[(which + 1) % directory.slots.size()];
  switch (which / 16) {
    case 0: slot.bytes = static_cast<uint32_t>(value & 0xffffff); break;
    case 1: slot.run_bytes = static_cast<uint32_t>(value & 0xffffff); break;
    case 2: slot.checksum = static_cast<uint32_t>(value); break;
    case 3: std::swap(slot, next); break;
    case 4:  // one longer, its neighbour shorter: the sum is right
      slot.bytes += static_cast<uint32_t>(value % 64);
      next.bytes -= static_cast<uint32_t>(value % 64);
      break;
    case 5: slot.bytes += static_cast<uint32_t>(value % 64) - 32; break;
    case 6: slot.run_bytes += static_cast<uint32_t>(value % 64) - 32; break;
    case 7: directory.level = static_cast<int>(value % 256); break;
    case 8: directory.slot_raw_bytes = static_cast<int64_t>(value); break;
    case 9: directory.prefix_bytes = static_cast<int64_t>(value); break;
    case 10: directory.pixel_bytes = static_cast<int64_t>(value); break;
    case 11: directory.prefix_checksum = static_cast<uint32_t>(value); break;
    default: break;
  }
}

void put(Bytes& stream, int64_t offset, const Bytes& bytes) {
  if (offset < 0 || offset + std::ssize(bytes) > std::ssize(stream)) return;
  std::copy(bytes.begin(), bytes.end(), stream.begin() + offset);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::Scratch scratch;
  static const Original original = make_original(scratch);
  fuzz::Input input(data, size);
  Bytes stream = original.stream;
  for (uint64_t flips = input.number(1) % 4; flips > 0; --flips) {
    const uint64_t flip = input.number(3);
    stream[(flip >> 3) % stream.size()] ^= std::byte{1} << (flip & 7);
  }
  swr::SlotDirectory directory = original.directory;
  while (!input.empty()) lie(directory, input);
  // Where find() will look for the page: in front of the last slot, of the length that the directory now has.
  const int64_t slots_end = std::ssize(stream) - original.directory.tail_bytes();
  put(stream, slots_end - directory.slots.back().bytes - directory.page_bytes(0), directory.page(0));
  put(stream, slots_end, directory.tail());
  const std::string path = scratch.write("stream.gz", stream.data(), stream.size());

  swr::Layout layout;
  layout.encoding = swr::Encoding::gzip;
  layout.parts.push_back({path, 0, 0, pixel_bytes});
  layout.stream_prefix = 6;
  const swr::ReadOptions resources{.threads = 1, .memory_limit = 4 << 20};
  const auto attempt = [](auto work) {
    try {
      work();
    } catch (const swr::Error& error) {
      fuzz::expect(error.status() != SWR_ERROR_INTERNAL, error.what());
    }
  };
  attempt([&] {
    Bytes out(pixel_bytes);
    swr::DeflateReader::open(layout, resources)->read(0, out);
  });
  attempt([&] { swr::DeflateReader::open(layout, resources)->verify(); });
  attempt([&] {
    const Everywhere overlay;
    swr::DeflateUpdate update;
    update.overlay = &overlay;
    update.new_bytes = pixel_bytes;
    update.resources = resources;
    swr::StoreCounters counters;
    swr::InPlace change(path, {});
    if (swr::update_deflate(layout, update, change, change.add(path), counters).done) change.commit();
  });
  return 0;
}
