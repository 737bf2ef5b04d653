#include "stores/region_io.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "image/copy.h"

namespace swr {
namespace {

// Runs with a smaller gap between them are read together.
constexpr int64_t gap_bytes = 65536;
// The number of writes that go to the store at a time: enough to share the cost of a journal's
// barrier, few enough to stay small.
constexpr size_t writes_at_a_time = 16384;

// The components in the order of their planes, so that a compressed sequence is read from front to
// back.
std::vector<int> by_plane(const LinearOrder& order) {
  std::vector<int> components(static_cast<size_t>(order.components));
  for (int component = 0; component < order.components; ++component)
    components[static_cast<size_t>(order.plane_of(component))] = component;
  return components;
}

// Gathers runs into spans and reads each span once.
class SpanReader {
 public:
  SpanReader(ReadStore& store, std::byte* out, int64_t span_bytes)
      : store_(store), out_(out), span_bytes_(span_bytes) {}

  void add(const Run& run) {
    if (!runs_.empty() && (run.linear - end_ > gap_bytes ||
                           run.linear + run.bytes - runs_.front().linear > span_bytes_))
      flush();
    runs_.push_back(run);
    end_ = run.linear + run.bytes;
  }

  void flush() {
    if (runs_.size() == 1) {
      store_.read(runs_[0].linear, {out_ + runs_[0].packed, static_cast<size_t>(runs_[0].bytes)});
    } else if (!runs_.empty()) {
      const int64_t begin = runs_.front().linear;
      span_.resize(static_cast<size_t>(end_ - begin));
      store_.read(begin, span_);
      for (const Run& run : runs_)
        std::memcpy(out_ + run.packed, span_.data() + (run.linear - begin),
                    static_cast<size_t>(run.bytes));
    }
    runs_.clear();
  }

 private:
  ReadStore& store_;
  std::byte* out_;
  int64_t span_bytes_;
  int64_t end_ = 0;
  std::vector<Run> runs_;
  std::vector<std::byte> span_;
};

class RunWriter {
 public:
  RunWriter(WriteStore& store, const std::byte* pixels) : store_(store), pixels_(pixels) {}

  void add(const Run& run) {
    writes_.push_back({run.linear, {pixels_ + run.packed, static_cast<size_t>(run.bytes)}});
    if (writes_.size() == writes_at_a_time) flush();
  }

  // The stretches of the run that the mask selects; it has a byte for each `unit` of bytes of the
  // packed region.
  void add(const Run& run, std::span<const uint8_t> mask, int64_t unit) {
    const auto begin = mask.begin() + run.packed / unit, end = begin + run.bytes / unit;
    for (auto at = begin;;) {
      at = std::find_if(at, end, [](uint8_t value) { return value != 0; });
      if (at == end) return;
      const auto stop = std::find(at, end, uint8_t{0});
      const int64_t before = (at - begin) * unit;
      add({run.linear + before, run.packed + before, (stop - at) * unit});
      at = stop;
    }
  }

  void flush() {
    if (!writes_.empty()) store_.write(writes_);
    writes_.clear();
  }

 private:
  WriteStore& store_;
  const std::byte* pixels_;
  std::vector<Write> writes_;
};

void read_packed(ReadStore& store, const LinearOrder& order, const Region& region, std::byte* out,
                 int64_t span_bytes) {
  SpanReader reader(store, out, span_bytes);
  for_each_run(order, region, [&](const Run& run) { reader.add(run); });
  reader.flush();
}

// All pixels if there is no mask.
void write_packed(WriteStore& store, const LinearOrder& order, const Region& region,
                  const std::byte* pixels, std::optional<std::span<const uint8_t>> mask) {
  RunWriter writer(store, pixels);
  for_each_run(order, region, [&](const Run& run) {
    if (mask) {
      writer.add(run, *mask, order.pixel_bytes());
    } else {
      writer.add(run);
    }
  });
  writer.flush();
}

void write_pixels(WriteStore& store, const LinearOrder& order, const Region& region,
                  const std::byte* pixels, std::optional<std::span<const uint8_t>> mask) {
  if (order.interleaved()) return write_packed(store, order, region, pixels, mask);
  const LinearOrder scalars = order.unfolded();
  const int64_t count = region.pixels();
  std::vector<std::byte> values(static_cast<size_t>(count * order.component_bytes));
  for (const int component : by_plane(order)) {
    deinterleave(pixels, values.data(), component, order.components, order.component_bytes, count);
    write_packed(store, scalars, order.unfolded(region, order.plane_of(component), 1),
                 values.data(), mask);
  }
}

}  // namespace

void read_region(ReadStore& store, const LinearOrder& order, const Region& region, std::byte* out,
                 int64_t span_bytes) {
  if (order.interleaved()) return read_packed(store, order, region, out, span_bytes);
  const LinearOrder scalars = order.unfolded();
  const int64_t pixels = region.pixels();
  std::vector<std::byte> values(static_cast<size_t>(pixels * order.component_bytes));
  for (const int component : by_plane(order)) {
    read_packed(store, scalars, order.unfolded(region, order.plane_of(component), 1), values.data(),
                span_bytes);
    interleave(values.data(), out, component, order.components, order.component_bytes, pixels);
  }
}

void write_region(WriteStore& store, const LinearOrder& order, const Region& region,
                  const std::byte* pixels) {
  write_pixels(store, order, region, pixels, std::nullopt);
}

void write_selected(WriteStore& store, const LinearOrder& order, const Region& region,
                    const std::byte* pixels, std::span<const uint8_t> mask) {
  write_pixels(store, order, region, pixels, mask);
}

}  // namespace swr
