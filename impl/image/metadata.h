// Keys with values, in the order in which the keys were first set. Setting, finding and erasing
// take constant time.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace swr {

class Metadata {
 public:
  using value_type = std::pair<std::string, std::string>;
  class const_iterator;

  Metadata() = default;
  Metadata(std::initializer_list<value_type> entries);

  // If a key is set again, the new value replaces the old one at its place.
  void set(std::string_view key, std::string_view value);
  // nullptr if there is none. Valid until an entry is set or erased.
  const std::string* find(std::string_view key) const;
  void erase(std::string_view key) { take(key); }
  // Erases a key and returns its value.
  std::optional<std::string> take(std::string_view key);

  bool empty() const { return positions_.empty(); }
  size_t size() const { return positions_.size(); }
  const_iterator begin() const;
  const_iterator end() const;
  // Requires: number < size(). Slow after entries were erased, until the gaps are closed.
  const value_type& operator[](size_t number) const;
  void close_gaps();

 private:
  // Allows a lookup by string_view.
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  struct Entry {
    value_type value;
    bool erased = false;
  };
  using Entries = std::vector<Entry>;

  Entries entries_;
  std::unordered_map<std::string, size_t, Hash, std::equal_to<>> positions_;
};

class Metadata::const_iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Metadata::value_type;
  using difference_type = std::ptrdiff_t;
  using pointer = const value_type*;
  using reference = const value_type&;

  const_iterator(Entries::const_iterator at, Entries::const_iterator end) : at_(at), end_(end) {
    skip_erased();
  }
  reference operator*() const { return at_->value; }
  pointer operator->() const { return &at_->value; }
  const_iterator& operator++() {
    ++at_;
    skip_erased();
    return *this;
  }
  const_iterator operator++(int) {
    const_iterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const const_iterator& other) const { return at_ == other.at_; }

 private:
  void skip_erased() {
    while (at_ != end_ && at_->erased) ++at_;
  }

  Entries::const_iterator at_, end_;
};

inline Metadata::const_iterator Metadata::begin() const {
  return {entries_.begin(), entries_.end()};
}

inline Metadata::const_iterator Metadata::end() const {
  return {entries_.end(), entries_.end()};
}

}  // namespace swr
