// A foreign stream made from the input, with blocks of every kind, and a paste into it: the file
// keeps its length and gives the new pixels, or is left alone.
//
//   byte 0: level and strategy | 1: memory level, flushes | 2, 3: where the paste begins |
//   4, 5: its length | 6: what it pastes | the rest: pixels, repeated
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"

namespace {

class Paste : public swr::Overlay {
 public:
  Paste(int64_t begin, int64_t bytes, int64_t size, uint8_t kind)
      : begin_(begin), end_(std::min(begin + bytes, size)), size_(size), kind_(kind) {}
  int64_t next_change(int64_t from) const override {
    return from < begin_ ? begin_ : from < end_ ? from : size_;
  }
  void apply(int64_t offset, std::span<std::byte> raw) const override {
    for (size_t i = 0; i < raw.size(); ++i) {
      const int64_t at = offset + static_cast<int64_t>(i);
      if (at >= begin_ && at < end_)
        raw[i] = static_cast<std::byte>(kind_ < 200 ? kind_ : (at * 2654435761 >> 7 & 255));
    }
  }

 private:
  int64_t begin_, end_, size_;
  uint8_t kind_;
};

std::vector<std::byte> deflated(const std::vector<std::byte>& raw, const uint8_t* how) {
  constexpr int strategies[4] = {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE};
  z_stream z{};
  if (deflateInit2(&z, how[0] % 10, Z_DEFLATED, how[0] & 64 ? 31 : 15 - how[1] / 16 % 7,
                   1 + how[1] % 9, strategies[how[0] / 16 % 4]) != Z_OK)
    std::abort();
  std::vector<std::byte> out(deflateBound(&z, raw.size()) + raw.size() / 10 + 4096);
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const size_t step = how[1] & 128 ? 5000 : raw.size();
  for (size_t at = 0; at < raw.size(); at += step) {
    const size_t bytes = std::min(step, raw.size() - at);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(raw.data() + at));
    z.avail_in = static_cast<uInt>(bytes);
    constexpr int flushes[4] = {Z_SYNC_FLUSH, Z_PARTIAL_FLUSH, Z_FULL_FLUSH, Z_BLOCK};
    const int result = deflate(&z, at + bytes == raw.size() ? Z_FINISH : flushes[how[0] / 32 % 4]);
    if (result != Z_OK && result != Z_STREAM_END) std::abort();
  }
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

bool inflates_to(const std::string& path, int64_t bytes, const std::vector<std::byte>& expected) {
  const swr::File file(path, swr::File::Mode::read);
  if (file.size() != bytes) return false;
  std::vector<std::byte> stream(static_cast<size_t>(bytes)), out(expected.size() + 1);
  file.read_at(0, stream);
  z_stream z{};
  if (inflateInit2(&z, 47) != Z_OK) std::abort();
  z.next_in = reinterpret_cast<Bytef*>(stream.data());
  z.avail_in = static_cast<uInt>(stream.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&z, Z_FINISH);
  const bool right = result == Z_STREAM_END && z.avail_in == 0 && z.total_out == expected.size();
  inflateEnd(&z);
  return right && std::equal(expected.begin(), expected.end(), out.begin());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 9) return 0;
  static const std::string path = "splice-" + std::to_string(getpid());
  const uint8_t* pixels = data + 7;
  const size_t pattern = size - 7;
  std::vector<std::byte> raw(std::min<size_t>(pattern * (1 + data[6] % 40), 300000));
  for (size_t i = 0; i < raw.size(); ++i)
    raw[i] = static_cast<std::byte>(pixels[i % pattern] + (i / pattern) * (data[6] & 1));
  const auto stream = deflated(raw, data);
  std::remove(path.c_str());
  swr::File file(path, swr::File::Mode::create_new);
  file.write_at(0, stream);
  file.close();

  const auto bytes = static_cast<int64_t>(raw.size());
  const Paste paste((data[2] + 256 * data[3]) * bytes / 65536, 1 + data[4] + 256 * (data[5] % 128),
                    bytes, data[6]);
  swr::Layout layout;
  layout.storage = swr::Deflate{};
  layout.parts.push_back({path, 0, 0, bytes});
  swr::DeflateUpdate update;
  update.overlay = &paste;
  update.new_bytes = bytes;
  update.resources = {.threads = 1, .memory_limit = 1 << 20};
  swr::StoreCounters counters;
  swr::InPlace change(path, {});
  const auto result = swr::update_deflate(layout, update, change, change.add(path), counters);
  if (result.done) {
    change.commit();
    paste.apply(0, raw);
  }
  if (!inflates_to(path, static_cast<int64_t>(stream.size()), raw)) std::abort();
  return 0;
}
