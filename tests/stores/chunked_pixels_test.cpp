// Pixels by region on a sink of chunks that only collects them.
#include "stores/chunked_pixels.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/error.h"
#include "image/cmocka_cpp.h"

#undef fail  // cmocka's macro

namespace swr {
namespace {

// Of one byte for each pixel; 2 x 2 chunks, numbered 0 and 1 in the first row.
Layout layout_of(int64_t height) {
  Layout layout;
  layout.order = {.dimensions = 2, .size = {8, height}};
  layout.storage = Chunked{{2, {8, height}, {4, 2}}};
  return layout;
}

using Pixels = std::vector<std::byte>;
using Chunks = std::map<int64_t, Pixels>;

class CollectingSink : public ChunkSink {
 public:
  CollectingSink(const Grid& grid, Chunks& placed) : grid_(grid), placed_(placed) {}
  const Grid& grid() const override { return grid_; }
  Pixels encode(int64_t, Pixels&& pixels) const override { return pixels; }
  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    placed_[chunk].assign(encoded.begin(), encoded.end());
  }
  void read(int64_t chunk, std::span<std::byte> pixels) override {
    std::ranges::copy(placed_.at(chunk), pixels.begin());
  }
  void finish() override {}

 private:
  Grid grid_;
  Chunks& placed_;
};

// All pixels are 1.
class OldPixels : public PixelReader {
 public:
  explicit OldPixels(int& reads) : reads_(reads) {}
  void read(const Region&, std::span<std::byte> out) override {
    ++reads_;
    std::ranges::fill(out, std::byte{1});
  }
  void verify() override {}

