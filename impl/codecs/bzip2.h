// Decodes bzip2 streams, which some old NRRD files hold, by libbz2. Sequential; libbz2 takes up to
// 4 MB for the block that it decodes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace swr {

class Bzip2Decoder {
 public:
  // `more` fills its argument with the next bytes of the file, and returns how many there are; 0 at
  // the end. `path` is for messages. SWR_ERROR_UNSUPPORTED if the library was built without libbz2.
  using More = std::function<size_t(std::span<std::byte>)>;
  Bzip2Decoder(More more, std::string path);
  Bzip2Decoder(const Bzip2Decoder&) = delete;
  Bzip2Decoder& operator=(const Bzip2Decoder&) = delete;
  ~Bzip2Decoder();

  // Fills `out`, if there is so much; returns how much there is. Streams follow each other; bytes
  // after the last one that do not begin a stream are passed over. SWR_ERROR_CORRUPT.
  size_t read(std::span<std::byte> out);

 private:
  struct Stream;

  bool begin_stream();
  bool take_more();
  [[noreturn]] void damaged(const char* what) const;

  More more_;
  std::string path_;
  std::vector<char> input_;
  size_t at_ = 0, held_ = 0;        // in input_: the bytes that are not decoded yet
  std::unique_ptr<Stream> stream_;  // nullptr between streams
  bool any_stream_ = false, ended_ = false;
};

}  // namespace swr
