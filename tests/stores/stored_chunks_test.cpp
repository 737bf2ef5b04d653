// Chunks in a file as a list says, with what HDF5 does to them: shuffle, deflate, Fletcher's
// checksum; full size at the ends of the image, components in chunks of their own, a fill value.
#include "stores/stored_chunks_reader.h"

#include <zlib.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "base/byte_order.h"
#include "base/error.h"
#include "codecs/fletcher32.h"
#include "image/cmocka_cpp.h"
#include "image/copy.h"

#undef fail  // cmocka's macro

namespace swr {
namespace {

using Bytes = std::vector<std::byte>;
using Kind = ChunkFilter::Kind;

const char* const path = "chunks.bin";
const std::vector<ChunkFilter> hdf5_filters = {
    {.kind = Kind::fletcher32}, {.kind = Kind::zlib}, {.kind = Kind::shuffle, .sample_bytes = 2}};

Bytes zlib_of(const Bytes& raw) {
  uLongf bytes = compressBound(static_cast<uLong>(raw.size()));
  Bytes out(bytes);
  assert_int_equal(
      compress2(reinterpret_cast<Bytef*>(out.data()), &bytes,
                reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()), 6),
      Z_OK);
  out.resize(bytes);
  return out;
}

Bytes shuffled(const Bytes& raw) {
  Bytes out(raw.size());
  const size_t half = raw.size() / 2;
  for (size_t i = 0; i < half; ++i) {
    out[i] = raw[2 * i];
    out[half + i] = raw[2 * i + 1];
  }
  return out;
}

Bytes with_checksum(Bytes stored) {
  const uint32_t checksum = fletcher32(stored);
  stored.resize(stored.size() + 4);
  store(stored.data() + stored.size() - 4, checksum);
  return stored;
}

Bytes encoded(const Bytes& raw) {
  return with_checksum(zlib_of(shuffled(raw)));
}

// An image of 7 x 5 x 3 pixels of two components of 16 bits, in chunks of 4 x 2 x 2.
class Made {
 public:
  explicit Made(bool has_planes) {
    layout_.order = {3, {7, 5, 3}, 2, 2};
    layout_.storage = Chunked{{3, {7, 5, 3}, {4, 2, 2}}};
    layout_.parts = {DataPart{path, 0, 0, layout_.order.bytes()}};
    stored_.has_whole_edges = true;
    stored_.has_planes = has_planes;
    stored_.filters = hdf5_filters;
    pixels_.resize(static_cast<size_t>(layout_.order.bytes()));
    for (size_t i = 0; i < pixels_.size() / 2; ++i)
      swr::store(pixels_.data() + 2 * i, static_cast<uint16_t>(37 * i + 11));
    for (int64_t chunk = 0; chunk < layout_.grid().count(); ++chunk) add(chunk);
  }

  // The reader of what was changed meanwhile.
  std::unique_ptr<PixelReader> reader(const ReadOptions& options = {.threads = 2}) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file_.data()), std::ssize(file_));
    layout_.stored_chunks = std::make_shared<StoredChunks>(stored_);
    return read_stored_chunks(layout_, options);
  }
  Bytes read(const Region& region) {
    Bytes out(static_cast<size_t>(region.pixels() * 4));
    reader()->read(region, out);
    return out;
  }
  Bytes expected(const Region& region) const {
    Bytes out(static_cast<size_t>(region.pixels() * 4));
    copy_region(region, 4, pixels_.data(), all(), out.data(), region);
    return out;
  }
  Region all() const { return whole(3, layout_.order.size); }

  StoredChunks stored_;
  Bytes file_;

 private:
  void add(int64_t chunk) {
    const Region box = layout_.grid().box(chunk);
    Region full = box;
    full.size = layout_.grid().chunk;
    Bytes raw(static_cast<size_t>(full.pixels() * 4), std::byte{0xee});
    copy_region(box, 4, pixels_.data(), all(), raw.data(), full);
    if (!stored_.has_planes) return add_bytes(encoded(raw));
    for (int component = 0; component < 2; ++component) {
      Bytes plane(raw.size() / 2);
      deinterleave(raw.data(), plane.data(), component, 2, 2, full.pixels());
      add_bytes(encoded(plane));
    }
  }
  void add_bytes(const Bytes& bytes) {
    stored_.chunks.push_back({std::ssize(file_), std::ssize(bytes)});
    file_.insert(file_.end(), bytes.begin(), bytes.end());
  }

  Layout layout_;
  Bytes pixels_;
};

