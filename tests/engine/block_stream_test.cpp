// The block stream with a store that only collects bytes: for every kind of source and conversion,
// the store gets the same sequence, in blocks of the right size.
#include "engine/block_stream.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "base/byte_order.h"
#include "base/error.h"

#include "image/cmocka_cpp.h"
#undef fail  // cmocka's macro

namespace swr {
namespace {

class CollectingStore : public StreamStore {
 public:
  explicit CollectingStore(int64_t phase, bool anywhere) : phase_(phase), anywhere_(anywhere) {}
  int64_t phase() const override { return phase_; }
  bool breaks_anywhere() const override { return anywhere_; }
  Encoded encode(int64_t offset, std::span<const std::byte> raw) const override {
    Encoded encoded;
    encoded.offset = offset;
    encoded.bytes = raw;
    return encoded;
  }
  void place(const Encoded& encoded) override {
    assert_int_equal(encoded.offset, bytes.size());
    if (!anywhere_ && encoded.offset > 0) assert_int_equal((encoded.offset + phase_) % 4096, 0);
    bytes.insert(bytes.end(), encoded.bytes.begin(), encoded.bytes.end());
  }
  void finish() override { is_finished = true; }

  std::vector<std::byte> bytes;
  bool is_finished = false;

 private:
  int64_t phase_;
  bool anywhere_;
};

struct Case {
  PixelType source, stored;
  bool big_endian;
};

constexpr int64_t pixels = 20011;

std::vector<std::byte> source_pixels(const PixelType& type) {
  std::vector<std::byte> bytes(static_cast<size_t>(pixels * type.bytes()));
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i % 4 == 0 ? i / 4 % 100 : 0);
  return bytes;
}

// The expected sequence, converted in one call.
std::vector<std::byte> expected_bytes(const PixelConversion& conversion,
                                      std::span<const std::byte> source) {
  PixelConversion::Buffers buffers;
  const auto stored = conversion.run(source, buffers, [](int64_t) { return std::string(); });
  return {stored.begin(), stored.end()};
}

// Delivers pixels in parts of random length, each by a random method.
void deliver(BlockStream& stream, std::span<const std::byte> source, int64_t pixel_bytes,
             std::mt19937& random, BufferPool& pool) {
  while (!source.empty()) {
    const int64_t most = std::min<int64_t>(std::ssize(source) / pixel_bytes, 1500);
    const auto bytes =
        static_cast<size_t>(std::uniform_int_distribution<int64_t>(1, most)(random) * pixel_bytes);
    const auto stretch = source.first(bytes);
    switch (random() % 4) {
      case 0:
        std::memcpy(stream.acquire(std::ssize(stretch)), stretch.data(), bytes);
        stream.commit(std::ssize(stretch));
        break;
      case 1: stream.append(stretch); break;
      case 2: stream.lend(stretch); break;
      default: {
        const BufferPool::Lease lease = pool.take();
        std::memcpy(lease.get(), stretch.data(), bytes);
        stream.lend({lease.get(), bytes}, lease);
      }
    }
    source = source.subspan(bytes);
  }
}

void run_case(const Case& c, int64_t phase, bool anywhere, int threads, unsigned seed) {
  std::mt19937 random(seed);
  const PixelConversion conversion("x", c.source, c.stored, SWR_CONVERSION_CLAMP, c.big_endian);
  const std::vector<std::byte> source = source_pixels(c.source);
  const std::vector<std::byte> source_before = source;
  const std::vector<std::byte> expected = expected_bytes(conversion, source);
  const int64_t total = std::ssize(expected);

  Statistics statistics;
  CollectingStore store(phase, anywhere);
  BufferPool pool(3, 1500 * 64, {}, statistics.memory);
  BlockStream::Options options;
  options.block = 4096;
  options.capacity = conversion.source_bytes(4096) + 1500 * 64;
  options.buffers = 3;
  options.threads = threads;
  BlockStream stream(store, total, options, statistics);
  stream.convert_with(conversion, [](int64_t) { return std::string("?"); });
  // The end is delivered as stored bytes, as when a file is completed with its old content.
  const int64_t converted = pixels / 3 * 2;
  deliver(stream, std::span(source).first(static_cast<size_t>(converted * c.source.bytes())),
          c.source.bytes(), random, pool);
  assert_int_equal(stream.position(), converted * c.stored.bytes());
  stream.stop_converting();
  assert_int_equal(stream.position(), converted * c.stored.bytes());
  stream.append(std::span(expected).subspan(static_cast<size_t>(stream.position())));
  stream.finish();
  assert_true(store.is_finished);
  assert_int_equal(store.bytes.size(), expected.size());
  assert_memory_equal(store.bytes.data(), expected.data(), expected.size());
  // Lent memory is the application's, even where the stream's own buffers are swapped in place.
  assert_memory_equal(source.data(), source_before.data(), source.size());
}

PixelType pixel(swr_component component, int components) {
  PixelType type;
  type.component = component;
  type.components = components;
  type.kind = components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR;
  return type;
}

void store_gets_the_converted_sequence_however_it_is_delivered(void**) {
  const Case cases[] = {
      {pixel(SWR_UINT8, 1), pixel(SWR_UINT8, 1), machine_is_big_endian},
      {pixel(SWR_UINT16, 3), pixel(SWR_UINT16, 3), !machine_is_big_endian},
      {pixel(SWR_FLOAT64, 1), pixel(SWR_FLOAT64, 1), !machine_is_big_endian},
      {pixel(SWR_UINT8, 1), pixel(SWR_FLOAT32, 1), machine_is_big_endian},
      {pixel(SWR_FLOAT64, 3), pixel(SWR_INT16, 3), !machine_is_big_endian},
      {pixel(SWR_UINT8, 1), pixel(SWR_UINT8, 3), machine_is_big_endian},
      {pixel(SWR_UINT16, 4), pixel(SWR_UINT8, 3), machine_is_big_endian},
  };
  unsigned seed = 1;
  for (const Case& c : cases) {
    for (const int64_t phase : {int64_t{0}, int64_t{353}}) {
      for (const bool anywhere : {false, true}) {
        for (const int threads : {1, 3}) run_case(c, phase, anywhere, threads, seed++);
      }
    }
  }
}

// With SWR_CONVERSION_EXACT, the message names the position of a value that cannot be converted.
void failing_value_is_named_by_its_place(void**) {
  const PixelConversion conversion("x", pixel(SWR_UINT16, 1), pixel(SWR_UINT8, 1),
                                   SWR_CONVERSION_EXACT, machine_is_big_endian);
  std::vector<uint16_t> values(20000, 7);
  values[15000] = 300;
  Statistics statistics;
  CollectingStore store(0, false);
  BlockStream::Options options;
  options.block = 4096;
  options.capacity = conversion.source_bytes(4096) + 4096;
  options.buffers = 3;
  options.threads = 2;
  BlockStream stream(store, 20000, options, statistics);
  stream.convert_with(conversion, [](int64_t component) { return text("#", component); });
  std::string message;
  try {
    stream.append(std::as_bytes(std::span(values)));
    stream.finish();
  } catch (const Error& error) {
    message = error.what();
  }
  assert_non_null(std::strstr(message.c_str(), "300 at #15000 "));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(store_gets_the_converted_sequence_however_it_is_delivered),
      cmocka_unit_test(failing_value_is_named_by_its_place),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
