// swr.   out=x.mha   divisions=N   compress=LEVEL   engine=NAME   threads=N   pull_threads=N
//        memory=BYTES   sync=1   paste=x,y,z,sx,sy,sz   repeat=N   sole=1
#include <swr/swr.h>

#include "volume.h"

namespace {

void check(swr_writer* writer, swr_status status) {
  if (status == SWR_OK) return;
  std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  std::exit(1);
}

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
  check(writer, swr_set_pixel_type(writer, SWR_UINT16, 1, SWR_KIND_SCALAR));
  if (arguments.has("divisions"))
    check(writer, swr_set_divisions(writer, arguments.number("divisions", 1)));
  if (arguments.has("compress"))
    check(writer, swr_set_compression(writer, "deflate",
                                      static_cast<int32_t>(arguments.number("compress", 6))));
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
  const bench::Meter meter;
  for (int64_t i = 0; i < repeat; ++i) check(writer, swr_write(writer, pull, &source));
  meter.print(arguments.has("paste") ? repeat : source.bytes(), arguments.text("out"));
  swr_writer_destroy(writer);
}
