// The chunk encoder with a sink that only collects chunks: they are encoded in parallel and placed
// in order, and a failure in any step ends the write.
#include "engine/chunk_encoder.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.h"

#include "image/cmocka_cpp.h"
#undef fail  // cmocka's macro

namespace swr {
namespace {

constexpr int64_t pixel_bytes = 2;

// 5 x 3 chunks; the last column and the last row are cut off.
Grid image_grid() {
  return {2, {33, 11}, {8, 4}};
}

std::set<int64_t> all_chunks() {
  std::set<int64_t> chunks;
  for (int64_t chunk = 0; chunk < image_grid().count(); ++chunk) chunks.insert(chunk);
  return chunks;
}

enum class Step { none, compose, encode, place };

class CollectingSink : public ChunkSink {
 public:
  const Grid& grid() const override { return grid_; }
  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const override {
    meet();
    if (fails_in == Step::encode && chunk == fails_at) fail(SWR_ERROR_IO, "encode");
    for (std::byte& byte : pixels) byte ^= std::byte{0xff};
    return pixels;
  }
  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    if (fails_in == Step::place && chunk == fails_at) fail(SWR_ERROR_IO, "place");
    order.push_back(chunk);
    placed[chunk].assign(encoded.begin(), encoded.end());
  }
  void read(int64_t chunk, std::span<std::byte> pixels) override {
    std::ranges::copy(placed.at(chunk), pixels.begin());
    for (std::byte& byte : pixels) byte ^= std::byte{0xff};
  }
  void finish() override {}

  std::vector<int64_t> order;
  std::map<int64_t, std::vector<std::byte>> placed;
  Step fails_in = Step::none;
  int64_t fails_at = 0;
  bool meets = false;  // the first encoder waits until a second one runs
  mutable int encoders = 0;

 private:
  void meet() const {
    if (!meets) return;
    std::unique_lock lock(mutex_);
    ++encoders;
    another_.notify_all();
    another_.wait_for(lock, std::chrono::seconds(60), [this] { return encoders > 1; });
    assert_true(encoders > 1);
  }

  Grid grid_ = image_grid();
  mutable std::mutex mutex_;
  mutable std::condition_variable another_;
};

MemoryPlan plan_for(int threads) {
  MemoryPlan plan;
  plan.blocks = 4;
  plan.threads = threads;
  plan.prepared = threads + 2;
  return plan;
}

void fill(int64_t chunk, std::span<std::byte> pixels) {
  std::ranges::fill(pixels, static_cast<std::byte>(chunk + 1));
}

void run(CollectingSink& sink, int threads, const ComposeChunk& compose = fill) {
  Statistics statistics;
  ChunkEncoder(sink, pixel_bytes, plan_for(threads), statistics)
      .encode(all_chunks(), ChunkBase::none, compose);
}

void chunks_are_placed_in_order_with_their_pixels(void**) {
  for (const int threads : {1, 2, 5}) {
    CollectingSink sink;
    run(sink, threads);
    std::vector<int64_t> expected(15);
    std::iota(expected.begin(), expected.end(), 0);
    assert_true(sink.order == expected);
    for (int64_t chunk = 0; chunk < 15; ++chunk) {
      const auto bytes = static_cast<size_t>(sink.grid().box(chunk).pixels() * pixel_bytes);
      assert_true(sink.placed[chunk] ==
                  std::vector(bytes, static_cast<std::byte>(chunk + 1) ^ std::byte{0xff}));
    }
  }
}

void chunks_are_encoded_at_the_same_time(void**) {
  CollectingSink sink;
  sink.meets = true;
  run(sink, 2);
  assert_int_equal(sink.order.size(), 15);
}

void placed_chunks_are_read_while_others_are_placed(void**) {
  CollectingSink sink;
  run(sink, 2);
  Statistics statistics;
  ChunkEncoder encoder(sink, pixel_bytes, plan_for(2), statistics);
  const auto compose = [&](int64_t chunk, std::span<std::byte> pixels) {
    assert_int_equal(std::to_integer<int>(pixels.front()), chunk + 1);
    pixels.front() = std::byte{99};
  };
  encoder.encode(all_chunks(), ChunkBase::placed, compose);
  for (int64_t chunk = 0; chunk < 15; ++chunk) {
    assert_true(sink.placed[chunk].front() == (std::byte{99} ^ std::byte{0xff}));
    assert_true(sink.placed[chunk].back() == (static_cast<std::byte>(chunk + 1) ^ std::byte{0xff}));
  }
}

void failure_in_any_step_ends_the_write(void**) {
  for (const Step step : {Step::compose, Step::encode, Step::place}) {
    for (const int64_t at : {0, 7, 14}) {
      CollectingSink sink;
      sink.fails_in = step;
      sink.fails_at = at;
      bool has_failed = false;
      try {
        run(sink, 2, [&](int64_t chunk, std::span<std::byte> pixels) {
          if (step == Step::compose && chunk == at) fail(SWR_ERROR_SOURCE, "compose");
          fill(chunk, pixels);
        });
      } catch (const Error& error) {
        has_failed = true;
        assert_int_equal(error.status(), step == Step::compose ? SWR_ERROR_SOURCE : SWR_ERROR_IO);
      }
      assert_true(has_failed);
      assert_true(std::ssize(sink.order) <= at);
    }
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(chunks_are_placed_in_order_with_their_pixels),
      cmocka_unit_test(chunks_are_encoded_at_the_same_time),
      cmocka_unit_test(placed_chunks_are_read_while_others_are_placed),
      cmocka_unit_test(failure_in_any_step_ends_the_write),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
