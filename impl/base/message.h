// The message of a handle: why its last call failed.
#pragma once

#include <string>

namespace swr {

// After a failure it is never empty: without a message, or without memory for it, it is a constant
// text.
class Message {
 public:
  void clear() noexcept {
    words_.clear();
    fallback_ = "";
  }

  // `fallback` is a constant.
  void set(const char* words, const char* fallback) noexcept {
    fallback_ = fallback;
    try {
      words_ = words;
    } catch (...) {
      words_.clear();
    }
  }

  const char* c_str() const noexcept { return words_.empty() ? fallback_ : words_.c_str(); }

 private:
  std::string words_;
  const char* fallback_ = "";
};

}  // namespace swr
