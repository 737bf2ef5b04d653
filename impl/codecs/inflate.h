// Inflates one run: independent deflate data that ends on a byte boundary without a final block.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace swr {

// Keeps the state of an inflater between runs. Not thread-safe.
class RunInflater {
 public:
  RunInflater();
  RunInflater(const RunInflater&) = delete;
  RunInflater& operator=(const RunInflater&) = delete;
  ~RunInflater();

  // Room for a run of `bytes`, to be filled by the caller.
  std::span<std::byte> input(size_t bytes);
  // Inflates the content of input(): true if it gives exactly out.size() bytes and ends at the end
  // of the input.
  bool inflate(std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::vector<std::byte> input_;
};

}  // namespace swr