void stop(const char* why, const char* more) {
  print_error("%s: %s\n", why, more);
  _fail(__FILE__, __LINE__);
}

void expect_error(swr_status status, const char* word, Made& made) {
  try {
    made.read(made.all());
  } catch (const Error& error) {
    assert_int_equal(error.status(), status);
    assert_non_null(std::strstr(error.what(), path));
    if (!std::strstr(error.what(), word)) stop(error.what(), word);
    return;
  }
  stop("nothing failed", word);
}

void filters_are_undone_in_every_region(void**) {
  for (const bool has_planes : {false, true}) {
    Made made(has_planes);
    assert_true(made.read(made.all()) == made.expected(made.all()));
    const auto reader = made.reader({.threads = 1, .memory_limit = 600});
    for (int64_t x = 0; x < 7; ++x) {
      for (int64_t width = 1; x + width <= 7; ++width) {
        const Region region = region_of({x, 1, 1}, {width, 3, 2});
        Bytes out(static_cast<size_t>(region.pixels() * 4));
        reader->read(region, out);
        assert_true(out == made.expected(region));
      }
    }
    reader->verify();
  }
}

void chunks_that_are_not_stored_have_the_fill_value(void**) {
  Made made(true);
  made.stored_.fill = {std::byte{0x34}, std::byte{0x12}};
  made.stored_.chunks[1] = {};  // of the first chunk, the second component
  const Bytes read = made.read(region_of({3, 1, 1}, {2, 1, 1}));
  assert_int_equal(load<uint16_t>(read.data() + 2), 0x1234);
  const Bytes right = made.expected(region_of({3, 1, 1}, {2, 1, 1}));
  assert_int_equal(load<uint16_t>(read.data()), load<uint16_t>(right.data()));
  assert_int_equal(load<uint32_t>(read.data() + 4), load<uint32_t>(right.data() + 4));
}

void damage_is_named(void**) {
  Made checksum(false);
  checksum.file_[3] ^= std::byte{1};
  expect_error(SWR_ERROR_CORRUPT, "(0,0,0) size (4,2,2) is damaged: its bytes are not what",
               checksum);
  Made component(true);
  component.file_[static_cast<size_t>(component.stored_.chunks[1].offset)] ^= std::byte{1};
  expect_error(SWR_ERROR_CORRUPT, "of component 1 is damaged", component);
  Made cut(false);
  cut.file_.resize(cut.file_.size() - 1);
  expect_error(SWR_ERROR_CORRUPT, "chunks.bin", cut);
  Made tiny(false);
  tiny.stored_.chunks[0].bytes = 3;
  expect_error(SWR_ERROR_CORRUPT, "too few bytes", tiny);
  Made huge(false);
  huge.stored_.chunks[0].bytes = int64_t{1} << 60;
  expect_error(SWR_ERROR_CORRUPT, "too many bytes", huge);
}

void what_cannot_be_decoded_is_refused(void**) {
  Made twice(false);
  twice.stored_.filters.push_back({.kind = Kind::lzw});
  expect_error(SWR_ERROR_UNSUPPORTED, "compressed twice", twice);
  Made rows(false);
  rows.stored_.filters.push_back({.kind = Kind::differences, .sample_bytes = 2, .row_samples = 5});
  expect_error(SWR_ERROR_CORRUPT, "rows are not whole", rows);
  Made small(false);
  const auto reader = small.reader({.threads = 1, .memory_limit = 100});
  try {
    reader->verify();
    stop("nothing failed", "100 bytes for 64, twice");
  } catch (const Error& error) {
    assert_int_equal(error.status(), SWR_ERROR_MEMORY_LIMIT);
    assert_non_null(std::strstr(error.what(), "a chunk has 64 bytes"));
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(filters_are_undone_in_every_region),
      cmocka_unit_test(chunks_that_are_not_stored_have_the_fill_value),
      cmocka_unit_test(damage_is_named),
      cmocka_unit_test(what_cannot_be_decoded_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
