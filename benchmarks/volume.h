// What every contestant shares: the volume, the source that makes it, the arguments, and the line
// of the result.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace bench {

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

class Arguments {
 public:
  Arguments(int count, char** words) {
    for (int i = 1; i < count; ++i) {
      const std::string word = words[i];
      const auto equals = word.find('=');
      values_[word.substr(0, equals)] = equals == std::string::npos ? "1" : word.substr(equals + 1);
    }
  }
  std::string text(const std::string& key, const std::string& unset = "") const {
    const auto found = values_.find(key);
    return found == values_.end() ? unset : found->second;
  }
  int64_t number(const std::string& key, int64_t unset) const {
    return has(key) ? std::atoll(text(key).c_str()) : unset;
  }
  bool has(const std::string& key) const { return values_.count(key) > 0; }
  // Three numbers, "1024,1024,512".
  void three(const std::string& key, const char* unset, int64_t (&out)[3]) const {
    long long a = 0, b = 0, c = 0;
    std::sscanf(text(key, unset).c_str(), "%lld,%lld,%lld", &a, &b, &c);
    out[0] = a, out[1] = b, out[2] = c;
  }

 private:
  std::map<std::string, std::string> values_;
};

// A volume of uint16, x fastest: rows of a pattern of 8 MiB, or of a file (data=FILE), so that
// making a piece is one memcpy and every contestant writes the same bytes. data=ct: smooth
// structure, noise of four bits, a flat background (deflates to about 40 %). burn=N: N steps of
// arithmetic for each KiB.
class Source {
 public:
  explicit Source(const Arguments& arguments) : burn_(arguments.number("burn", 0)) {
    arguments.three("size", "1024,1024,512", size_);
    const std::string data = arguments.text("data", "ct");
    if (data == "ct") {
      make_ct();
    } else {
      load(data);
    }
  }

  int64_t size(int axis) const { return size_[axis]; }
  int64_t row_bytes() const { return size_[0] * 2; }
  int64_t bytes() const { return size_[0] * size_[1] * size_[2] * 2; }

  // A box, packed.
  void fill(uint16_t* to, const int64_t (&index)[3], const int64_t (&size)[3]) const {
    if (size[0] == size_[0] && size[1] == size_[1]) {
      fill_rows(to, index[2] * size_[1], size[1] * size[2]);
    } else {
      for (int64_t z = 0; z < size[2]; ++z) {
        for (int64_t y = 0; y < size[1]; ++y) {
          std::memcpy(to, row((index[2] + z) * size_[1] + index[1] + y) + index[0],
                      static_cast<size_t>(size[0]) * 2);
          to += size[0];
        }
      }
    }
    burn(size[0] * size[1] * size[2] * 2);
  }
  void fill_rows(uint16_t* to, int64_t first, int64_t count) const {
    for (int64_t done = 0; done < count;) {
      const int64_t at = (first + done) % rows_;
      const int64_t more = std::min(count - done, rows_ - at);
      std::memcpy(to + done * size_[0], &pattern_[static_cast<size_t>(at * size_[0])],
                  static_cast<size_t>(more * row_bytes()));
      done += more;
    }
  }
  void burn(int64_t bytes) const {
    uint64_t h = static_cast<uint64_t>(bytes) | 1;
    for (int64_t i = (bytes >> 10) * burn_; i > 0; --i) h ^= h << 13, h ^= h >> 7, h ^= h << 17;
    sink_ = h;
  }

 private:
  const uint16_t* row(int64_t number) const {
    return &pattern_[static_cast<size_t>(number % rows_ * size_[0])];
  }

  void make_ct() {
    rows_ = std::max<int64_t>(1, (8 << 20) / row_bytes()) | 1;
    pattern_.resize(static_cast<size_t>(rows_ * size_[0]));
    uint64_t random = 0x9E3779B97F4A7C15ull;
    for (int64_t y = 0; y < rows_; ++y) {
      for (int64_t x = 0; x < size_[0]; ++x) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        const double u = double(x) / double(size_[0]) - 0.5, v = double(y % 512) / 512 - 0.5,
                     r = u * u + v * v;
        const double body =
            1000 + 350 * std::sin(double(x) / 61) * std::cos(double(y) / 47) + (r < 0.04 ? 200 : 0);
        const int noise = int((random & 15) + ((random >> 8) & 15)) - 15;
        pattern_[static_cast<size_t>(y * size_[0] + x)] =
            r < 0.21 ? uint16_t(body + noise) : uint16_t(24);
      }
    }
  }

  void load(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto bytes = static_cast<int64_t>(file.tellg());
    rows_ = bytes / row_bytes();
    if (!file || rows_ == 0) std::fprintf(stderr, "cannot read %s\n", path.c_str()), std::exit(1);
    pattern_.resize(static_cast<size_t>(rows_ * size_[0]));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(pattern_.data()), rows_ * row_bytes());
  }

  int64_t size_[3];
  int64_t burn_;
  int64_t rows_ = 0;
  std::vector<uint16_t> pattern_;
  static inline volatile uint64_t sink_ = 0;
};

class Meter {
 public:
  Meter() : begin_(std::chrono::steady_clock::now()) {}
  // Removes the file's pages from the page cache, in time that does not count.
  void evict(const std::string& path) {
    const auto begin = std::chrono::steady_clock::now();
    const int file = open(path.c_str(), O_RDONLY);
    if (file < 0 || fdatasync(file) != 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
      die("evict");
    close(file);
    begin_ += std::chrono::steady_clock::now() - begin;
  }
  void print(int64_t bytes, const std::string& file) const { print(bytes, bytes_of(file)); }
  void print(int64_t bytes, int64_t file_bytes) const {
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("RESULT seconds=%.6f bytes=%lld file=%lld peak=%ld\n", seconds,
                static_cast<long long>(bytes), static_cast<long long>(file_bytes), usage.ru_maxrss);
  }

 private:
  // Of a file, or of all files in a folder.
  static int64_t bytes_of(const std::string& path) {
    namespace fs = std::filesystem;
    if (!fs::is_directory(path)) return static_cast<int64_t>(fs::file_size(path));
    int64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
    return bytes;
  }

  std::chrono::steady_clock::time_point begin_;
};

}  // namespace bench
