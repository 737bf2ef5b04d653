// Inflates one run: deflate data with a history of its own that ends on a byte boundary without a
// final block.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace swr {

// Holds what an inflater needs between runs. One thread at a time.
class RunInflater {
 public:
  RunInflater();
  RunInflater(const RunInflater&) = delete;
  RunInflater& operator=(const RunInflater&) = delete;
  ~RunInflater();

  // Room for a run of `bytes`, to be filled by the caller.
  std::span<std::byte> input(size_t bytes);
  // Inflates what was put into input(): true if it gives exactly out.size() bytes and ends where
  // the input does.
  bool inflate(std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::vector<std::byte> input_;
};

}  // namespace swr
