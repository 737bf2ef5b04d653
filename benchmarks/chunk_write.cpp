// The limit of a store of chunks, without a library: each thread makes the pixels of a chunk,
// compresses them, and puts them into a file of their own, or drops them.
//   shape=X,Y,Z  level=N (zlib; 0: not compressed)  threads=N  out=FOLDER (unset: dropped)
// Sizes that chunks do not divide are not taken.
#include <libdeflate.h>

#include <atomic>
#include <thread>

#include "volume.h"

namespace {

class Chunks {
 public:
  explicit Chunks(const bench::Arguments& arguments)
      : source_(arguments),
        folder_(arguments.text("out")),
        level_(static_cast<int>(arguments.number("level", 0))) {
    arguments.three("shape", "128,128,16", shape_);
    for (int axis = 0; axis < 3; ++axis) {
      if (shape_[axis] <= 0 || source_.size(axis) % shape_[axis] != 0) {
        std::fprintf(stderr, "chunks do not divide the size\n");
        std::exit(1);
      }
      along_[axis] = source_.size(axis) / shape_[axis];
    }
  }

  int64_t bytes() const { return source_.bytes(); }
  int64_t stored_bytes() const { return stored_; }

  // The work of one thread.
  void write() {
    const auto raw = static_cast<size_t>(shape_[0] * shape_[1] * shape_[2]) * 2;
    std::vector<uint16_t> pixels(raw / 2);
    std::vector<char> packed(raw + raw / 8 + 1024);
    libdeflate_compressor* const compressor =
        level_ > 0 ? libdeflate_alloc_compressor(level_) : nullptr;
    const int64_t count = along_[0] * along_[1] * along_[2];
    for (int64_t number; (number = next_++) < count;) {
      const int64_t place[3] = {number % along_[0], number / along_[0] % along_[1],
                                number / along_[0] / along_[1]};
      const int64_t index[3] = {place[0] * shape_[0], place[1] * shape_[1], place[2] * shape_[2]};
      source_.fill(pixels.data(), index, shape_);
      const char* data = reinterpret_cast<const char*>(pixels.data());
      size_t size = raw;
      if (compressor) {
        size = libdeflate_zlib_compress(compressor, data, raw, packed.data(), packed.size());
        data = packed.data();
      }
      if (!folder_.empty()) store(place, data, size);
      stored_ += static_cast<int64_t>(size);
    }
    libdeflate_free_compressor(compressor);
  }

 private:
  void store(const int64_t (&place)[3], const char* data, size_t size) const {
    const std::string path = folder_ + "/" + std::to_string(place[2]) + "." +
                             std::to_string(place[1]) + "." + std::to_string(place[0]);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size) || close(file) != 0)
      bench::die(path.c_str());
  }

  bench::Source source_;
  std::string folder_;
  int level_;
  int64_t shape_[3], along_[3];
  std::atomic<int64_t> next_{0}, stored_{0};
};

}  // namespace

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  Chunks chunks(arguments);
  const bench::Meter meter;
  if (arguments.has("out") && mkdir(arguments.text("out").c_str(), 0777) != 0) bench::die("mkdir");
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < arguments.number("threads", 2); ++i)
    threads.emplace_back([&] { chunks.write(); });
  chunks.write();
  for (std::thread& thread : threads) thread.join();
  meter.print(chunks.bytes(), chunks.stored_bytes());
}
