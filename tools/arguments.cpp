#include "arguments.h"

#include <algorithm>
#include <iterator>

#include "numbers.h"
#include "status.h"

namespace swr::tool {
namespace {

[[noreturn]] void refuse(const std::string& option, std::string_view text,
                         const std::string& expected) {
  throw UsageError(option + ": \"" + std::string(text) + "\" is not " + expected);
}

template <class Number>
std::vector<Number> read_list(const std::string& option, std::string_view text,
                              const char* separators, const std::string& expected) {
  std::vector<Number> numbers;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    const auto number = read_number<Number>(text.substr(begin, end - begin));
    if (!number) refuse(option, text, expected);
    numbers.push_back(*number);
    begin = end + 1;
  }
  return numbers;
}

// The most numbers of a list: a direction has the square of the most axes of a region.
void expect_axes(const std::string& option, size_t count) {
  if (count > SWR_MAX_DIMENSIONS)
    throw UsageError(option + ": at most " + std::to_string(SWR_MAX_DIMENSIONS) + " numbers");
}

}  // namespace

std::vector<int64_t> parse_integers(const std::string& option, std::string_view text) {
  auto numbers = read_list<int64_t>(option, text, ",", "a list of whole numbers such as 0,0,10");
  expect_axes(option, numbers.size());
  return numbers;
}

std::vector<double> parse_reals(const std::string& option, std::string_view text) {
  auto numbers = read_list<double>(option, text, ",", "a list of numbers such as 0.5,0.5,2");
  expect_axes(option, numbers.size());
  return numbers;
}

std::string parse_number(const std::string& option, const std::string& text) {
  if (!read_number<double>(text)) refuse(option, text, "a number");
  return text;
}

std::vector<int64_t> parse_size(const std::string& option, std::string_view text) {
  auto numbers = read_list<int64_t>(option, text, ",x", "a size such as 512,512,200");
  expect_axes(option, numbers.size());
  for (int64_t number : numbers) {
    if (number < 1) refuse(option, text, "a size: every number must be at least 1");
  }
  return numbers;
}

swr_region parse_region(const std::string& option, std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == text.npos)
    refuse(option, text,
           "a region such as 0,0,10:512,512,5 (the index of the first pixel, a colon, the size)");
  const auto index = parse_integers(option, text.substr(0, colon));
  const auto size = parse_size(option, text.substr(colon + 1));
  if (index.size() != size.size())
    refuse(option, text, "a region: its index and its size have different lengths");
  return make_region(index, size);
}

int64_t parse_memory(const std::string& option, std::string_view text) {
  constexpr std::string_view units = "kmgt";
  const std::string expected = "an amount of memory such as 64M";
  std::string_view number = text;
  for (std::string_view ending : {"iB", "B"}) {
    if (number.ends_with(ending)) number.remove_suffix(ending.size());
  }
  int shift = 0;
  if (!number.empty()) {
    const size_t unit = units.find(static_cast<char>(number.back() | 0x20));
    if (unit != units.npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      number.remove_suffix(1);
    }
  }
  const auto bytes = read_number<int64_t>(number);
  if (!bytes || *bytes < 1 || *bytes > (INT64_MAX >> shift)) refuse(option, text, expected);
  return *bytes << shift;
}

Compression parse_compression(const std::string& option, std::string_view text) {
  const size_t colon = std::min(text.find(':'), text.size());
  Compression compression{std::string(text.substr(0, colon))};
  constexpr std::string_view codecs[] = {"deflate", "zstd", "lz4", "blosc"};
  const bool has_codec = std::ranges::find(codecs, compression.name) != std::end(codecs);
  const bool has_level = colon < text.size();
  if (has_level) compression.level = read_number<int>(text.substr(colon + 1)).value_or(0);
  const bool is_level = compression.level >= 1 && compression.level <= 9;
  if (!is_level || (has_codec ? false : has_level || compression.name != "none")) {
    refuse(option, text,
           "one of none, deflate, zstd, lz4, blosc, or with a level, deflate:1 to deflate:9");
  }
  return compression;
}

swr_component parse_component(const std::string& option, const std::string& text) {
  const swr_component component = swr_component_from_name(text.c_str());
  if (component == SWR_COMPONENT_UNKNOWN) {
    refuse(option, text,
           "one of uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64");
  }
  return component;
}

swr_conversion parse_conversion(const std::string& option, std::string_view text) {
  if (text == "exact") return SWR_CONVERSION_EXACT;
  if (text == "clamp") return SWR_CONVERSION_CLAMP;
  refuse(option, text, "one of exact, clamp");
}

swr_existing parse_existing(const std::string& option, std::string_view text) {
  if (text == "replace") return SWR_EXISTING_REPLACE;
  if (text == "fail") return SWR_EXISTING_FAIL;
  refuse(option, text, "one of replace, fail");
}

std::pair<std::string, std::string> parse_setting(const std::string& option,
                                                  std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == text.npos || equals == 0)
    refuse(option, text, "a setting such as deflate.slot=131072");
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

swr_region make_region(const std::vector<int64_t>& index, const std::vector<int64_t>& size) {
  swr_region region{};
  region.dimensions = static_cast<int32_t>(size.size());
  for (size_t d = 0; d < size.size(); ++d) {
    region.index[d] = index.empty() ? 0 : index[d];
    region.size[d] = size[d];
  }
  return region;
}

void expect_dimensions(const std::string& option, size_t given, int dimensions) {
  if (given == static_cast<size_t>(dimensions)) return;
  throw UsageError(option + ": " + std::to_string(given) + (given == 1 ? " number" : " numbers") +
                   " for an image of " + std::to_string(dimensions) +
                   (dimensions == 1 ? " dimension" : " dimensions"));
}

}  // namespace swr::tool
