// The order in which deflate gives the lengths of the codes of code lengths (RFC 1951, 3.2.7).
#pragma once

#include <array>

namespace swr {

constexpr std::array<int, 19> code_length_order = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                   11, 4,  12, 3, 13, 2, 14, 1, 15};

}  // namespace swr
