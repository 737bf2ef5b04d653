// Ours.
//   out=x.mha  divisions=N  compress=LEVEL  codec=NAME  filter=NAME  shape=X,Y,Z  shard=X,Y,Z
//   engine=NAME  slack=PERCENT  slot=BYTES  threads=N  pull_threads=N  memory=BYTES  sync=1
//   paste=x,y,z,sx,sy,sz  repeat=N  cold=1  sole=1     boxes into an existing file
//   from=float64  to=int16                             converts, with CLAMP
//   existing=1                                         fills an existing file, without a journal
#include <swr/swr.h>

#include "volume.h"

namespace {

void check(swr_writer* writer, swr_status status) {
  if (status == SWR_OK) return;
  std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  std::exit(1);
}

swr_component component(const std::string& name) {
  for (int number = SWR_UINT8; number <= SWR_FLOAT64; ++number) {
    const auto each = static_cast<swr_component>(number);
    if (name == swr_component_name(each)) return each;
  }
  std::fprintf(stderr, "no component type is called %s\n", name.c_str());
  std::exit(1);
}

// Packed pieces of another type than the volume's, of which every value is one of 0 to 199.
class Converted {
 public:
  explicit Converted(swr_component from) {
    switch (from) {
      case SWR_UINT8: make<uint8_t>(); break;
      case SWR_FLOAT32: make<float>(); break;
      case SWR_FLOAT64: make<double>(); break;
      default: make<uint16_t>(); break;
    }
  }
  static int32_t pull(swr_piece* piece, void* user) {
    const auto& pattern = static_cast<const Converted*>(user)->pattern_;
    const int64_t bytes = swr_piece_bytes(piece);
    for (int64_t at = 0; at < bytes; at += std::ssize(pattern))
      std::memcpy(static_cast<char*>(swr_piece_buffer(piece)) + at, pattern.data(),
                  static_cast<size_t>(std::min<int64_t>(bytes - at, std::ssize(pattern))));
    return SWR_OK;
  }

 private:
  template <typename T>
  void make() {
    std::vector<T> values(size_t{1} << 20);
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i * i % 200);
    pattern_.resize(values.size() * sizeof(T));
    std::memcpy(pattern_.data(), values.data(), pattern_.size());
  }

  std::vector<char> pattern_;
};

int32_t pull(swr_piece* piece, void* user) {
  const swr_region* region = swr_piece_region(piece);
  const int64_t index[3] = {region->index[0], region->index[1], region->index[2]},
                size[3] = {region->size[0], region->size[1], region->size[2]};
  static_cast<const bench::Source*>(user)->fill(static_cast<uint16_t*>(swr_piece_buffer(piece)),
                                                index, size);
  return SWR_OK;
}

swr_region region_of(const int64_t (&index)[3], const int64_t (&size)[3]) {
  swr_region region{};
  region.dimensions = 3;
  std::copy_n(index, 3, region.index);
  std::copy_n(size, 3, region.size);
  return region;
}

void configure(swr_writer* writer, const bench::Arguments& arguments, const bench::Source& source) {
  const swr_region image = region_of({0, 0, 0}, {source.size(0), source.size(1), source.size(2)});
  check(writer, swr_set_path(writer, arguments.text("out").c_str()));
  check(writer, swr_set_image_region(writer, &image));
  check(writer,
        swr_set_pixel_type(writer, component(arguments.text("to", "uint16")), 1, SWR_KIND_SCALAR));
  if (arguments.has("from")) {
    check(writer, swr_set_source_type(writer, component(arguments.text("from"))));
    check(writer, swr_set_conversion(writer, SWR_CONVERSION_CLAMP));
  }
  if (arguments.has("existing")) {
    check(writer, swr_set_existing(writer, SWR_EXISTING_UPDATE));
    check(writer, swr_set_rollback(writer, 0));
  }
  if (arguments.has("divisions"))
    check(writer, swr_set_divisions(writer, arguments.number("divisions", 1)));
  if (arguments.has("compress"))
    check(writer, swr_set_compression(writer, arguments.text("codec", "deflate").c_str(),
                                      static_cast<int32_t>(arguments.number("compress", 6))));
  if (arguments.has("filter"))
    check(writer, swr_set_option(writer, "chunk.filter", arguments.text("filter").c_str()));
  if (arguments.has("shape"))
    check(writer, swr_set_option(writer, "chunk.shape", arguments.text("shape").c_str()));
  if (arguments.has("shard"))
    check(writer, swr_set_option(writer, "zarr.shard", arguments.text("shard").c_str()));
  if (arguments.has("slack"))
    check(writer, swr_set_option(writer, "deflate.slack", arguments.text("slack").c_str()));
  if (arguments.has("slot"))
    check(writer, swr_set_option(writer, "deflate.slot", arguments.text("slot").c_str()));
  if (arguments.has("engine"))
    check(writer, swr_set_option(writer, "deflate.engine", arguments.text("engine").c_str()));
  if (arguments.has("memory"))
    check(writer, swr_set_memory_limit(writer, arguments.number("memory", 0)));
  if (arguments.has("sole")) check(writer, swr_set_option(writer, "paste.sole", "on"));
  check(writer, swr_set_threads(writer, static_cast<int32_t>(arguments.number("threads", 0))));
  check(writer,
        swr_set_pull_threads(writer, static_cast<int32_t>(arguments.number("pull_threads", 1))));
  check(writer, swr_set_sync(writer, arguments.has("sync")));
  if (!arguments.has("paste")) return;
  long long box[6] = {};
  std::sscanf(arguments.text("paste").c_str(), "%lld,%lld,%lld,%lld,%lld,%lld", box, box + 1,
              box + 2, box + 3, box + 4, box + 5);
  const swr_region paste = region_of({box[0], box[1], box[2]}, {box[3], box[4], box[5]});
  check(writer, swr_set_paste_region(writer, &paste));
}

}  // namespace

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  bench::Source source(arguments);
  swr_writer* const writer = swr_writer_create();
  configure(writer, arguments, source);
  const int64_t repeat = arguments.number("repeat", 1);
  const std::string out = arguments.text("out");
  bench::Meter meter;
  if (arguments.has("from")) {
    Converted converted(component(arguments.text("from")));
    meter = {};
    check(writer, swr_write(writer, Converted::pull, &converted));
  } else {
    for (int64_t i = 0; i < repeat; ++i) {
      if (arguments.has("cold")) meter.evict(out);
      check(writer, swr_write(writer, pull, &source));
    }
  }
  meter.print(arguments.has("paste") ? repeat : source.bytes(), out);
  swr_writer_destroy(writer);
}