 private:
  int& reads_;
};

void encode_here(ChunkSink& sink, const std::set<int64_t>& chunks, ChunkBase base,
                 const ComposeChunk& compose) {
  for (const int64_t chunk : chunks) {
    Pixels pixels(static_cast<size_t>(sink.grid().box(chunk).pixels()), std::byte{99});
    if (base == ChunkBase::placed) sink.read(chunk, pixels);
    compose(chunk, pixels);
    sink.place(chunk, sink.encode(chunk, std::move(pixels)));
  }
}

struct Changed {
  Chunks chunks;
  int old_reads = 0;
};

Region box(int64_t x, int64_t y, int64_t width, int64_t height) {
  return {.dimensions = 2, .index = {x, y}, .size = {width, height}};
}

StoreCounters counters;

WriteOptions options() {
  WriteOptions options;
  options.beside = "chunks";
  options.fill = {std::byte{7}};
  options.counters = &counters;
  options.encode_chunks = encode_here;
  return options;
}

Pixels all_of(const Region& region, int value) {
  return Pixels(static_cast<size_t>(region.pixels()), static_cast<std::byte>(value));
}

// Writes the value 2 to the boxes of an image of 8 x 4.
Changed change(const std::vector<Region>& boxes, int64_t new_height = 4) {
  const Layout old = layout_of(4), now = layout_of(new_height);
  Changed changed;
  const auto open_sink = [&](const std::set<int64_t>&) {
    return std::make_unique<CollectingSink>(now.grid(), changed.chunks);
  };
  const auto pixels = change_chunks(
      {old, now, std::make_unique<OldPixels>(changed.old_reads), open_sink}, options());
  for (const Region& each : boxes) pixels->write(each, all_of(each, 2).data());
  assert_true(pixels->finish(boxes));
  return changed;
}

void chunk_that_is_written_in_part_keeps_its_other_pixels(void**) {
  const Changed changed = change({box(0, 0, 1, 1)});
  assert_int_equal(changed.chunks.size(), 1);
  Pixels expected = all_of(box(0, 0, 4, 2), 1);
  expected[0] = std::byte{2};
  assert_true(changed.chunks.at(0) == expected);
}

void chunk_that_several_boxes_cover_needs_no_old_pixels(void**) {
  const Changed changed = change({box(4, 0, 4, 1), box(4, 1, 4, 1)});
  assert_int_equal(changed.old_reads, 0);
  assert_true(changed.chunks == (Chunks{{1, all_of(box(4, 0, 4, 2), 2)}}));
}

void chunks_that_an_image_grows_by_have_the_fill_value(void**) {
  const Changed changed = change({box(0, 4, 4, 1)}, 6);
  Pixels expected = all_of(box(0, 4, 4, 2), 7);
  std::fill_n(expected.begin(), 4, std::byte{2});
  assert_true(changed.chunks == (Chunks{{4, expected}, {5, all_of(box(4, 4, 4, 2), 7)}}));
}

void change_without_pixels_opens_no_sink(void**) {
  assert_true(change({}).chunks.empty());
}

// The last row of chunks was cut off, and is whole afterwards.
void chunk_that_becomes_taller_keeps_its_old_pixels(void**) {
  const Layout old = layout_of(3), now = layout_of(4);
  Changed changed;
  const auto open_sink = [&](const std::set<int64_t>&) {
    return std::make_unique<CollectingSink>(now.grid(), changed.chunks);
  };
  const auto pixels = change_chunks(
      {old, now, std::make_unique<OldPixels>(changed.old_reads), open_sink}, options());
  assert_true(pixels->finish({}));
  Pixels expected = all_of(box(0, 2, 4, 2), 1);
  for (size_t i = 4; i < 8; ++i) expected.at(i) = std::byte{7};
  assert_true(changed.chunks == (Chunks{{2, expected}, {3, expected}}));
}

void pixels_that_are_replaced_leave_the_others_of_a_new_chunk(void**) {
  const Layout layout = layout_of(4);
  Chunks placed;
  const auto sink =
      new_chunks(std::make_unique<CollectingSink>(layout.grid(), placed), layout.order, options());
  const Pixels layer = all_of(box(0, 0, 8, 2), 3);
  for (const int64_t offset : {0, 16}) sink->stream().place(sink->stream().encode(offset, layer));
  class Fives : public ReadStore {
   public:
    void read(int64_t, std::span<std::byte> out) override { std::ranges::fill(out, std::byte{5}); }
    void verify() override {}
  } fives;
  const Region one = box(3, 1, 1, 1);
  sink->replace({&one, 1}, fives);
  sink->finish();
  Pixels expected = all_of(box(0, 0, 4, 2), 3);
  assert_true(placed.at(3) == expected);
  expected[7] = std::byte{5};
  assert_true(placed.at(0) == expected);
}

// Where chunks need no order, nothing waits for the layers before.
void chunks_that_need_no_order_are_placed_when_they_are_encoded(void**) {
  class AnyOrder : public CollectingSink {
   public:
    using CollectingSink::CollectingSink;
    bool places_on_threads() const override { return true; }
  };
  const Layout layout = layout_of(4);
  Chunks placed;
  const auto sink =
      new_chunks(std::make_unique<AnyOrder>(layout.grid(), placed), layout.order, options());
  const Pixels first = all_of(box(0, 0, 8, 2), 3), second = all_of(box(0, 2, 8, 2), 4);
  StreamStore& stream = sink->stream();
  const Encoded later = stream.encode(16, second);
  assert_int_equal(placed.size(), 2);
  assert_int_equal(later.owned_bytes(), 0);
  const Encoded earlier = stream.encode(0, first);
  assert_int_equal(placed.size(), 4);
  stream.place(earlier);
  stream.place(later);
  sink->finish();
  assert_true(placed.at(0) == all_of(box(0, 0, 4, 2), 3));
  assert_true(placed.at(3) == all_of(box(4, 2, 4, 2), 4));
}

void forecast_counts_whole_chunks(void**) {
  ChangeRequest request;
  request.order = layout_of(4).order;
  request.region = box(3, 0, 2, 2);  // half a column of each of two chunks
  const ChangeForecast forecast = forecast_chunk_change(layout_of(4), request);
  assert_int_equal(forecast.method, SWR_METHOD_IN_PLACE);
  assert_int_equal(forecast.bytes_read, 16);
  assert_int_equal(forecast.bytes_written, 16 - 4);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(chunk_that_is_written_in_part_keeps_its_other_pixels),
      cmocka_unit_test(chunk_that_several_boxes_cover_needs_no_old_pixels),
      cmocka_unit_test(chunks_that_an_image_grows_by_have_the_fill_value),
      cmocka_unit_test(change_without_pixels_opens_no_sink),
      cmocka_unit_test(chunk_that_becomes_taller_keeps_its_old_pixels),
      cmocka_unit_test(pixels_that_are_replaced_leave_the_others_of_a_new_chunk),
      cmocka_unit_test(chunks_that_need_no_order_are_placed_when_they_are_encoded),
      cmocka_unit_test(forecast_counts_whole_chunks),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
