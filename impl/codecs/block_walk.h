// Walks over the blocks of deflate data without inflating it, to find the last one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace swr {

// Keeps its tables between calls. Not thread-safe.
class BlockWalker {
 public:
  struct Block {
    size_t begin_bit;  // of its BFINAL bit
    size_t end_bit;    // after its last code
  };
  // The block whose final bit is set; nothing if the data up to the end of that block is not valid.
  std::optional<Block> last_block(std::span<const std::byte> deflate);

 private:
  // looked up at once; longer codes are decoded bit by bit
  static constexpr int literal_bits = 11;
  static constexpr int distance_bits = 9;
  static constexpr int longest_code = 15;

  struct Bits {
    std::span<const std::byte> data;
    size_t position = 0;  // in bits

    // The next bits, at least 57; zeros after the end.
    uint64_t peek() const;
    unsigned take(int count);
    bool past_end() const { return position > data.size() * 8; }
  };

  // A canonical code: for each length the first code and where its symbols begin.
  struct Code {
    std::array<uint16_t, longest_code + 1> count{};
    std::array<uint16_t, 320> symbols{};
    bool build(std::span<const uint8_t> lengths);
    // The first symbol in `bits` and its length; -1 if there is none.
    int decode(uint64_t bits, int& length) const;
  };

  // Some literals, or the symbol after them too, with its extra bits.
  enum class After : uint8_t { more, distance, end_of_block, unknown };
  struct Step {
    uint8_t bits;
    After after;
  };

  static After after(int symbol);
  bool read_lengths(Bits& bits);
  bool fixed_lengths();
  void fill_tables();
  Step next_step(Bits& bits) const;
  Step slow_step(uint64_t next) const;
  bool walk_distance(Bits& bits) const;
  bool walk_codes(Bits& bits);
  static bool walk_stored(Bits& bits);

  Code literals_, distances_;
  std::array<uint8_t, 320> lengths_{};
  int literal_count_ = 0, distance_count_ = 0;
  std::array<Step, 1 << literal_bits> steps_{};  // for each value of the next bits
  // bits of code and extra bits; 0: unknown from these bits
  std::array<uint8_t, 1 << distance_bits> distance_steps_{};
};

}  // namespace swr
