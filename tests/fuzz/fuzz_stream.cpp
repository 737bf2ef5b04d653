// A deflate stream of any origin: read, verified, and changed in place. If zlib accepts it, the
// library must too, and after a change zlib must find the new bytes in their place and the others
// unchanged.
#include <zlib.h>

#include <cstring>
#include <vector>

#include "base/error.h"
#include "scratch.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"

namespace {

using Bytes = std::vector<std::byte>;

// Bytes from one offset on.
class Stretch : public swr::Overlay {
 public:
  Stretch(int64_t offset, Bytes bytes, int64_t end)
      : offset_(offset), bytes_(std::move(bytes)), end_(end) {}
  int64_t next_change(int64_t from) const override {
    if (from >= offset_ + std::ssize(bytes_)) return end_;
    return std::max(from, offset_);
  }
  void apply(int64_t offset, std::span<std::byte> raw) const override {
    for (int64_t i = std::max(offset, offset_);
         i < std::min(offset + std::ssize(raw), offset_ + std::ssize(bytes_)); ++i) {
      raw[static_cast<size_t>(i - offset)] = bytes_[static_cast<size_t>(i - offset_)];
    }
  }
  void apply_to(Bytes& raw) const { apply(0, raw); }

 private:
  int64_t offset_;
  Bytes bytes_;
  int64_t end_;
};

// What zlib makes of it: true if it is one whole stream of at most `most` bytes.
bool zlib_inflates(const std::string& path, int64_t most, Bytes& out) {
  std::ifstream file(path, std::ios::binary);
  std::string stream((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  z_stream z{};
  if (inflateInit2(&z, 47) != Z_OK) std::abort();
  out.resize(static_cast<size_t>(most) + 1);
  z.next_in = reinterpret_cast<Bytef*>(stream.data());
  z.avail_in = static_cast<uInt>(stream.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&z, Z_FINISH);
  const bool whole = result == Z_STREAM_END && z.avail_in == 0;
  out.resize(out.size() - z.avail_out);
  inflateEnd(&z);
  return whole;
}

swr::Layout layout_of(const std::string& path, int64_t bytes) {
  swr::Layout layout;
  layout.storage = swr::Deflate{};
  layout.parts.push_back({path, 0, 0, bytes});
  return layout;
}

template <class Work>
bool succeeds(Work work) {
  try {
    work();
    return true;
  } catch (const swr::Error& error) {
    fuzz::expect(error.status() != SWR_ERROR_INTERNAL, error.what());
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::Scratch scratch;
  fuzz::Input input(data, size);
  const auto change_at = static_cast<int64_t>(input.number(2));
  const auto change_bytes = static_cast<int64_t>(input.number(1)) + 1;
  const auto value = static_cast<std::byte>(input.number(1));
  auto pixels = static_cast<int64_t>(input.number(2)) + 1;
  const std::string path = scratch.write("stream.z", input.rest().data(), input.rest().size());

  // The layout usually matches the stream, sometimes not.
  Bytes raw;
  const bool whole = zlib_inflates(path, 1 << 20, raw) && !raw.empty();
  if (whole && pixels % 16 != 0) pixels = std::ssize(raw);
  const bool right = whole && pixels == std::ssize(raw);
  const swr::Layout layout = layout_of(path, pixels);
  const swr::ReadOptions resources{.threads = 1, .memory_limit = 4 << 20};

  Bytes found(static_cast<size_t>(pixels));
  const bool read = succeeds([&] { swr::DeflateReader::open(layout, resources)->read(0, found); });
  if (read && right) fuzz::expect(found == raw, "what is read is what zlib inflates");
  succeeds([&] { swr::DeflateReader::open(layout, resources)->verify(); });

  const int64_t first = change_at % pixels, length = std::min(change_bytes, pixels - first);
  const Stretch overlay(first, Bytes(static_cast<size_t>(length), value), pixels);
  swr::DeflateUpdate update;
  update.overlay = &overlay;
  update.new_bytes = pixels;
  update.resources = resources;
  bool done = false;
  succeeds([&] {
    swr::forecast_update(layout, update);
    swr::StoreCounters counters;
    swr::InPlace change(path, {});
    done = swr::update_deflate(layout, update, change, change.add(path), counters).done;
    if (done) change.commit();
  });
  if (done && right) {
    Bytes now;
    fuzz::expect(zlib_inflates(path, 1 << 20, now), "a whole stream is whole after a change");
    overlay.apply_to(raw);
    fuzz::expect(now == raw, "the change is there, and nothing else is changed");
  }
  scratch.clear();
  return 0;
}
