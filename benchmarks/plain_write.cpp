// The limits of the machine itself:
//   mode=write     writes one warm buffer again and again: the speed of the file system
//                  (offset=N: after a header of N bytes; allocate=1: after fallocate)
//   mode=make      only the source, nothing is written
//   mode=both      makes a piece, then writes it
//   mode=ring      makes pieces on one thread, writes them on another: four buffers between them
//   mode=rows      a box into an existing file, one pwrite for each row
//                  (box=x,y,z,sx,sy,sz offset=N repeat=N cold=1)
//   sync=1         fsync at the end
#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "volume.h"

namespace {

void write_all(int file, const void* data, int64_t bytes, int64_t at) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t done = pwrite(file, from, static_cast<size_t>(bytes), at);
    if (done <= 0) bench::die("pwrite");
    from += done, at += done, bytes -= done;
  }
}

// What two threads can do at best: no order, no errors, no end but that of the pieces.
void write_through_ring(const bench::Source& source, int file, int64_t at, int64_t piece_rows) {
  constexpr int64_t buffers = 4;
  const int64_t rows = source.size(1) * source.size(2);
  const int64_t pieces = (rows + piece_rows - 1) / piece_rows;
  const auto rows_of = [&](int64_t piece) {
    return std::min(piece_rows, rows - piece * piece_rows);
  };
  std::vector<uint16_t> ring(static_cast<size_t>(buffers * piece_rows * source.size(0)));
  const auto buffer_of = [&](int64_t piece) {
    return ring.data() + piece % buffers * piece_rows * source.size(0);
  };
  std::mutex mutex;
  std::condition_variable changed;
  int64_t made = 0, written = 0;
  std::thread writer([&] {
    for (int64_t piece = 0; piece < pieces; ++piece) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return made > piece; });
      }
      write_all(file, buffer_of(piece), rows_of(piece) * source.row_bytes(),
                at + piece * piece_rows * source.row_bytes());
      const std::lock_guard lock(mutex);
      ++written;
      changed.notify_all();
    }
  });
  for (int64_t piece = 0; piece < pieces; ++piece) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return piece - written < buffers; });
    }
    source.fill_rows(buffer_of(piece), piece * piece_rows, rows_of(piece));
    source.burn(rows_of(piece) * source.row_bytes());
    const std::lock_guard lock(mutex);
    ++made;
    changed.notify_all();
  }
  writer.join();
}

void write_rows(const bench::Arguments& arguments, const bench::Source& source,
                const std::string& out) {
  long long box[6] = {};
  std::sscanf(arguments.text("box").c_str(), "%lld,%lld,%lld,%lld,%lld,%lld", box, box + 1, box + 2,
              box + 3, box + 4, box + 5);
  const int64_t index[3] = {box[0], box[1], box[2]}, size[3] = {box[3], box[4], box[5]};
  const int64_t offset = arguments.number("offset", 0);
  const int file = open(out.c_str(), O_RDWR);
  if (file < 0) bench::die("open");
  std::vector<uint16_t> pixels(static_cast<size_t>(size[0] * size[1] * size[2]));
  source.fill(pixels.data(), index, size);
  const uint16_t* from = pixels.data();
  for (int64_t z = 0; z < size[2]; ++z) {
    for (int64_t y = 0; y < size[1]; ++y, from += size[0]) {
      write_all(file, from, size[0] * 2,
                offset + ((index[2] + z) * source.size(1) + index[1] + y) * source.row_bytes() +
                    index[0] * 2);
    }
  }
  close(file);
}

}  // namespace

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  const bench::Source source(arguments);
  const std::string out = arguments.text("out"), mode = arguments.text("mode", "both");
  if (mode == "rows") {
    const int64_t repeat = arguments.number("repeat", 1);
    bench::Meter meter;
    for (int64_t i = 0; i < repeat; ++i) {
      if (arguments.has("cold")) meter.evict(out);
      write_rows(arguments, source, out);
    }
    meter.print(repeat, out);
    return 0;
  }
  const int64_t piece_rows = std::max<int64_t>(1, (1 << 20) / source.row_bytes()),
                rows = source.size(1) * source.size(2);
  const auto bytes = static_cast<size_t>(piece_rows * source.row_bytes());
  auto* const buffer =
      static_cast<uint16_t*>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
  source.fill_rows(buffer, 0, piece_rows);
  const bench::Meter meter;
  const int file = mode == "make" ? -1 : open(out.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  int64_t at = arguments.number("offset", 0);
  if (arguments.has("allocate") && posix_fallocate(file, 0, at + source.bytes()) != 0)
    bench::die("fallocate");
  if (mode == "ring") write_through_ring(source, file, at, piece_rows);
  for (int64_t row = 0; row < rows && mode != "ring"; row += piece_rows) {
    const int64_t more = std::min(piece_rows, rows - row);
    if (mode != "write")
      source.fill_rows(buffer, row, more), source.burn(more * source.row_bytes());
    if (file >= 0) write_all(file, buffer, more * source.row_bytes(), at);
    at += more * source.row_bytes();
  }
  if (arguments.has("sync") && fsync(file) != 0) bench::die("fsync");
  if (file >= 0 && close(file) != 0) bench::die("close");
  meter.print(source.bytes(), out);
  std::free(buffer);
}
