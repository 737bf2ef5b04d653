// Shared by the tests of compressed streams: data to compress, files to read back, and zlib as the
// reference for the content of a stream.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
extern "C" {
#include <cmocka.h>
}
#undef fail  // swr::fail

namespace streams {

using Bytes = std::vector<std::byte>;

inline std::byte* at(Bytes& bytes, int64_t offset) {
  return bytes.data() + offset;
}

// int16 pixels, rows of 512: soft shapes with noise, as of a CT.
inline Bytes ct(int64_t bytes, unsigned seed = 1) {
  std::minstd_rand random(seed);
  Bytes out(static_cast<size_t>(bytes));
  for (int64_t i = 0; i + 1 < bytes; i += 2) {
    const double x = static_cast<double>(i / 2 % 512),
                 y = static_cast<double>((i / 1024 + 200) % 512);
    const bool inside = (x - 256) * (x - 256) + (y - 256) * (y - 256) < 40000;
    const int value = inside ? static_cast<int>(1000 + 60 * std::sin(x / 30) * std::cos(y / 40)) +
                                   static_cast<int>(random() >> 8 & 15)
                             : 0;
    out[static_cast<size_t>(i)] = static_cast<std::byte>(value & 255);
    out[static_cast<size_t>(i) + 1] = static_cast<std::byte>(value >> 8 & 255);
  }
  return out;
}

// Few values in large areas.
inline Bytes labels(int64_t bytes) {
  Bytes out(static_cast<size_t>(bytes));
  for (int64_t i = 0; i < bytes; ++i)
    out[static_cast<size_t>(i)] =
        static_cast<std::byte>(i / 70000 % 3 + (i % 512 > 200 && i % 512 < 260 ? 4 : 0));
  return out;
}

inline Bytes noise(int64_t bytes, unsigned seed = 7) {
  std::mt19937 random(seed);
  Bytes out(static_cast<size_t>(bytes));
  for (auto& byte : out) byte = static_cast<std::byte>(random() & 255);
  return out;
}

inline void save(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("cannot write " + path);
}

inline Bytes load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Bytes out(text.size());
  for (size_t i = 0; i < text.size(); ++i) out[i] = static_cast<std::byte>(text[i]);
  return out;
}

// Inflates a whole zlib stream or one gzip member, as stock readers do; fails the test if it is not
// valid or if anything follows.
inline Bytes inflate_all(const Bytes& stream) {
  z_stream z{};
  assert_int_equal(inflateInit2(&z, 47), Z_OK);
  Bytes out, buffer(1 << 16);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stream.data()));
  z.avail_in = static_cast<uInt>(stream.size());
  int result = Z_OK;
  while (result == Z_OK) {
    z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&z, Z_NO_FLUSH);
    out.insert(out.end(), buffer.begin(),
               buffer.begin() + static_cast<std::ptrdiff_t>(buffer.size() - z.avail_out));
  }
  inflateEnd(&z);
  assert_int_equal(result, Z_STREAM_END);
  assert_int_equal(z.avail_in, 0);
  return out;
}

// One stream as other programs make it. window_bits: 15 zlib, 31 gzip.
inline Bytes deflate_all(const Bytes& raw, int level, int window_bits = 15,
                         int strategy = Z_DEFAULT_STRATEGY, int memory = 8,
                         const Bytes& dictionary = {}) {
  z_stream z{};
  assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, window_bits, memory, strategy), Z_OK);
  if (!dictionary.empty())
    deflateSetDictionary(&z, reinterpret_cast<const Bytef*>(dictionary.data()),
                         static_cast<uInt>(dictionary.size()));
  Bytes out(deflateBound(&z, raw.size()) + 64);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(raw.data()));
  z.avail_in = static_cast<uInt>(raw.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline void assert_same(const Bytes& found, const Bytes& expected) {
  assert_int_equal(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i] == expected[i]) continue;
    print_error("byte %zu of %zu is %d, not %d\n", i, found.size(), static_cast<int>(found[i]),
                static_cast<int>(expected[i]));
    _fail(__FILE__, __LINE__);
  }
}

// The error that `work` ends with; SWR_OK if it ends well. Its message goes to `message`.
inline swr_status status_of(const std::function<void()>& work, std::string* message = nullptr) {
  try {
    work();
  } catch (const swr::Error& error) {
    if (message) *message = error.what();
    return error.status();
  }
  return SWR_OK;
}

inline swr::Layout layout_of(const std::string& path, int64_t bytes, int64_t offset = 0,
                             int64_t prefix = 0, int64_t stream_bytes = -1) {
  swr::Layout layout;
  layout.parts.push_back({path, offset, 0, bytes});
  layout.storage = swr::Deflate{.prefix = prefix, .stream_bytes = stream_bytes};
  return layout;
}

struct NewStream {
  bool gzip = false;
  int64_t offset = 0;
  std::string prefix{};
  swr::DeflateOptions options{};
  int64_t block_slots = 4;  // slots that are encoded at once
};

// Writes a slotted stream after `offset` zeros. Returns its length.
inline int64_t write_slotted(const std::string& path, const Bytes& raw, const NewStream& how) {
  std::remove(path.c_str());
  swr::File file(path, swr::File::Mode::create_new);
  if (how.offset > 0) file.write_at(0, Bytes(static_cast<size_t>(how.offset)));
  swr::StoreCounters counters;
  const auto store =
      swr::SlottedStream::create(file, how.offset, how.gzip, how.prefix,
                                 static_cast<int64_t>(raw.size()), how.options, counters);
  const int64_t block = how.options.slot_bytes * how.block_slots;
  std::vector<swr::Encoded> encoded;
  for (int64_t begin = 0; begin < static_cast<int64_t>(raw.size()); begin += block) {
    const auto bytes =
        static_cast<size_t>(std::min<int64_t>(block, static_cast<int64_t>(raw.size()) - begin));
    encoded.push_back(
        store->encode(begin, std::span(raw).subspan(static_cast<size_t>(begin), bytes)));
  }
  for (const auto& block_of_slots : encoded) store->place(block_of_slots);
  store->finish();
  const int64_t bytes = store->stream_bytes();
  file.close();
  return bytes;
}

inline Bytes read_part(swr::ReadStore& store, int64_t offset, int64_t bytes) {
  Bytes out(static_cast<size_t>(bytes), std::byte{0xee});
  store.read(offset, out);
  return out;
}

inline Bytes part(const Bytes& bytes, int64_t offset, int64_t count) {
  return Bytes(bytes.begin() + offset, bytes.begin() + offset + count);
}

// The engines of this build.
inline std::vector<std::string> engines() {
  std::vector<std::string> out;
  for (const char* name : {"auto", "zlib", "libdeflate", "isal"}) {
    if (swr::deflate_engine_available(name)) out.emplace_back(name);
  }
  return out;
}

}  // namespace streams
