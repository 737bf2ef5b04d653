// TIFF files byte by byte, for tests: classic and Big, in both byte orders, right or wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_order.h"
#include "formats/tiff_file.h"

namespace swr::checks {

struct TiffTag {
  uint16_t tag;
  TiffType type;
  std::vector<uint64_t> values;
  std::string text{};      // instead of values
  uint64_t count = 0;      // instead of the number of values
  int64_t elsewhere = -1;  // the values' offset, which is else after the directory
};

class TiffBytes {
 public:
  explicit TiffBytes(TiffNumbers numbers) : numbers_(numbers) {
    bytes_.assign(2, numbers.big_endian ? 'M' : 'I');
    put(uint16_t(numbers.big ? 43 : 42));
    if (numbers.big) {
      put(uint16_t{8});
      put(uint16_t{0});
    }
    next_field_ = bytes_.size();
    put_offset(0);
  }

  const std::string& bytes() const { return bytes_; }
  int64_t size() const { return static_cast<int64_t>(bytes_.size()); }

  int64_t add(const std::string& data) {
    const int64_t at = size();
    bytes_ += data;
    if (bytes_.size() % 2 != 0) bytes_ += '\0';
    return at;
  }

  // Adds a directory to the chain, and returns its offset.
  int64_t add_directory(const std::vector<TiffTag>& tags) {
    const int64_t at = add("");
    link(at);
    const auto entries = static_cast<int64_t>(tags.size());
    int64_t after =
        at + numbers_.count_bytes() + entries * numbers_.entry_bytes() + numbers_.offset_bytes();
    std::string values;
    if (numbers_.big) {
      put(static_cast<uint64_t>(entries));
    } else {
      put(static_cast<uint16_t>(entries));
    }
    for (const TiffTag& tag : tags) put_entry(tag, after, values);
    next_field_ = bytes_.size();
    put_offset(0);
    bytes_ += values;
    return at;
  }

  // The next directory of the last one.
  void link(int64_t at) { replace_offset(next_field_, at); }

 private:
  TiffNumbers numbers_;
  std::string bytes_;
  size_t next_field_ = 0;

  template <typename Value>
  std::string encoded(Value value) const {
    std::string out(sizeof(Value), '\0');
    store(reinterpret_cast<std::byte*>(out.data()), value, numbers_.big_endian);
    return out;
  }
  template <typename Value>
  void put(Value value) {
    bytes_ += encoded(value);
  }
  std::string offset_text(int64_t value) const {
    return numbers_.big ? encoded(static_cast<uint64_t>(value))
                        : encoded(static_cast<uint32_t>(value));
  }
  void put_offset(int64_t value) { bytes_ += offset_text(value); }
  void replace_offset(size_t field, int64_t value) {
    const std::string text = offset_text(value);
    bytes_.replace(field, text.size(), text);
  }

  std::string value_text(TiffType type, uint64_t value) const {
    switch (tiff_type_bytes(static_cast<uint16_t>(type))) {
      case 1: return encoded(static_cast<uint8_t>(value));
      case 2: return encoded(static_cast<uint16_t>(value));
      case 4: return encoded(static_cast<uint32_t>(value));
      default: return encoded(value);
    }
  }

  void put_entry(const TiffTag& tag, int64_t after, std::string& values) {
    std::string text = tag.text;
    uint64_t count = text.size();
    if (text.empty()) {
      count = tag.values.size();
      // a rational is given as two numbers
      const TiffType each = tag.type == TiffType::rational ? TiffType::u32 : tag.type;
      if (tag.type == TiffType::rational) count /= 2;
      for (const uint64_t value : tag.values) text += value_text(each, value);
    }
    put(tag.tag);
    put(static_cast<uint16_t>(tag.type));
    put_offset(static_cast<int64_t>(tag.count ? tag.count : count));
    if (tag.elsewhere >= 0) {
      put_offset(tag.elsewhere);
    } else if (static_cast<int64_t>(text.size()) <= numbers_.offset_bytes()) {
      text.resize(static_cast<size_t>(numbers_.offset_bytes()), '\0');
      bytes_ += text;
    } else {
      put_offset(after + static_cast<int64_t>(values.size()));
      values += text;
      if (values.size() % 2 != 0) values += '\0';
    }
  }
};

}  // namespace swr::checks
