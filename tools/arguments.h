// Parses regions, sizes, amounts of memory and choices of the command line. Text that cannot be
// parsed gives a UsageError with the name of the option.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swr/swr.h"

namespace swr::tool {

struct Compression {
  std::string name;  // as swr_set_compression() takes it
  int level = 6;
};

// "1,2,3" or, for sizes, "512x512x200" too. 1 to SWR_MAX_DIMENSIONS numbers.
std::vector<int64_t> parse_integers(const std::string& option, std::string_view text);
std::vector<double> parse_reals(const std::string& option, std::string_view text);
std::vector<int64_t> parse_size(const std::string& option, std::string_view text);
// "i,j,k:sx,sy,sz".
swr_region parse_region(const std::string& option, std::string_view text);
// A number, as it was given: as which type it is to be read is not known yet.
std::string parse_number(const std::string& option, const std::string& text);
// "64M": bytes, or with K, M, G or T (also KiB, MiB ...) times 1024, 1024^2 ...
int64_t parse_memory(const std::string& option, std::string_view text);
// "none", "deflate" or "deflate:9".
Compression parse_compression(const std::string& option, std::string_view text);
swr_component parse_component(const std::string& option, const std::string& text);
swr_conversion parse_conversion(const std::string& option, std::string_view text);
swr_existing parse_existing(const std::string& option, std::string_view text);
// "key=value".
std::pair<std::string, std::string> parse_setting(const std::string& option, std::string_view text);

// Combines an index and a size of the same length. No index means index zero.
swr_region make_region(const std::vector<int64_t>& index, const std::vector<int64_t>& size);
// Throws a UsageError unless a list of the command line has one number for each axis of the image.
void expect_dimensions(const std::string& option, size_t given, int dimensions);

}  // namespace swr::tool
