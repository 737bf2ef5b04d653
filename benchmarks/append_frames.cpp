// Frames that arrive one by one.
//   out=x.mha  size=2048,2048,FRAMES  compress=LEVEL  mode=append | extend  rate=FRAMES_PER_SECOND
//   every_frames=N  every_seconds=T  memory=BYTES  sync=1
// append: swr_append(). extend: a write with SWR_EXISTING_EXTEND for each frame. Without a rate the
// frames come as fast as they are taken. The result also has worst=MS, the longest call for a
// frame, and usual=MS, the median.
#include <swr/swr.h>

#include <thread>

#include "volume.h"

namespace {

using Clock = std::chrono::steady_clock;

void check(swr_writer* writer, swr_status status) {
  if (status == SWR_OK) return;
  std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  std::exit(1);
}

void option(swr_writer* writer, const bench::Arguments& arguments, const std::string& key,
            const char* name) {
  if (arguments.has(key)) check(writer, swr_set_option(writer, name, arguments.text(key).c_str()));
}

swr_writer* new_writer(const bench::Arguments& arguments, const swr_region& image) {
  swr_writer* const writer = swr_writer_create();
  check(writer, swr_set_path(writer, arguments.text("out").c_str()));
  check(writer, swr_set_image_region(writer, &image));
  check(writer, swr_set_pixel_type(writer, SWR_UINT16, 1, SWR_KIND_SCALAR));
  check(writer, swr_set_existing(writer, SWR_EXISTING_EXTEND));
  check(writer, swr_set_sync(writer, arguments.has("sync")));
  if (arguments.has("compress"))
    check(writer, swr_set_compression(writer, "deflate",
                                      static_cast<int32_t>(arguments.number("compress", 1))));
  if (arguments.has("memory"))
    check(writer, swr_set_memory_limit(writer, arguments.number("memory", 0)));
  option(writer, arguments, "every_frames", "append.every_frames");
  option(writer, arguments, "every_seconds", "append.every_seconds");
  return writer;
}

void extend(swr_writer* writer, swr_region image, int64_t number,
            const std::vector<uint16_t>& frame, int64_t bytes) {
  swr_region one = image;
  one.index[2] = number;
  image.size[2] = number + 1;
  one.size[2] = 1;
  check(writer, swr_set_image_region(writer, &image));
  check(writer, swr_set_paste_region(writer, &one));
  check(writer, swr_begin(writer));
  check(writer, swr_put(writer, &one, frame.data(), bytes));
  check(writer, swr_finish(writer));
}

}  // namespace

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  const bench::Source source(arguments);
  const int64_t frames = source.size(2), bytes = source.size(1) * source.row_bytes();
  const int64_t rate = arguments.number("rate", 0);
  const bool extends = arguments.text("mode", "append") == "extend";
  swr_region image{};
  image.dimensions = 3;
  image.size[0] = source.size(0), image.size[1] = source.size(1), image.size[2] = 1;
  swr_writer* const writer = new_writer(arguments, image);
  std::vector<uint16_t> frame(static_cast<size_t>(bytes / 2));
  std::vector<double> waits;
  const bench::Meter meter;
  const auto begin = Clock::now();
  for (int64_t number = 0; number < frames; ++number) {
    if (rate > 0)
      std::this_thread::sleep_until(begin + std::chrono::microseconds(number * 1000000 / rate));
    source.fill_rows(frame.data(), number * source.size(1), source.size(1));
    const auto before = Clock::now();
    if (extends) {
      extend(writer, image, number, frame, bytes);
    } else {
      check(writer, swr_append(writer, frame.data(), bytes));
    }
    waits.push_back(std::chrono::duration<double>(Clock::now() - before).count() * 1000);
  }
  if (!extends) check(writer, swr_finish(writer));
  meter.print(source.bytes(), arguments.text("out"));
  std::sort(waits.begin(), waits.end());
  std::printf("RESULT worst=%.2f usual=%.2f\n", waits.back(), waits[waits.size() / 2]);
  swr_writer_destroy(writer);
}
