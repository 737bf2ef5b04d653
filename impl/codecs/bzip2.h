// Decodes bzip2 streams, which some old NRRD files hold. Sequential, with memory for one block:
// 5 bytes for each of at most 900,000.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace swr {

class Bzip2Decoder {
 public:
  // `more` fills its argument with the next bytes of the file, and returns how many there are; 0 at
  // the end. `path` is for messages.
  using More = std::function<size_t(std::span<std::byte>)>;
  Bzip2Decoder(More more, std::string path);

  // Fills `out` and returns the number of bytes, which is smaller only at the end.
  // SWR_ERROR_CORRUPT.
  size_t read(std::span<std::byte> out);

 private:
  struct Code {  // a canonical Huffman code, at most 20 bits long
    std::array<uint16_t, 258> symbols{};
    std::array<int32_t, 22> limit{}, base{};
    int shortest = 20;
  };

  uint32_t bits(int count);
  bool next_byte(uint8_t& value);
  [[noreturn]] void damaged(const char* what) const;

  bool begin_stream();
  bool begin_block();
  void end_stream();
  std::vector<uint8_t> read_symbols();
  std::vector<uint8_t> read_selectors(int codes);
  Code read_code(int symbols);
  int next_symbol(const Code& code);
  void read_pixels_of_block(const std::vector<uint8_t>& used);
  void append(uint8_t value, int64_t times);
  void invert(uint32_t origin);
  bool next_value(uint8_t& value);

  More more_;
  std::string path_;
  std::vector<std::byte> buffer_;
  size_t held_ = 0, at_ = 0;
  uint32_t bit_buffer_ = 0;
  int bit_count_ = 0;
  size_t block_bytes_ = 0;       // the largest block of this stream; 0 between streams
  std::vector<uint32_t> block_;  // the transformed block: low 8 bits a value, the others a link
  uint32_t position_ = 0;        // in the chain of links
  size_t left_ = 0;              // values of the block that are still to be read
  int equal_ = 0;                // the number of equal values before
  int last_ = -1;
  int repeats_ = 0;  // pending repetitions of last_
  uint32_t checksum_ = 0, expected_ = 0, combined_ = 0;
  bool in_block_ = false, ended_ = false, any_stream_ = false;
};

}  // namespace swr
