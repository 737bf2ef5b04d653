#include "codecs/filler.h"

#include <array>
#include <cstring>
#include <string_view>

namespace swr {
namespace {

using namespace std::string_view_literals;

// An empty stored block takes 5 bytes. An empty block with fixed codes takes 10 bits, and an empty
// stored block after it fills the rest of the byte:
//   5  00 00 00 FF FF               stored
//   6  02 00 00 00 FF FF            fixed, stored
//   7  02 08 00 00 00 FF FF         fixed, fixed, stored
//   9  02 08 20 00 00 00 00 FF FF   fixed, fixed, fixed, fixed, stored
constexpr auto five = "\x00\x00\x00\xFF\xFF"sv;
constexpr auto six = "\x02\x00\x00\x00\xFF\xFF"sv;
constexpr auto seven = "\x02\x08\x00\x00\x00\xFF\xFF"sv;
constexpr auto nine = "\x02\x08\x20\x00\x00\x00\x00\xFF\xFF"sv;
constexpr auto thirteen = "\x02\x00\x00\x00\xFF\xFF\x02\x08\x00\x00\x00\xFF\xFF"sv;

// The bytes before the blocks of five, for each remainder of the size modulo five.
constexpr std::array<std::string_view, 5> leads = {""sv, six, seven, thirteen, nine};

}  // namespace

void write_filler(std::span<std::byte> out) {
  if (out.empty()) return;
  const std::string_view lead = leads[out.size() % 5];
  std::memcpy(out.data(), lead.data(), lead.size());
  for (size_t at = lead.size(); at < out.size(); at += five.size())
    std::memcpy(out.data() + at, five.data(), five.size());
}

}  // namespace swr
