// Keeps the most recently used values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <map>
#include <utility>

namespace swr {

// Not thread-safe.
template <typename Key, typename Value>
class LruCache {
 public:
  explicit LruCache(size_t most) : most_(std::max<size_t>(most, 1)) {}

  // nullptr if the cache does not have it. Valid until the next put().
  Value* find(const Key& key) {
    const auto place = places_.find(key);
    if (place == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, place->second);
    return &entries_.front().second;
  }

  // Replaces the least recently used value if the cache is full.
  Value& put(const Key& key, Value value) {
    erase(key);
    if (entries_.size() >= most_) {
      places_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, std::move(value));
    places_[key] = entries_.begin();
    return entries_.front().second;
  }

  void erase(const Key& key) {
    const auto place = places_.find(key);
    if (place == places_.end()) return;
    entries_.erase(place->second);
    places_.erase(place);
  }

  size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<Key, Value>>;

  size_t most_;
  Entries entries_;  // the most recently used one first
  std::map<Key, typename Entries::iterator> places_;
};

}  // namespace swr
